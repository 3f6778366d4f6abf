import type { Window } from '../../../common/core/index.ts';
import { compileCondition } from '../../../common/expression/index.ts';
import { scalingLength } from '../errors.ts';
import type { PlainScaling, Scaling } from '../schema.ts';
import { filledSignal, type Missing, type MissingTags } from './missing.ts';

/** An offset and a scale per feature or tag: (x - offset) / scale. */
export interface ScalingColumns {
  readonly offset: Float64Array;
  readonly scale: Float64Array;
}

/** The scaling of an input, window by window. */
export interface WindowScaling {
  /** Finds the scaling of a window; a reason where none holds. */
  of(window: Window): ScalingColumns | string;
  /**
   * Finds the scaling that made `vector` of `features`, of several the one that fits best; `at(i)` is the element of
   * feature i.
   */
  behind(features: Float64Array, vector: Float64Array, at?: (i: number) => number): ScalingColumns;
}

/**
 * Makes the scaling of an input: one offset and scale per feature or tag, the same for all windows or by operating
 * mode; without a scaling everything passes as it is. The first mode that holds over the last value of each tag in the
 * window is taken.
 * @param tags the windows' tags in order
 */
export function createScaling(
  scaling: Scaling | undefined,
  expected: number,
  tags: readonly string[],
  missing: MissingTags = {},
): WindowScaling {
  if (scaling === undefined || !('modes' in scaling)) {
    const columns = columnsOf(scaling, expected, 'input.scaling');
    return { of: () => columns, behind: () => columns };
  }
  const variables = { tags: Object.fromEntries(tags.map((tag) => [tag, 'number' as const])) };
  const modes = scaling.modes.map((mode, index) => {
    const path = `input.scaling.modes.${index}`;
    const holds = compileCondition(mode.when, variables, `${path}.when`);
    return { holds, columns: columnsOf(mode, expected, path) };
  });
  const used = [...new Set(modes.flatMap(({ holds }) => holds.references.map(([, tag = '']) => tag)))];
  const unknown = `no operating mode holds (${scaling.modes.map(({ name }) => name).join(', ')})`;
  return {
    of(window) {
      const values = Object.fromEntries(used.map((tag) => [tag, lastOf(window, tags.indexOf(tag), missing[tag])]));
      return modes.find(({ holds }) => holds({ tags: values }))?.columns ?? unknown;
    },
    behind(features, vector, at = (i) => i) {
      const misfits = modes.map(({ columns }) => misfit(columns, features, vector, at));
      return (modes[misfits.indexOf(Math.min(...misfits))] ?? modes[0])?.columns as ScalingColumns;
    },
  };
}

function misfit(
  { offset, scale }: ScalingColumns,
  features: Float64Array,
  vector: Float64Array,
  at: (i: number) => number,
): number {
  let sum = 0;
  for (let i = 0; i < features.length; i += 1) {
    const scaled = ((features[i] as number) - (offset[i] as number)) / (scale[i] as number);
    const distance = Math.abs(scaled - (vector[at(i)] as number));
    // What is missing is NaN by every scaling, and tells none from another.
    if (!Number.isNaN(distance)) sum += distance;
  }
  return sum;
}

function lastOf(window: Window, tag: number, missing: Missing | undefined): number {
  const { values, start, end } = filledSignal(window, tag, missing);
  return end > start ? (values[end - 1] as number) : Number.NaN;
}

function columnsOf(scaling: PlainScaling | undefined, expected: number, path: string): ScalingColumns {
  for (const part of ['offset', 'scale'] as const) {
    const given = scaling?.[part].length ?? expected;
    if (given !== expected)
      throw scalingLength(`scaling.${part}`, `has ${given} entries where the input has ${expected}`, {
        path: `${path}.${part}`,
      });
  }
  return {
    offset: Float64Array.from(scaling?.offset ?? new Array<number>(expected).fill(0)),
    scale: Float64Array.from(scaling?.scale ?? new Array<number>(expected).fill(1)),
  };
}
