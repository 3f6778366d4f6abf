import { clamp } from '../schema/clamp.ts';
import { countOf, type RegressionTarget } from '../schema/schema.ts';
import { abstain, type Interpreter } from './interpreter.ts';

/** Reads a number in the target's unit, or those of a forecast, held to its range. */
export function regression(target: RegressionTarget): Interpreter {
  const [low, high] = target.range ?? [-Infinity, Infinity];
  const steps = stepsOf(target);
  if (steps !== undefined) return forecast(steps, low, high);
  return {
    widths: [1],
    suffixes: [''],
    judges: false,
    read(data, offset, _width, summary, at) {
      const raw = data[offset] ?? Number.NaN;
      if (!Number.isFinite(raw)) return abstain(`the model gives ${raw}`);
      const value = clamp(raw, low, high);
      summary[at] = value;
      return { output: { value }, decision: 'answer' };
    },
  };
}

/** What the columns of a forecast stand for: `1h`, `2h`, ..., or as the manifest calls them; undefined for no forecast. */
export function stepsOf({ columns, steps }: RegressionTarget): readonly string[] | undefined {
  if (columns === undefined || steps === undefined) return undefined;
  if ('labels' in steps) return steps.labels;
  const { every } = steps;
  const [unit, ms] = UNITS.find(([, length]) => every % length === 0) ?? ['ms', 1];
  return Array.from({ length: countOf(columns) }, (_, index) => `${(every / ms) * (index + 1)}${unit}`);
}

/** Units of a duration, the longest first: steps are named in the longest that divides one. */
const UNITS: readonly (readonly [string, number])[] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
];

function forecast(steps: readonly string[], low: number, high: number): Interpreter {
  return {
    widths: [steps.length],
    suffixes: steps,
    judges: false,
    read(data, offset, width, summary, at) {
      const values: number[] = [];
      for (let i = 0; i < width; i += 1) {
        const raw = data[offset + i] ?? Number.NaN;
        if (!Number.isFinite(raw)) return abstain(`the model gives ${raw} for ${steps[i]}`);
        values.push(clamp(raw, low, high));
      }
      summary.set(values, at);
      return { output: { values, steps }, decision: 'answer' };
    },
  };
}
