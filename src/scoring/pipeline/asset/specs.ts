import type { Decider } from '../../decision/index.ts';
import type { Vectorizer } from '../../features/index.ts';
import type { WindowOptions } from '../../windows/index.ts';
import type { PipelineModel } from '../model/model.ts';
import type { PipelineConfig } from '../schema/config.ts';
import type { SummarySpec } from './summaries.ts';

/** How the readings of one asset are cut into windows. */
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

/** What is summarised, where the bundle has a reference profile. */
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
