import type { GridMethod } from './method.ts';

/** The last sample at or before each point; before the first sample, the first one. */
export const previous: GridMethod = ({ values, times, start, end }, from, period, out, limit) => {
  let held = start;
  for (let i = 0; i < out.length; i += 1) {
    const t = from + i * period;
    while (held + 1 < end && (times[held + 1] as number) <= t) held += 1;
    out[i] = Math.abs(t - (times[held] as number)) <= limit ? (values[held] as number) : Number.NaN;
  }
};
