import { readFileSync } from 'node:fs';
import { expect, it, onTestFinished } from 'vitest';
import { bundle, device, serving } from '../delivery/rig.ts';
import { eventually } from '../link/support.ts';
import { openBlobs } from '../support/blobs.ts';
import { type Cable, startCable } from '../support/cable.ts';
import { type Mosquitto, startMosquitto } from '../support/mosquitto.ts';
import { noise } from '../support/noise.ts';
import { consumer, event, prediction } from '../sync/plant.ts';
import { hasMosquitto } from './support/scene.ts';

const MIB = 1024 ** 2;
const MODEL = noise(8 * MIB);
const FILES = { 'model.onnx': MODEL, 'manifest.json': Buffer.from('{}'), 'empty.txt': Buffer.alloc(0) };

async function broker(config = ''): Promise<Mosquitto> {
  const one = await startMosquitto({ config });
  onTestFinished(() => one.stop());
  return one;
}

async function cableTo({ port }: Mosquitto): Promise<Cable> {
  const cable = await startCable(port);
  onTestFinished(() => cable.close());
  return cable;
}

it.skipIf(!hasMosquitto).each(['cut', 'freeze'] as const)(
  'a bundle of 8 MiB comes over a link that five times is %s, with at most 1.05 of its bytes',
  async (how) => {
    const one = await broker();
    const cable = await cableTo(one);
    const index = await bundle(FILES);
    await serving(one.url, index);
    const gateway = await device(cable.url, { config: { keepalive: '1s' } });
    const cuts = [1, 2, 3, 4, 5].map((n) => n * 1.3 * MIB);
    const mending: Promise<unknown>[] = [];
    const outcome = await gateway.delivery.fetchBundle(index.files, {
      onProgress: ({ bytes }) => {
        if (bytes < (cuts[0] ?? Number.POSITIVE_INFINITY)) return;
        cuts.shift();
        cable[how]();
        const lost = eventually('the loss', () => !gateway.uplink.traffic.connected, 30_000);
        mending.push(lost.then(() => cable.mend()));
      },
    });
    await Promise.all(mending);
    expect(outcome).toEqual({ state: 'complete', bytes: 8 * MIB + 2 });
    expect(cuts).toEqual([]);
    expect(gateway.came.bytes / MODEL.length).toBeLessThanOrEqual(1.05);
    for (const { path, sha256 } of index.files) {
      expect(readFileSync(gateway.store.pathOf(sha256)).equals(FILES[path as keyof typeof FILES])).toBe(true);
    }
  },
  120_000,
);

it.skipIf(!hasMosquitto)(
  'a serving side that is stopped, and a device that starts anew, go on where they were; the next bundle brings what changed alone',
  async () => {
    const one = await broker();
    const index = await bundle({ ...FILES, 'model.onnx': MODEL.subarray(0, 2 * MIB) });
    const first = await serving(one.url, index);
    const before = await device(one.url);
    const stop = new AbortController();
    let halfway = 0;
    const outcome = await before.delivery.fetchBundle(index.files, {
      signal: stop.signal,
      onProgress: ({ bytes }) => {
        halfway = bytes;
        if (bytes > MIB) stop.abort();
      },
    });
    expect(outcome).toEqual({ state: 'cancelled' });
    await before.uplink.stop(0);
    await first.close();

    const gateway = await device(one.url, { store: await openBlobs(before.path) });
    const asked = gateway.delivery.fetchBundle(index.files);
    await serving(one.url, index);
    expect(await asked).toMatchObject({ state: 'complete' });
    expect(gateway.came.bytes).toBeLessThan(2 * MIB - halfway + 64 * 1024);

    const { bytes } = gateway.came;
    const next = await bundle({ ...FILES, 'model.onnx': MODEL.subarray(0, 2 * MIB), 'manifest.json': noise(700) });
    await serving(one.url, next);
    expect(await gateway.delivery.fetchBundle(next.files)).toEqual({ state: 'complete', bytes: 700 });
    expect(gateway.came.bytes - bytes).toBeLessThan(1_000);
  },
  60_000,
);

it.skipIf(!hasMosquitto).each([
  ['all arrive', true],
  ['hold it not up where the broker has nobody who takes them', false],
] as const)(
  'records that are committed during a transfer %s',
  async (_what, consumed) => {
    const one = await broker();
    const index = await bundle({ 'model.onnx': MODEL.subarray(0, 2 * MIB) });
    await serving(one.url, index);
    const gateway = await device(one.url);
    const follower = consumed ? await consumer(one.url, gateway.device) : undefined;
    onTestFinished(() => follower?.link.close());
    let committed = 0;
    const outcome = await gateway.delivery.fetchBundle(index.files, {
      onProgress: () => {
        gateway.outbox.commit([prediction(committed), event()]);
        committed += 2;
      },
    });
    expect(outcome).toMatchObject({ state: 'complete' });
    expect(committed).toBeGreaterThan(200);
    if (consumed) await eventually('the confirmations', () => gateway.outbox.confirmed.size === committed, 20_000);
    else expect(gateway.outbox.confirmed.size).toBe(0);
  },
  60_000,
);

it.skipIf(!hasMosquitto)(
  'many devices that ask at once are all served, each with its own progress',
  async () => {
    const one = await broker();
    const index = await bundle({ 'model.onnx': MODEL.subarray(0, MIB) });
    const progress = new Map<string, number>();
    await serving(one.url, index, { progress: ({ device, at }) => void progress.set(device, at) });
    const devices = await Promise.all(Array.from({ length: 20 }, () => device(one.url)));
    const outcomes = await Promise.all(devices.map(({ delivery }) => delivery.fetchBundle(index.files)));
    expect(new Set(outcomes.map(({ state }) => state))).toEqual(new Set(['complete']));
    expect([...progress.keys()].sort()).toEqual(devices.map(({ device }) => device).sort());
    expect(Math.max(...devices.map(({ came }) => came.bytes)) / MIB).toBeLessThanOrEqual(1.05);
  },
  120_000,
);
