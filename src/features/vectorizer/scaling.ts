import { scalingLength } from '../errors.ts';
import type { Scaling } from '../schema.ts';

export interface ScalingColumns {
  readonly offset: Float64Array;
  readonly scale: Float64Array;
}

/** One offset and scale per feature or tag; without a scaling everything passes as it is. */
export function scalingColumns(scaling: Scaling | undefined, expected: number): ScalingColumns {
  for (const part of ['offset', 'scale'] as const) {
    const given = scaling?.[part].length ?? expected;
    if (given !== expected)
      throw scalingLength(`scaling.${part}`, `has ${given} entries where the input has ${expected}`, {
        path: `input.scaling.${part}`,
      });
  }
  return {
    offset: Float64Array.from(scaling?.offset ?? new Array<number>(expected).fill(0)),
    scale: Float64Array.from(scaling?.scale ?? new Array<number>(expected).fill(1)),
  };
}
