import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Clock, Logger } from '../../src/common/core/index.ts';
import {
  createInference,
  type Inference,
  inferenceOptions,
  inferenceSchema,
} from '../../src/scoring/inference/index.ts';
import type { Bench } from './bench.ts';
import { quantile, show } from './statistics.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const MODEL = join(import.meta.dirname, 'model/model.onnx');
const SHAPE = [30, 14];
const WIDTH = 420;
/** Loops for ever at numbers beyond 1000. */
const DYING = join(ROOT, 'test/inference/fixtures/endless_above_1000.onnx');
const BAD = Float64Array.of(1.2e8, 0, 0, 0);
/** ms after which a run counts as hung, and its thread or process is replaced. */
const DEADLINE = 500;
const PER_SECOND = 500;
const SECONDS = 15;

const clock: Clock = { now: () => Date.now(), monotonic: () => performance.now(), trusted: () => true };
const silent: Logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** What a model that hangs and is replaced, at first often, does to the answers of the one beside it. */
export async function neighbour({ program, engine }: Bench): Promise<void> {
  const dist = join(dirname(program), 'dist');
  // The artifact brings no native engine: its processes find the clone's.
  process.env['NODE_PATH'] = join(ROOT, 'node_modules');
  const file = (name: string) => pathToFileURL(join(dist, name));
  const inference = createInference({
    ...inferenceOptions(inferenceSchema.parse({})),
    workerUrl: file('inference-worker.js'),
    processUrl: file('inference-process.js'),
    wasmDir: dist,
    engine,
    deadline: { create: 30_000, run: DEADLINE },
    restarts: { max: 100_000, within: 3_600_000, backoff: 2000 },
    logger: silent,
    clock,
  });
  const measure = await startNeighbour(inference);
  // Code that is new is slow.
  await measure();
  const alone = { ...figures(await measure()), deaths: 0 };
  const deaths = await startDying(inference);
  const beside = { ...figures(await measure()), deaths: deaths() };
  const after = { ...figures(await measure()), deaths: deaths() };
  await inference.close();
  show(`neighbour on ${engine}`, { alone, 'beside a dying model': beside, 'and after that': after });
}

interface Answered {
  readonly latencies: readonly number[];
  /** Answers that never came: their run took longer than the deadline, on a machine that has too much to do. */
  readonly failed: number;
}

const figures = ({ latencies, failed }: Answered) => ({
  p50Ms: quantile(latencies, 0.5),
  p99Ms: quantile(latencies, 0.99),
  mostMs: quantile(latencies, 1),
  failed,
});

/** Returns what measures some seconds of answers at an even rate. */
async function startNeighbour(inference: Inference): Promise<() => Promise<Answered>> {
  const sent: number[] = [];
  let latencies: number[] = [];
  let failed = 0;
  const model = await inference.load({
    name: 'neighbour',
    bytes: readFileSync(MODEL),
    inputs: [{ tensor: 'x', shape: SHAPE }],
    outputs: ['y'],
    onResult: (tickets) => {
      const now = performance.now();
      for (const ticket of tickets) latencies.push(now - (sent[ticket] ?? now));
    },
    onFailure: (tickets) => {
      failed += tickets.length;
    },
  });
  const row = new Float64Array(WIDTH).fill(0.5);
  return async () => {
    latencies = [];
    failed = 0;
    const began = performance.now();
    for (let done = 0; done < PER_SECOND * SECONDS; ) {
      const due = Math.min(PER_SECOND * SECONDS, ((performance.now() - began) / 1000) * PER_SECOND);
      for (; done < due; done += 1) {
        sent.push(performance.now());
        model.submit(row, sent.length - 1);
      }
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    await model.drain();
    return { latencies, failed };
  };
}

/** Gives a second model nothing but what it hangs at; returns how often that cost it its thread so far. */
async function startDying(inference: Inference): Promise<() => number> {
  const submit = () => model.submit(BAD, 0);
  const model = await inference.load({
    name: 'dying',
    bytes: readFileSync(DYING),
    inputs: [{ tensor: 'x', shape: [4] }],
    outputs: ['y'],
    onResult: () => {},
    onFailure: (_, { code }) => {
      if (code !== 'inference.closed') submit();
    },
  });
  submit();
  return () => model.stats().restarts;
}
