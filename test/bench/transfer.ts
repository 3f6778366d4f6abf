import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { BlobService, indexBundles } from '../../src/center/serving/index.ts';
import { DEFAULT_PREFIX, decodeBatch, topicFilter } from '../../src/common/protocol/index.ts';
import { needsRootAnd } from '../faults/commands.ts';
import { Network } from '../faults/network.ts';
import { eventually, watched } from '../link/support.ts';
import { freePort } from '../support/free-port.ts';
import { startMosquitto } from '../support/mosquitto.ts';
import { noise, silent } from '../support/noise.ts';
import type { Bench } from './bench.ts';
import { quantile, show } from './statistics.ts';
import type { DeviceTask } from './transfer-device.ts';

const KIB = 1024;
const MODEL = 8 * KIB * KIB;
/** Predictions a second, beside the transfer. */
const RATE = 4;
/** Time, in ms, without a transfer and with one. */
const SPAN = 40_000;
const CUTS = 5;

interface Told {
  readonly connected?: boolean;
  readonly bytes?: number;
  readonly outcome?: { readonly state: string };
  readonly came?: number;
}

/** A device in a network of its own, with what it tells. */
class Device {
  readonly told: Told[] = [];
  readonly #process: ChildProcess;

  constructor(network: Network, task: DeviceTask) {
    const [command = '', ...args] = network.prefix;
    const script = join('test', 'bench', 'transfer-device.ts');
    const program = [process.execPath, '--import', 'tsx', script, JSON.stringify(task)];
    this.#process = spawn(command, [...args, ...program], { stdio: ['pipe', 'pipe', 'inherit'] });
    const lines = createInterface({ input: this.#process.stdout as NodeJS.ReadableStream });
    lines.on('line', (line) => this.told.push(JSON.parse(line)));
  }

  fetch(): void {
    this.#process.stdin?.write('fetch\n');
  }

  get bytes(): number {
    return Math.max(0, ...this.told.map(({ bytes }) => bytes ?? 0));
  }

  get done(): Told | undefined {
    return this.told.find(({ outcome }) => outcome !== undefined);
  }

  get connected(): boolean {
    return this.told.findLast(({ connected }) => connected !== undefined)?.connected === true;
  }

  stop(): void {
    this.#process.stdin?.end();
  }
}

/** Transfers of a model: how much of it goes over a bad link twice, and what it does to live telemetry. */
export async function transfer({ folder }: Pick<Bench, 'folder'>): Promise<void> {
  const missing = needsRootAnd('ip', 'tc', 'nft');
  if (missing !== undefined) {
    process.stderr.write(`skipped: ${missing}\n`);
    return;
  }
  const rows: Record<string, Record<string, number>> = {};
  for (const [name, kbit] of [
    ['64 kbit/s', 64],
    ['10 Mbit/s', 10_000],
  ] as const) {
    rows[name] = await withDevice(folder, `rate-${kbit}`, MODEL, (device, network) => latencies(device, network, kbit));
  }
  process.stderr.write(`${JSON.stringify(rows)}\n`);
  rows['20 % lost, five cuts'] = await withDevice(folder, 'loss', MODEL, factor);
  show('transfer', rows);
}

interface Watched extends Device {
  /** ms from the commit of a prediction to its arrival. */
  readonly latencies: number[];
}

async function withDevice<T>(
  folder: string,
  name: string,
  length: number,
  measure: (device: Watched, network: Network) => Promise<T>,
): Promise<T> {
  const network = new Network();
  const port = await freePort();
  const broker = await startMosquitto({ config: `listener ${port} ${network.host}\nallow_anonymous true` });
  const bundles = join(folder, `bundle-${name}`);
  mkdirSync(bundles);
  writeFileSync(join(bundles, 'model.onnx'), noise(length));
  const index = await indexBundles(bundles);
  const target = { url: broker.url, version: 'auto' as const, clientId: 'bench-serving', prefix: DEFAULT_PREFIX };
  const service = new BlobService(target, index, {}, { logger: silent });
  const latencies: number[] = [];
  const consumer = watched(broker.url);
  consumer.link.start();
  await consumer.connected();
  await consumer.link.subscribe({
    filter: topicFilter(DEFAULT_PREFIX, 'records'),
    qos: 1,
    onMessage: ({ payload }) => {
      for (const { t } of decodeBatch(payload).records) latencies.push(Date.now() - t);
    },
  });
  const url = `mqtt://${network.host}:${port}`;
  const task = { url, device: 'bench', path: join(folder, `store-${name}`), files: index.files, rate: RATE };
  const device = Object.assign(new Device(network, task), { latencies });
  try {
    await service.start(10_000);
    await eventually('the device', () => device.connected, 60_000);
    return await measure(device, network);
  } finally {
    device.stop();
    await consumer.link.close();
    await service.close();
    await broker.stop();
    await network.close();
  }
}

async function latencies(device: Watched, network: Network, kbit: number): Promise<Record<string, number>> {
  network.slow(kbit);
  const collect = async (until: () => boolean) => {
    device.latencies.length = 0;
    const end = performance.now() + SPAN;
    await eventually('the time', () => performance.now() > end || until(), 2 * SPAN);
    return [...device.latencies];
  };
  await collect(() => device.latencies.length > 2 * RATE);
  const without = await collect(() => false);
  device.fetch();
  const began = performance.now();
  const during = await collect(() => device.done !== undefined);
  const seconds = (performance.now() - began) / 1_000;
  const bytes = device.done === undefined ? device.bytes : MODEL;
  return {
    p99WithoutMs: quantile(without, 0.99),
    p99DuringMs: quantile(during, 0.99),
    ratio: quantile(during, 0.99) / quantile(without, 0.99),
    predictions: during.length,
    kbitPerSecond: (bytes * 8) / seconds / 1_000,
  };
}

async function factor(device: Watched, network: Network): Promise<Record<string, number>> {
  network.lose(20);
  const began = performance.now();
  device.fetch();
  for (let cut = 1; cut <= CUTS; cut += 1) {
    await eventually('more of the model', () => device.bytes > (cut * MODEL) / (CUTS + 1), 1_800_000);
    process.stderr.write(`cut ${cut} after ${Math.round((performance.now() - began) / 1_000)} s\n`);
    network.cut();
    await eventually('the loss', () => !device.connected, 60_000);
    network.join();
  }
  const { came = 0 } = await eventually('the model', () => device.done, 1_800_000);
  return { factor: came / MODEL, seconds: (performance.now() - began) / 1_000 };
}
