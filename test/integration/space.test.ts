import { spawnSync } from 'node:child_process';
import { closeSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { GatewayStatus } from '../../src/device/runtime/index.ts';
import { freePort } from '../support/free-port.ts';
import { type GatewayProcess, type Overrides, writeConfig } from '../support/gateway.ts';
import { WHOLE } from '../support/whole.ts';
import { type Plant, readings } from './support/plant.ts';
import { BENCH_MODEL, hasMosquitto, Scene } from './support/scene.ts';

const DEVICE = 'cramped';
const MIB = 1024 ** 2;
/** Each asset's reading beyond the 29th closes a window. */
const ASSETS = 50;
const ROUNDS = 100;
const FLOOD_MS = WHOLE ? 30_000 : 12_000;

const isRoot = process.getuid?.() === 0;

function bytesOf(folder: string): number {
  const sizes = ['', '-wal', '-shm'].map(
    (suffix) => statSync(join(folder, `telemetry.db${suffix}`), { throwIfNoEntry: false })?.size ?? 0,
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

function rowOf({ ledger }: GatewayStatus, type: string) {
  return ledger.find((row) => row.type === type);
}

/** Takes all room that there is, in one file. */
function fillUp(path: string): void {
  const file = openSync(path, 'a');
  try {
    for (let piece = 64 * 1024; piece >= 1; ) {
      try {
        writeSync(file, Buffer.alloc(piece, 1));
      } catch {
        piece = Math.floor(piece / 2);
      }
    }
  } finally {
    closeSync(file);
  }
}

describe.skipIf(!hasMosquitto)('a gateway without room for what it has to say (skipped without mosquitto)', () => {
  let scene: Scene;
  beforeEach(() => {
    scene = new Scene();
  });
  afterEach(() => scene.close());

  async function cramped(uplinkPort: number, overrides: Overrides): Promise<{ gateway: GatewayProcess; plant: Plant }> {
    const source = await scene.broker();
    const config = {
      ...{ site: 'plant', device: DEVICE },
      sources: { plant: { type: 'mqtt', url: source.url, topic: 'plant/readings' } },
      pipelines: { bench: { source: 'plant', model: BENCH_MODEL, alarms: ALARMS } },
      uplink: { url: `mqtt://127.0.0.1:${uplinkPort}` },
    };
    return { gateway: await scene.gateway(config, overrides), plant: await scene.plant(source) };
  }

  /** Everything that was said arrives, or is in a loss record. */
  async function drains(gateway: GatewayProcess, port: number): Promise<GatewayStatus> {
    const consumer = await scene.consumer(await scene.broker({ port }));
    const drained = await gateway.until('nothing waits', ({ outbox }) => outbox.pending === 0, 120_000);
    await consumer.until('all of it', () => consumer.book(DEVICE, gateway.boot)?.missing.length === 0);
    const summaries = consumer.records(DEVICE, 'summary');
    const counted = summaries.reduce((sum, { folded }) => sum + (folded?.records ?? 0), 0);
    const { folded = 0, dropped = 0, acked = 0 } = rowOf(drained, 'prediction') ?? {};
    expect([counted, dropped]).toEqual([folded, 0]);
    expect(consumer.count(DEVICE, 'prediction')).toBeGreaterThanOrEqual(acked);
    expect(consumer.faults).toEqual([]);
    return drained;
  }

  it('under a flood with the broker away stays under its cap at every moment, and says how', async () => {
    const port = await freePort();
    const folder = await scene.folder();
    const { gateway, plant } = await cramped(port, { 'outbox.path': folder, 'outbox.max': '8MiB' });
    const until = performance.now() + FLOOD_MS;
    let most = 0;
    const levels: number[] = [];
    for (let round = 0; performance.now() < until; round += ROUNDS) {
      const sending = plant.publish('plant/readings', readings(ASSETS, ROUNDS, round));
      for (let sent = false; !sent; ) {
        sent = await Promise.race([
          sending.then(() => true),
          // Asking checks the books, too.
          gateway.status().then(({ outbox }) => {
            levels.push(outbox.level);
            return false;
          }),
        ]);
        most = Math.max(most, bytesOf(folder));
      }
    }
    const { outbox, ...status } = await gateway.until(
      'the end of the flood',
      ({ pipelines }) => pipelines[0]?.waiting === 0,
    );
    expect(most).toBeLessThanOrEqual(8 * MIB);
    expect(levels.toSorted((a, b) => a - b)).toEqual(levels);
    expect(outbox).toMatchObject({ cap: 8 * MIB, limit: 'cap', next: 'predictions', trouble: null });
    expect(outbox.level).toBeGreaterThan(0);
    expect(outbox.hoursLeft).toBeLessThan(1);
    const alarms = status.ledger.find(({ type }) => type === 'alarm');
    expect(alarms?.pending).toBe(alarms?.committed);
    await drains(gateway, port);
    await gateway.until('level 0', (drained) => drained.outbox.level === 0);
  }, 240_000);

  describe.skipIf(!isRoot)('on a disk of 4 MiB (skipped where mounting is not allowed)', () => {
    async function smallDisk(): Promise<string> {
      const disk = join(await scene.folder(), 'disk');
      await mkdir(disk);
      expect(spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', disk]).status).toBe(0);
      scene.undo(async () => spawnSync('umount', ['-l', disk]));
      return disk;
    }

    it('that another file fills up it lives and goes on predicting, and drains when the file is gone', async () => {
      const disk = await smallDisk();
      const port = await freePort();
      // The cap is larger than the disk, as it is by default.
      const { gateway, plant } = await cramped(port, { 'outbox.path': disk });
      await plant.publish('plant/readings', readings(ASSETS, ROUNDS));
      await gateway.until('predictions', (status) => (rowOf(status, 'prediction')?.pending ?? 0) > 1000);
      const filler = join(disk, 'filler');
      fillUp(filler);
      let made = 0;
      for (let round = ROUNDS; round < 12 * ROUNDS; round += ROUNDS) {
        await plant.publish('plant/readings', readings(ASSETS, ROUNDS, round));
        const { pipelines } = await gateway.until(
          'predictions on a full disk',
          ({ pipelines }) => (pipelines[0]?.predictions ?? 0) >= made + ASSETS * (ROUNDS - 30),
        );
        made = pipelines[0]?.predictions ?? 0;
        fillUp(filler);
      }
      rmSync(filler);
      await gateway.until('the disk to work', ({ outbox }) => outbox.trouble === null);
      const drained = await drains(gateway, port);
      const row = rowOf(drained, 'prediction');
      expect(row?.committed).toBe(drained.pipelines[0]?.predictions);
    }, 240_000);

    it('that others filled up after a stop in order it starts on, predicts, says so, and commits once there is room', async () => {
      const disk = await smallDisk();
      const source = await scene.broker();
      const config = {
        ...{ site: 'plant', device: DEVICE },
        sources: { plant: { type: 'mqtt', url: source.url, topic: 'plant/readings' } },
        pipelines: { bench: { source: 'plant', model: BENCH_MODEL } },
      };
      const file = await writeConfig(await scene.folder(), config);
      const plant = await scene.plant(source);
      const before = await scene.gateway(file, { 'outbox.path': disk });
      await plant.publish('plant/readings', readings(ASSETS, ROUNDS));
      await before.until('predictions', ({ pipelines }) => (pipelines[0]?.predictions ?? 0) > 1000);
      await before.terminate();
      rmSync(join(disk, 'ballast'), { force: true });
      const filler = join(disk, 'filler');
      fillUp(filler);

      const gateway = await scene.gateway(file, { 'outbox.path': disk });
      await plant.publish('plant/readings', readings(ASSETS, ROUNDS, ROUNDS));
      const full = await gateway.until('predictions', ({ pipelines }) => (pipelines[0]?.predictions ?? 0) > 1000);
      expect(full.outbox).toMatchObject({
        trouble: { code: 'store.full' },
        uncommitted: { since: expect.any(Number) },
      });
      expect(full.outbox.uncommitted.records).toBeGreaterThan(1000);
      expect(full.seq).toBe(0);
      rmSync(filler);
      const after = await gateway.until('a commit', ({ outbox, seq }) => outbox.trouble === null && seq > 1000);
      expect(after.boot).toBe(gateway.boot);
      await gateway.until('all to be committed', ({ outbox }) => outbox.uncommitted.records === 0);
    }, 120_000);
  });
});

const ALARMS = {
  low: { when: 'output.value < 0.0 && asset == "machine-1"', raise: { k: 2, n: 3 }, clear: { k: 3, n: 3 } },
};
