import { readdirSync, readFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import { afterEach, describe, expect, test } from 'vitest';
import type { Inference, InferenceOptions, LoadSpec } from '../../src/scoring/inference/index.ts';
import { Answers, engines, fixture, memoryLogger, startInference, vectors } from './support.ts';

let inference: Inference | undefined;
afterEach(() => inference?.close());

/** Short, but far above what these runs take even on a busy machine. */
const RUN_DEADLINE = 1500;

function start(overrides: Partial<InferenceOptions>) {
  const logger = memoryLogger();
  const started = startInference({
    deadline: { create: 30_000, run: RUN_DEADLINE },
    restarts: { max: 3, within: 600_000, backoff: 0 },
    batch: { size: 4, wait: 0 },
    logger,
    ...overrides,
  });
  inference = started.inference;
  return { ...started, logger };
}

const spec = (name: string, answers: Answers, width = 4): LoadSpec => ({
  name,
  bytes: fixture(name),
  inputs: [{ tensor: 'x', shape: [width] }],
  outputs: ['y'],
  onResult: answers.onResult,
  onFailure: answers.onFailure,
});

const good = Float64Array.of(1, 2, 3, 4);
/** Makes `endless_above_1000` loop for ever, and `allocates_what_x_says` ask for half a gigabyte. */
const bad = Float64Array.of(1.2e8, 0, 0, 0);

/** How many threads of this process, or processes that it started, run at a lower priority than it does itself. */
function lowPriorityTasks(engine: string): number {
  const tasks = `/proc/${process.pid}/task`;
  const children = () => readFileSync(`${tasks}/${process.pid}/children`, 'utf8').trim().split(' ');
  const stats =
    engine === 'wasm'
      ? readdirSync(tasks).map((id) => `${tasks}/${id}/stat`)
      : children().map((id) => `/proc/${id}/stat`);
  // The 17th field behind the name, which may hold anything: proc(5).
  const niceOf = (stat: string) => Number(readFileSync(stat, 'utf8').split(') ').at(-1)?.split(' ')[16]);
  return stats.filter((stat) => niceOf(stat) > getPriority()).length;
}

describe.each(engines)('on %s', (engine) => {
  describe('a run that never ends', () => {
    test('is ended at its deadline, and the model answers again', async () => {
      const answers = new Answers();
      const { inference, logger } = start({ engine });
      const model = await inference.load(spec('endless_above_1000', answers));
      model.submit(bad, 0);
      await answers.settled(1);
      model.submit(good, 1);
      await answers.settled(2);
      expect(answers.failures.get(0)?.code).toBe('inference.run-deadline');
      expect(answers.results.get(1)).toEqual([[1, 2, 3, 4]]);
      expect(model.stats()).toMatchObject({ state: 'ready', restarts: 1 });
      expect(logger.entries).toEqual([expect.objectContaining({ level: 'warn', code: 'inference.run-deadline' })]);
    });

    test('does not disturb another model, which goes on meanwhile', async () => {
      const [hanging, neighbour] = [new Answers(), new Answers()];
      const { inference } = start({ engine });
      const model = await inference.load(spec('endless_above_1000', hanging));
      const other = await inference.load(spec('mlp', neighbour, 8));
      model.submit(bad, 0);
      let ended = false;
      const end = hanging.settled(1).then(() => {
        ended = true;
      });
      for (let ticket = 0; !ended; ticket += 1) {
        other.submit(new Float64Array(8), ticket);
        await neighbour.settled(ticket + 1);
      }
      await end;
      expect(neighbour.results.size).toBeGreaterThan(10);
      expect(other.stats()).toMatchObject({ failures: 0, restarts: 0 });
    });

    test('turns the model off when the restarts are used up, and every ticket has an answer', async () => {
      const answers = new Answers();
      const { inference, logger } = start({
        engine,
        restarts: { max: 1, within: 600_000, backoff: 0 },
        batch: { size: 1, wait: 0 },
      });
      const model = await inference.load(spec('endless_above_1000', answers));
      for (let ticket = 0; ticket < 20; ticket += 1) model.submit(bad, ticket);
      await answers.settled(20);
      model.submit(good, 20);
      await answers.settled(21);
      expect(answers.codes()).toEqual({ 'inference.run-deadline': 4, 'inference.model-failed': 17 });
      expect(answers.failures.get(20)?.message).toContain('no answer within 1500 ms');
      expect(answers.twice).toEqual([]);
      expect(model.stats()).toMatchObject({ state: 'failed', threads: 0, restarts: 1, pending: 0 });
      expect(logger.entries.at(-1)).toMatchObject({ level: 'error', code: 'inference.model-failed' });
    });
  });

  describe('memory', () => {
    test('beyond the cap is refused to the model, which goes on with the next input', async () => {
      const answers = new Answers();
      const { inference } = start({ engine, memoryMiB: 64 });
      const model = await inference.load(spec('allocates_what_x_says', answers));
      for (const [ticket, row] of [good, bad, good].entries()) model.submit(row, ticket);
      await answers.settled(3);
      expect(answers.failures.get(1)?.code).toBe('inference.out-of-memory');
      expect([...answers.results.keys()]).toEqual([0, 2]);
      expect(model.stats().restarts).toBe(0);
    });

    test.runIf(engine === 'wasm')('of the gateway stays under the cap', async () => {
      const answers = new Answers();
      const { inference } = start({ engine, memoryMiB: 64 });
      const model = await inference.load(spec('allocates_what_x_says', answers));
      const before = process.memoryUsage().rss;
      for (let ticket = 0; ticket < 50; ticket += 1) model.submit(bad, ticket);
      await answers.settled(50);
      expect(answers.codes()).toEqual({ 'inference.out-of-memory': 50 });
      expect(process.memoryUsage().rss - before).toBeLessThan(64 * 2 ** 20);
    });
  });

  describe('threads that are killed', () => {
    test('at any moment: every ticket has exactly one answer, and every result is right', async () => {
      const answers = new Answers();
      const rows = vectors(1000, 8);
      const { inference, workers } = start({
        engine,
        workers: 2,
        restarts: { max: 1000, within: 600_000, backoff: 0 },
      });
      const model = await inference.load(spec('mlp', answers, 8));
      for (const [ticket, row] of rows.entries()) {
        model.submit(row, ticket);
        if (ticket % 151 === 150) void workers[ticket % 2]?.terminate();
        await model.credit();
      }
      await answers.settled(rows.length);
      expect(answers.twice).toEqual([]);
      expect(answers.count).toBe(rows.length);
      expect(Object.keys(answers.codes())).toEqual(['inference.worker-crashed']);
      expect(model.stats().restarts).toBeGreaterThan(1);

      const calm = new Answers();
      const quiet = await inference.load(spec('mlp', calm, 8));
      for (const [ticket, row] of rows.entries()) quiet.submit(row, ticket);
      await calm.settled(rows.length);
      for (const [ticket, outputs] of answers.results) expect(outputs).toEqual(calm.results.get(ticket));
    });

    test.runIf(process.platform === 'linux')('more than once give way to all others from then on', async () => {
      const answers = new Answers();
      const { inference, workers } = start({ engine });
      const model = await inference.load(spec('mlp', answers, 8));
      const before = lowPriorityTasks(engine);
      const lowered: number[] = [];
      for (let death = 0; death < 2; death += 1) {
        await workers[0]?.terminate();
        model.submit(new Float64Array(8), death);
        await answers.settled(death + 1);
        lowered.push(lowPriorityTasks(engine) - before);
      }
      expect(lowered).toEqual([0, 1]);
    });

    test('more than once come back later and later', async () => {
      const { inference, workers, logger } = start({
        engine,
        restarts: { max: 3, within: 600_000, backoff: 30 },
      });
      const answers = new Answers();
      const model = await inference.load(spec('mlp', answers, 8));
      for (let death = 0; death < 3; death += 1) {
        await workers[0]?.terminate();
        model.submit(new Float64Array(8), death);
        await answers.settled(death + 1);
      }
      const waits = logger.entries.flatMap(({ waitMs }) => (waitMs === undefined ? [] : [waitMs]));
      expect(waits).toEqual([0, 30, 60]);
      expect(answers.results.size).toBe(3);
    });

    test('while nothing is asked of them are replaced all the same', async () => {
      const answers = new Answers();
      const { inference, workers } = start({ engine });
      const model = await inference.load(spec('mlp', answers, 8));
      await workers[0]?.terminate();
      expect(model.stats().state).toBe('restarting');
      model.submit(new Float64Array(8), 0);
      await answers.settled(1);
      expect(answers.results.size).toBe(1);
      expect(model.stats()).toMatchObject({ state: 'ready', restarts: 1 });
    });

    test('do not come back to a model that was closed', async () => {
      const { inference, workers } = start({ engine });
      const model = await inference.load(spec('mlp', new Answers(), 8));
      await workers[0]?.terminate();
      await model.close();
      expect(workers).toEqual([]);
      expect(model.stats().state).toBe('closed');
    });
  });
});
