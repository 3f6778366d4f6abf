import { abstain, clamp, type Interpreter, isProbability, notAProbability, type TargetVerdict } from './interpreter.ts';
import type { BinaryTarget } from './schema.ts';

/** 1 / (1 + e^-x), without overflow on either side. */
function sigmoid(x: number): number {
  if (x >= 0) return 1 / (1 + Math.exp(-x));
  const e = Math.exp(x);
  return e / (1 + e);
}

/** The positive probability from one column or two, or why there is none. */
function positiveProbability(raw: number, other: number, activation: 'none' | 'sigmoid'): number | TargetVerdict {
  const difference = raw - other;
  if (!Number.isFinite(difference)) return abstain(`the model gives ${raw}${other === 0 ? '' : ` and ${other}`}`);
  if (activation === 'sigmoid') return sigmoid(difference);
  return isProbability(raw) ? clamp(raw, 0, 1) : notAProbability(raw, 'sigmoid');
}

/**
 * Two labels, from one column (the positive one) or two (negative, positive). Two logits make sigmoid(positive -
 * negative), which is their softmax. A positive probability above the threshold is an anomaly.
 */
export function binary(target: BinaryTarget, threshold: number = target.threshold): Interpreter {
  const [negative, positive] = target.labels;
  const least = target.abstainBelow ?? 0;
  return {
    widths: [1, 2],
    suffixes: [negative, positive],
    judges: true,
    read(data, offset, width, summary, at) {
      const raw = data[offset + width - 1] ?? Number.NaN;
      const other = width === 2 ? (data[offset] ?? Number.NaN) : 0;
      const p = positiveProbability(raw, other, target.activation);
      if (typeof p !== 'number') return p;
      summary[at] = 1 - p;
      summary[at + 1] = p;
      const exceeds = p > threshold;
      const label = exceeds ? positive : negative;
      const chosen = exceeds ? p : 1 - p;
      if (chosen < least) return abstain(`${label} has only ${chosen.toFixed(3)}, less than ${least}`);
      return {
        output: { label, probabilities: { [negative]: 1 - p, [positive]: p } },
        decision: exceeds ? 'anomaly' : 'normal',
      };
    },
  };
}
