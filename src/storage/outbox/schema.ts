import * as z from 'zod';
import { duration, size } from '../../common/core/index.ts';

/** Part of the configuration: where records wait for the uplink, and how much room they have. */
export const outboxSchema = z.strictObject({
  path: z.string().min(1).default('data').describe('Folder of telemetry.db.'),
  max: size({ least: '1MiB', most: '1024GiB' })
    .prefault('2GiB')
    .describe(
      'Most bytes that telemetry.db and its log may take together. Before they are full, records give way in steps: confirmed ones, predictions thinned and folded into summaries, coarser summaries.',
    ),
  retain: duration({ least: '1ms', most: '36500d' })
    .prefault('72h')
    .describe(
      'How long records wait for the uplink, in hours that the gateway runs; older ones give way, with a loss record.',
    ),
  freeFloor: size({ most: '1024GiB' })
    .prefault('64MiB')
    .describe('Room on the disk that is left to others, at most an eighth of the disk.'),
  keepAcked: duration({ most: '36500d' })
    .prefault('1h')
    .describe('How long confirmed records stay, so that they can be sent again.'),
  lossWindow: duration({ most: '1m' })
    .prefault('1s')
    .describe(
      'Most time of records that a power cut may take while the disk takes commits; alarms are committed at once.',
    ),
});

/** The section `outbox` of a configuration, with its defaults. */
export type OutboxConfig = z.output<typeof outboxSchema>;
