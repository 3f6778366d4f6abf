import type { GridMethod } from './method.ts';

/**
 * The mean of the samples in each cell [point, point + period). A cell without any has the last sample before it;
 * cells before the first sample have the first one.
 */
export const mean: GridMethod = ({ values, times, start, end }, from, period, out, limit) => {
  let next = start;
  while (next < end && (times[next] as number) < from) next += 1;
  for (let i = 0; i < out.length; i += 1) {
    const to = from + (i + 1) * period;
    const first = next;
    let sum = 0;
    while (next < end && (times[next] as number) < to) {
      sum += values[next] as number;
      next += 1;
    }
    const held = Math.max(start, next - 1);
    const near = Math.abs(from + i * period - (times[held] as number)) <= limit;
    out[i] = next > first ? sum / (next - first) : near ? (values[held] as number) : Number.NaN;
  }
};
