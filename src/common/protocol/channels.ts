import type * as z from 'zod';
import { batchSchema } from './batch.ts';
import { blobDataSchema } from './blob-data.ts';
import { blobGetSchema } from './blob-get.ts';
import { commandSchema, replySchema } from './commands.ts';
import { receiptSchema } from './receipt.ts';
import { statusSchema } from './status-message.ts';

/** The form of what goes over one topic of a device, to which both ends hold and which the AsyncAPI document tells. */
export interface ChannelDefinition {
  /** The way of its messages: `up` from the device, `down` to it. */
  readonly direction: 'up' | 'down';
  readonly qos: 0 | 1;
  readonly retain: boolean;
  /** A sentence that says what the channel is for. */
  readonly summary: string;
  readonly message: {
    /** The name of message and schema in the AsyncAPI document. */
    readonly name: string;
    readonly title: string;
    readonly contentType: string;
    /** The schema of the payload, unpacked. */
    readonly schema: z.ZodType;
  };
}

/**
 * Every channel of a device, by the end of its topic: types, topics and the AsyncAPI document follow from this table.
 */
export const CHANNELS = {
  status: {
    direction: 'up',
    qos: 1,
    retain: true,
    summary: 'Birth, change and heartbeat of a device; also its will.',
    message: {
      name: 'status',
      title: 'State of a device',
      contentType: 'application/json',
      schema: statusSchema,
    },
  },
  records: {
    direction: 'up',
    qos: 1,
    retain: false,
    summary: 'Batches of records, alarms first.',
    message: {
      name: 'recordBatch',
      title: 'Batch of records',
      contentType: 'application/gzip',
      schema: batchSchema,
    },
  },
  receipt: {
    direction: 'down',
    qos: 1,
    retain: false,
    summary: 'What a consumer has: its own confirmation, where the device asks for one.',
    message: {
      name: 'receipt',
      title: 'Receipt of records',
      contentType: 'application/json',
      schema: receiptSchema,
    },
  },
  command: {
    direction: 'down',
    qos: 1,
    retain: false,
    summary: 'A question to a device, or the wish for records once more; never anything that changes what acts.',
    message: { name: 'command', title: 'Command', contentType: 'application/json', schema: commandSchema },
  },
  reply: {
    direction: 'up',
    qos: 1,
    retain: false,
    summary: 'The answer to a command.',
    message: { name: 'reply', title: 'Answer to a command', contentType: 'application/json', schema: replySchema },
  },
  'blob/get': {
    direction: 'up',
    qos: 1,
    retain: false,
    summary: 'What a device wants of a blob: a file of a bundle, in pieces.',
    message: { name: 'blobGet', title: 'Request for pieces', contentType: 'application/json', schema: blobGetSchema },
  },
  'blob/data': {
    direction: 'down',
    qos: 0,
    retain: false,
    summary: 'A piece of a blob that the device has asked for. It checks each block by a signed list.',
    message: { name: 'blobData', title: 'Piece', contentType: 'application/octet-stream', schema: blobDataSchema },
  },
} as const satisfies Readonly<Record<string, ChannelDefinition>>;

/** The name of a channel, which is the end of its topic. */
export type Channel = keyof typeof CHANNELS;

/** The name of a channel of one direction. */
export type ChannelTo<D extends ChannelDefinition['direction']> = {
  [C in Channel]: (typeof CHANNELS)[C]['direction'] extends D ? C : never;
}[Channel];
