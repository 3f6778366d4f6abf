import type { EdgewrightError } from '../../../common/core/index.ts';
import { createDeadline, runDeadline, workerCrashed } from '../engine/errors.ts';
import { type Answer, fromWire, type Request, type Work } from './messages.ts';
import type { WorkerTransport } from './worker-transport.ts';

/** Step of work on its way through a worker; exactly one of `done` and `failed` is called, once. */
export interface Job {
  readonly work: Work;
  readonly transfer?: readonly ArrayBuffer[];
  /** Milliseconds that the step may take once it is at the head. */
  readonly deadline: number;
  readonly done: (answer: Answer) => void;
  readonly failed: (error: EdgewrightError) => void;
}

/** Parts and settings of a worker. */
export interface ModelWorkerOptions {
  /** Subject of the worker's errors. */
  readonly name: string;
  readonly transport: WorkerTransport;
  /** Int32 that grows with each run. */
  readonly heartbeat: SharedArrayBuffer;
  /** Shortest deadline of any step, in ms: it sets how often deadlines are looked at. */
  readonly shortestDeadline: number;
  /** Called once, when the worker dies; never for one that was closed first. */
  readonly onDeath: (error: EdgewrightError) => void;
}

/** Ticks in the shortest deadline, which set how finely overruns are noticed. */
const TICKS_PER_DEADLINE = 8;

/**
 * One worker (a thread or a process with one engine) as the main thread sees it: it does steps of work in order, each
 * with a deadline, and dies once, whether it crashed, overran or was ended. Its death fails every step without an
 * answer.
 */
export class ModelWorker {
  readonly #name: string;
  readonly #transport: WorkerTransport;
  readonly #onDeath: (error: EdgewrightError) => void;
  readonly #beats: Int32Array;
  readonly #interval: number;
  readonly #watchdog: Watchdog;
  readonly #jobs: (Job & { readonly id: number })[] = [];
  #nextId = 1;
  #timer: NodeJS.Timeout | undefined;
  #dead = false;

  constructor({ name, transport, heartbeat, shortestDeadline, onDeath }: ModelWorkerOptions) {
    this.#name = name;
    this.#transport = transport;
    this.#onDeath = onDeath;
    this.#beats = new Int32Array(heartbeat);
    this.#interval = Math.min(500, Math.max(5, shortestDeadline / TICKS_PER_DEADLINE));
    this.#watchdog = new Watchdog(this.#interval);
    transport.on('message', (answer: Answer) => this.#onAnswer(answer));
    transport.on('error', (error) => this.#die(workerCrashed(name, error.message, { cause: error })));
    transport.on('messageerror', (error) => this.#die(workerCrashed(name, error.message, { cause: error })));
    transport.on('exit', (code) => this.#die(workerCrashed(name, `the thread ended with status ${code}`)));
  }

  /** Number of steps without an answer. */
  get load(): number {
    return this.#jobs.length;
  }

  get dead(): boolean {
    return this.#dead;
  }

  /** Sends a step. Never throws: a dead worker fails the step, after this call has returned. */
  post(job: Job): void {
    if (this.#dead) {
      queueMicrotask(() => job.failed(workerCrashed(this.#name, 'the thread has ended')));
      return;
    }
    const id = this.#nextId;
    this.#nextId += 1;
    this.#jobs.push({ ...job, id });
    const request: Request = { ...job.work, id };
    this.#transport.postMessage(request, job.transfer ?? []);
    this.#timer ??= setInterval(() => this.#tick(), this.#interval);
  }

  /** Sends a step and resolves with its answer. */
  request(work: Work, deadline: number): Promise<Answer> {
    return new Promise((done, failed) => this.post({ work, deadline, done, failed }));
  }

  /** Ends the worker at once, whatever it does; steps without an answer fail with `error`. */
  async close(error: EdgewrightError): Promise<void> {
    this.#end(error);
    await this.#transport.terminate();
  }

  #onAnswer(answer: Answer): void {
    const [job] = this.#jobs;
    if (this.#dead || job === undefined) return;
    if (!('error' in answer) || 'buffer' in answer) {
      this.#jobs.shift();
      job.done(answer);
      return;
    }
    const error = answer.error === undefined ? undefined : fromWire(this.#name, answer.error);
    if (error === undefined) this.#die(workerCrashed(this.#name, answer.error?.reason ?? 'the engine broke'));
    else {
      this.#jobs.shift();
      job.failed(error);
    }
  }

  #tick(): void {
    const [job] = this.#jobs;
    if (job === undefined) {
      clearInterval(this.#timer);
      this.#timer = undefined;
    }
    // Step and beats only grow, so their sum stands still exactly as long as one run of one step lasts.
    const step = job === undefined ? undefined : job.id + Atomics.load(this.#beats, 0);
    if (!this.#watchdog.tick(step, job?.deadline ?? 0) || job === undefined) return;
    const overrun = job.work.kind === 'create' ? createDeadline : runDeadline;
    this.#die(overrun(this.#name, `no answer within ${Math.round(job.deadline)} ms`));
  }

  #die(error: EdgewrightError): void {
    if (this.#dead) return;
    this.#end(error);
    void this.#transport.terminate();
    this.#onDeath(error);
  }

  #end(error: EdgewrightError): void {
    if (this.#dead) return;
    this.#dead = true;
    clearInterval(this.#timer);
    for (const job of this.#jobs.splice(0)) job.failed(error);
  }
}

/**
 * Tells when one step took too long. It counts its own ticks instead of reading a clock: while the main thread or the
 * whole process stands still no ticks pass, so a worker is never ended for that.
 */
export class Watchdog {
  readonly #interval: number;
  #job: number | undefined;
  #ticks = 0;

  /** @param interval milliseconds between ticks */
  constructor(interval: number) {
    this.#interval = interval;
  }

  /** Counts a tick. True when `job` (undefined where there is nothing to do) has been there for its deadline, in ms. */
  tick(job: number | undefined, deadline: number): boolean {
    if (job !== this.#job) {
      this.#job = job;
      this.#ticks = 0;
    }
    if (job === undefined) return false;
    this.#ticks += 1;
    // The first tick may come right after the step began, so one more is needed than the deadline holds.
    return (this.#ticks - 1) * this.#interval >= deadline;
  }
}
