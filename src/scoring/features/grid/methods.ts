import type { GridSpec } from '../schema.ts';
import { createBandLimited } from './band-limited.ts';
import { linear } from './linear.ts';
import { mean } from './mean.ts';
import type { GridMethod } from './method.ts';
import { nearest } from './nearest.ts';
import { none } from './none.ts';
import { previous } from './previous.ts';

/** Makes the method of a grid; some keep memory of their own from signal to signal of one rate. */
export const gridMethods: Readonly<Record<GridSpec['method'], () => GridMethod>> = {
  previous: () => previous,
  nearest: () => nearest,
  linear: () => linear,
  mean: () => mean,
  none: () => none,
  band_limited: createBandLimited,
};
