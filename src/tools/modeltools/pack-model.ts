import { join } from 'node:path';
import { EdgewrightError } from '../../common/core/index.ts';
import { type EngineDeps, loadFor } from '../../device/runtime/index.ts';
import { createInference, type EngineName, inferenceOptions, inferenceSchema } from '../../scoring/inference/index.ts';
import { Pipeline, type PipelineModel, pipelineSchema, readModel } from '../../scoring/pipeline/index.ts';
import { type Bundle, openBundle, packBundle } from '../../scoring/registry/index.ts';

/** Dependencies of loading a bundle. */
export type PackDeps = EngineDeps;

/** Memory that an engine may take: a gateway whose model needs more than the default says so in its configuration. */
const MEMORY = '512MiB';
/** Engines that a gateway may have: the first is everywhere, the other where it is installed. */
const ENGINES: readonly EngineName[] = ['wasm', 'native'];

/** An engine on which a bundle was tried, with its version, or why it was not. */
export type TriedEngine = { readonly engine: EngineName } & (
  | {
      readonly version: string;
      /** Largest absolute error over golden tensors and readings; null where there are none. */
      readonly maxError: number | null;
    }
  | { readonly code: string; readonly reason: string }
);

/** Identity of a packed bundle, and its files. */
export interface PackedModel {
  readonly name: string;
  readonly version: string;
  readonly digest: string;
  readonly files: Bundle['files'];
  readonly engines: readonly TriedEngine[];
  /** What has to be known although it is not refused, in sentences. */
  readonly notes: readonly string[];
}

/**
 * Loads a bundle as a gateway does, golden cases included, on every engine that is here, and only then writes its
 * digests. Throws what a start would throw.
 */
export async function packModel(folder: string, deps: PackDeps): Promise<PackedModel> {
  const bundle = await openBundle(folder, { listed: false });
  const model = readModel(bundle);
  const notes = new Set<string>();
  const engines: TriedEngine[] = [];
  for (const engine of ENGINES) engines.push(await tryOut(folder, model, engine, deps, (note) => notes.add(note)));
  const packed = await packBundle(bundle);
  const { name, version } = model.identity;
  return { name, version, digest: packed.digest, files: packed.files, engines, notes: [...notes] };
}

/** Loads the model once on one engine. Throws what would keep `run` from starting; native may be absent. */
async function tryOut(
  folder: string,
  model: PipelineModel,
  engine: EngineName,
  { installation, logger, clock }: PackDeps,
  onNote: (note: string) => void,
): Promise<TriedEngine> {
  const config = pipelineSchema.parse({ source: 'none', model: folder });
  const pipeline = new Pipeline({ name: join(folder, model.file), config, assets: {}, model });
  const inference = createInference({
    ...inferenceOptions(inferenceSchema.parse({ engine, memory: MEMORY })),
    ...installation.inference,
    logger,
    clock,
  });
  let maxError: number | undefined;
  const onGolden = (error: number | undefined) => {
    maxError = error;
  };
  try {
    const loaded = await loadFor(pipeline, model, inference, NOBODY, { onNote, onGolden });
    return { engine, version: loaded.engine.slice(engine.length + 1), maxError: maxError ?? null };
  } catch (error) {
    if (engine === 'wasm' || !isAbsent(error)) throw error;
    return { engine, code: error.code, reason: error.message };
  } finally {
    await inference.close();
  }
}

const NOBODY = { onResult: () => {}, onFailure: () => {} };

const isAbsent = (error: unknown): error is EdgewrightError =>
  error instanceof EdgewrightError && error.code === 'inference.engine-unavailable';
