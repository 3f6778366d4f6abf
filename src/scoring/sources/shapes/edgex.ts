import { show } from '../payload/decoder.ts';
import { lineText, textOf } from '../payload/text.ts';
import { Merger } from './merger.ts';
import { objectOf, type Shape, type ShapeOutlet } from './shape.ts';
import { bareValue } from './values.ts';
import { parseWhole } from './whole.ts';

type Json = Readonly<Record<string, unknown>>;

/** Wrappers around an event: the message bus puts two about it. */
const MAX_WRAPPERS = 4;

/**
 * EdgeX Foundry, API v2 and v3: an event with its readings, bare, as `{"event"}` of a request, or in the envelope of the
 * message bus, whose payload is an object or base64.
 */
export const edgex: Shape = {
  name: 'edgex',
  topic: 'edgex/events/#',
  unit: 'ns',
  content: 'json',
  read({ json }, out) {
    for (const one of Array.isArray(json) ? json : [json]) {
      const event = unwrap(one);
      if (event === undefined) out.reject('unknown-shape', 'no event with readings');
      else readEvent(event, out);
    }
  },
};

function unwrap(given: unknown): Json | undefined {
  let at: unknown = given;
  for (let depth = 0; depth <= MAX_WRAPPERS; depth += 1) {
    const whole = objectOf(at);
    if (whole === undefined || Array.isArray(whole['readings'])) return whole;
    const inner = whole['event'] ?? whole['payload'];
    at = typeof inner === 'string' ? parseWhole(textOf(Buffer.from(inner, 'base64'))) : inner;
  }
  return undefined;
}

/** Readings of one device and time that stand side by side are one. */
function readEvent(event: Json, out: ShapeOutlet): void {
  const merger = new Merger(out);
  for (const found of event['readings'] as readonly unknown[]) {
    const reading = objectOf(found);
    const tag = reading?.['resourceName'];
    if (reading === undefined || typeof tag !== 'string' || tag === '') {
      out.reject(reading === undefined ? 'unknown-shape' : 'missing-tag', 'a reading without its resourceName');
      continue;
    }
    const asset = reading['deviceName'] ?? event['deviceName'];
    merger.add(asset, reading['origin'] ?? event['origin'], tag, valueAs(reading, tag, out));
  }
  merger.close();
}

/** The value of a reading, which comes as text, by its type. */
function valueAs(reading: Json, tag: string, out: ShapeOutlet): unknown {
  const { valueType, value, objectValue } = reading as { valueType?: unknown; value?: unknown; objectValue?: unknown };
  if (valueType === 'Object' || valueType === 'ObjectArray') return objectValue ?? undefined;
  if (typeof value !== 'string' || valueType === 'String') return value;
  if (typeof valueType === 'string' && valueType.endsWith('Array')) return parseWhole(lineText(value));
  const bare = bareValue(value);
  if (valueType === undefined || typeof bare === (valueType === 'Bool' ? 'boolean' : 'number')) return bare;
  out.reject('wrong-type', `${tag}: ${show(value)} as ${show(valueType)}`);
  return null;
}
