import type { Clock, GoldenCases, Logger, ModelUse, OutputBatch } from '../../common/core/index.ts';
import { closed, workerCrashed } from './engine/errors.ts';
import { fedNumber } from './engine/row.ts';
import { normalizesStrings } from './engine/substitute-locale.ts';
import { BatchQueue } from './model/batch-queue.ts';
import type { LoadedModel, ModelCallbacks, ModelStats } from './model/loaded-model.ts';
import { explained, precheck } from './model/precheck.ts';
import { type Candidate, load, type Preparation, type Prepared, prepare } from './model/prepare.ts';
import type { InferenceConfig } from './schema.ts';
import { findHost } from './worker/find-host.ts';
import { type Host, type HostOptions, shareBytes } from './worker/host.ts';
import { RestartBudget } from './worker/restart-budget.ts';
import { WorkerPool } from './worker/worker-pool.ts';

/** Configuration and surroundings of inference. */
export interface InferenceOptions extends HostOptions, Omit<InferenceConfig, 'engine' | 'memory'> {
  readonly engine?: InferenceConfig['engine'];
  readonly logger: Logger;
  readonly clock: Clock;
}

/** Model to load, its use, and who takes its answers. */
export interface LoadSpec extends ModelUse, ModelCallbacks {
  /** Model's file, which was checked against its digest. */
  readonly bytes: Uint8Array;
  readonly golden?: GoldenCases;
  /** Takes what the model answers to trial rows, golden ones first; what it throws refuses the model. */
  readonly onTrial?: (batch: OutputBatch, rows: number) => void;
  /** Files beside the model that hold its weights, by name. */
  readonly external?: ReadonlyMap<string, Uint8Array>;
}

/** Loads models, each with workers of its own. */
export interface Inference {
  /**
   * Finds the engine and makes it ready; without this call, the first `load` does so. Throws
   * `inference.engine-unavailable`.
   */
  ready(): Promise<void>;
  /**
   * Loads a model and resolves when it is warm. Throws `onnx.*` or `inference.*` where the file is no model, its inputs
   * or outputs are wrong, it does not meet its golden cases, it is too slow or too large, or the engine is not there.
   */
  load(spec: LoadSpec): Promise<LoadedModel>;
  /** Closes every model; those that are being loaded are given up and fail with `inference.closed`. */
  close(): Promise<void>;
}

/** Converts the configuration under `inference` to options. */
export function inferenceOptions({ memory, ...rest }: InferenceConfig) {
  return { ...rest, memoryMiB: Math.floor(memory / 2 ** 20) };
}

/** Creates inference; the engine is found by `ready`, or when the first model is loaded. */
export function createInference(options: InferenceOptions): Inference {
  let host: Promise<Host> | undefined;
  let ended = false;
  const open = new Set<Closable>();
  const find = () => {
    host ??= findHost(options.engine ?? 'auto', options, options.logger);
    return host;
  };
  return {
    ready: async () => {
      await find();
    },
    load: async (spec) => {
      const found = await find();
      if (ended) throw unloaded(spec.name);
      return loadModel(found, options, spec, open);
    },
    close: async () => {
      ended = true;
      await Promise.all(Array.from(open, (part) => part.close()));
    },
  };
}

type Closable = Pick<LoadedModel, 'close'>;

const unloaded = (name: string) => closed(name, 'the model was unloaded');

/**
 * Loads a model into a pool of workers.
 *
 * @param open everything that has workers, so that `close` ends it
 */
async function loadModel(
  host: Host,
  options: InferenceOptions,
  spec: LoadSpec,
  open: Set<Closable>,
): Promise<LoadedModel> {
  const { description, bytes } = precheck(spec.name, spec.bytes, spec);
  const model = shareBytes(bytes);
  const candidate: Candidate = { ...spec, model, batchHazards: description.batchHazards };
  let queue: BatchQueue | undefined;
  const { deadline, batch, warmup, workers, clock, logger } = options;
  const { engine: engineName } = host;
  const how = { deadlines: deadline, size: batch.size, warmUp: warmup, engine: engineName, clock, logger };
  const pool = new WorkerPool({
    name: spec.name,
    normalizesStrings: normalizesStrings(model),
    shortestDeadline: Math.min(deadline.create, deadline.run),
    host,
    clock,
    logger,
    budget: new RestartBudget(options.restarts),
    onReady: () => queue?.dispatch(),
    onFailed: (error) => {
      logger.error('model failed', { model: spec.name, code: error.code, reason: error.message });
      queue?.refuse(error);
    },
  });
  const loading = { close: () => pool.end(unloaded(spec.name)) };
  open.add(loading);
  const prepared = await staff(pool, candidate, how, workers)
    .catch((error: unknown) => {
      throw explained(error, description);
    })
    .finally(() => open.delete(loading));
  if (pool.ended) throw unloaded(spec.name);
  queue = new BatchQueue({
    ...spec,
    binding: prepared.binding,
    pool,
    clock,
    wait: batch.wait,
    workers,
    deadline: deadline.run,
  });
  const engine = `${host.engine} ${prepared.version}`;
  const loaded = describeLoaded(spec.name, engine, prepared, pool, queue, () => open.delete(loaded));
  open.add(loaded);
  return loaded;
}

/** Prepares a model in the pool's first worker and starts the others; where that fails, none is left. */
async function staff(pool: WorkerPool, candidate: Candidate, how: Preparation, workers: number): Promise<Prepared> {
  const first = pool.spawn();
  try {
    const prepared = await prepare(first, candidate, how);
    await pool.start(first, (worker) => load(worker, candidate.model, prepared, how), workers);
    return prepared;
  } catch (error) {
    await pool.end(workerCrashed(candidate.name, 'loading was given up'));
    throw error;
  }
}

function describeLoaded(
  name: string,
  engine: string,
  { info, binding, given, maxError }: Prepared,
  pool: WorkerPool,
  queue: BatchQueue,
  onClose: () => void,
): LoadedModel {
  let end: ModelStats['state'] | undefined;
  const state = (): ModelStats['state'] => end ?? (pool.failed ? 'failed' : pool.size === 0 ? 'restarting' : 'ready');
  return {
    info,
    given,
    fed: (tensor, value) => {
      const input = binding.inputs.find((known) => known.tensor === tensor);
      return input ? fedNumber(input, value) : value;
    },
    batchable: binding.together,
    engine,
    goldenError: maxError,
    submit: (vector, ticket) => queue.submit(vector, ticket),
    credit: () => queue.credit(),
    drain: () => queue.drain(),
    stats: () => ({
      state: state(),
      threads: pool.size,
      restarts: pool.restarts,
      pending: queue.pending,
      ...queue.counts,
    }),
    close: async () => {
      end = 'closed';
      onClose();
      const error = unloaded(name);
      queue.refuse(error);
      await pool.end(error);
    },
  };
}
