import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { startMosquitto } from '../support/mosquitto.ts';
import { startGateway } from './gateway-process.ts';
import { Plant, type PlantRun } from './plant.ts';
import { figuresOf } from './process-figures.ts';

const ASSETS = 100;
const TAGS = 14;
const WINDOW = 30;
/** Rounds of 100 readings: the first fill the windows and warm the engine. */
const WARM_ROUNDS = 130;
const ROUNDS = 400;
const BARE = join(import.meta.dirname, 'bare.mjs');
const MODEL = join(import.meta.dirname, 'model/model.onnx');

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

async function measureBare(): Promise<Bare> {
  const { stdout } = spawnSync(process.execPath, [BARE, MODEL, 'loop', '20000'], { encoding: 'utf8' });
  const done = JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}');
  const starts = [];
  for (let i = 0; i < 5; i += 1) starts.push(await firstLineAfterMs([BARE, MODEL, 'first']));
  return { ...done, startMs: quantile(starts, 0.5) };
}

/** From the start of the process to a reading's answer: recorded data, as nobody publishes faster than a file. */
async function measureStart(url: string): Promise<number> {
  const began = performance.now();
  const gateway = await startGateway(url, { inference: { warmup: '0ms' } });
  const ms = performance.now() - began;
  await gateway.stop();
  return ms;
}

async function measureThroughput(url: string, perMessage: number, bare: Bare): Promise<Throughput> {
  const gateway = await startGateway(url);
  const plant = await Plant.open({
    url,
    assets: ASSETS,
    tags: TAGS,
    perMessage,
    inFlight: perMessage === 1 ? 100 : 20,
  });
  await plant.run(WARM_ROUNDS, (WARM_ROUNDS - WINDOW + 1) * ASSETS);
  const before = figuresOf(gateway.pid);
  const sentBefore = (await gateway.status()).link.sent?.bytes ?? 0;
  const run = await plant.run(ROUNDS, ROUNDS * ASSETS);
  const after = figuresOf(gateway.pid);
  const sent = ((await gateway.status()).link.sent?.bytes ?? 0) - sentBefore;
  await plant.close();
  await gateway.stop();
  const cpu = (after.cpuUs - before.cpuUs) / run.predictions;
  return {
    perSecond: run.predictions / run.seconds,
    cpuUsPerPrediction: cpu,
    overheadUs: cpu - (perMessage === 1 ? bare.batch1 : bare.batch32),
    rssMiB: after.rssBytes / 2 ** 20,
    writtenBytes: (after.writtenBytes - before.writtenBytes) / run.predictions,
    sentBytes: sent / run.predictions,
  };
}

async function measureLatency(
  url: string,
  perMessage: number,
  perSecond: number,
  changes: Record<string, unknown>,
): Promise<PlantRun> {
  const gateway = await startGateway(url, changes);
  const plant = await Plant.open({ url, assets: ASSETS, tags: TAGS, perMessage, inFlight: 1000 });
  await plant.run(WARM_ROUNDS, (WARM_ROUNDS - WINDOW + 1) * ASSETS);
  const rounds = Math.max(20, Math.round((perSecond * 5) / ASSETS));
  const run = await plant.run(rounds, rounds * ASSETS, perSecond);
  await plant.close();
  await gateway.stop();
  return run;
}

function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
}

const broker = await startMosquitto();
try {
  process.stderr.write('bare engine...\n');
  const bare = await measureBare();
  const rows: Record<string, Record<string, number>> = {};
  for (const perMessage of [50, 1]) {
    process.stderr.write(`gateway, ${perMessage} reading(s) a message...\n`);
    const throughput = await measureThroughput(broker.url, perMessage, bare);
    const half = throughput.perSecond / 2;
    const stored = await measureLatency(broker.url, perMessage, half, {});
    const prompt = await measureLatency(broker.url, perMessage, half, {
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
  for (let i = 0; i < 5; i += 1) starts.push(await measureStart(broker.url));
  const startMs = quantile(starts, 0.5);
  const rss = rows['50 a message']?.['rssMiB'] ?? Number.NaN;
  const ratios = { rss: (rss * 2 ** 20) / bare.rssBytes, start: startMs / bare.startMs };
  const result = { bare, gateway: rows, startMs, ratios };
  console.table({
    bare: { batch1Us: bare.batch1, batch32Us: bare.batch32, rssMiB: bare.rssBytes / 2 ** 20, startMs: bare.startMs },
  });
  console.table(rows);
  console.table({ ratios: { ...ratios, startMs } });
  process.stdout.write(`${JSON.stringify(result)}\n`);
} finally {
  await broker.stop();
}
