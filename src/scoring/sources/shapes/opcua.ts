import { Merger } from './merger.ts';
import { objectOf, type Shape, type ShapeOutlet } from './shape.ts';
import { bareValue } from './values.ts';

type Json = Readonly<Record<string, unknown>>;

/** Built-in types whose numbers JSON may have as text: Int64, UInt64, and what is not finite of Float and Double. */
const NUMBERS_AS_TEXT = new Set<unknown>([8, 9, 10, 11]);
/** The severity of a status code, its two highest bits: from here on it is bad. */
const BAD = 2;

/**
 * OPC UA PubSub as JSON (part 14): network messages, or the messages of data sets alone, with fields as values, variants,
 * or data values with a time and a status of their own.
 */
export const opcua: Shape = {
  name: 'opcua-pubsub',
  topic: 'opcua/json/data/#',
  unit: 'iso',
  content: 'json',
  read({ json }, out) {
    const network = objectOf(json);
    const messages = network?.['Messages'] ?? json;
    const type = network?.['MessageType'];
    if (typeof type === 'string' && /^ua-(?!data|keyframe|deltaframe|event)/.test(type)) {
      out.reject('no-reading', `a message of type ${type}`);
      return;
    }
    for (const message of Array.isArray(messages) ? messages : [messages]) readMessage(message, network, out);
  },
};

function readMessage(given: unknown, network: Json | undefined, out: ShapeOutlet): void {
  const message = objectOf(given);
  if (message === undefined) {
    out.reject('unknown-shape', 'a message of a data set that is no object');
    return;
  }
  const payload = objectOf(message['Payload']);
  if (payload === undefined) {
    const isAlive = message['Payload'] === undefined && 'DataSetWriterId' in message;
    out.reject(isAlive ? 'no-reading' : 'unknown-shape', 'a message without Payload');
    return;
  }
  const asset = writerOf(message, network);
  const merger = new Merger(out);
  for (const [tag, field] of Object.entries(payload)) {
    const { value, t = message['Timestamp'] } = fieldOf(field);
    merger.add(asset, t, tag, value);
  }
  merger.close();
}

/** The name of the writer; where it has none, the publisher and the number of the writer. */
function writerOf(message: Json, network: Json | undefined): unknown {
  const publisher = message['PublisherId'] ?? network?.['PublisherId'];
  const name = message['DataSetWriterName'] ?? network?.['DataSetWriterName'];
  if (typeof name === 'string' && name !== '') return name;
  const parts = [publisher, message['DataSetWriterId'] ?? network?.['DataSetWriterId']];
  const known = parts.filter((part) => typeof part === 'string' || typeof part === 'number');
  return known.length === 0 ? undefined : known.join('/');
}

/** The value of a field, with its own time where it has one; null where its status is bad. */
function fieldOf(field: unknown): { readonly value: unknown; readonly t?: unknown } {
  const data = objectOf(field);
  const isData = data !== undefined && ('Value' in data || 'StatusCode' in data || 'SourceTimestamp' in data);
  if (!isData) return { value: variantOf(field) };
  const status = objectOf(data['StatusCode'] ?? data['Status'])?.['Code'] ?? data['StatusCode'] ?? data['Status'];
  const isBad = typeof status === 'number' && status >>> 30 >= BAD;
  const inner = 'UaType' in data ? variantOf({ Type: data['UaType'], Body: data['Value'] }) : variantOf(data['Value']);
  return { value: isBad ? null : inner, t: data['SourceTimestamp'] ?? undefined };
}

function variantOf(field: unknown): unknown {
  const variant = objectOf(field);
  if (variant === undefined || !('Body' in variant)) return field;
  const { Type, Body } = variant as { Type?: unknown; Body: unknown };
  return NUMBERS_AS_TEXT.has(Type) && typeof Body === 'string' ? bareValue(Body) : Body;
}
