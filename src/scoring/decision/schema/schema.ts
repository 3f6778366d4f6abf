import * as z from 'zod';
import { duration, quantizationSchema, real } from '../../../common/core/index.ts';
import { binaryCalibrationSchema, classesCalibrationSchema } from './calibration.ts';
import { type Costs, costsMismatch, costsSchema } from './costs.ts';

const abstainBelow = z
  .number()
  .min(0)
  .max(1)
  .optional()
  .describe('Least probability of the chosen label; below it the target abstains.');

/** Labels become keys of `probabilities` in records. */
const label = z
  .string()
  .min(1)
  .max(128)
  .refine((name) => name !== '__proto__', 'is reserved');

const distinct = (labels: readonly string[]) => new Set(labels).size === labels.length;

interface Decided {
  readonly labels: readonly string[];
  readonly costs?: Costs | undefined;
  readonly threshold?: number | undefined;
  readonly abstainBelow?: number | undefined;
}

/** Checks that costs go with the labels, and decide alone. */
function checkCosts({ labels, costs, threshold, abstainBelow }: Decided, context: z.RefinementCtx): void {
  if (costs === undefined) return;
  const mismatch = costsMismatch(costs, labels);
  const refuse = (message: string, ...path: string[]) => context.addIssue({ code: 'custom', path, message });
  if (mismatch !== undefined) refuse(mismatch, 'costs', 'actions');
  if (threshold !== undefined) refuse('costs decide: there is no threshold beside them', 'threshold');
  if (abstainBelow !== undefined) {
    refuse('costs decide: give an action such as inspect a cost of its own instead', 'abstainBelow');
  }
}

const costs = costsSchema
  .optional()
  .describe('What decides in place of a threshold: the action of least expected cost.');

const tensor = z.string().describe('Name of the model output.');

/** Columns that a target may read. */
const MOST_COLUMNS = 1000;
const place = () =>
  z
    .int()
    .min(0)
    .max(2 ** 31 - 1);

const column = place()
  .optional()
  .describe('Which of several columns of the tensor it reads, the first being 0; all axes behind the batch count on.');

const columns = z
  .tuple([place(), place()])
  .refine(([first, last]) => first <= last && last - first < MOST_COLUMNS, {
    message: `must run from the first to the last column, ${MOST_COLUMNS} at most`,
  })
  .optional()
  .describe('The columns of the tensor that it reads, first and last, both included, the first of all being 0.');

const quantization = quantizationSchema.optional();

const steps = z
  .union([
    z.strictObject({
      every: duration({ least: '1ms', most: '366d' }).describe(
        'Event time from the window to the first, and on to each.',
      ),
    }),
    z.strictObject({
      labels: z.array(label).min(1).max(MOST_COLUMNS).refine(distinct, 'must differ').describe('What each is called.'),
    }),
  ])
  .describe('Of a forecast: what its columns stand for, one after the other. The answer is a list of values.');

/** The number of columns that `columns` has. */
export const countOf = ([first, last]: readonly [number, number]): number => last - first + 1;

interface Several {
  readonly column?: number | undefined;
  readonly columns?: readonly [number, number] | undefined;
  readonly steps?: z.output<typeof steps> | undefined;
}

/** Checks that a forecast has as many steps as columns, and any other number one column. */
function checkSteps({ column, columns, steps }: Several, context: z.RefinementCtx): void {
  const refuse = (message: string, ...path: string[]) => context.addIssue({ code: 'custom', path, message });
  if (column !== undefined && columns !== undefined) refuse('is one, beside columns', 'column');
  if (steps === undefined) {
    if (columns !== undefined) refuse('are of a forecast: name its steps, or one column', 'columns');
  } else if (columns === undefined) refuse('need columns: the first and the last of the forecast', 'steps');
  else if ('labels' in steps && steps.labels.length !== countOf(columns)) {
    refuse(`names ${steps.labels.length} steps of ${countOf(columns)} columns`, 'steps', 'labels');
  }
}

