import type { Signal } from '../../../common/core/index.ts';

/**
 * Brings a signal of any rate onto the grid from, from + period, ..., one point per element of `out`. Times in ms.
 * `signal` is not empty; samples of equal times may occur. A point is NaN where it would rest on a sample further away
 * than `limit` ms.
 */
export type GridMethod = (signal: Signal, from: number, period: number, out: Float64Array, limit: number) => void;
