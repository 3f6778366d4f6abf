import type { Numbers, TargetOutput } from '../../../common/core/index.ts';

/** What one target says about one row: an answer, or the reason why there is none. */
export type TargetVerdict =
  | { readonly output: TargetOutput; readonly decision: 'answer' | 'normal' | 'anomaly' }
  | { readonly output: null; readonly reason: string };

/** Reads one target from one row of its tensor. A new kind of target is one more maker of these. */
export interface Interpreter {
  /** Numbers of columns that make sense. */
  readonly widths: readonly number[];
  /** What is summarised: '' for the answer itself, labels for probabilities. */
  readonly suffixes: readonly string[];
  /** Whether `decision` compares with a threshold, so that an abstention leaves it open whether all is normal. */
  readonly judges: boolean;
  /** The score or positive probability beyond which the decision is `anomaly`, where one number says so. */
  readonly threshold?: number;
  /**
   * Reads `width` columns of `data` from `offset`; writes `suffixes.length` numbers into `summary` from `at`,
   * NaN where the output is unusable. A low confidence abstains, but its probabilities are summarised. `input`: what the
   * model was given, where the target is held against it.
   */
  read(
    data: Numbers,
    offset: number,
    width: number,
    summary: Float64Array,
    at: number,
    input?: Float64Array,
  ): TargetVerdict;
}

/** Makes the verdict of a target without an answer. */
export function abstain(reason: string): TargetVerdict {
  return { output: null, reason };
}

/** How far a quantized probability may miss [0, 1]; a number beyond that is a logit or a vote. */
const PROBABILITY_SLACK = 0.01;

/** Whether a number can be a probability, quantized as it may be. */
export function isProbability(value: number): boolean {
  return value >= -PROBABILITY_SLACK && value <= 1 + PROBABILITY_SLACK;
}

/** What such an output may be, and who knows: an activation is not guessed. */
export const FIND_OUT =
  'a logit, a margin (decision function) or votes look so, and `activation` suits a logit alone: `edgewright model inspect` says what makes it';

/** Makes the verdict on an output that is no probability. */
export function notAProbability(value: number): TargetVerdict {
  return abstain(`gives ${value}, which is not a probability; ${FIND_OUT}`);
}

/** Makes the verdict on columns that add up to something else than 1. */
export function notProbabilities(sum: number): TargetVerdict {
  const total = Number(sum.toPrecision(4));
  return abstain(`gives numbers that add up to ${total}, not to 1 as probabilities do; ${FIND_OUT}`);
}

/**
 * How far the sum of probabilities may be from 1, since they may be quantized; labels beyond that do not exclude each
 * other.
 */
export const SUM_SLACK = 0.1;
