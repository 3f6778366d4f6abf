import * as z from 'zod';
import { notAStatus } from './errors.ts';
import { auditHead, bootId, count, deviceName, type Frozen, model, time } from './fields.ts';
import { checked, type Reject, readJson } from './validate.ts';

/** The value of `schema` in a status message. */
export const STATUS_SCHEMA = 'edgewright.status/1';

/** Bytes of a status message: one pipeline takes some 300 of them. */
export const MAX_STATUS_BYTES = 512 * 1024;

/** The schema of a message on the topic `status`: birth, change, heartbeat, goodbye, will. */
export const statusSchema = z
  .object({
    schema: z.literal(STATUS_SCHEMA),
    site: deviceName(),
    device: deviceName(),
    online: z.boolean(),
    reason: z
      .enum(['stopped', 'lost'])
      .exactOptional()
      .describe('Why it is offline: stopped in order, or the connection was lost (the will).'),
    boot: bootId(),
    seq: count().describe(
      'Highest seq that the boot has given; every one up to it comes, is in a loss record, or is pending.',
    ),
    at: time('When the device wrote this; for a will: when it connected'),
    clock: z.boolean().describe('Whether the device trusted its clock.'),
    versions: z.record(z.string(), z.string()).describe('Of the gateway and what it runs on.'),
    models: z
      .array(z.object({ pipeline: z.string(), ...model.shape }))
      .describe('The models that act, one per pipeline.'),
    queue: z
      .object({
        pending: count().describe('Records that are not confirmed.'),
        bytes: count().describe('What the outbox takes on disk.'),
        level: count().describe('0 while nothing is thinned.'),
      })
      .describe('What waits on the device.'),
    audit: auditHead.exactOptional(),
  })
  .describe('State of a device.');

/** The state of a device as it says itself; `at` is ms since the epoch. */
export type StatusMessage = Frozen<z.output<typeof statusSchema>>;

/** The payload of a status message: JSON in UTF-8. */
export function encodeStatus(status: StatusMessage): Uint8Array {
  return Buffer.from(JSON.stringify(status));
}

/**
 * Checks a message of the topic `status`, which is taken to be hostile. Fields beyond the schema are kept. Throws `protocol.not-a-status`.
 */
export function decodeStatus(payload: Uint8Array): StatusMessage {
  const reject: Reject = (reason, cause) => notAStatus('status', reason, { cause });
  if (payload.byteLength > MAX_STATUS_BYTES) throw reject(`status: ${payload.byteLength} bytes`);
  return checked(readJson(payload, 'status', reject), statusSchema, 'status', reject);
}
