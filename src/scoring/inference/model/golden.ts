import * as z from 'zod';
import {
  asMap,
  DATATYPES,
  DEFAULT_TOLERANCE,
  describeIssues,
  EdgewrightError,
  type GoldenCases,
  jsonSchemaOf,
  reasonOf,
  slipOf,
} from '../../../common/core/index.ts';
import { goldenInvalid, tensorInvalid } from '../engine/errors.ts';
import { fromOip } from '../engine/tensors.ts';
import type { Infer } from '../worker/worker-client.ts';
import { caseInvalid, checkGolden, type GoldenModel } from './check-golden.ts';
import { type Comparison, compareTensors } from './compare-tensors.ts';

/** A tensor in the Open Inference Protocol v2 form. */
export const oipTensorSchema = z.looseObject({
  name: z.string(),
  datatype: z.enum(DATATYPES),
  shape: z.array(z.int().min(0)),
  data: z.array(z.union([z.number(), z.string(), z.boolean()])),
});

const caseSchema = z.looseObject({ inputs: z.array(oipTensorSchema), outputs: z.array(oipTensorSchema).min(1) });

/** golden.json of a bundle: cases whose outputs somebody else computed. */
export const goldenSchema = z.looseObject({
  source: z.string().optional(),
  tolerance: z.strictObject({ rtol: z.number().min(0), atol: z.number().min(0) }).optional(),
  cases: z.array(caseSchema).min(1),
});

/** The text of a golden.json. Throws `inference.golden-invalid` with the path inside the file. */
export function parseGolden(text: string, file: string): GoldenCases {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw goldenInvalid(file, `not JSON: ${reasonOf(error)}`, { cause: error });
  }
  refuseSlips(json, file);
  const result = goldenSchema.safeParse(json);
  if (result.success) return { ...result.data, file };
  const { reason, ...detail } = describeIssues(result.error.issues, json, jsonSchemaOf(goldenSchema));
  throw goldenInvalid(file, reason, detail);
}

/** Any key may stand in the file, but one that is nearly a known one is that one misspelt, and would be passed over. */
function refuseSlips(json: unknown, file: string): void {
  for (const { path, value, schema } of objectsOf(json)) {
    const known = Object.keys(schema.shape);
    for (const key of Object.keys(asMap(value))) {
      const meant = known.includes(key) ? undefined : slipOf(key, known);
      if (meant === undefined) continue;
      const at = [...path, key].join('.');
      throw goldenInvalid(file, `${at}: unknown key ${key}; did you mean ${meant}?`, {
        path: at,
        hint: `Write ${meant} in place of ${key}, or give it a name that is not so near.`,
      });
    }
  }
}

function* objectsOf(json: unknown) {
  yield { path: [], value: json, schema: goldenSchema };
  for (const [index, value] of listAt(json, 'cases').entries()) {
    yield { path: ['cases', index], value, schema: caseSchema };
    for (const side of ['inputs', 'outputs']) {
      for (const [position, tensor] of listAt(value, side).entries()) {
        yield { path: ['cases', index, side, position], value: tensor, schema: oipTensorSchema };
      }
    }
  }
}

function listAt(value: unknown, key: string): readonly unknown[] {
  const list = asMap(value)[key];
  return Array.isArray(list) ? list : [];
}

export interface GoldenResult extends Comparison {
  /** `case 3, output y`, of the first difference. */
  readonly where: string;
}

/**
 * Runs all cases and compares; of several differences the first is told, and the largest error of all. Throws
 * `inference.golden-invalid` for cases that no model like this can have given.
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
    // Lengths and shapes that do not fit are the file's fault, not of who runs it.
    if (!(error instanceof EdgewrightError) || error.code !== tensorInvalid.kind.code) throw error;
    throw caseInvalid(golden, index, error.message, error);
  }
}
