import { EventEmitter } from 'node:events';
import type { Worker } from 'node:worker_threads';
import { describe, expect, test, vi } from 'vitest';
import type { EdgewrightError } from '../../src/common/core/index.ts';
import { closed, runFailed } from '../../src/scoring/inference/engine/errors.ts';
import { type Request, toWire } from '../../src/scoring/inference/worker/messages.ts';
import { type Job, Thread } from '../../src/scoring/inference/worker/model-worker.ts';
import { Watchdog } from '../../src/scoring/inference/worker/watchdog.ts';

/** A worker that answers when the test says so. */
class FakeWorker extends EventEmitter {
  readonly requests: Request[] = [];
  terminated = 0;

  postMessage(request: Request): void {
    this.requests.push(request);
  }

  async terminate(): Promise<number> {
    this.terminated += 1;
    return 0;
  }

  answer(content: object = { bound: true }): void {
    this.emit('message', { id: this.requests.shift()?.id, ...content });
  }
}

function start(shortestDeadline = 800) {
  const worker = new FakeWorker();
  const deaths: EdgewrightError[] = [];
  const heartbeat = new SharedArrayBuffer(4);
  const onDeath = (error: EdgewrightError) => deaths.push(error);
  const thread = new Thread({ name: 'm', worker: worker as never as Worker, heartbeat, shortestDeadline, onDeath });
  const settled: string[] = [];
  const job = (name: string): Job => ({
    work: { kind: 'infer', inputs: new Map(), fetches: [] },
    deadline: shortestDeadline,
    done: () => settled.push(`${name} done`),
    failed: (error) => settled.push(`${name} ${error.code}`),
  });
  return { worker, thread, deaths, settled, job, beat: () => Atomics.add(new Int32Array(heartbeat), 0, 1) };
}

describe('a thread', () => {
  test('answers its work in order', () => {
    const { thread, worker, settled, job } = start();
    for (const name of ['a', 'b']) thread.post(job(name));
    expect(thread.load).toBe(2);
    worker.answer();
    worker.answer({ error: toWire(runFailed('model', 'no')) });
    expect(settled).toEqual(['a done', 'b inference.run-failed']);
    expect(thread.load).toBe(0);
  });

  test('puts its own name before an error of the engine', async () => {
    const { thread, worker } = start();
    const answer = thread.request({ kind: 'infer', inputs: new Map(), fetches: [] }, 1000);
    worker.answer({ error: toWire(runFailed('model', 'no such index')) });
    await expect(answer).rejects.toThrow('m: no such index');
  });

  test('dies of an error without a code, and ends its worker', () => {
    const { thread, worker, settled, deaths, job } = start();
    for (const name of ['a', 'b']) thread.post(job(name));
    worker.answer({ error: toWire(new Error('RuntimeError: unreachable')) });
    expect(settled).toEqual(['a inference.worker-crashed', 'b inference.worker-crashed']);
    expect(deaths.map(({ message }) => message)).toEqual(['m: RuntimeError: unreachable']);
    expect(worker.terminated).toBe(1);
  });

  test('dies once, however often it is told so, and takes no answer after', () => {
    const { thread, worker, settled, deaths, job } = start();
    thread.post(job('a'));
    worker.emit('error', new Error('out of memory'));
    worker.emit('exit', 1);
    worker.answer();
    expect(settled).toEqual(['a inference.worker-crashed']);
    expect(deaths).toHaveLength(1);
  });

  test('that is closed fails what it has not answered, without a death', async () => {
    const { thread, worker, settled, deaths, job } = start();
    thread.post(job('a'));
    await thread.close(closed('m', 'over'));
    worker.emit('exit', 1);
    expect(settled).toEqual(['a inference.closed']);
    expect(deaths).toEqual([]);
  });

  test('that is dead fails new work, but not before post returns', async () => {
    const { thread, settled, job } = start();
    await thread.close(closed('m', 'over'));
    thread.post(job('a'));
    expect(settled).toEqual([]);
    await Promise.resolve();
    expect(settled).toEqual(['a inference.worker-crashed']);
  });
});

describe('a deadline', () => {
  test('ends a thread whose work stands still', () => {
    vi.useFakeTimers();
    const { thread, settled, deaths, job } = start(800);
    thread.post(job('a'));
    vi.advanceTimersByTime(799);
    expect(deaths).toEqual([]);
    vi.advanceTimersByTime(300);
    expect(settled).toEqual(['a inference.run-deadline']);
    vi.useRealTimers();
  });

  test('counts for each run of a long batch, not for the batch', () => {
    vi.useFakeTimers();
    const { thread, deaths, job, beat } = start(800);
    thread.post(job('a'));
    for (let run = 0; run < 10; run += 1) {
      vi.advanceTimersByTime(500);
      beat();
    }
    expect(deaths).toEqual([]);
    vi.advanceTimersByTime(1100);
    expect(deaths).toHaveLength(1);
    vi.useRealTimers();
  });

  test('starts when work reaches the head', () => {
    vi.useFakeTimers();
    const { thread, worker, deaths, job } = start(800);
    for (const name of ['a', 'b']) thread.post(job(name));
    vi.advanceTimersByTime(700);
    worker.answer();
    vi.advanceTimersByTime(700);
    worker.answer();
    expect(deaths).toEqual([]);
    vi.useRealTimers();
  });

  test('of loading has its own code', () => {
    vi.useFakeTimers();
    const { thread, deaths, job } = start(800);
    thread.post({ ...job('a'), work: { kind: 'create', model: new Uint8Array() } });
    vi.advanceTimersByTime(1100);
    expect(deaths[0]?.code).toBe('inference.create-deadline');
    vi.useRealTimers();
  });

  test('is not used up while no time passes for this process', () => {
    const watchdog = new Watchdog(100);
    // However long the process stood still between two ticks, they count as one interval.
    const ticks = Array.from({ length: 10 }, () => watchdog.tick(1, 800));
    expect(ticks.indexOf(true)).toBe(8);
    expect(watchdog.tick(undefined, 800)).toBe(false);
    expect(watchdog.tick(2, 800)).toBe(false);
  });
});
