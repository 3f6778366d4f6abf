import type { Inference, LoadedModel, ModelCallbacks } from '../../scoring/inference/index.ts';
import { outputsOf, type Pipeline, type PipelineModel, usesOf } from '../../scoring/pipeline/index.ts';
import { answerReadings } from './golden-readings.ts';

/** What a load may say beside the model. */
export interface LoadNotes {
  /** Takes sentences about what has to be known although it is not refused. */
  readonly onNote?: (note: string) => void;
  /** Takes the largest error over golden tensors and readings; undefined where there are none. */
  readonly onGolden?: (maxError: number | undefined) => void;
}

/**
 * Loads and warms the model of a pipeline, golden cases included, and holds what it declares, what it answers to trial
 * rows, and what the bundle makes of its golden readings against the manifest and what its maker recorded.
 */
export async function loadFor(
  pipeline: Pipeline,
  model: PipelineModel,
  inference: Inference,
  callbacks: ModelCallbacks,
  { onNote, onGolden }: LoadNotes = {},
): Promise<LoadedModel> {
  // Until the model may act, its answers go to the trial.
  let taker = callbacks;
  const loaded = await inference.load({
    name: pipeline.name,
    bytes: model.bytes,
    external: model.external,
    ...usesOf(model),
    outputs: outputsOf(model, pipeline.overrides),
    ...(model.golden ? { golden: model.golden } : {}),
    onResult: (tickets, batch) => taker.onResult(tickets, batch),
    onFailure: (tickets, error) => taker.onFailure(tickets, error),
    onTrial: (batch, rows) => {
      for (const note of pipeline.examine(batch, rows)) onNote?.(note);
    },
  });
  try {
    pipeline.checkModel(loaded.info.outputs, loaded);
    const error = await answerReadings(pipeline.name, model, loaded, ({ driver, pipeline: trial }) => {
      taker = driver.answersFor(trial);
    });
    onGolden?.(
      loaded.goldenError === undefined && error === undefined
        ? undefined
        : Math.max(loaded.goldenError ?? 0, error ?? 0),
    );
  } catch (error) {
    await loaded.close();
    throw error;
  }
  taker = callbacks;
  return loaded;
}
