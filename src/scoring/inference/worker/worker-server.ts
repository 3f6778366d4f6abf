import type { Engine, Session } from '../engine/engine.ts';
import { runFailed } from '../engine/errors.ts';
import { Mutex } from '../engine/mutex.ts';
import { BatchRunner } from './batch-runner.ts';
import { type Answer, type Measured, type Request, toWire } from './messages.ts';

/** Answers requests inside a thread or process: with one engine and one model, one step of work at a time. */
export class WorkerServer {
  readonly #engine: Promise<Engine>;
  readonly #memory: () => number;
  readonly #mutex = new Mutex();
  #session: Session | undefined;
  #runner: BatchRunner | undefined;

  /** @param memory counts the bytes that the engine has */
  constructor(engine: Promise<Engine>, memory: () => number) {
    this.#engine = engine;
    this.#memory = memory;
  }

  /** Answers a request. Never fails: an error is an answer. */
  serve(request: Request): Promise<Answer> {
    return this.#mutex.run(() =>
      this.#answer(request).catch((error): Answer => ({ id: request.id, error: toWire(error) })),
    );
  }

  async #answer(request: Request): Promise<Answer> {
    const { id } = request;
    if (request.kind === 'create') {
      const engine = await this.#engine;
      this.#session = await engine.create(request.model);
      return { id, session: this.#session.info, version: engine.version };
    }
    if (this.#session === undefined) throw runFailed('model', 'no model is loaded in this thread');
    if (request.kind === 'infer') return { id, outputs: await this.#session.run(request.inputs, request.fetches) };
    if (request.kind === 'measure') return { id, ...(await this.#measure(this.#session, request)) };
    if (request.kind === 'bind') {
      this.#runner = new BatchRunner(this.#session, request.binding);
      return { id, bound: true };
    }
    if (this.#runner === undefined) throw runFailed('model', 'no batch layout is bound in this thread');
    return { id, ...(await this.#runner.run(request.rows, request.buffer)) };
  }

  async #measure(
    session: Session,
    { inputs, fetches, runs }: Extract<Request, { kind: 'measure' }>,
  ): Promise<Measured> {
    const micros = new Float64Array(runs);
    for (let run = 0; run < runs; run += 1) {
      const start = performance.now();
      await session.run(inputs, fetches);
      micros[run] = (performance.now() - start) * 1000;
    }
    return { micros, memoryBytes: this.#memory() };
  }
}
