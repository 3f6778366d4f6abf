import * as z from 'zod';
import { defineCommand } from './command-definition.ts';
import { bootId, count, seq } from './fields.ts';

/** `resync`: confirmed records come once more, under the seqs that they had. */
export const resyncCommand = defineCommand({
  name: 'resync',
  asks: 'Asks for records that were confirmed once more, as far as the device still keeps them.',
  request: {
    boot: bootId(),
    from: seq().describe('First seq that is wanted.'),
    to: seq().describe('Last seq that is wanted, inclusive; at most 100,000 at a time.'),
  },
  reply: {
    resync: z.object({
      sending: count().describe('Records that come again.'),
      waiting: count().describe('Records that were not confirmed yet and come in any case.'),
      gone: count().describe('Seqs whose records are no longer kept.'),
    }),
  },
});
