import type { Inference, LoadedModel, ModelCallbacks } from '../../scoring/inference/index.ts';
import { outputsOf, type Pipeline, type PipelineModel, usesOf } from '../../scoring/pipeline/index.ts';

/** Loads and warms the model of a pipeline, golden cases included, and holds what it declares against the manifest. */
export async function loadFor(
  pipeline: Pipeline,
  model: PipelineModel,
  inference: Inference,
  callbacks: ModelCallbacks,
): Promise<LoadedModel> {
  const loaded = await inference.load({
    name: pipeline.name,
    bytes: model.bytes,
    external: model.external,
    ...usesOf(model),
    outputs: outputsOf(model, pipeline.overrides),
    ...(model.golden ? { golden: model.golden } : {}),
    ...callbacks,
  });
  pipeline.checkModel(loaded.info.outputs, loaded);
  return loaded;
}
