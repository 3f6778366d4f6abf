import { calibrated, logOdds } from './calibration.ts';
import { type Costs, createChooser, thresholdOf } from './costs.ts';
import { abstain, clamp, type Interpreter, isProbability, notAProbability, type TargetVerdict } from './interpreter.ts';
import type { BinaryTarget } from './schema.ts';

const DEFAULT_THRESHOLD = 0.5;

/** The configuration's rule in place of the manifest's. */
export interface BinaryRule {
  readonly threshold?: number | undefined;
  readonly costs?: Costs | undefined;
}

/** Reads the positive probability from one column or two, or says why there is none. */
function positiveProbability(raw: number, other: number, target: BinaryTarget): number | TargetVerdict {
  const { activation, calibration } = target;
  const difference = raw - other;
  if (!Number.isFinite(difference)) return abstain(`the model gives ${raw}${other === 0 ? '' : ` and ${other}`}`);
  if (activation === 'sigmoid') return calibrated(difference, calibration);
  if (!isProbability(raw)) return notAProbability(raw, 'sigmoid');
  return calibration === undefined ? clamp(raw, 0, 1) : calibrated(logOdds(raw), calibration);
}

/**
 * Two labels, from one column (the positive one) or two (negative, positive). Two logits make sigmoid(positive -
 * negative), which is their softmax. A positive probability above the threshold is an anomaly; with costs, one where
 * another action than the normal one costs less. The label says the same as the decision.
 */
export function binary(target: BinaryTarget, rule: BinaryRule = target): Interpreter {
  const [negative, positive] = target.labels;
  const { costs, threshold = DEFAULT_THRESHOLD } = rule;
  const least = target.abstainBelow ?? 0;
  const choose = costs && createChooser(costs, target.labels);
  const p2 = new Float64Array(2);
  return {
    widths: [1, 2],
    suffixes: [negative, positive],
    judges: true,
    threshold: costs === undefined ? threshold : thresholdOf(costs, target.labels),
    read(data, offset, width, summary, at) {
      const raw = data[offset + width - 1] ?? Number.NaN;
      const other = width === 2 ? (data[offset] ?? Number.NaN) : 0;
      const p = positiveProbability(raw, other, target);
      if (typeof p !== 'number') return p;
      p2[0] = summary[at] = 1 - p;
      p2[1] = summary[at + 1] = p;
      const choice = choose?.(p2);
      const exceeds = choice === undefined ? p > threshold : !choice.normal;
      const label = exceeds ? positive : negative;
      const chosen = exceeds ? p : 1 - p;
      if (chosen < least) return abstain(`${label} has only ${chosen.toFixed(3)}, less than ${least}`);
      const probabilities = { [negative]: 1 - p, [positive]: p };
      return {
        output: choice
          ? { label, probabilities, action: choice.action, expectedCost: choice.expectedCost }
          : { label, probabilities },
        decision: exceeds ? 'anomaly' : 'normal',
      };
    },
  };
}
