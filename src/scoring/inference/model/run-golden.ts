import { DEFAULT_TOLERANCE, EdgewrightError, type GoldenCases } from '../../../common/core/index.ts';
import { tensorInvalid } from '../engine/errors.ts';
import { fromOip } from '../engine/tensors.ts';
import type { Infer } from '../worker/worker-client.ts';
import { caseInvalid, checkGolden, type GoldenModel } from './check-golden.ts';
import { type Comparison, compareTensors } from './compare-tensors.ts';

/** Says which tolerance decided. */
export const toleranceOf = ({ tolerance: { rtol, atol } = DEFAULT_TOLERANCE, tolerance }: GoldenCases): string =>
  `allowed are atol ${atol} + rtol ${rtol} * |recorded|, ${tolerance ? 'the `tolerance` of golden.json' : 'which a `tolerance` in golden.json may change'}`;

/** Result of all golden cases. */
export interface GoldenResult extends Comparison {
  /** Place of the first difference: `case 3, output y`. */
  readonly where: string;
}

/**
 * Runs all golden cases and compares the answers; the result has the first difference and the largest error of all.
 * Throws `inference.golden-invalid` for cases that no such model can have given.
 */
export async function runGolden(golden: GoldenCases, model: GoldenModel, infer: Infer): Promise<GoldenResult> {
  checkGolden(golden, model);
  const tolerance = golden.tolerance ?? DEFAULT_TOLERANCE;
  let worst: GoldenResult = { equal: true, maxError: 0, reason: undefined, where: '' };
  for (const [index, { outputs }] of golden.cases.entries()) {
    const { expected, actual } = await runCase(golden, index, infer);
    for (const [position, output] of outputs.entries()) {
      const [wanted, got] = [expected[position], actual[position]];
      if (wanted === undefined || got === undefined) throw caseInvalid(golden, index, `no answer for ${output.name}`);
      const result = compareTensors(wanted, got, tolerance);
      const where = worst.equal ? `case ${index}, output ${output.name}` : worst.where;
      const maxError = Math.max(worst.maxError, result.maxError);
      worst = worst.equal ? { ...result, maxError, where } : { ...worst, maxError };
    }
  }
  return worst;
}

async function runCase(golden: GoldenCases, index: number, infer: Infer) {
  const { inputs = [], outputs = [] } = golden.cases[index] ?? {};
  try {
    const expected = outputs.map(fromOip);
    const given = new Map(inputs.map((input) => [input.name, fromOip(input)]));
    const names = outputs.map(({ name }) => name);
    return { expected, actual: await infer(given, names) };
  } catch (error) {
    // Lengths and shapes that do not fit are an error of the file.
    if (!(error instanceof EdgewrightError) || error.code !== tensorInvalid.kind.code) throw error;
    throw caseInvalid(golden, index, error.message, error);
  }
}
