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
      return {
        name,
        ...(tag?.range ? { range: tag.range } : {}),
        ...(tag?.period === undefined ? {} : { period: tag.period }),
      };
    }),
    window: manifest.window,
    lateness: config.lateness,
    idle: config.idle,
    maxMissing: manifest.maxMissing,
    maxReadings: config.limits.readings,
  };
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
