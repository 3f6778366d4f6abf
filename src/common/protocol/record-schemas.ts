import * as z from 'zod';
import { EVENT_NAMES, RECORD_TYPES, type RecordType } from '../core/index.ts';
import {
  assetName,
  auditPosition,
  bootId,
  contributions,
  count,
  distribution,
  explained,
  latency,
  model,
  output,
  quality,
  seq,
  time,
} from './fields.ts';

/** The fields that every record has: its place in the boot, and whether the clock was trusted. */
const identity = {
  seq: seq().describe('From 1 without a hole within a boot.'),
  clock: z.boolean().describe('Whether the device trusted its clock when it made the record.'),
};

const window = {
  from: time('Beginning of the window'),
  to: time('End of the window'),
};

/** What a prediction says, whether its model acts or not. */
const answer = {
  t: time('Event time: the end of the window'),
  pipeline: z.string(),
  asset: assetName(),
  ...window,
  model,
  output: output.nullable().describe('Null when the model abstains.'),
  decision: z.enum(['answer', 'normal', 'anomaly', 'abstain']),
  quality,
  missing: z
    .array(z.string())
    .exactOptional()
    .describe('Tags that were missing, in whose place the model got NaN or a fill; absent where none was.'),
  overrides: z
    .record(z.string(), z.unknown())
    .exactOptional()
    .describe('What the device’s configuration overrides in the model’s manifest.'),
  latencyMs: z.number().exactOptional().describe('From the closing of the window to the decision.'),
};

const predictionSchema = z
  .object({ type: z.literal('prediction'), ...answer, ...identity })
  .describe('One window’s answer.');

const shadowSchema = z
  .object({
    type: z.literal('shadow'),
    ...answer,
    beside: z.string().describe('Digest of the model that acted.'),
    ...identity,
  })
  .describe('What a model said of a window for which another one acted; nothing follows from it.');

const foldedPredictions = z
  .object({
    records: count().describe('Predictions that will not come by themselves.'),
    decisions: z.record(z.string(), count()),
    labels: z
      .record(z.string(), z.record(z.string(), count()))
      .describe('Per target how often each label was the answer; `*` is the rest of many.'),
    quality: z.record(z.string(), count()).describe('How often each quality code.'),
  })
  .describe('What is kept of predictions that this summary stands for, beside their outputs.');

const summarySchema = z
  .object({
    type: z.literal('summary'),
    t: time('Event time: the end of the period'),
    pipeline: z.string(),
    asset: assetName().describe('`*` where it is of several.'),
    ...window,
    model,
    beside: z
      .string()
      .exactOptional()
      .describe('Of shadow predictions that were folded: digest of the model that acted.'),
    featureSpec: z
      .string()
      .exactOptional()
      .describe('Digest of the feature specification, hex SHA-256; absent where there are no features.'),
    predictions: count(),
    abstained: count(),
    folded: foldedPredictions.exactOptional(),
    incomplete: z
      .string()
      .exactOptional()
      .describe('Why predictions that were told in the period may be missing here, after a restart.'),
    features: z.record(z.string(), distribution),
    outputs: z.record(z.string(), distribution),
    latency,
    ...identity,
  })
  .describe(
    'Features and outputs over a period, against the bins of the reference profile; or, without bins, what predictions said that gave way.',
  );

const alarmSchema = z
  .object({
    type: z.literal('alarm'),
    t: time('Event time'),
    pipeline: z.string(),
    asset: assetName(),
    alarm: z.string().describe('Name of the rule.'),
    state: z.enum(['raised', 'cleared', 'acknowledged', 'shelved']),
    severity: z.enum(['low', 'medium', 'high', 'critical']),
    since: time('When the condition that this continues was raised'),
    prediction: z
      .object({ ...window, output: output.nullable() })
      .exactOptional()
      .describe('The prediction it rests on; absent where it was cleared without one.'),
    reason: z
      .enum(['model', 'rule', 'removed', 'quiet'])
      .exactOptional()
      .describe('Why it was cleared without a prediction: what it stood on is another, or gone.'),
    contributions: contributions.exactOptional(),
    explained: explained.exactOptional(),
    ...identity,
  })
  .describe('An alarm changed its state.');

const lossSchema = z
  .object({
    type: z.literal('loss'),
    t: time('When it was decided'),
    boot: bootId(),
    first: seq().describe('First seq that is gone.'),
    last: seq().describe('Last seq that is gone, inclusive. What is received nevertheless counts as received.'),
    from: time('Earliest event time of what is gone'),
    to: time('Latest event time of what is gone'),
    cause: z
      .enum(['outbox-full', 'thinned', 'retain', 'disk-stalled', 'unreadable', 'too-large'])
      .describe('`thinned`: folded into summaries to make room; `retain`: older than the device is to keep them.'),
    counts: z.array(
      z.object({
        pipeline: z.string(),
        type: z.enum(RECORD_TYPES),
        dropped: count().exactOptional(),
        folded: count().exactOptional(),
      }),
    ),
    summaries: z
      .object({ first: seq(), last: seq() })
      .exactOptional()
      .describe('Seqs of this record’s own boot among which the summaries are that stand for what was folded.'),
    ...identity,
  })
  .describe('Records that will not come, and why.');

const eventSchema = z
  .object({
    type: z.literal('event'),
    t: time('When it happened'),
    event: z.enum(EVENT_NAMES),
    detail: z.record(z.string(), z.unknown()),
    audit: auditPosition.exactOptional(),
    ...identity,
  })
  .describe('Something happened to the gateway itself.');

/** The schema of each type of record, as it stands in a batch. */
export const RECORD_SCHEMAS = {
  prediction: predictionSchema,
  shadow: shadowSchema,
  summary: summarySchema,
  alarm: alarmSchema,
  loss: lossSchema,
  event: eventSchema,
} as const satisfies { readonly [T in RecordType]: z.ZodType };

type RecordSchema = (typeof RECORD_SCHEMAS)[RecordType];

/** The schema of a record of any type that this version knows. */
export const recordSchema = z.discriminatedUnion('type', Object.values(RECORD_SCHEMAS) as [RecordSchema]);

/** The schema of a record of a type that a later version brings. */
export const unknownRecordSchema = z.object({ type: z.string(), t: z.number(), ...identity });
