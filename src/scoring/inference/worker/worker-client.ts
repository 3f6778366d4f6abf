import type { EdgewrightError } from '../../../common/core/index.ts';
import type { SessionInfo } from '../engine/engine.ts';
import { workerCrashed } from '../engine/errors.ts';
import type { EngineTensor } from '../engine/tensors.ts';
import type { BatchAnswer, Binding, Measured } from './messages.ts';
import type { ModelWorker } from './model-worker.ts';

/** Longest times, in ms, to load a model (`create`) and for one run. */
export interface Deadlines {
  readonly create: number;
  readonly run: number;
}

/** Model that was loaded, and the version of the engine that has it. */
export interface Created {
  readonly session: SessionInfo;
  readonly version: string;
}

/** Runs a model once: takes its inputs by name and the names of the outputs to answer with, in that order. */
export type Infer = (inputs: ReadonlyMap<string, EngineTensor>, fetches: readonly string[]) => Promise<EngineTensor[]>;

/**
 * Asks a worker, one method a kind of work, each with its answer's type. Every method fails with the worker's error;
 * an answer that does not fit its question means that the worker is broken, `inference.worker-crashed`.
 */
export class WorkerClient {
  readonly #worker: ModelWorker;
  readonly #deadlines: Deadlines;

  constructor(worker: ModelWorker, deadlines: Deadlines) {
    this.#worker = worker;
    this.#deadlines = deadlines;
  }

  async create(model: Uint8Array): Promise<Created> {
    const answer = await this.#worker.request({ kind: 'create', model }, this.#deadlines.create);
    if ('session' in answer) return answer;
    throw unexpected('create');
  }

  readonly infer: Infer = async (inputs, fetches) => {
    const answer = await this.#worker.request({ kind: 'infer', inputs, fetches }, this.#deadlines.run);
    if ('outputs' in answer) return [...answer.outputs];
    throw unexpected('infer');
  };

  async measure(
    inputs: ReadonlyMap<string, EngineTensor>,
    fetches: readonly string[],
    runs: number,
  ): Promise<Measured> {
    const answer = await this.#worker.request({ kind: 'measure', inputs, fetches, runs }, this.#deadlines.run);
    if ('micros' in answer) return answer;
    throw unexpected('measure');
  }

  async bind(binding: Binding): Promise<void> {
    await this.#worker.request({ kind: 'bind', binding }, this.#deadlines.create);
  }

  async batch(rows: number, buffer: ArrayBuffer): Promise<BatchAnswer> {
    const answer = await this.#worker.request({ kind: 'batch', rows, buffer }, this.#deadlines.run);
    if ('buffer' in answer) return answer;
    throw unexpected('batch');
  }
}

const unexpected = (kind: string): EdgewrightError => workerCrashed('thread', `an answer that does not fit ${kind}`);
