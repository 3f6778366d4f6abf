import { EventEmitter } from 'node:events';
import { describe, expect, test, vi } from 'vitest';
import type { EdgewrightError } from '../../src/common/core/index.ts';
import { closed, runFailed } from '../../src/scoring/inference/engine/errors.ts';
import { type Request, toWire } from '../../src/scoring/inference/worker/messages.ts';
import { type Job, ModelWorker, Watchdog } from '../../src/scoring/inference/worker/model-worker.ts';

/** A transport that answers when the test says so. */
class FakeTransport extends EventEmitter {
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
  const transport = new FakeTransport();
  const deaths: EdgewrightError[] = [];
  const heartbeat = new SharedArrayBuffer(4);
  const onDeath = (error: EdgewrightError) => deaths.push(error);
  const worker = new ModelWorker({ name: 'm', transport, heartbeat, shortestDeadline, onDeath });
  const settled: string[] = [];
  const job = (name: string): Job => ({
    work: { kind: 'infer', inputs: new Map(), fetches: [] },
    deadline: shortestDeadline,
    done: () => settled.push(`${name} done`),
    failed: (error) => settled.push(`${name} ${error.code}`),
  });
  return { transport, worker, deaths, settled, job, beat: () => Atomics.add(new Int32Array(heartbeat), 0, 1) };
}

describe('a worker', () => {
  test('answers its work in order', () => {
    const { worker, transport, settled, job } = start();
    for (const name of ['a', 'b']) worker.post(job(name));
    expect(worker.load).toBe(2);
    transport.answer();
    transport.answer({ error: toWire(runFailed('model', 'no')) });
    expect(settled).toEqual(['a done', 'b inference.run-failed']);
    expect(worker.load).toBe(0);
  });

  test('puts its own name before an error of the engine', async () => {
    const { worker, transport } = start();
    const answer = worker.request({ kind: 'infer', inputs: new Map(), fetches: [] }, 1000);
    transport.answer({ error: toWire(runFailed('model', 'no such index')) });
    await expect(answer).rejects.toThrow('m: no such index');
  });

  test('dies of an error without a code, and ends its transport', () => {
    const { worker, transport, settled, deaths, job } = start();
    for (const name of ['a', 'b']) worker.post(job(name));
    transport.answer({ error: toWire(new Error('RuntimeError: unreachable')) });
    expect(settled).toEqual(['a inference.worker-crashed', 'b inference.worker-crashed']);
    expect(deaths.map(({ message }) => message)).toEqual(['m: RuntimeError: unreachable']);
    expect(transport.terminated).toBe(1);
  });

  test('dies once, however often it is told so, and takes no answer after', () => {
    const { worker, transport, settled, deaths, job } = start();
    worker.post(job('a'));
    transport.emit('error', new Error('out of memory'));
    transport.emit('exit', 1);
    transport.answer();
    expect(settled).toEqual(['a inference.worker-crashed']);
    expect(deaths).toHaveLength(1);
  });

  test('that is closed fails what it has not answered, without a death', async () => {
    const { worker, transport, settled, deaths, job } = start();
    worker.post(job('a'));
    await worker.close(closed('m', 'over'));
    transport.emit('exit', 1);
    expect(settled).toEqual(['a inference.closed']);
    expect(deaths).toEqual([]);
  });

  test('that is dead fails new work, but not before post returns', async () => {
    const { worker, settled, job } = start();
    await worker.close(closed('m', 'over'));
    worker.post(job('a'));
    expect(settled).toEqual([]);
    await Promise.resolve();
    expect(settled).toEqual(['a inference.worker-crashed']);
  });
});

describe('a deadline', () => {
  test('ends a worker whose work stands still', () => {
    vi.useFakeTimers();
    const { worker, settled, deaths, job } = start(800);
    worker.post(job('a'));
    vi.advanceTimersByTime(799);
    expect(deaths).toEqual([]);
    vi.advanceTimersByTime(300);
    expect(settled).toEqual(['a inference.run-deadline']);
    vi.useRealTimers();
  });

  test('counts for each run of a long batch, not for the batch', () => {
    vi.useFakeTimers();
    const { worker, deaths, job, beat } = start(800);
    worker.post(job('a'));
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
    const { worker, transport, deaths, job } = start(800);
    for (const name of ['a', 'b']) worker.post(job(name));
    vi.advanceTimersByTime(700);
    transport.answer();
    vi.advanceTimersByTime(700);
    transport.answer();
    expect(deaths).toEqual([]);
    vi.useRealTimers();
  });

  test('of loading has its own code', () => {
    vi.useFakeTimers();
    const { worker, deaths, job } = start(800);
    worker.post({ ...job('a'), work: { kind: 'create', model: new Uint8Array() } });
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
