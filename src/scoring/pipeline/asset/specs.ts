import type { Decider } from '../../decision/index.ts';
import type { Vectorizer } from '../../features/index.ts';
import type { WindowOptions } from '../../windows/index.ts';
import type { PipelineModel } from '../model/model.ts';
import type { PipelineConfig } from '../schema/config.ts';
import type { SummarySpec } from './summaries.ts';

/**
 * Says how the readings of one asset are cut into windows. Its JSON decides whether saved windows are resumed: it is
 * hashed.
 */
export function windowOptions(model: PipelineModel, config: PipelineConfig): WindowOptions {
  const { manifest } = model;
  return {
    tags: model.tags.map((name) => {
      const tag = manifest.tags[name];
      const hold = holdOf(config, name);
      return {
        name,
        ...(tag?.range ? { range: tag.range } : {}),
        ...(tag?.period === undefined ? {} : { period: tag.period }),
        ...(hold === undefined ? {} : { hold }),
      };
    }),
    window: manifest.window,
    lateness: config.lateness,
    idle: config.idle,
    maxMissing: manifest.maxMissing,
    maxReadings: config.limits.readings,
    ...(config.join === undefined ? {} : { join: config.join }),
  };
}

/** How long the last value of one of the model's tags is held, ms; undefined for not at all. */
export function holdOf({ hold }: Pick<PipelineConfig, 'hold'>, tag: string): number | undefined {
  if (typeof hold !== 'object') return hold;
  return Object.hasOwn(hold, tag) ? hold[tag] : undefined;
}

/** Says what is summarised; undefined where the bundle has no reference profile. */
export function summarySpec(
  pipeline: string,
  model: PipelineModel,
  config: PipelineConfig,
  vectorizer: Vectorizer,
  decider: Decider,
): SummarySpec | undefined {
  if (!model.profile) return undefined;
  return {
    pipeline,
    model: model.identity,
    featureSpec: vectorizer.digest,
    every: config.summaries.every,
    features: vectorizer.names,
    outputs: decider.names,
    profile: model.profile,
  };
}
