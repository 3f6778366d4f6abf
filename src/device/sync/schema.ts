import * as z from 'zod';
import { duration, MAX_BATCH_RECORDS, size } from '../../common/core/index.ts';
import { tlsSchema } from '../../common/link/index.ts';
import { DEFAULT_PREFIX } from '../../common/protocol/index.ts';

const batch = z.strictObject({
  records: z.int().min(1).max(MAX_BATCH_RECORDS).default(1_000).describe('Most records in a message.'),
  size: size({ most: '1MiB' })
    .prefault('120KiB')
    .describe('Most bytes of a message; less where the broker says that it takes less. AWS IoT takes 128 KiB.'),
});

const backlog = z.strictObject({
  rate: size({ least: '1KiB', most: '1GiB' })
    .prefault('256KiB')
    .describe('Most bytes a second of what waited while the link was down; what is new never waits for it.'),
});

/** The schema of the part of the configuration that names the broker to which records go. */
export const uplinkSchema = z.strictObject({
  url: z
    .string()
    .regex(/^(mqtts?|wss?):\/\/[^/]/, 'must be mqtt://host:port, or mqtts, ws or wss instead of mqtt')
    .describe('The broker: mqtt://host:port, mqtts:// for TLS, ws://host:port/path or wss:// for WebSocket.'),
  tls: tlsSchema.optional(),
  version: z
    // A bare 5 is a number in YAML.
    .union([z.enum(['auto', '5', '3.1.1']), z.literal(5).transform(() => '5' as const)])
    .default('auto')
    .describe('Version of MQTT; auto tries 5, then 3.1.1.'),
  clientId: z
    .string()
    .min(1)
    .max(128)
    .optional()
    .describe(
      'MQTT client id; edgewright-SITE-DEVICE where it is absent. No two clients of a broker may have the same.',
    ),
  username: z.string().optional().describe('Name that the broker knows this gateway by.'),
  password: z
    .string()
    .meta({ description: 'Password for the broker; better from the environment or a file.', writeOnly: true })
    .optional(),
  prefix: z
    .string()
    .regex(/^[^+#\s/][^+#\s]*[^+#\s/]$/, 'must be a topic without wildcards, blanks and outer slashes')
    .default(DEFAULT_PREFIX)
    .describe('First levels of every topic.'),
  keepalive: duration({ most: '18h' }).prefault('30s').describe('Silence after which the connection is checked.'),
  linger: duration({ most: '1h' })
    .prefault('250ms')
    .describe('Least time between two messages that are not full; alarms, losses and events do not wait for it.'),
  gzip: z.boolean().default(true).describe('Compress messages.'),
  batch: batch.prefault({}).describe('Limits of one message.'),
  backlog: backlog.prefault({}).describe('How fast it goes, beside live data.'),
  window: z.int().min(1).max(1_000).default(16).describe('Most messages on their way without acknowledgement.'),
  budget: size({ least: '64KiB', most: '1024GiB' })
    .optional()
    .describe(
      'Most bytes a day (UTC), for a metered link; a quarter is kept for alarms, losses, events and summaries.',
    ),
  receipts: z
    .enum(['none', 'required'])
    .default('none')
    .describe(
      'Whose word lets a record go: none, the acknowledgement of the broker; required, the receipt of the consumer.',
    ),
  receiptTimeout: duration({ least: '1ms', most: '1d' })
    .prefault('30s')
    .describe('Without a receipt for so long records are sent again; doubles up to ten times while none comes at all.'),
});

/** The configuration of the uplink, with its defaults. */
export type UplinkConfig = z.output<typeof uplinkSchema>;
