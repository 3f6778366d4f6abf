import * as z from 'zod';
import { DATATYPES, describeIssues, type GoldenCases, jsonSchemaOf, reasonOf } from '../core/index.ts';
import { goldenInvalid } from './errors.ts';

/** Most cases of golden tensors. */
const MAX_CASES = 1000;
/** Most cases of golden readings. */
const MAX_READING_CASES = 100;
/** Most readings of one case, and most predictions of it. */
const MAX_READINGS = 10_000;
/** Largest tolerance: beyond it every answer would pass. */
const MAX_TOLERANCE = 1e6;
/** Latest time of a reading: the end of the year 9999, ms. */
const MAX_TIME = 253_402_300_799_999;

const data = z.array(z.union([z.number(), z.string(), z.boolean()]));

/** Schema of a tensor of the Open Inference Protocol v2, with flat data. */
export const oipTensorSchema = z.looseObject({
  name: z.string(),
  datatype: z.enum(DATATYPES),
  shape: z.array(z.int().min(0)),
  data,
});

const tensor = z.strictObject({
  name: z.string().describe('Name of the input or output in the model.'),
  datatype: z.enum(DATATYPES).describe('Datatype as in the Open Inference Protocol v2.'),
  shape: z
    .array(
      z
        .int()
        .min(0)
        .max(2 ** 31 - 1),
    )
    .describe('Size of each axis.'),
  data: data.describe(
    'Elements, flat and row-major; "NaN", "Infinity" and "-Infinity" as text, whole numbers beyond 2^53 as decimal text.',
  ),
  parameters: z.record(z.string(), z.unknown()).optional().describe('Passed over, as the protocol allows them.'),
});

const tolerance = z.number().min(0).max(MAX_TOLERANCE);
const time = z.int().min(0).max(MAX_TIME);

const readingsSchema = z.strictObject({
  name: z.string().optional().describe('What the case is about, for people.'),
  readings: z
    .array(
      z.strictObject({
        asset: z.string().optional().describe('Asset of the reading; one of its own where no reading names any.'),
        t: time.describe('Event time in ms since the epoch.'),
        values: z
          .record(z.string(), z.union([z.number(), z.string(), z.boolean(), z.null()]))
          .describe("Values by the model's own tags, in the unit of the manifest."),
      }),
    )
    .min(1)
    .max(MAX_READINGS)
    .describe('Readings in the order in which they come.'),
  predictions: z
    .array(
      z
        .strictObject({
          asset: z.string().optional().describe('Asset that it is about.'),
          to: time
            .optional()
            .describe(
              'End of its window, ms since the epoch; without it, the predictions of an asset are counted in their order, and there are no others.',
            ),
          output: z
            .union([z.record(z.string(), z.unknown()), z.null()])
            .optional()
            .describe(
              'Output as a record has it, or a part of it: `{"label": "worn"}`; null where the pipeline has to abstain. Numbers keep to the tolerance.',
            ),
          decision: z
            .enum(['answer', 'normal', 'anomaly', 'abstain'])
            .optional()
            .describe('Decision that it has to come to.'),
        })
        .refine(({ output, decision }) => output !== undefined || decision !== undefined, 'needs output or decision'),
    )
    .min(1)
    .max(MAX_READINGS)
    .describe('Predictions that have to come of them.'),
});

/** Schema of a bundle's golden.json: cases whose outputs somebody else computed. */
const goldenSchema = z
  .strictObject({
    $schema: z
      .string()
      .optional()
      .describe('Address or path of golden.schema.json, for editors; the program passes it over.'),
    source: z.string().optional().describe('What computed the outputs, for people.'),
    tolerance: z
      .strictObject({
        rtol: tolerance.describe('Share of the recorded number.'),
        atol: tolerance.describe('Absolute difference.'),
      })
      .optional()
      .describe(
        'How far a number may be off: atol + rtol * |recorded number|. `{"rtol": 1e-3, "atol": 1e-4}` where it is left out; engines differ more on models in 8 bits.',
      ),
    cases: z
      .array(
        z.strictObject({
          name: z.string().optional().describe('What the case is about, for people.'),
          inputs: z.array(tensor).describe('Every input of the model.'),
          outputs: z.array(tensor).min(1).describe('Outputs that are compared; not all have to be there.'),
        }),
      )
      .min(1)
      .max(MAX_CASES)
      .optional()
      .describe('Tensors that go into the model, and those that have to come out.'),
    readings: z
      .array(readingsSchema)
      .min(1)
      .max(MAX_READING_CASES)
      .optional()
      .describe(
        'Readings that go through windows, features, scaling, model and decision, and what has to come of them.',
      ),
  })
  .refine(({ cases, readings }) => cases !== undefined || readings !== undefined, {
    path: ['cases'],
    message: 'is required and missing, unless there are `readings`',
  });

/** JSON Schema of the file, for editors. */
export function goldenJsonSchema(): Record<string, unknown> {
  return { ...jsonSchemaOf(goldenSchema), title: 'Edgewright golden cases' };
}

/**
 * Reads the text of a golden.json, which came from `file`. Throws `inference.golden-invalid` with the path inside the
 * text, and the nearest key where one is unknown; whether the cases fit a model is not checked here.
 */
export function parseGolden(text: string, file: string): GoldenCases {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw goldenInvalid(file, `not JSON: ${reasonOf(error)}`, { cause: error });
  }
  const result = goldenSchema.safeParse(json);
  if (result.success) {
    const { source, tolerance, cases = [], readings } = result.data;
    return { file, source, tolerance, cases, readings };
  }
  // A key that is misspelt explains what else is missing.
  const [slips, others] = [true, false].map((slip) =>
    result.error.issues.filter(({ code }) => (code === 'unrecognized_keys') === slip),
  );
  const issues = [...(slips ?? []), ...(others ?? [])];
  const { reason, ...detail } = describeIssues(issues, json, jsonSchemaOf(goldenSchema));
  throw goldenInvalid(file, reason, detail);
}
