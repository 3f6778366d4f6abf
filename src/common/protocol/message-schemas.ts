import * as z from 'zod';
import { NAME_PATTERN } from '../core/index.ts';
import { auditHead, bootId, contributions, count, explained, type Frozen, model, seq, time } from './fields.ts';
import { recordSchema } from './record-schemas.ts';

const name = () => z.string().regex(NAME_PATTERN);

export const BATCH_SCHEMA = 'edgewright.records/1';
export const STATUS_SCHEMA = 'edgewright.status/1';

const envelope = {
  schema: z.literal(BATCH_SCHEMA),
  site: name(),
  device: name(),
  boot: bootId(),
  first: seq().describe('Lowest seq of the batch.'),
  last: seq().describe('Highest seq of the batch; there may be others in between that come in another batch.'),
};

/** A batch whose records are still to be looked at one by one. */
export const envelopeSchema = z.object({ ...envelope, records: z.array(z.unknown()).min(1) });

export const batchSchema = z
  .object({ ...envelope, records: z.array(recordSchema).min(1) })
  .describe(
    'Records of one boot. JSON, as it is or in gzip (content type application/gzip, or the magic bytes 1f 8b).',
  );

export const statusSchema = z
  .object({
    schema: z.literal(STATUS_SCHEMA),
    site: name(),
    device: name(),
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

/** A receipt of more is refused: whoever keeps the books has few holes, and a device little memory. */
export const MAX_RECEIPT_RANGES = 1_000;

export const receiptSchema = z
  .object({
    boot: bootId(),
    ranges: z
      .array(z.tuple([seq(), seq()]))
      .min(1)
      .max(MAX_RECEIPT_RANGES)
      .describe('First and last seq of what the consumer has, both inclusive; in any order, also more than once.'),
  })
  .describe('A consumer has these records of one boot, safely: the device need not keep them.');

export type Receipt = Frozen<z.output<typeof receiptSchema>>;

export type StatusMessage = Frozen<z.output<typeof statusSchema>>;

export const COMMANDS = ['explain', 'resync', 'status'] as const;

export const commandId = () =>
  z
    .string()
    .regex(/^[\x21-\x7e]{1,64}$/)
    .describe('Chosen by whoever asks, a new one for each command: the same id is answered once.');

export const commandSchema = z
  .discriminatedUnion('command', [
    z.object({ id: commandId(), command: z.literal('status') }).describe('Asks for the status message.'),
    z
      .object({
        id: commandId(),
        command: z.literal('resync'),
        boot: bootId(),
        from: seq().describe('First seq that is wanted.'),
        to: seq().describe('Last seq that is wanted, inclusive; at most 100,000 at a time.'),
      })
      .describe('Asks for records that were confirmed once more, as far as the device still keeps them.'),
    z
      .object({ id: commandId(), command: z.literal('explain'), pipeline: z.string(), asset: z.string() })
      .describe('Asks which sensors the last answer about an asset rests on.'),
  ])
  .describe('A question to a device. One that is retained, too long or no command is refused and counted.');

export type Command = Frozen<z.output<typeof commandSchema>>;

export const replySchema = z
  .object({
    id: commandId(),
    ok: z.boolean(),
    reason: z.string().exactOptional().describe('Why not.'),
    status: statusSchema.exactOptional(),
    resync: z
      .object({
        sending: count().describe('Records that come again.'),
        waiting: count().describe('Records that were not confirmed yet and come in any case.'),
        gone: count().describe('Seqs whose records are no longer kept.'),
      })
      .exactOptional(),
    explanation: z
      .object({
        from: time('Beginning of the window'),
        to: time('End of the window'),
        contributions,
        explained,
      })
      .exactOptional(),
  })
  .describe('The answer to the command of this id.');

export type Reply = Frozen<z.output<typeof replySchema>>;
