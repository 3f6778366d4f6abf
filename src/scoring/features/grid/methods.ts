import type { GridSpec } from '../schema.ts';
import { createBandLimited } from './band-limited.ts';
import type { GridMethod } from './method.ts';

/** Takes the last sample at or before each point; before the first sample, the first one. */
const previous: GridMethod = ({ values, times, start, end }, from, period, out, limit) => {
  let held = start;
  for (let i = 0; i < out.length; i += 1) {
    const t = from + i * period;
    while (held + 1 < end && (times[held + 1] as number) <= t) held += 1;
    out[i] = Math.abs(t - (times[held] as number)) <= limit ? (values[held] as number) : Number.NaN;
  }
};

/** Takes the sample nearest in time to each point; of two as near, the earlier one. */
const nearest: GridMethod = ({ values, times, start, end }, from, period, out, limit) => {
  let held = start;
  for (let i = 0; i < out.length; i += 1) {
    const t = from + i * period;
    while (held + 1 < end && (times[held + 1] as number) <= t) held += 1;
    const following = held + 1 < end && (times[held + 1] as number) - t < t - (times[held] as number);
    const chosen = following ? held + 1 : held;
    out[i] = Math.abs(t - (times[chosen] as number)) <= limit ? (values[chosen] as number) : Number.NaN;
  }
};

/** Draws straight lines between samples; outside them the first or the last one holds (numpy.interp). */
const linear: GridMethod = ({ values, times, start, end }, from, period, out, limit) => {
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

/**
 * Takes the mean of the samples in each cell [point, point + period). A cell without any has the last sample before it;
 * cells before the first sample have the first one.
 */
const mean: GridMethod = ({ values, times, start, end }, from, period, out, limit) => {
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

/** Share of a period by which a sample may miss its point where no limit says it: times are rounded. */
const ROUNDING = 1e-3;

/** Takes only samples that lie on a point, within the limit if there is one; nothing is filled in between. */
const none: GridMethod = ({ values, times, start, end }, from, period, out, limit) => {
  const tolerance = Number.isFinite(limit) ? limit : ROUNDING * period;
  let next = start;
  for (let i = 0; i < out.length; i += 1) {
    const t = from + i * period;
    while (next < end && (times[next] as number) < t - tolerance) next += 1;
    const there = next < end && (times[next] as number) <= t + tolerance;
    out[i] = there ? (values[next] as number) : Number.NaN;
  }
};

/** Makers of the methods, by name; a method may keep memory of its own from signal to signal of one rate. */
export const gridMethods: Readonly<Record<GridSpec['method'], () => GridMethod>> = {
  previous: () => previous,
  nearest: () => nearest,
  linear: () => linear,
  mean: () => mean,
  none: () => none,
  band_limited: createBandLimited,
};
