import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { Bench } from './bench.ts';
import { type GatewayProcess, type Status, startGateway } from './gateway-process.ts';
import { Plant, type PlantRun } from './plant.ts';
import { figuresOfAll } from './process-figures.ts';
import { quantile, rounded } from './statistics.ts';

const ASSETS = 100;
const TAGS = 14;
const WINDOW = 30;
/** Rounds of 100 readings: the first fill the windows and let V8 finish compiling, which costs CPU for some seconds. */
const WARM_ROUNDS = 700;
const ROUNDS = 700;
const BARE = join(import.meta.dirname, 'bare.mjs');
const MODEL = join(import.meta.dirname, 'model/model.onnx');
/** The artifact brings no native engine: it finds the clone's. */
const NODE_PATH = resolve(import.meta.dirname, '../../node_modules');
const PACKAGES = { wasm: 'onnxruntime-web', native: 'onnxruntime-node' } as const;

type Settings = Pick<Bench, 'program' | 'broker' | 'engine' | 'runs'>;

interface Bare {
  readonly batch1: number;
  readonly batch32: number;
  readonly rssBytes: number;
  readonly startMs: number;
}

interface Throughput {
  readonly perSecond: number;
  readonly cpuUsPerPrediction: number;
  readonly overheadUs: number;
  /** Of the engine alone, at the mean size of a batch in this run. */
  readonly engineUs: number;
  readonly meanBatch: number;
  readonly rssMiB: number;
  readonly writtenBytes: number;
  readonly sentBytes: number;
}

async function firstLineAfterMs(args: readonly string[]): Promise<number> {
  const began = performance.now();
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] });
  await once(createInterface({ input: child.stdout }), 'line');
  const ms = performance.now() - began;
  child.kill();
  return ms;
}

async function measureBare(engine: Bench['engine']): Promise<Bare> {
  const bare = [BARE, PACKAGES[engine], MODEL];
  const { stdout } = spawnSync(process.execPath, [...bare, 'loop', '20000'], { encoding: 'utf8' });
  const done = JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}');
  const starts = [];
  for (let i = 0; i < 5; i += 1) starts.push(await firstLineAfterMs([...bare, 'first']));
  return { ...done, startMs: quantile(starts, 0.5) };
}

function start({ program, broker, engine }: Settings, changes: Record<string, unknown> = {}): Promise<GatewayProcess> {
  return startGateway(program, broker.url, { inference: { engine }, ...changes }, { env: { NODE_PATH } });
}

/** From the start of the process to the first prediction at the consumer; the readings lie in a file, so that none is waited for. */
async function measureStart(settings: Settings, folder: string): Promise<number> {
  const plant = await Plant.open({ url: settings.broker.url, assets: 1, tags: TAGS, perMessage: 1, inFlight: 1 });
  const path = join(folder, 'readings.jsonl');
  writeFileSync(path, plant.recording(WINDOW));
  const began = performance.now();
  const starting = start(settings, {
    sources: { plant: { type: 'file', path, speed: 'max' } },
    outbox: { path: 'data', lossWindow: '10ms' },
  });
  await plant.received(1);
  const ms = performance.now() - began;
  await (await starting).stop();
  await plant.close();
  return ms;
}

/** Cost of a row in a batch of this size: a part for the run and a part for the row, from both sizes measured. */
function engineUs({ batch1, batch32 }: Bare, batch: number): number {
  const perRow = (32 * batch32 - batch1) / 31;
  return perRow + (batch1 - perRow) / batch;
}

/** Of several processes the median one: the same program takes a third more or less CPU from one start to the next. */
async function medianThroughput(settings: Settings, perMessage: number, bare: Bare): Promise<Throughput> {
  const runs = [];
  for (let i = 0; i < settings.runs; i += 1) runs.push(await measureThroughput(settings, perMessage, bare));
  runs.sort((a, b) => a.cpuUsPerPrediction - b.cpuUsPerPrediction);
  const median = runs[Math.floor(runs.length / 2)];
  if (median === undefined) throw new Error('--runs says how many');
  return median;
}

