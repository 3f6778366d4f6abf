import * as z from 'zod';
import { duration, jsonSchemaOf, MAP_KEY_PATTERN, NAME_PATTERN } from '../core/index.ts';
import { bundleDigest, isPlainName, SIGNATURE_FILE } from './bundle-digest.ts';
import { crit, fieldNamesIn, instant, keyId, MAX_COUNTER, sha256Hex } from './signed-json.ts';

/** The value of `schema` in an order. */
export const ORDER_SCHEMA = 'edgewright.order/1';
/** Most pipelines of an order. */
export const MAX_PIPELINES = 64;
/** Most files of a model. */
const MAX_FILES = 64;
/** Most bytes of one file of a model. */
const MAX_FILE_BYTES = 512 * 1024 ** 2;
/** Most bytes of a block. */
const MAX_BLOCK_BYTES = 1024 ** 2;
/** Most blocks of a file: their digests, 32 bytes each, are a list of 1 MiB at most. */
const MAX_BLOCKS = 32 * 1024;
/** Characters of a condition. */
const MAX_CONDITION = 4096;

const name = z.string().regex(NAME_PATTERN, 'must be 1 to 64 letters, digits, dots, underscores or hyphens');
const pipelineName = z.string().max(64).regex(MAP_KEY_PATTERN, 'is no name of a pipeline');
const counter = (least: number) => z.int().min(least).max(MAX_COUNTER);
const memoryMiB = z
  .number()
  .positive()
  .max(2 ** 20);

const fileSchema = z
  .object({
    path: z
      .string()
      .max(256)
      .refine((path) => isPlainName(path) && !path.includes('/'), 'is no name of a file in a bundle'),
    length: z.int().min(0).max(MAX_FILE_BYTES).describe('Bytes.'),
    sha256: sha256Hex,
    block: z.int().min(1).max(MAX_BLOCK_BYTES).describe('Bytes of a block; the last one may be shorter.'),
    blocks: sha256Hex.describe('SHA-256 of the raw digests of all blocks, one after the other.'),
  })
  .refine(({ length, block }) => Math.ceil(length / block) <= MAX_BLOCKS, `has more than ${MAX_BLOCKS} blocks`);

const modelSchema = z
  .object({
    name,
    version: z.string().min(1).max(128),
    release: counter(1).describe('Counter of releases, as the manifest has it.'),
    digest: sha256Hex.describe('Root digest of the bundle.'),
    signer: keyId.describe('Key that signed the bundle; it has to have the role model.'),
    requires: z
      .object({
        edgewright: z.string().max(64).describe('Range of versions.'),
        memoryMiB,
        hardware: z.array(z.string().max(128)).max(32),
        engine: z.enum(['wasm', 'native']),
      })
      .partial()
      .optional()
      .describe('What the device has to have.'),
    files: z.array(fileSchema).min(1).max(MAX_FILES).describe('Every file of the bundle, model.sig included.'),
  })
  .superRefine(({ files, digest }, context) => {
    const issue = (message: string) => context.addIssue({ code: 'custom', message, path: ['files'] });
    const paths = new Set(files.map(({ path }) => path));
    if (paths.size < files.length) issue('has a file twice');
    else if (!paths.has(SIGNATURE_FILE)) issue(`has no ${SIGNATURE_FILE}`);
    else if (paths.size === 1) issue(`has nothing but ${SIGNATURE_FILE}`);
    else if (bundleDigest(files.map(({ path, sha256 }) => ({ name: path, sha256 }))) !== digest) {
      issue('has files whose root digest is another');
    }
  });

const trialSchema = z
  .object({
    predictions: z.int().min(1).max(1_000_000).default(200).describe('Least number of predictions before a verdict.'),
    limit: duration({ least: '1s', most: '366d' }).prefault('24h').describe('Time after which `atLimit` holds.'),
    atLimit: z.enum(['rollback', 'commit']).default('rollback').describe('What happens with too few predictions.'),
    errors: z.number().min(0).max(1).default(0).describe('Share of predictions that may fail.'),
    abstentions: z.number().min(0).max(1).default(0.02).describe('Share that may abstain because of the model.'),
    p99: z
      .object({ times: z.number().positive().max(1000) })
      .default({ times: 1.5 })
      .describe('Latency against that of the old model.'),
    memoryMiB: memoryMiB.optional(),
    output: z
      .object({ distance: z.number().min(0).max(1000) })
      .optional()
      .describe('Distance of the outputs from the reference profile.'),
  })
  .describe('What the model has to show before it stays.');

