import { formatDuration } from '../../common/core/index.ts';
import type { Problem } from '../../common/settings/index.ts';
import type { Config } from '../../device/config/index.ts';
import { holdOf, type PipelineModel } from '../../scoring/pipeline/index.ts';
import { carriesOneTag, opensIn } from '../../scoring/sources/index.ts';

/**
 * Holds how a pipeline's readings become rows against its model: readings of single tags, which no row of a count
 * window has all of; a hold that is shorter than the period of its tag; a join where nothing is joined.
 */
export function checkRows(name: string, model: PipelineModel, config: Config): Problem[] {
  const pipeline = config.pipelines[name];
  if (pipeline === undefined) return [];
  const path = `pipelines.${name}`;
  return [
    ...singleTags(path, pipeline, model, config),
    ...shortHolds(path, pipeline, model),
    ...uselessJoin(path, pipeline, model),
    ...unknownHolds(path, pipeline, model),
  ];
}

type PipelineConfig = Config['pipelines'][string];

function singleTags(path: string, pipeline: PipelineConfig, model: PipelineModel, config: Config): Problem[] {
  const rest = model.tags.filter((tag) => holdOf(pipeline, tag) === undefined);
  if (!('count' in model.manifest.window) || pipeline.join !== undefined || rest.length < 2) return [];
  return [pipeline.source].flat().flatMap((name) => {
    const source = config.sources[name];
    if (source === undefined || !opensIn(source, 'run') || !carriesOneTag(source)) return [];
    return [
      {
        severity: 'warning' as const,
        path,
        code: 'pipeline.single-tags',
        message: `each reading of ${name} has one tag, and a row of the count window of ${model.identity.name} needs ${rest.join(', ')}: each window will lack some`,
        hint: 'Write `join: 500ms`, the time within which the tags of one measurement come, or `hold: 10m` for tags that report on change.',
      },
    ];
  });
}

function shortHolds(path: string, pipeline: PipelineConfig, model: PipelineModel): Problem[] {
  return model.tags.flatMap((tag) => {
    const [hold, period] = [holdOf(pipeline, tag), model.manifest.tags[tag]?.period];
    if (hold === undefined || period === undefined || hold >= period) return [];
    return [
      {
        severity: 'warning' as const,
        path: typeof pipeline.hold === 'object' ? `${path}.hold.${tag}` : `${path}.hold`,
        code: 'pipeline.hold-short',
        message: `is ${formatDuration(hold)}, and ${tag} comes each ${formatDuration(period)}: between two values there will be none`,
        hint: `Write ${formatDuration(2 * period)} or more.`,
      },
    ];
  });
}

function uselessJoin(path: string, { join }: PipelineConfig, model: PipelineModel): Problem[] {
  if (join === undefined || 'count' in model.manifest.window) return [];
  return [
    {
      severity: 'warning',
      path: `${path}.join`,
      code: 'pipeline.join-unused',
      message: `joins nothing: the window of ${model.identity.name} is one of time, which takes each tag by itself`,
      hint: 'Leave it out.',
    },
  ];
}

function unknownHolds(path: string, { hold }: PipelineConfig, model: PipelineModel): Problem[] {
  if (typeof hold !== 'object') return [];
  return Object.keys(hold)
    .filter((tag) => !model.tags.includes(tag))
    .map((tag) => ({
      severity: 'error',
      path: `${path}.hold.${tag}`,
      code: 'pipeline.unknown-tag',
      message: `the model ${model.identity.name} has no tag ${tag}`,
      hint: `Its tags are ${model.tags.join(', ')}.`,
    }));
}
