import * as z from 'zod';
import type { FeatureContext } from '../definition.ts';
import { meanOf } from '../signal/moments.ts';

const RPM_PER_HZ = 60;

/** Speed of the shaft: a number, or the tag that measures it. */
export const shaftSchema = z.union([
  z.number().positive().max(1e6).describe('rpm, where it never changes.'),
  z.strictObject({ tag: z.string().min(1).describe('Tag of the speed, rpm; its mean over the window counts.') }),
]);

/** The speed of a shaft, rpm, or the tag that measures it. */
export type Shaft = z.output<typeof shaftSchema>;

/** Gives the turns a second over the window at hand; NaN where the speed is unknown or the shaft stands. */
export function shaftFrequency(shaft: Shaft, context: FeatureContext): () => number {
  if (typeof shaft === 'number') return () => shaft / RPM_PER_HZ;
  const speed = context.other(shaft.tag);
  return () => {
    const turns = meanOf(speed()) / RPM_PER_HZ;
    return turns > 0 ? turns : Number.NaN;
  };
}
