import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Consumer } from '../support/consumer.ts';
import { type GatewayProcess, writeConfig } from '../support/gateway.ts';
import { answersOf, expectAnswers, type Replayed, replay } from './support/answers.ts';
import { jsonLines, readings, withFlaws } from './support/plant.ts';
import { BENCH_MODEL, hasMosquitto, Scene } from './support/scene.ts';

const ASSETS = 100;
const FLAWED_ROUNDS = 40;
/** Rounds whose rows a gateway holds open for readings that may come late; only the end of an input closes them. */
const OPEN_ROUNDS = 2;
const PIPELINES = { bench: { source: 'plant', model: BENCH_MODEL, lateness: `${OPEN_ROUNDS}s` } };

/** Two gateways that differ in everything that must not matter. */
const VARIANTS = {
  batched: { batch: 32, version: '5', gzip: true },
  plain: { batch: 1, version: '3.1.1', gzip: false },
} as const;
const DEVICES = ['batched', 'plain'] as const;

describe.skipIf(!hasMosquitto)('run and replay on the same readings per asset (skipped without mosquitto)', () => {
  const scene = new Scene();
  const gateways = new Map<string, GatewayProcess>();
  let consumer: Consumer;
  let expected: Replayed;
  let configuration: string;
  let input: string;

  async function startVariant(url: string, device: keyof typeof VARIANTS): Promise<void> {
    const { batch, version, gzip } = VARIANTS[device];
    const gateway = await scene.gateway({
      ...{ site: 'plant', device },
      sources: { plant: { type: 'mqtt', url, version, topic: 'plant/{line}/readings' } },
      pipelines: PIPELINES,
      inference: { batch: { size: batch } },
      uplink: { url, version, gzip },
    });
    gateways.set(device, gateway);
  }

  beforeAll(async () => {
    const broker = await scene.broker();
    consumer = await scene.consumer(broker);
    const plant = await scene.plant(broker);
    const folder = await scene.folder();
    const flawed = withFlaws(readings(ASSETS, FLAWED_ROUNDS));
    const all = [...flawed, ...readings(ASSETS, OPEN_ROUNDS + 1, FLAWED_ROUNDS)];
    // Asset by asset in the file, in turns over MQTT: only the order within an asset is the same.
    const byAsset = [...all].sort((a, b) => a.asset.localeCompare(b.asset));
    input = join(folder, 'readings.jsonl');
    await writeFile(input, jsonLines(byAsset));
    configuration = await writeConfig(folder, {
      ...{ site: 'plant', device: 'replay' },
      sources: { plant: { type: 'file', path: input } },
      pipelines: PIPELINES,
    });
    const starting = DEVICES.map((device) => startVariant(broker.url, device));
    [expected] = await Promise.all([replay(configuration, input), ...starting]);
    await plant.publish('plant/line-1/readings', all, [1, 50, 50, 1, 7]);
  }, 120_000);

  afterAll(() => scene.close());

  it.each(DEVICES)(
    'gives the same predictions (%s)',
    async (device) => {
      const wanted = expected.records.length - OPEN_ROUNDS * ASSETS;
      await consumer.until(`${wanted} predictions of ${device}`, () => consumer.count(device, 'prediction') >= wanted);
      const closed = Object.entries(expected.answers).map(([asset, all]) => [asset, all.slice(0, -OPEN_ROUNDS)]);
      expectAnswers(answersOf(consumer.records(device, 'prediction')), Object.fromEntries(closed));
      const status = await gateways.get(device)?.until('nothing waits', ({ outbox }) => outbox.pending === 0);
      expect(status?.pipelines).toMatchObject([{ assets: ASSETS, predictions: wanted, waiting: 0 }]);
    },
    120_000,
  );

  it('gives the same bytes of replay again, and with a batch of 1', async () => {
    const again = await replay(configuration, input);
    const single = await replay(configuration, input, { 'inference.batch.size': 1 });
    expect(again.stdout === expected.stdout).toBe(true);
    expect(single.stdout === expected.stdout).toBe(true);
  }, 120_000);

  it('was tried on readings that are judged in many ways', () => {
    const all = Object.values(expected.answers).flat();
    const codes = new Set(all.map(({ quality }) => quality.code));
    expect([...codes]).toEqual(expect.arrayContaining(['Good', 'BadSensorFailure', 'BadDecodingError', 'BadDataLost']));
    expect(all.filter(({ decision, quality }) => (decision === 'answer') !== (quality.code === 'Good'))).toEqual([]);
    expect(expected.summary.pipelines['bench']).toMatchObject({ abstained: expect.any(Number) });
    expect(expected.summary.pipelines['bench']?.['late']).toBeGreaterThan(0);
    expect(expected.summary.pipelines['bench']?.['duplicate']).toBeGreaterThan(0);
  });

  it.each(DEVICES)('sends as it is told to, and leaves no hole in the books (%s)', async (device) => {
    const { version, gzip } = VARIANTS[device];
    const status = await gateways.get(device)?.status();
    expect(status?.link).toMatchObject({ state: 'connected', version });
    const messages = consumer.messages.filter((message) => message.device === device);
    expect(new Set(messages.map((message) => message.gzip))).toEqual(new Set([gzip]));
    const contentType = version === '5' ? 'application/gzip' : undefined;
    expect(new Set(messages.map((message) => message.contentType))).toEqual(new Set([contentType]));
    expect(consumer.books(device)).toMatchObject([{ missing: [], lost: 0, duplicates: 0 }]);
    expect(consumer.faults).toEqual([]);
  });
});
