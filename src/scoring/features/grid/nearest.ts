import type { GridMethod } from './method.ts';

/** The sample nearest in time to each point; of two as near, the earlier one. */
export const nearest: GridMethod = ({ values, times, start, end }, from, period, out, limit) => {
  let held = start;
  for (let i = 0; i < out.length; i += 1) {
    const t = from + i * period;
    while (held + 1 < end && (times[held + 1] as number) <= t) held += 1;
    const following = held + 1 < end && (times[held + 1] as number) - t < t - (times[held] as number);
    const chosen = following ? held + 1 : held;
    out[i] = Math.abs(t - (times[chosen] as number)) <= limit ? (values[chosen] as number) : Number.NaN;
  }
};