const clockTime = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'is no time of day such as 22:30');
const whenSchema = z
  .object({
    condition: z.string().min(1).max(MAX_CONDITION).describe('CEL over the tags of the pipeline.'),
    daily: z.object({ from: clockTime, to: clockTime }).describe('Time of day in UTC; it may pass midnight.'),
  })
  .partial()
  .describe('When the model may begin to act; at any time where it is empty.');

const settingsSchema = z
  .object({
    tags: z.record(z.string(), z.unknown()),
    overrides: z.record(z.string(), z.unknown()),
    alarms: z.record(z.string(), z.unknown()),
    when: z.string().max(MAX_CONDITION),
  })
  .partial()
  .describe('Keys of the pipeline that act and go back with the model.');

const entrySchema = z
  .object({
    active: modelSchema,
    shadow: modelSchema.optional(),
    trial: trialSchema.prefault({}),
    when: whenSchema.default({}),
    floor: counter(0).default(0).describe('Least release from the commit on; at most that of `active`.'),
    maxBytes: z
      .int()
      .min(1)
      .max(2 ** 40)
      .optional()
      .describe('Most bytes that may be fetched for it.'),
    settings: settingsSchema.default({}),
    attempt: z
      .int()
      .min(0)
      .max(2 ** 31 - 1)
      .default(0)
      .describe('A higher one tries again what failed.'),
    gap: z.boolean().default(false).describe('Whether predictions may pause where memory has no room for both.'),
  })
  .superRefine(({ active, shadow, floor, maxBytes }, context) => {
    const issue = (message: string, path: string) => context.addIssue({ code: 'custom', message, path: [path] });
    if (floor > active.release) issue(`is above the release ${active.release} of the same entry`, 'floor');
    const bytes = [active, shadow].flatMap((model) => model?.files ?? []).reduce((sum, { length }) => sum + length, 0);
    if (maxBytes !== undefined && bytes > maxBytes) issue(`is less than the ${bytes} bytes of the files`, 'maxBytes');
  });

/** Schema of an order's payload. Fields that it does not name are left out. */
export const orderSchema = z
  .object({
    schema: z.literal(ORDER_SCHEMA),
    target: z.object({ site: name, device: name, key: keyId.optional().describe('Binds the order to one unit.') }),
    root: counter(1).describe('Version of the root that it rests on.'),
    counter: counter(0).describe('Rises with each order of a device under the same root.'),
    issued: instant,
    notBefore: instant,
    expires: instant,
    crit,
    pipelines: z
      .record(pipelineName, entrySchema)
      .describe('What acts, by pipeline; one that is not named keeps its model.'),
    together: z
      .array(z.array(pipelineName).min(2).max(MAX_PIPELINES))
      .max(MAX_PIPELINES)
      .default([])
      .describe('Pipelines that change in one step, or not at all.'),
  })
  .superRefine(({ issued, notBefore, expires, pipelines, together }, context) => {
    const issue = (message: string, ...path: string[]) => context.addIssue({ code: 'custom', message, path });
    if (Date.parse(issued) >= Date.parse(expires)) issue('is not after issued', 'expires');
    if (Date.parse(notBefore) >= Date.parse(expires)) issue('is not after notBefore', 'expires');
    const names = Object.keys(pipelines);
    if (names.length > MAX_PIPELINES) issue(`has more than ${MAX_PIPELINES}`, 'pipelines');
    const grouped = together.flat();
    if (new Set(grouped).size < grouped.length) issue('names a pipeline twice', 'together');
    if (grouped.some((one) => !names.includes(one))) issue('names a pipeline that has no entry', 'together');
  })
  .describe('The desired state of a whole device.');

/** An order as it is written, without what has a default. */
export type OrderData = z.input<typeof orderSchema>;
/** An order that was read: defaults filled in, durations in ms. */
export type Order = z.output<typeof orderSchema>;
/** What an order wants of one pipeline. */
export type OrderEntry = z.output<typeof entrySchema>;
/** A model that an order names. */
export type OrderedModel = z.output<typeof modelSchema>;

/** Names of all fields that this version knows, at whatever place. */
export const ORDER_FIELDS = fieldNamesIn(orderSchema);

/** JSON Schema of an order's payload. */
export function orderJsonSchema(): Record<string, unknown> {
  return { ...jsonSchemaOf(orderSchema), title: 'Edgewright order, payload of application/vnd.edgewright.order+json' };
}
