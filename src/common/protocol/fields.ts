import * as z from 'zod';
import { MAX_ASSET_BYTES, NAME_PATTERN, StatusCode, type StatusName } from '../core/index.ts';

/** A type that is read-only all the way down. */
export type Frozen<T> = T extends object ? { readonly [K in keyof T]: Frozen<T[K]> } : T;

const isStatusName = (name: string): name is StatusName => Object.hasOwn(StatusCode, name);

/** The field of a time. `what` begins its description: a noun phrase. */
export const time = (what: string) => z.number().describe(`${what}, ms since the epoch, possibly fractional.`);
/** The field of a number of things. */
export const count = () => z.int().min(0);
/** The field of a seq. */
export const seq = () => z.int().min(1);
/** The field of the id of a boot. */
export const bootId = () =>
  z
    .string()
    .regex(/^[0-9a-f]{32}$/)
    .describe('Random 128-bit id of one start of the gateway, hex.');

/** The field of the name of a site or a device. */
export const deviceName = () => z.string().regex(NAME_PATTERN);

/** The field of the name of an asset. */
export const assetName = () =>
  z
    .string()
    .min(1)
    .max(MAX_ASSET_BYTES)
    .describe(`Any characters; at most ${MAX_ASSET_BYTES} bytes once they are percent-encoded.`);

/** The field of the id that joins a reply to its command. */
export const commandId = () =>
  z
    .string()
    .regex(/^[\x21-\x7e]{1,64}$/)
    .describe('Chosen by whoever asks, a new one for each command: the same id is answered once.');

/** The field of a SHA-256, in hex. */
export const sha256 = () => z.string().regex(/^[0-9a-f]{64}$/);

/** The place of an event in the audit chain; see RFC 8785 for the form that is hashed. */
export const auditPosition = z
  .object({
    n: z.int().min(1).describe('Number of the entry, from 1 without a hole within a chain.'),
    prev: sha256().describe('Hash of the entry before it; zeros for the first.'),
    hash: sha256().describe('SHA-256 over the lines prev, n, t, event and detail as canonical JSON (RFC 8785).'),
  })
  .describe('Where it stands in the device’s chain of audit entries; absent where the chain could not take it.');

/** The head of the audit chain, in a status message. */
export const auditHead = z
  .object({ n: z.int().min(1), head: sha256().describe('Its hash.') })
  .describe('The newest entry of the device’s audit chain.');

/** The model behind a prediction or summary. */
export const model = z
  .object({
    name: z.string(),
    version: z.string(),
    digest: sha256().describe('OpenSSF Model Signing root digest of the bundle, hex SHA-256.'),
    signed: z.boolean().describe('Whether the bundle was verified against a signature.'),
  })
  .describe('The model that answered.');

/** The quality of a window, in OPC UA status codes by name. */
export const quality = z
  .object({
    code: z.enum(Object.keys(StatusCode).filter(isStatusName)).describe('Worst OPC UA status in the window, by name.'),
    reasons: z.array(z.string()).describe('One per tag and cause.'),
  })
  .describe('How far the data of the window can be trusted.');

const targetOutput = z.union([
  z.object({ value: z.number().describe('Regression.') }),
  z.object({
    values: z.array(z.number()).describe('Forecast: one for each step.'),
    steps: z
      .array(z.string())
      .describe('What each stands for: a time from the end of the window such as `1h`, or a name.'),
  }),
  z.object({ score: z.number().describe('Anomaly score.') }),
  z.object({
    label: z.string().describe('Chosen class.'),
    probabilities: z
      .record(z.string(), z.number())
      .exactOptional()
      .describe('Per class; absent where the model gives a label alone.'),
    action: z.string().exactOptional().describe('What costs least to do, where the model has a cost matrix.'),
    expectedCost: z.number().exactOptional().describe('Of the action, in the unit of the cost matrix.'),
  }),
]);

/** The output of a prediction: of one target, or of several by name. */
export const output = z.union([
  ...targetOutput.options,
  z.object({
    outputs: z
      .record(z.string(), targetOutput.nullable())
      .describe('Per target of a model with several; null for one that abstains.'),
  }),
]);

/** The distribution of one feature or output over the period of a summary. */
export const distribution = z
  .object({
    counts: z.array(count()).describe('Per bin of the reference profile.'),
    underflow: count(),
    overflow: count(),
    missing: count(),
    n: count(),
    mean: z.number(),
    m2: z.number().describe('Sum of squared deviations from the mean.'),
    min: z.number().nullable(),
    max: z.number().nullable(),
  })
  .describe('Distribution of one feature or output; merges by addition and Chan’s formula.');

/** The histogram of latencies in a summary, ms: an exponential histogram as OpenTelemetry defines it. */
export const latency = z
  .object({ scale: z.int(), offset: z.int(), counts: z.array(count()), zero: count() })
  .describe('Exponential histogram as in OpenTelemetry: base 2^(2^-scale), counts[i] is bucket offset + i, ms.');

/** The contributions of sensors to an answer. */
export const contributions = z
  .array(
    z.object({
      sensor: z.string().describe('A tag, or a group of tags.'),
      contribution: z.number().describe('Negative where it speaks against.'),
    }),
  )
  .describe('Which sensors made an answer what it is, greatest first; of alarms only where they are raised.');

/** The method and the value that contributions belong to. */
export const explained = z
  .object({
    method: z.enum(['occlusion', 'shapley', 'squared_error']),
    of: z.string().describe('A target, or `target.label` for a probability.'),
    value: z.number(),
    reference: z.number().exactOptional().describe('The same where every sensor shows its reference.'),
  })
  .describe('What the contributions are about. Shapley’s add up to `value` less `reference`.');
