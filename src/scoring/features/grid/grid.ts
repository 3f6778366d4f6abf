import type { Signal } from '../../../common/core/index.ts';
import { invalidGrid } from '../errors.ts';
import type { GridSpec, WindowExtent } from '../schema.ts';
import { gridMethods } from './methods.ts';

/** A time axis that signals of a window are brought onto. */
export interface Grid {
  /** Points in a window. */
  readonly points: number;
  /** Brings a signal onto the grid that begins at `from`; the next call overwrites it. An empty signal stays empty. */
  bring(signal: Signal, from: number): Signal;
}

/**
 * Makes the grid of a window. Throws `features.invalid-grid` where it does not fit the window.
 * @param path where the manifest has the grid
 */
export function createGrid(spec: GridSpec, extent: WindowExtent, path: string): Grid {
  if ('count' in extent) throw invalidGrid('grid', 'a count window gives its readings as they are', { path });
  const points = pointsOf(spec, extent.length, path);
  const period = spec.period ?? extent.length / points;
  const rate = spec.rate ?? 1000 / period;
  const method = gridMethods[spec.method]();
  const limit = spec.limit ?? Number.POSITIVE_INFINITY;
  const values = new Float64Array(points);
  const times = new Float64Array(points);
  return {
    points,
    bring(signal, from) {
      if (signal.start >= signal.end) return signal;
      method(signal, from, period, values, limit);
      for (let i = 0; i < points; i += 1) times[i] = from + i * period;
      return { values, times, start: 0, end: points, rate };
    },
  };
}

function pointsOf({ period, rate }: GridSpec, length: number, path: string): number {
  const quotient = period === undefined ? (length * (rate ?? 0)) / 1000 : length / period;
  const points = Math.round(quotient);
  // Durations in other units than ms miss a whole number by rounding.
  if (points >= 1 && Math.abs(quotient - points) <= 1e-9 * points) return points;
  const key = period === undefined ? 'rate' : 'period';
  const given = period === undefined ? `${rate} points a second` : `${period} ms`;
  throw invalidGrid(`grid.${key}`, `${given} does not divide the window's ${length} ms`, { path: `${path}.${key}` });
}
