import * as z from 'zod';
import { DATATYPES, duration, quantizationSchema, real } from '../../common/core/index.ts';
import { calendarSchema } from './calendar/index.ts';
import { features } from './registry.ts';

/** Elements of one axis: what a model file can say of one. */
const MOST_ELEMENTS = 2 ** 31 - 1;

const plainScaling = z.strictObject({
  offset: z.array(real()).describe('Subtracted first, in the unit of the feature or tag.'),
  scale: z
    .array(real().refine((value) => value !== 0, 'must not be 0'))
    .describe('Then divided by, in the same unit; never 0.'),
});

const mode = plainScaling.extend({
  name: z.string().min(1).describe('Name of the mode; the reason of an abstention lists them.'),
  when: z.string().describe('Condition in CEL over `tags`, the last value of each in the window.'),
});

const scaling = z
  .union([
    plainScaling,
    z.strictObject({
      modes: z
        .array(mode)
        .min(1)
        .describe('By operating mode, the first that holds; the model abstains where none does.'),
    }),
  ])
  .describe(
    'Float32 scaling before the model, (x - offset) / scale: one entry per feature, or per tag of a raw tensor; by operating mode where it has `modes`.',
  );

const grid = z
  .strictObject({
    period: duration({ least: '1ms', most: '366d' })
      .optional()
      .describe('Time from one point to the next; either it or `rate`.'),
    rate: z.number().positive().max(1e6).optional().describe('Points a second (Hz), in place of a period.'),
    method: z
      .enum(['previous', 'nearest', 'linear', 'mean', 'band_limited', 'none'])
      .describe(
        'How samples of any rate come onto the grid; band_limited filters a vibration, none takes only what lies on it.',
      ),
    limit: duration({ most: '366d' })
      .optional()
      .describe('A point that would rest on a sample further away has no value, and the model abstains.'),
  })
  .refine(({ period, rate }) => (period === undefined) !== (rate === undefined), 'needs either a period or a rate');

const shape = z
  .array(z.int().min(1).max(MOST_ELEMENTS))
  .min(1)
  .max(8)
  .optional()
  .describe(
    'Of one row, without the batch axis, where the model has other axes for the same numbers in the same order: [1, 49, 10] for 49 x 10.',
  );

const rawInput = z.strictObject({
  tensor: z.string().describe('Name of the model input.'),
  layout: z.enum(['TC', 'CT']).describe('Order of time and channel after the batch axis.'),
  tags: z.array(z.string()).min(1).describe('Its channels, in the order of the model; each is declared in `tags`.'),
  shape,
  grid: grid.optional().describe('Needed with a time window: the grid of the tensor.'),
  scaling: scaling.optional(),
  quantization: quantizationSchema.optional(),
});

// An enum would hide the nearest name, which the vectorizer says of an unknown feature. Editors complete from examples.
const featureName = z.string().meta({ examples: features.map(({ name }) => name).sort() });

const feature = z.looseObject({
  feature: featureName.describe('Name of a feature of FEATURES.md; its parameters are keys beside it.'),
  as: z
    .string()
    .regex(/^[a-z][a-z0-9_]*$/, 'must be lower case with underscores')
    .optional()
    .describe('Short name, in place of the one made of the parameters.'),
  fill: real()
    .optional()
    .describe(
      'What the feature is where samples that it needs are missing, in its unit, before scaling; its tag must have `missing`.',
    ),
});

const statistics = z
  .strictObject({
    tags: z.array(z.string()).min(1).describe('Tags, each declared in `tags` of the manifest.'),
    features: z
      .array(z.union([featureName, feature]))
      .min(1)
      .describe('Features of each of these tags, as FEATURES.md lists them: a name, or an object with parameters.'),
    grid: grid.optional().describe('With a time window: the tags are brought onto it before the features.'),
  })
  .describe('Each feature of each tag: tags outside, features inside.');

const derived = z
  .strictObject({
    formula: z
      .string()
      .min(1)
      .describe(
        'A number in CEL over features of `statistics`, such as `torque.mean * speed.mean / 9.55`, and of the calendar: `calendar.hour`.',
      ),
    unit: z.string().default('1').describe('Its unit; 1 is none.'),
  })
  .describe('A feature made of others.');

const featureInput = z.strictObject({
  tensor: z.string().describe('Name of the model input.'),
  shape,
  statistics: z.array(statistics).min(1).describe('Concatenated in this order into the feature vector [N, F].'),
  calendar: calendarSchema.optional(),
  derived: z
    .record(z.string().regex(/^[a-z][a-z0-9_]*$/, 'must be lower case letters, digits and underscores'), derived)
    .optional()
    .describe('By name; they follow the statistics and the calendar in the vector, in this order.'),
  scaling: scaling.optional(),
  quantization: quantizationSchema.optional(),
});

const calendarInput = z.strictObject({
  shape,
  calendar: calendarSchema,
  scaling: scaling.optional(),
  quantization: quantizationSchema.optional(),
});

const severalInputs = z.strictObject({
  tensors: z
    .record(z.string(), z.union([rawInput.omit({ tensor: true }), featureInput.omit({ tensor: true }), calendarInput]))
    .refine((tensors) => Object.keys(tensors).length > 0, 'needs a tensor')
    .describe('By name of the model input: each made of the same window.'),
  constants: z
    .record(
      z.string(),
      z.strictObject({
        datatype: z.enum(DATATYPES).describe('Type of the elements.'),
        shape: z.array(z.int().min(0).max(MOST_ELEMENTS)).describe('Size of each axis; [] for a single number.'),
        data: z.array(z.union([real(), z.string(), z.boolean()])).describe('Elements, flat, the last axis fastest.'),
      }),
    )
    .optional()
    .describe('Inputs that are the same in every run, such as a sampling rate, in the Open Inference Protocol form.'),
});

/** Part of the manifest: how a window becomes the model's input, or its inputs. */
export const inputSchema = z
  .union([rawInput, featureInput, severalInputs])
  .describe('How a window becomes the input of the model: a raw tensor, statistics, or several tensors.');

/** An offset and a scale per column, the same for all windows. */
export type PlainScaling = z.output<typeof plainScaling>;
/** The scaling of an input, which may depend on the operating mode. */
export type Scaling = z.output<typeof scaling>;
/** The manifest's `grid`, parsed; durations in ms. */
export type GridSpec = z.output<typeof grid>;
/** An input that is the signals themselves. */
export type RawInput = z.output<typeof rawInput>;
/** An input that is features of the signals. */
export type FeatureInput = z.output<typeof featureInput>;
/** The manifest's `input`, parsed. */
export type InputSpec = z.output<typeof inputSchema>;

/** What an input has to know of the manifest's window: how many readings, or how long in ms. */
export type WindowExtent = { readonly count: number } | { readonly length: number };

/** Gives the inputs that are made of a window, in the order in which their values stand in its vector. */
export function partsOf(input: InputSpec): (RawInput | FeatureInput)[] {
  if (!('tensors' in input)) return [input];
  return Object.entries(input.tensors).map(([tensor, part]) => {
    if ('layout' in part || 'statistics' in part) return { ...part, tensor };
    return { ...part, statistics: [], tensor };
  });
}