/** Part of the manifest: what one output means. */
export const targetSchema = z.discriminatedUnion('kind', [
  z
    .strictObject({
      kind: z
        .literal('regression')
        .describe('A number with a unit, or a forecast of several; it decides nothing by itself.'),
      tensor,
      unit: z.string().describe('Unit of the number.'),
      range: z
        .tuple([real(), real()])
        .refine(([low, high]) => low < high, 'must run from the lower to the higher value')
        .optional()
        .describe('The answer is held to this range, lower end first.'),
      column,
      columns,
      steps: steps.optional(),
      quantization,
    })
    .superRefine(checkSteps),
  z.strictObject({
    kind: z.literal('score').describe('A number that is an anomaly beyond a threshold.'),
    tensor,
    threshold: real().describe('A score beyond it is an anomaly; in the unit of the output.'),
    anomaly: z
      .enum(['above', 'below'])
      .default('above')
      .describe(
        'On which side of the threshold the anomalies are: `below` for the scores of scikit-learn (IsolationForest, OneClassSVM, LocalOutlierFactor), which are lower the odder a sample is.',
      ),
    column,
    quantization,
  }),
  z.strictObject({
    kind: z
      .literal('reconstruction')
      .describe('How far an autoencoder misses its own input, which is an anomaly beyond a threshold.'),
    tensor: z.string().describe('Name of the model output that has the input again, in its order.'),
    input: z.string().optional().describe('The model input that it is held against, where there are several.'),
    error: z
      .enum(['mse', 'mae', 'max'])
      .default('mse')
      .describe(
        'Over all numbers of the input as the model gets them, scaled: the mean of the squared differences, of the absolute ones, or the greatest of these.',
      ),
    threshold: real().describe('An error beyond it is an anomaly; in the unit of the error.'),
    quantization,
  }),
  z
    .strictObject({
      kind: z.literal('binary').describe('Two labels, of which one is the anomaly.'),
      tensor,
      activation: z
        .enum(['none', 'sigmoid'])
        .default('none')
        .describe(
          'What still has to be applied to the output. `none`: the positive probability, or both. `sigmoid`: one logit, or two, of which the difference counts; with Platt calibration any score.',
        ),
      labels: z
        .tuple([label, label])
        .refine(distinct, 'must differ')
        .describe(
          'In the order of the columns, which scikit-learn sorts by name; one column alone is of the second. Without `positive` the first is the negative, the second the positive.',
        ),
      positive: label
        .optional()
        .describe(
          'The one of `labels` that is the anomaly. Where it is given and the file of the model names its classes, `labels` may stand in any order.',
        ),
      calibration: binaryCalibrationSchema.optional(),
      threshold: z
        .number()
        .min(0)
        .max(1)
        .optional()
        .describe('A positive probability above it is an anomaly; 0.5 where neither it nor costs are given.'),
      costs,
      abstainBelow,
      column,
      columns: columns.refine(
        (range) => range === undefined || countOf(range) === 2,
        'must be two: negative, positive',
      ),
      quantization,
    })
    .superRefine(checkCosts)
    .refine(({ labels, positive }) => positive === undefined || labels.includes(positive), {
      path: ['positive'],
      message: 'must be one of labels',
    }),
  z
    .strictObject({
      kind: z.literal('classes').describe('A probability for each of several labels; the greatest is the answer.'),
      tensor,
      activation: z
        .enum(['none', 'softmax'])
        .default('none')
        .describe('What still has to be applied to the output to make it probabilities.'),
      labels: z
        .array(label)
        .min(2)
        .max(1000)
        .refine(distinct, 'must differ')
        .describe('In the order of the columns of the output.'),
      calibration: classesCalibrationSchema.optional(),
      costs,
      abstainBelow,
      columns,
      quantization,
    })
    .superRefine(checkCosts)
    .refine(({ columns, labels }) => columns === undefined || countOf(columns) === labels.length, {
      path: ['columns'],
      message: 'must be as many as labels',
    }),
  z.strictObject({
    kind: z.literal('label').describe('A label alone, without probabilities.'),
    tensor: z.string().describe('Text or whole numbers, one a row.'),
    labels: z
      .array(label)
      .min(1)
      .max(1000)
      .refine(distinct, 'must differ')
      .describe('Every label that the model can name, whole numbers as text; at another one the target abstains.'),
    column,
  }),
]);

/** What one output means. */
export type Target = z.output<typeof targetSchema>;
/** A number that decides nothing. */
export type RegressionTarget = Extract<Target, { kind: 'regression' }>;
/** A number that is an anomaly beyond a threshold. */
export type ScoreTarget = Extract<Target, { kind: 'score' }>;
/** How far an autoencoder misses its input. */
export type ReconstructionTarget = Extract<Target, { kind: 'reconstruction' }>;
/** Two labels, of which the second is the anomaly. */
export type BinaryTarget = Extract<Target, { kind: 'binary' }>;
/** A probability for each of several labels. */
export type ClassesTarget = Extract<Target, { kind: 'classes' }>;
/** A label alone. */
export type LabelTarget = Extract<Target, { kind: 'label' }>;

/** The most decisions that an alarm remembers per asset. */
const MAX_DECISIONS = 1000;

const atMost = ({ k, n }: { k: number; n: number }) => k <= n;
const count = (text: string) => z.int().min(1).max(MAX_DECISIONS).describe(text);

const raise = z
  .strictObject({
    k: count('Decisions that must call for the alarm.'),
    n: count('Among so many of the last decisions.'),
    within: duration({ most: '366d' }).optional().describe('Only decisions of the last so much event time count.'),
    hold: duration({ most: '366d' })
      .optional()
      .describe('Event time for which decisions must have called for the alarm without one in between that does not.'),
  })
  .refine(atMost, 'k must not be greater than n');

const clear = z
  .strictObject({
    k: count('Decisions that must not call for the alarm.'),
    n: count('Among so many of the last decisions since it was raised.'),
    hold: duration({ most: '366d' })
      .optional()
      .describe('Event time for which no decision must have called for the alarm before it is cleared.'),
  })
  .refine(atMost, 'k must not be greater than n');

/** Part of the configuration: how the predictions of an asset become an alarm. */
export const alarmSchema = z.strictObject({
  description: z.string().optional().describe('What it means, for people.'),
  when: z
    .string()
    .optional()
    .describe('CEL condition over a prediction that calls for the alarm; without it, the decision `anomaly`.'),
  until: z
    .string()
    .optional()
    .describe(
      'CEL condition that a prediction must meet to count towards clearing, such as `output.score < 3.0` beside a `when` of `output.score > 5.0`; without it, that it does not call for the alarm.',
    ),
  raise: raise.default({ k: 1, n: 1 }).describe('How many decisions make the alarm; one where it is absent.'),
  clear: clear.optional().describe('All of the last `raise.n` decisions where it is absent.'),
  severity: z.enum(['low', 'medium', 'high', 'critical']).default('high').describe('How urgent it is.'),
});

/** One alarm of a pipeline; durations in ms. */
export type AlarmConfig = z.output<typeof alarmSchema>;
