import * as z from 'zod';
import { duration } from '../../common/core/index.ts';

/** Hopping windows that one sample may belong to: what closes at once at the end of the input. */
const MAX_OVERLAP = 10_000;

const countWindow = z.strictObject({
  count: z.int().min(1).max(100_000).describe('Readings in a window.'),
  every: z
    .int()
    .min(1)
    .max(100_000)
    .default(1)
    .describe('The first window closes when it is full, further ones every so many readings.'),
  maxGap: duration({ most: '366d' }).optional().describe('A longer gap between two readings starts the window anew.'),
});

const span = () => duration({ least: '1ms', most: '366d' });

const timeWindow = z
  .strictObject({
    length: span().describe('Length in event time; windows [from, to) are aligned to the epoch.'),
    every: span().optional().describe('Hop; the length itself (tumbling) where it is absent.'),
  })
  .refine(({ length, every = length }) => length / every <= MAX_OVERLAP, {
    message: `must not be shorter than length / ${MAX_OVERLAP}`,
    path: ['every'],
  });

/** Part of the manifest: how readings are cut into windows. */
export const windowSchema = z
  .union([countWindow, timeWindow])
  .describe('What one prediction looks at: so many readings (`count`), or so much event time (`length`).');

/** A window of so many readings; `maxGap` in ms. */
export type CountWindow = z.output<typeof countWindow>;
/** A window of so much event time; `length` and `every` in ms. */
export type TimeWindow = z.output<typeof timeWindow>;
/** The manifest's `window`, parsed. */
export type WindowSpec = z.output<typeof windowSchema>;
