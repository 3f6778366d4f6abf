import { join } from 'node:path';
import { type EngineDeps, loadFor } from '../../device/runtime/index.ts';
import { createInference, inferenceOptions, inferenceSchema } from '../../scoring/inference/index.ts';
import { Pipeline, type PipelineModel, pipelineSchema, readModel } from '../../scoring/pipeline/index.ts';
import { type Bundle, openBundle, packBundle } from '../../scoring/registry/index.ts';

/** Dependencies of loading a bundle. */
export type PackDeps = EngineDeps;

/** Memory that an engine may take: a gateway whose model needs more than the default says so in its configuration. */
const MEMORY = '512MiB';

/** Identity of a packed bundle, and its files. */
export interface PackedModel {
  readonly name: string;
  readonly version: string;
  readonly digest: string;
  readonly files: Bundle['files'];
}

/**
 * Loads a bundle as a gateway does, golden cases included, and only then writes its digests. Throws what a start would
 * throw.
 */
export async function packModel(folder: string, deps: PackDeps): Promise<PackedModel> {
  const bundle = await openBundle(folder, { listed: false });
  const model = readModel(bundle);
  await tryOut(folder, model, deps);
  const packed = await packBundle(bundle);
  const { name, version } = model.identity;
  return { name, version, digest: packed.digest, files: packed.files };
}

/** Loads the model once. Throws what would keep `run` from starting. */
async function tryOut(folder: string, model: PipelineModel, { installation, logger, clock }: PackDeps): Promise<void> {
  const config = pipelineSchema.parse({ source: 'none', model: folder });
  const pipeline = new Pipeline({ name: join(folder, model.file), config, assets: {}, model });
  const inference = createInference({
    ...inferenceOptions(inferenceSchema.parse({ memory: MEMORY })),
    ...installation.inference,
    logger,
    clock,
  });
  try {
    await loadFor(pipeline, model, inference, { onResult: () => {}, onFailure: () => {} });
  } finally {
    await inference.close();
  }
}
