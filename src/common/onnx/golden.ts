import * as z from 'zod';
import { asMap, DATATYPES, describeIssues, type GoldenCases, jsonSchemaOf, reasonOf, slipOf } from '../core/index.ts';
import { goldenInvalid } from './errors.ts';

/** Schema of a tensor of the Open Inference Protocol v2, with flat data. */
export const oipTensorSchema = z.looseObject({
  name: z.string(),
  datatype: z.enum(DATATYPES),
  shape: z.array(z.int().min(0)),
  data: z.array(z.union([z.number(), z.string(), z.boolean()])),
});

const caseSchema = z.looseObject({ inputs: z.array(oipTensorSchema), outputs: z.array(oipTensorSchema).min(1) });

/** Schema of a bundle's golden.json: cases whose outputs somebody else computed. */
const goldenSchema = z.looseObject({
  source: z.string().optional(),
  tolerance: z.strictObject({ rtol: z.number().min(0), atol: z.number().min(0) }).optional(),
  cases: z.array(caseSchema).min(1),
});

/**
 * Reads the text of a golden.json, which came from `file`. Throws `inference.golden-invalid` with the path inside the
 * text; whether the cases fit a model is not checked here.
 */
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

/**
 * Refuses keys that are nearly known ones, which would be passed over; keys of the maker's own may stand in the file.
 */
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

/** Yields every object of the file with its path and its schema. */
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
