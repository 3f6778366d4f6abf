import * as z from 'zod';
import { positiveReal, real } from '../../../common/core/index.ts';
import { clamp } from './clamp.ts';

const platt = z.strictObject({
  method: z.literal('platt').describe('The probability is 1 / (1 + e^-(slope x + intercept)).'),
  slope: positiveReal().describe('What the logit or score x is multiplied by.'),
  intercept: real().describe('What is added to it then.'),
});

const temperature = z.strictObject({
  method: z.literal('temperature').describe('Logits are divided by the temperature.'),
  temperature: positiveReal().describe('Above 1 it makes the model less sure, below 1 more.'),
});

const FITTED = 'Fitted on answers of the quantized model for rows that it was not trained on.';

/**
 * Part of the manifest: what makes the answer of a target with two labels a probability that can be held against costs.
 */
export const binaryCalibrationSchema = z.discriminatedUnion('method', [platt, temperature]).describe(FITTED);

/** The same for several labels, where one temperature leaves their order as it is. */
export const classesCalibrationSchema = temperature.describe(FITTED);

/** The calibration of a target with two labels. */
export type BinaryCalibration = z.output<typeof binaryCalibrationSchema>;
/** The calibration of a target with several labels. */
export type ClassesCalibration = z.output<typeof classesCalibrationSchema>;

/**
 * The least distance of a probability from 0 and 1, so that its logarithm stays finite; float32 has no smaller one near
 * 1.
 */
const LEAST = 1e-7;

/** 1 / (1 + e^-x), without overflow on either side. */
export function sigmoid(x: number): number {
  if (x >= 0) return 1 / (1 + Math.exp(-x));
  const e = Math.exp(x);
  return e / (1 + e);
}

/** ln(p / (1 - p)), the inverse of `sigmoid`. */
export function logOdds(p: number): number {
  const bounded = clamp(p, LEAST, 1 - LEAST);
  return Math.log(bounded / (1 - bounded));
}

/** ln p: a logit of which softmax makes p again. */
export function logProbability(p: number): number {
  return Math.log(Math.max(p, LEAST));
}

/**
 * The positive probability of a logit (log odds, or any score that grows with them): with Platt's method 1 / (1 +
 * e^-(slope x + intercept)) (Platt 1999, signs turned), with a temperature 1 / (1 + e^-(x / T)) (Guo et al. 2017).
 */
export function calibrated(x: number, calibration: BinaryCalibration | undefined): number {
  if (calibration === undefined) return sigmoid(x);
  if (calibration.method === 'temperature') return sigmoid(x / calibration.temperature);
  return sigmoid(calibration.slope * x + calibration.intercept);
}
