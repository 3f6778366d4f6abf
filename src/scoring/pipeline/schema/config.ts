import * as z from 'zod';
import { duration, MAP_KEY_PATTERN, real } from '../../../common/core/index.ts';
import { alarmSchema, costsSchema } from '../../decision/index.ts';

const mapKey = z.string().regex(MAP_KEY_PATTERN, 'must be lower case letters, digits and single underscores');

const limits = z
  .strictObject({
    assets: z
      .int()
      .min(1)
      .max(100_000)
      .default(1000)
      .describe(
        'Assets that one pipeline follows; beyond it quiet ones make room, and readings of further ones are refused and counted.',
      ),
    readings: z.int().min(2).max(100_000_000).default(200_000).describe('Samples that the windows of one asset hold.'),
  })
  .prefault({});

const held = () => duration({ least: '1ms', most: '31d' });

/** One entry under `pipelines` in the configuration: an asset pattern, a model, alarms. */
export const pipelineSchema = z.strictObject({
  source: z
    .union([z.string(), z.array(z.string()).min(1)])
    .describe('Name of the source, or of several, whose readings it takes.'),
  assets: z
    .string()
    .min(1)
    .default('*')
    .describe('Pattern of asset names: `*` stands for any text, `?` for one character.'),
  model: z.string().describe('Folder of the model bundle, relative to this file.'),
  tags: z
    .record(z.string(), z.string())
    .default({})
    .describe('Tag of the model: tag of the source. A tag that is not named here has the same name on both sides.'),
  when: z
    .string()
    .optional()
    .describe(
      'Gate in CEL over `tags` (latest values, by the source’s names) and `attributes`: only while it holds are readings used.',
    ),
  lateness: duration({ most: '31d' })
    .prefault('0s')
    .describe('How late, in event time, a reading may come and still count.'),
  join: duration({ least: '1ms', most: '1h' })
    .optional()
    .describe(
      'Readings of an asset whose times lie within so much are one row of a count window, where each tag comes by itself.',
    ),
  hold: z
    .union([held(), z.record(z.string(), held())])
    .optional()
    .describe(
      'How long the last value of a tag stands for one that does not come: of all tags, or by the model’s tag. It is marked UncertainLastUsableValue.',
    ),
  idle: duration({ most: '31d' })
    .prefault('5m')
    .describe('Silence, in processing time, after which windows that have begun are closed with what they hold.'),
  alarms: z.record(mapKey, alarmSchema).default({}).describe('Alarms made out of predictions, by name.'),
  summaries: z
    .strictObject({ every: duration({ most: '31d' }).prefault('1h').describe('Event time that one summary covers.') })
    .prefault({})
    .describe('Distributions of features and outputs per asset against the reference profile of the bundle.'),
  priority: z
    .int()
    .min(-1_000)
    .max(1_000)
    .default(0)
    .describe('Where the outbox has no room, predictions of the pipelines with the lowest priority give way first.')
    // The outbox is told the priorities when it opens.
    .meta({ applies: 'restart' }),
  limits: limits.describe('Bounds of what the pipeline holds in memory.'),
  overrides: z
    .strictObject({
      threshold: z.record(z.string(), real()).optional().describe('Threshold by target, in place of the manifest’s.'),
      costs: z
        .record(z.string(), costsSchema)
        .optional()
        .describe('Cost matrix by target, in place of the manifest’s costs or threshold.'),
    })
    .optional()
    .describe('Open deviations from the manifest; they show in status and in every prediction.'),
});

const assetTag = z.strictObject({
  unit: z.string().optional().describe('Unit after `scale` and `offset`; must be the one that the model expects.'),
  scale: real().default(1).describe('Value used = raw value x scale + offset.'),
  offset: real().default(0).describe('See scale.'),
  range: z
    .tuple([real(), real()])
    .optional()
    .describe('Least and greatest value that the sensor can give; others are BadOutOfRange.'),
});

/** What is known of assets: attributes, and how their raw values are to be read. */
export const assetSchema = z.strictObject({
  match: z.string().optional().describe('Pattern of asset names this holds for; the key itself where it is absent.'),
  attributes: z.record(z.string(), z.string()).default({}).describe('For example line, model, vendor.'),
  tags: z.record(z.string(), assetTag).default({}).describe('By the source’s tag name.'),
});

/** The pipelines of a configuration, by name. */
export const pipelinesSchema = z.record(mapKey, pipelineSchema);
/** What a configuration says of assets, by a name of its own. */
export const assetsSchema = z.record(mapKey, assetSchema);

/** The configuration of one pipeline; durations in ms. */
export type PipelineConfig = z.output<typeof pipelineSchema>;
/** What the configuration says of the assets of one pattern. */
export type AssetConfig = z.output<typeof assetSchema>;
/** How the raw values of one tag of an asset are read. */
export type AssetTagConfig = z.output<typeof assetTag>;
