import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AlarmRecord } from '../../src/common/core/index.ts';
import type { Consumer } from '../support/consumer.ts';
import { type GatewayProcess, writeConfig } from '../support/gateway.ts';
import type { Mosquitto } from '../support/mosquitto.ts';
import { PERIOD_MS, type Plant, readings } from './support/plant.ts';
import { BENCH_MODEL, hasMosquitto, Scene } from './support/scene.ts';

// A live source: what came between the last checkpoint and a kill, or while nobody was there, never comes again.

const DEVICE = 'live';
const ASSETS = 2;
/** Readings of a window. */
const WINDOW = 30;
/** A whole number of windows for every asset. */
const ROUNDS = 60;
/** A gateway takes its first checkpoint five seconds after its start. */
const CHECKPOINTED_MS = 7_000;

describe.skipIf(!hasMosquitto)('a gateway beside a live source (skipped without mosquitto)', () => {
  let scene: Scene;
  let field: Mosquitto;
  let uplink: Mosquitto;
  let consumer: Consumer;
  let plant: Plant;
  let sent = 0;

  beforeEach(async () => {
    scene = new Scene();
    field = await scene.broker();
    uplink = await scene.broker();
    consumer = await scene.consumer(uplink);
    plant = await scene.plant(field);
    sent = 0;
  });

  afterEach(() => scene.close());

  async function configure(source: object, more: object = {}): Promise<string> {
    return writeConfig(await scene.folder(), {
      ...{ site: 'plant', device: DEVICE },
      sources: { plant: { type: 'mqtt', url: field.url, topic: 'plant/readings', ...source } },
      pipelines: { bench: { source: 'plant', model: BENCH_MODEL, ...more } },
      uplink: { url: uplink.url, linger: '20ms' },
    });
  }

  /** The next rounds of readings of every asset; they take turns. */
  async function send(rounds: number): Promise<void> {
    await plant.publish('plant/readings', readings(ASSETS, rounds, sent), [1, 7]);
    sent += rounds;
  }

  const predictions = () => consumer.records(DEVICE, 'prediction');

  /** Waits until the readings sent last are answered. */
  async function answered(): Promise<void> {
    const newest = readings(1, 1, sent - 1)[0]?.t;
    const last = (asset: number) => predictions().findLast((one) => one.asset === `machine-${asset}`)?.to;
    await consumer.until('the newest windows', () => last(0) === newest && last(1) === newest);
  }

  /** The windows that reach over readings which never came: they take longer than their number of readings. */
  function acrossGaps() {
    return predictions().filter(({ from, to }) => to - from > (WINDOW - 1) * PERIOD_MS);
  }

  async function checkpointed(gateway: GatewayProcess): Promise<void> {
    await gateway.until('a checkpoint', ({ uptimeMs }) => uptimeMs >= CHECKPOINTED_MS);
  }

  it.each<[string, object, (file: string, first: GatewayProcess) => Promise<GatewayProcess>]>([
    [
      'kill -9',
      {},
      async (file, first) => {
        await checkpointed(first);
        await send(WINDOW / 2);
        await answered();
        await first.kill();
        return scene.gateway(file);
      },
    ],
    [
      'a stop in order with `qos: 0`',
      { qos: 0 },
      async (file, first) => {
        await first.terminate();
        await send(WINDOW / 2);
        return scene.gateway(file);
      },
    ],
    [
      'a stop in order where the broker forgot the session',
      {},
      async (file, first) => {
        await first.terminate();
        await send(WINDOW / 2);
        await field.kill();
        field = await scene.broker({ port: field.port });
        plant = await scene.plant(field);
        return scene.gateway(file);
      },
    ],
  ])(
    'calls no window good that reaches across %s',
    async (_, source, stop) => {
      const file = await configure(source);
      const first = await scene.gateway(file);
      await send(ROUNDS);
      await answered();
      const second = await stop(file, first);
      await send(ROUNDS);
      await answered();
      expect(acrossGaps().length).toBeGreaterThan(0);
      expect(acrossGaps().filter(({ quality }) => quality.code === 'Good')).toEqual([]);
      const since = consumer.records(DEVICE, 'prediction', second.boot);
      expect(since.at(-1)?.quality).toEqual({ code: 'Good', reasons: [] });
    },
    180_000,
  );

  it('calls no window good that reaches across an outage while it runs, where the broker keeps nothing', async () => {
    const cable = await scene.cable(field);
    const file = await configure({ qos: 0, url: cable.url });
    const gateway = await scene.gateway(file);
    await send(ROUNDS);
    await answered();
    cable.cut();
    await gateway.until('the outage', ({ sources }) => sources[0]?.state === 'waiting');
    await send(WINDOW / 2);
    cable.mend();
    await gateway.until('the source again', ({ sources }) => sources[0]?.state === 'open');
    await send(ROUNDS);
    await answered();
    expect(acrossGaps().length).toBeGreaterThan(0);
    expect(acrossGaps().filter(({ quality }) => quality.code === 'Good')).toEqual([]);
    expect(predictions().at(-1)?.quality).toEqual({ code: 'Good', reasons: [] });
  }, 180_000);

  it('clears after kill -9 the alarm that it raised behind the last checkpoint, and raises none twice', async () => {
    const alarms = { high: { when: 'output.value > 0.0', raise: { k: 1, n: 1 } } };
    const file = await configure({}, { alarms });
    const first = await scene.gateway(file);
    await send(WINDOW);
    await answered();
    await checkpointed(first);
    for (let before = consumer.count(DEVICE, 'alarm'); consumer.count(DEVICE, 'alarm') < before + ASSETS; ) {
      await send(1);
      await answered();
    }
    await first.kill();
    await scene.gateway(file);
    await send(2 * ROUNDS);
    await answered();
    const changes = new Map<string, AlarmRecord[]>();
    for (const alarm of consumer.records(DEVICE, 'alarm'))
      changes.set(alarm.asset, [...(changes.get(alarm.asset) ?? []), alarm]);
    expect(changes.size).toBe(ASSETS);
    for (const all of changes.values()) {
      expect(all.map(({ state }) => state)).toEqual(all.map((_, index) => (index % 2 === 0 ? 'raised' : 'cleared')));
      expect(all.length).toBeGreaterThan(3);
    }
  }, 180_000);
});
