import { abstain, clamp, type Interpreter } from './interpreter.ts';
import type { RegressionTarget } from './schema.ts';

/** Reads a number in the target's unit, held to its range. */
export function regression(target: RegressionTarget): Interpreter {
  const [low, high] = target.range ?? [-Infinity, Infinity];
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
