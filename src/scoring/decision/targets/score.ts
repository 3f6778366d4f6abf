import type { ScoreTarget } from '../schema/schema.ts';
import { abstain, type Interpreter } from './interpreter.ts';

/** An anomaly score; beyond the threshold, on the side that the target names, is an anomaly. */
export function score(target: ScoreTarget, threshold: number = target.threshold): Interpreter {
  const odd = target.anomaly === 'above' ? (value: number) => value > threshold : (value: number) => value < threshold;
  return {
    widths: [1],
    suffixes: [''],
    judges: true,
    threshold,
    read(data, offset, _width, summary, at) {
      const value = data[offset] ?? Number.NaN;
      if (!Number.isFinite(value)) return abstain(`the model gives ${value}`);
      summary[at] = value;
      return { output: { score: value }, decision: odd(value) ? 'anomaly' : 'normal' };
    },
  };
}
