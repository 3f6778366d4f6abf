import { gunzipSync } from 'node:zlib';
import * as z from 'zod';
import { type JsonBounds, MAX_BATCH_BYTES, MAX_BATCH_RECORDS, type WireRecord } from '../core/index.ts';
import { notABatch, tooLong } from './errors.ts';
import { bootId, deviceName, seq } from './fields.ts';
import { RECORD_SCHEMAS, recordSchema, unknownRecordSchema } from './record-schemas.ts';
import { checked, type Reject, readJson, SHORT_BOUNDS } from './validate.ts';

/** The value of `schema` in a batch. */
export const BATCH_SCHEMA = 'edgewright.records/1';

/** A batch is an object of which the list of records is the one list. */
const BOUNDS: JsonBounds = { ...SHORT_BOUNDS, elements: { depth: 2, most: MAX_BATCH_RECORDS } };

const envelope = {
  schema: z.literal(BATCH_SCHEMA),
  site: deviceName(),
  device: deviceName(),
  boot: bootId(),
  first: seq().describe('Lowest seq of the batch.'),
  last: seq().describe('Highest seq of the batch; there may be others in between that come in another batch.'),
};

/** The schema of a batch whose records are still to be looked at one by one. */
const envelopeSchema = z.object({ ...envelope, records: z.array(z.unknown()).min(1) });

/** The schema of a message on the topic `records`, unpacked. */
export const batchSchema = z
  .object({ ...envelope, records: z.array(recordSchema).min(1).max(MAX_BATCH_RECORDS) })
  .describe(
    'Records of one boot. JSON, as it is or in gzip (content type application/gzip, or the magic bytes 1f 8b).',
  );

/** A record of a type that a later version brought: what every record has. What else it says is kept unread. */
export interface UnknownRecord {
  readonly type: string;
  readonly t: number;
  readonly seq: number;
  readonly clock: boolean;
}

/** A batch, unpacked and checked: records of one boot of one device. */
export interface RecordBatch {
  readonly site: string;
  readonly device: string;
  readonly boot: string;
  readonly first: number;
  readonly last: number;
  readonly records: readonly WireRecord[];
  /** Records of types that this version does not know; they count in the books all the same. */
  readonly unknown: readonly UnknownRecord[];
}

/** Whose records a batch holds: device and boot. */
export interface BatchIdentity {
  readonly site: string;
  readonly device: string;
  readonly boot: string;
}

/** The text of a record in a batch: `body` as `encodeRecord` gave it, with its place in the boot. */
export function withIdentity(body: string, seq: number, clock: boolean): string {
  return `${body.slice(0, -1)},"seq":${seq},"clock":${clock}}`;
}

/**
 * The text of a batch in front of its records, which follow separated by commas; then comes `BATCH_END`. `first` and
 * `last` are the lowest and the highest seq in it.
 */
export function batchStart({ site, device, boot }: BatchIdentity, first: number, last: number): string {
  const head = JSON.stringify({ schema: BATCH_SCHEMA, site, device, boot, first, last });
  return `${head.slice(0, -1)},"records":[`;
}

/** The text behind the last record of a batch. */
export const BATCH_END = ']}';

/** Tells gzip by its magic bytes: under MQTT 3.1.1 a message has no content type. */
export function isGzip(payload: Uint8Array): boolean {
  return payload[0] === 0x1f && payload[1] === 0x8b;
}

/**
 * Unpacks and checks a message of the topic `records`, JSON or gzip. Fields beyond the schema are kept. The payload is
 * taken to be hostile: it is bounded in bytes and records before it is parsed, and validated in full. Throws `protocol.not-a-batch` and
 * `protocol.too-long`.
 */
export function decodeBatch(payload: Uint8Array): RecordBatch {
  const reject: Reject = (reason, cause) => notABatch('records', reason, { cause });
  const envelope = checked(readJson(unpack(payload), 'batch', reject, BOUNDS), envelopeSchema, 'batch', reject);
  const records: WireRecord[] = [];
  const unknown: UnknownRecord[] = [];
  for (const record of envelope.records) {
    if (isKnown(record)) records.push(checked(record, RECORD_SCHEMAS[record.type], record.type, reject));
    else unknown.push(checked(record, unknownRecordSchema, 'record', reject));
  }
  const { site, device, boot, first, last } = envelope;
  return { site, device, boot, first, last, records, unknown };
}

function unpack(payload: Uint8Array): Uint8Array {
  if (payload.byteLength > MAX_BATCH_BYTES) throw tooLong('records', `${payload.byteLength} bytes`);
  if (!isGzip(payload)) return payload;
  try {
    return gunzipSync(payload, { maxOutputLength: MAX_BATCH_BYTES });
  } catch (error) {
    if (error instanceof RangeError) throw tooLong('records', `more than ${MAX_BATCH_BYTES} bytes unpacked`);
    throw notABatch('records', 'broken gzip', { cause: error });
  }
}

function isKnown(record: unknown): record is { type: WireRecord['type'] } {
  return (
    typeof record === 'object' &&
    record !== null &&
    'type' in record &&
    typeof record.type === 'string' &&
    Object.hasOwn(RECORD_SCHEMAS, record.type)
  );
}
