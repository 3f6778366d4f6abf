import { z } from 'zod';
import { duration } from '../core/index.ts';

const countWindow = z.strictObject({
  count: z.int().min(1).max(100_000).describe('Readings in a window.'),
  every: z.int().min(1).default(1).describe('A window closes every so many readings.'),
  maxGap: duration().optional().describe('A longer gap between two readings starts the window anew.'),
});

const timeWindow = z.strictObject({
  length: duration().describe('Length in event time; windows [from, to) are aligned to the epoch.'),
  every: duration().optional().describe('Hop; the length itself (tumbling) where it is absent.'),
});

/** Part of the manifest: how readings are cut into windows. */
export const windowSchema = z.union([countWindow, timeWindow]);

export type CountWindow = z.output<typeof countWindow>;
export type TimeWindow = z.output<typeof timeWindow>;
export type WindowSpec = z.output<typeof windowSchema>;
