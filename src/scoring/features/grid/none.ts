import type { GridMethod } from './method.ts';

/** Share of a period by which a sample may miss its point where no limit says it: times are rounded. */
const ROUNDING = 1e-3;

/** Only samples that lie on a point, within the limit if there is one; nothing is filled in between. */
export const none: GridMethod = ({ values, times, start, end }, from, period, out, limit) => {
  const tolerance = Number.isFinite(limit) ? limit : ROUNDING * period;
  let next = start;
  for (let i = 0; i < out.length; i += 1) {
    const t = from + i * period;
    while (next < end && (times[next] as number) < t - tolerance) next += 1;
    const there = next < end && (times[next] as number) <= t + tolerance;
    out[i] = there ? (values[next] as number) : Number.NaN;
  }
};
