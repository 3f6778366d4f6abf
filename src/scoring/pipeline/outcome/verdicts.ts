import type { Quality } from '../../../common/core/index.ts';
import type { Verdict } from '../../decision/index.ts';

/** The verdict on a window whose quality is bad: the reasons are those of the window. */
export const BAD_QUALITY: Verdict = Object.freeze({ output: null, decision: 'abstain', reasons: [] });

/** Makes the verdict on a window whose model gave no answer. */
export function abstention(reason: string): Verdict {
  return { output: null, decision: 'abstain', reasons: [reason] };
}

/** Adds the reasons of a verdict to the quality of its window. */
export function withReasons(quality: Quality, reasons: readonly string[]): Quality {
  return reasons.length === 0 ? quality : { code: quality.code, reasons: [...quality.reasons, ...reasons] };
}

/**
 * Whether each number is finite in float32 too: most models have their inputs in it. `gaps`: some may be NaN, but not
 * all of them.
 */
export function isUsableVector(vector: Float64Array, gaps = false): boolean {
  let finite = 0;
  for (let i = 0; i < vector.length; i += 1) {
    if (Number.isFinite(Math.fround(vector[i] as number))) finite += 1;
    else if (!gaps || !Number.isNaN(vector[i])) return false;
  }
  return finite > 0 || !gaps;
}
