import type { Numbers } from '../../../common/core/index.ts';
import { calibrated, logOdds } from '../schema/calibration.ts';
import { clamp } from '../schema/clamp.ts';
import { type Costs, createChooser, thresholdOf } from '../schema/costs.ts';
import type { BinaryTarget } from '../schema/schema.ts';
import { abstain, type Interpreter, isProbability, notAProbability, type TargetVerdict } from './interpreter.ts';

const DEFAULT_THRESHOLD = 0.5;

/** The configuration's rule in place of the manifest's. */
export interface BinaryRule {
  readonly threshold?: number | undefined;
  readonly costs?: Costs | undefined;
}

/** The two labels of a target by what they mean. */
export function polesOf({ labels: [first, second], positive = second }: BinaryTarget): readonly [string, string] {
  return positive === first ? [second, first] : [first, second];
}

/** Reads the positive probability, whose column is `column`, or says why there is none. */
function positiveProbability(
  { activation, calibration }: BinaryTarget,
  column: number,
  data: Numbers,
  offset: number,
  width: number,
): number | TargetVerdict {
  const second = data[offset + width - 1] ?? Number.NaN;
  const first = width === 2 ? (data[offset] ?? Number.NaN) : 0;
  if (!Number.isFinite(second - first)) {
    return abstain(`the model gives ${width === 2 ? `${first} and ${second}` : second}`);
  }
  if (activation === 'sigmoid') return calibrated(column === 1 ? second - first : first - second, calibration);
  // What one column leaves is the first label's.
  const raw = column === 1 ? second : width === 2 ? first : 1 - second;
  if (!isProbability(raw)) return notAProbability(raw);
  return calibration === undefined ? clamp(raw, 0, 1) : calibrated(logOdds(raw), calibration);
}

/**
 * Two labels, from a column each or one column, which is the second label's. Two logits make sigmoid(positive -
 * negative), which is their softmax. A positive probability above the threshold is an anomaly; with costs, one where
 * another action than the normal one costs less. The label says the same as the decision.
 */
export function binary(target: BinaryTarget, rule: BinaryRule = target): Interpreter {
  const poles = polesOf(target);
  const [negative, positive] = poles;
  const column = target.labels.indexOf(positive);
  const { costs, threshold = DEFAULT_THRESHOLD } = rule;
  const least = target.abstainBelow ?? 0;
  const choose = costs && createChooser(costs, poles);
  const p2 = new Float64Array(2);
  return {
    widths: [1, 2],
    suffixes: poles,
    judges: true,
    threshold: costs === undefined ? threshold : thresholdOf(costs, poles),
    read(data, offset, width, summary, at) {
      const p = positiveProbability(target, column, data, offset, width);
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
