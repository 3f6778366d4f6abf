import type { PredictionRecord } from '../../common/core/index.ts';
import type { LoadedModel } from '../../scoring/inference/index.ts';
import {
  comparePredictions,
  Pipeline,
  type PipelineModel,
  pipelineSchema,
  readingsOf,
} from '../../scoring/pipeline/index.ts';
import { Driver } from './driver.ts';

const SOURCE = 'golden';

/** Makes the pipeline of a bundle alone: with its own tags, and without anything that a configuration adds. */
function plainPipeline(name: string, model: PipelineModel): Pipeline {
  const config = pipelineSchema.parse({ source: SOURCE, model: SOURCE });
  return new Pipeline({ name, config, assets: {}, model });
}

/** Whose answers the engine gives back: those of the case that runs. */
export interface Trial {
  readonly driver: Driver;
  readonly pipeline: Pipeline;
}

/**
 * Has the golden readings of a bundle go through windows, features, model and decision. Throws
 * `pipeline.golden-readings-differ`; returns the largest error of a number, undefined where there are none.
 *
 * @param onTrial is told of each case before its readings, so that answers can be given to its driver
 */
export async function answerReadings(
  name: string,
  model: PipelineModel,
  loaded: LoadedModel,
  onTrial: (trial: Trial) => void,
): Promise<number | undefined> {
  const { readings = [], tolerance } = model.golden ?? {};
  let maxError: number | undefined;
  for (const [index, test] of readings.entries()) {
    const came: PredictionRecord[] = [];
    // A case takes no time: what falls silent or comes late is a matter of event time alone.
    const driver = new Driver({ record: ({ record }) => record.type === 'prediction' && came.push(record) }, () => 0);
    const pipeline = plainPipeline(name, model);
    onTrial({ driver, pipeline });
    driver.add({ pipeline, sources: [SOURCE], model: loaded });
    for (const reading of readingsOf(test)) {
      await driver.credit();
      driver.push(SOURCE, reading, 0);
    }
    driver.flush(0);
    await Promise.all([loaded.drain(), driver.whenIdle()]);
    const error = comparePredictions(test, came, tolerance, { name, index, engine: loaded.engine });
    maxError = Math.max(maxError ?? 0, error);
  }
  return maxError;
}
