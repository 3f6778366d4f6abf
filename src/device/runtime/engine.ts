import { type Clock, EdgewrightError, type Logger, reasonOf } from '../../common/core/index.ts';
import { createInference, type Inference, inferenceOptions } from '../../scoring/inference/index.ts';
import { Pipeline, type PipelineModel, readModel } from '../../scoring/pipeline/index.ts';
import { openBundle, signersIn } from '../../scoring/registry/index.ts';
import type { Config } from '../config/index.ts';
import type { Driver, Scored } from './driver.ts';
import { loadFor } from './load-for.ts';
import type { Installation } from './package-root.ts';

export interface EngineDeps {
  readonly installation: Installation;
  readonly logger: Logger;
  readonly clock: Clock;
}

/** The engine with the bundles that the configuration names, none of which is loaded: what `run` and `replay` have in common. */
export interface Engine {
  /** Loads and warms every model, golden cases included, and gives the driver its pipelines, in order of name. */
  loadInto(driver: Driver): Promise<void>;
  /** Reads, loads and warms the model of one pipeline, golden cases included; the pipeline acts nowhere yet. */
  prepare(name: string, config: Config, driver: Driver): Promise<Scored>;
  /** Ends every model, also one that is being loaded. */
  close(): Promise<void>;
}

/** Reads the bundles, each verified where the configuration has a root, and finds the engine. */
export async function openEngine(config: Config, { installation, logger, clock }: EngineDeps): Promise<Engine> {
  const names = Object.keys(config.pipelines).sort();
  const signers = await signersIn(config.trust.root);
  const models = await Promise.all(
    names.map(async (name) => readModel(await openBundle(config.pipelines[name]?.model ?? '', signers && { signers }))),
  );
  const inference = createInference({
    ...inferenceOptions(config.inference),
    ...installation.inference,
    logger,
    clock,
  });
  if (names.length > 0) await inference.ready();
  return {
    loadInto: async (driver) => {
      const loading = names.map((name, index) =>
        load(name, models[index] as PipelineModel, config, inference, driver, logger),
      );
      for (const scored of allOf(await Promise.allSettled(loading), logger)) driver.add(scored);
    },
    prepare: async (name, config, driver) => {
      const model = readModel(await openBundle(config.pipelines[name]?.model ?? '', signers && { signers }));
      return load(name, model, config, inference, driver, logger);
    },
    close: () => inference.close(),
  };
}

/** Name and version of the engine that answers. */
export const engineOf = ({ scored }: Driver): string => scored[0]?.model.engine ?? 'none';

/** Throws the first error; the log has the others, so that whoever mends the first knows of them. */
function allOf<T>(results: readonly PromiseSettledResult<T>[], logger: Logger): T[] {
  const [first, ...others] = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
  for (const other of others) {
    const detail = other instanceof EdgewrightError ? { code: other.code, hint: other.hint } : {};
    logger.error('model not taken', { ...detail, reason: reasonOf(other) });
  }
  if (first !== undefined) throw first;
  return results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
}

async function load(
  name: string,
  model: PipelineModel,
  config: Config,
  inference: Inference,
  driver: Driver,
  logger: Logger,
): Promise<Scored> {
  const pipelineConfig = config.pipelines[name];
  if (!pipelineConfig) throw new TypeError(`no pipeline ${name}`);
  const pipeline = new Pipeline({ name, config: pipelineConfig, assets: config.assets, model });
  const onNote = (note: string) => logger.warn('model differs from itself', { pipeline: name, note });
  const loaded = await loadFor(pipeline, model, inference, driver.answersFor(pipeline), { onNote });
  return { pipeline, sources: [pipelineConfig.source].flat(), model: loaded };
}
