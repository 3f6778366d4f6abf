import type { GridMethod } from './method.ts';

/** Straight lines between samples; outside the samples the first or the last one (numpy.interp). */
export const linear: GridMethod = ({ values, times, start, end }, from, period, out, limit) => {
  let held = start;
  for (let i = 0; i < out.length; i += 1) {
    const t = from + i * period;
    while (held + 1 < end && (times[held + 1] as number) <= t) held += 1;
    const before = times[held] as number;
    const value = values[held] as number;
    if (t <= before || held + 1 === end) {
      out[i] = Math.abs(t - before) <= limit ? value : Number.NaN;
      continue;
    }
    const after = times[held + 1] as number;
    const near = t - before <= limit && after - t <= limit;
    out[i] = near ? value + ((t - before) / (after - before)) * ((values[held + 1] as number) - value) : Number.NaN;
  }
};