async function measureThroughput(settings: Settings, perMessage: number, bare: Bare): Promise<Throughput> {
  const gateway = await start(settings);
  const plant = await Plant.open({
    url: settings.broker.url,
    assets: ASSETS,
    tags: TAGS,
    perMessage,
    inFlight: perMessage === 1 ? 100 : 20,
  });
  await plant.run(WARM_ROUNDS, (WARM_ROUNDS - WINDOW + 1) * ASSETS);
  const before = { ...figuresOfAll(gateway.pid), ...countsOf(await gateway.status()) };
  const run = await plant.run(ROUNDS, ROUNDS * ASSETS);
  const after = { ...figuresOfAll(gateway.pid), ...countsOf(await gateway.status()) };
  await plant.close();
  await gateway.stop();
  const cpu = (after.cpuUs - before.cpuUs) / run.predictions;
  const meanBatch = (after.rows - before.rows) / (after.batches - before.batches);
  const engine = engineUs(bare, meanBatch);
  return {
    perSecond: run.predictions / run.seconds,
    cpuUsPerPrediction: cpu,
    engineUs: engine,
    overheadUs: cpu - engine,
    meanBatch,
    rssMiB: after.rssBytes / 2 ** 20,
    writtenBytes: (after.writtenBytes - before.writtenBytes) / run.predictions,
    sentBytes: (after.sent - before.sent) / run.predictions,
  };
}

function countsOf({ models, link }: Status): { batches: number; rows: number; sent: number } {
  const { batches = 0, rows = 0 } = models[0] ?? {};
  return { batches, rows, sent: link.sent?.bytes ?? 0 };
}

async function measureLatency(
  settings: Settings,
  perMessage: number,
  perSecond: number,
  changes: Record<string, unknown>,
): Promise<PlantRun> {
  const gateway = await start(settings, changes);
  const plant = await Plant.open({ url: settings.broker.url, assets: ASSETS, tags: TAGS, perMessage, inFlight: 1000 });
  await plant.run(WARM_ROUNDS, (WARM_ROUNDS - WINDOW + 1) * ASSETS);
  const rounds = Math.max(20, Math.round((perSecond * 5) / ASSETS));
  const run = await plant.run(rounds, rounds * ASSETS, perSecond);
  await plant.close();
  await gateway.stop();
  return run;
}

/** Throughput, cost and latency beside the bare engine: the first figures of docs/figures.md. */
export async function throughput(bench: Bench): Promise<void> {
  const { broker, engine, folder } = bench;
  process.stderr.write(`bare engine ${engine}...\n`);
  const bare = await measureBare(engine);
  const rows: Record<string, Record<string, number>> = {};
  for (const perMessage of [50, 1]) {
    process.stderr.write(`gateway, ${perMessage} reading(s) a message...\n`);
    const throughput = await medianThroughput(bench, perMessage, bare);
    const half = throughput.perSecond / 2;
    const stored = await measureLatency(bench, perMessage, half, {});
    const prompt = await measureLatency(bench, perMessage, half, {
      uplink: { url: broker.url, linger: '5ms' },
      outbox: { path: 'data', lossWindow: '10ms' },
    });
    rows[`${perMessage} a message`] = {
      ...throughput,
      p50Ms: quantile(stored.latencies, 0.5),
      p99Ms: quantile(stored.latencies, 0.99),
      promptP50Ms: quantile(prompt.latencies, 0.5),
      promptP99Ms: quantile(prompt.latencies, 0.99),
    };
  }
  process.stderr.write('start...\n');
  const starts = [];
  for (let i = 0; i < 5; i += 1) starts.push(await measureStart(bench, folder));
  const startMs = quantile(starts, 0.5);
  const rss = rows['50 a message']?.['rssMiB'] ?? Number.NaN;
  const ratios = { rss: (rss * 2 ** 20) / bare.rssBytes, start: startMs / bare.startMs };
  const result = { engine, bare, gateway: rows, startMs, ratios };
  const { batch1, batch32, rssBytes } = bare;
  console.table(
    rounded({ bare: { batch1Us: batch1, batch32Us: batch32, rssMiB: rssBytes / 2 ** 20, startMs: bare.startMs } }),
  );
  console.table(rounded(rows));
  console.table(rounded({ 'gateway / bare': { ...ratios, startMs } }));
  process.stdout.write(`${JSON.stringify(result)}\n`);
}
