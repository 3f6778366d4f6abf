import { type Clock, EdgewrightError, type Logger, reasonOf } from '../../common/core/index.ts';
import { createInference, type Inference, inferenceOptions } from '../../scoring/inference/index.ts';
import { Pipeline, type PipelineModel, readModel } from '../../scoring/pipeline/index.ts';
import { openBundle } from '../../scoring/registry/index.ts';
import type { Config } from '../config/index.ts';
import { Driver, type DriverListeners, type Scored } from './driver.ts';
import { loadFor } from './load-for.ts';
import type { Installation } from './package-root.ts';

export interface AssemblyDeps extends DriverListeners {
  readonly installation: Installation;
  readonly logger: Logger;
  readonly clock: Clock;
}

/** Pipelines, their models in the engine, and the driver between them: what `run` and `replay` have in common. */
export interface Assembly {
  readonly driver: Driver;
  readonly scored: readonly Scored[];
  /** Name of the engine that answers. */
  readonly engine: string;
  close(): Promise<void>;
}

/** Opens the bundles, loads and warms every model (golden cases included) and builds the pipelines, in order of name. */
export async function assemble(config: Config, deps: AssemblyDeps): Promise<Assembly> {
  const { installation, logger, clock } = deps;
  const names = Object.keys(config.pipelines).sort();
  const models = await Promise.all(
    names.map(async (name) => readModel(await openBundle(config.pipelines[name]?.model ?? ''))),
  );
  const inference = createInference({
    ...inferenceOptions(config.inference),
    ...installation.inference,
    logger,
    clock,
  });
  const link: { driver?: Driver } = {};
  try {
    const scoring = await Promise.allSettled(
      names.map((name, index) => score(name, models[index] as PipelineModel, config, inference, link)),
    );
    const scored = allOf(scoring, logger);
    const driver = new Driver(scored, deps, clock.monotonic);
    link.driver = driver;
    return { driver, scored, engine: scored[0]?.model.engine ?? 'none', close: () => inference.close() };
  } catch (error) {
    await inference.close();
    throw error;
  }
}

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

/** What a record says of a failure: no values, so that there are few of them to count. */
const shortly = ({ code, path }: EdgewrightError) => (path === undefined ? code : `${code}: ${path}`);

async function score(
  name: string,
  model: PipelineModel,
  config: Config,
  inference: Inference,
  link: { driver?: Driver },
): Promise<Scored> {
  const pipelineConfig = config.pipelines[name];
  if (!pipelineConfig) throw new TypeError(`no pipeline ${name}`);
  const pipeline = new Pipeline({ name, config: pipelineConfig, assets: config.assets, model });
  const loaded = await loadFor(pipeline, model, inference, {
    onResult: (tickets, batch) => link.driver?.complete(pipeline, tickets, batch),
    onFailure: (tickets, error) => link.driver?.fail(pipeline, tickets, shortly(error)),
  });
  return { pipeline, sources: [pipelineConfig.source].flat(), model: loaded };
}
