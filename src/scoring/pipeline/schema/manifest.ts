import * as z from 'zod';
import { duration, jsonSchemaOf, NAME_PATTERN, real } from '../../../common/core/index.ts';
import { explanationSchema, targetSchema } from '../../decision/index.ts';
import { inputSchema } from '../../features/index.ts';
import { filesSchema } from '../../registry/index.ts';
import { windowSchema } from '../../windows/index.ts';

/** Elements of one axis: what a model file can say of one. */
const MOST_ELEMENTS = 2 ** 31 - 1;
const MOST_RELEASES = 2 ** 31 - 1;

const tag = z
  .strictObject({
    unit: z.string().describe('Unit that the model was trained in.'),
    description: z.string().optional().describe('What it measures and where, for people.'),
    values: z
      .record(z.string(), real())
      .refine((codes) => Object.keys(codes).length > 0, 'needs a value')
      .optional()
      .describe(
        'Of a tag that has categories: the number that the model was trained with for each. Others are BadOutOfRange, unless `other` is given.',
      ),
    other: z
      .string()
      .optional()
      .describe(
        'The one of `values` that stands for every category which is not among them, for a model that was trained to take any; such a value is marked UncertainEngineeringUnitsExceeded.',
      ),
    range: z
      .tuple([real(), real()])
      .refine(([low, high]) => low <= high, 'must run from the lower to the higher value')
      .optional()
      .describe('Range seen in training; a value outside is used and marked UncertainEngineeringUnitsExceeded.'),
    period: duration({ most: '366d' })
      .optional()
      .describe('Expected sampling period; tells how many samples a time window should hold.'),
    missing: z
      .union([
        z.literal('nan'),
        z.strictObject({
          fill: z
            .union([real(), z.string()])
            .describe('In the unit of the tag, before scaling; of a tag that has `values` one of these.'),
        }),
      ])
      .optional()
      .describe(
        'What the model was trained to take where samples of the tag are bad or missing, however many: `nan`, or a `fill`. The prediction names the tag and is UncertainDataSubNormal; where every tag is missing it abstains.',
      ),
  })
  .refine(({ values = {}, other }) => other === undefined || Object.hasOwn(values, other), {
    path: ['other'],
    message: 'must be one of values',
  });

const state = z
  .strictObject({
    tensors: z
      .record(
        z.string(),
        z.strictObject({
          output: z.string().describe('The output that becomes this input of the next window.'),
          shape: z
            .array(z.int().min(-1).max(MOST_ELEMENTS))
            .refine((shape) => shape.filter((size) => size === -1).length === 1, 'needs -1 for the batch, once')
            .refine((shape) => !shape.includes(0), 'has an empty dimension')
            .describe('Size of each axis of the input; -1 stands once, for the batch.'),
          initial: real().default(0).describe('Every element, where there is no window before.'),
        }),
      )
      .refine((tensors) => Object.keys(tensors).length > 0, 'needs a tensor')
      .describe('By name of the model input.'),
    maxGap: duration({ most: '366d' })
      .prefault('0s')
      .describe('Event time between the end of a window and the begin of the next, beyond which it begins anew.'),
    warmup: z
      .int()
      .min(0)
      .max(10_000)
      .optional()
      .describe(
        'Windows that the model sees before it acts where it takes the place of another one; none where absent.',
      ),
  })
  .describe('What a recurrent model carries from window to window of the same asset, by name of the input.');

/** The manifest's `state`: the tensors that a recurrent model carries, and `maxGap` in ms. */
export type StateSpec = z.output<typeof state>;

/** What was trained: everything about the model that a configuration must not have to know. */
export const manifestSchema = z.strictObject({
  $schema: z
    .string()
    .optional()
    .describe('Address or path of manifest.schema.json, for editors; the program passes it over.'),
  schema: z.literal('edgewright.manifest/1').describe('Which form this file has.'),
  name: z
    .string()
    .regex(NAME_PATTERN)
    .describe('Name of the model: letters, digits, dots, underscores, hyphens, 64 at most.'),
  version: z
    .string()
    .regex(/^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/, 'must be a semantic version such as 1.2.0')
    .describe('Semantic version, such as 1.2.0.'),
  release: z.int().min(1).max(MOST_RELEASES).describe('Counter of releases, one more with each.'),
  description: z.string().describe('What the model says, for people.'),
  requires: z
    .strictObject({
      memoryMiB: z
        .number()
        .positive()
        .max(2 ** 20)
        .optional()
        .describe('Memory that the model takes, in MiB.'),
      hardware: z.array(z.string()).optional().describe('Hardware that it was made for.'),
    })
    .default({})
    .describe('What the model needs of a device, for people; nothing holds a device against it.'),
  tags: z.record(z.string(), tag).describe('Every tag that `input` uses, by name.'),
  window: windowSchema,
  maxMissing: z
    .number()
    .min(0)
    .max(1)
    .default(0)
    .describe(
      'Share of samples of a tag that may be bad or missing; above it the window is bad and the pipeline abstains.',
    ),
  input: inputSchema,
  state: state.optional(),
  outputs: z
    .record(z.string(), targetSchema)
    .describe('By target name; one target gives a plain output, several give `outputs`.'),
  explanation: explanationSchema
    .optional()
    .describe('How alarms say which sensors they are about; without it they do not.'),
  files: filesSchema
    .optional()
    .describe('Every other file of the bundle but model.sig; written by `edgewright model pack`.'),
});

/** manifest.json, parsed; durations in ms. */
export type Manifest = z.output<typeof manifestSchema>;

/** JSON Schema of the file, for editors. */
export function manifestJsonSchema(): Record<string, unknown> {
  return { ...jsonSchemaOf(manifestSchema), title: 'Edgewright model manifest' };
}
