import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Consumer } from '../support/consumer.ts';
import { freePort } from '../support/free-port.ts';
import { type Overrides, writeConfig } from '../support/gateway.ts';
import { answersOf, expectAnswers, type Replayed, replay } from './support/answers.ts';
import { jsonLines, readings } from './support/plant.ts';
import { BENCH_MODEL, hasMosquitto, Scene } from './support/scene.ts';

const ASSETS = 5;
const ROUNDS = 300;
const DEVICE = 'remote';
/** Records that may be on their way when the link ends, and come again: messages in flight times their size. */
const WINDOW = 2;
const BATCH = 50;

describe.skipIf(!hasMosquitto)('a gateway whose broker is away (skipped without mosquitto)', () => {
  const shared = new Scene();
  let scene: Scene;
  let expected: Replayed;
  let file: string;
  let overrides: Overrides;

  beforeAll(async () => {
    const folder = await shared.folder();
    const input = join(folder, 'readings.jsonl');
    await writeFile(input, jsonLines(readings(ASSETS, ROUNDS)));
    file = await writeConfig(folder, {
      ...{ site: 'plant', device: DEVICE },
      sources: { plant: { type: 'file', path: input, speed: 40 } },
      pipelines: { bench: { source: 'plant', model: BENCH_MODEL } },
      // The gateway finds out by itself that a silent link is dead.
      uplink: { url: 'mqtt://nowhere', keepalive: '1s', linger: '20ms', window: WINDOW, batch: { records: BATCH } },
    });
    expected = await replay(file, input);
  }, 60_000);

  beforeEach(async () => {
    scene = new Scene();
    overrides = { 'outbox.path': await scene.folder() };
  });

  afterEach(() => scene.close());
  afterAll(() => shared.close());

  const answered = (consumer: Consumer) => consumer.count(DEVICE, 'prediction');

  async function everythingArrives(consumer: Consumer): Promise<void> {
    await consumer.until('all predictions', () => answered(consumer) >= expected.records.length);
    expectAnswers(answersOf(consumer.records(DEVICE, 'prediction')), expected.answers);
    expect(consumer.books(DEVICE)).toMatchObject([{ missing: [], lost: 0 }]);
  }

  it.each(['cut', 'freeze'] as const)(
    'goes on predicting, and all arrives after the link is mended (%s)',
    async (accident) => {
      const broker = await scene.broker();
      const consumer = await scene.consumer(broker);
      const cable = await scene.cable(broker);
      const gateway = await scene.gateway(file, { ...overrides, 'uplink.url': cable.url });
      await consumer.until('the first predictions', () => answered(consumer) >= 100);
      cable[accident]();
      const before = await gateway.until('the link to be down', ({ link }) => link.state !== 'connected');
      const [made = 0] = before.pipelines.map(({ predictions }) => predictions);
      const away = await gateway.until('predictions without a link', ({ pipelines, outbox }) => {
        return (pipelines[0]?.predictions ?? 0) >= made + 300 && outbox.pending >= 200;
      });
      expect(away.link).toMatchObject({ state: expect.not.stringContaining('connected'), reason: expect.any(String) });
      expect(answered(consumer)).toBeLessThan(expected.records.length);

      cable.mend();
      await everythingArrives(consumer);
      await gateway.until('nothing waits', ({ outbox, link }) => outbox.pending === 0 && link.state === 'connected');
      expect(consumer.books(DEVICE)[0]?.duplicates).toBeLessThanOrEqual(WINDOW * BATCH);
      const lives = consumer.statuses.map(({ online, reason }) => (online ? 'online' : reason));
      expect([lives[0], lives.at(-1)]).toEqual(['online', 'online']);
    },
    120_000,
  );

  it.each(['cut', 'freeze'] as const)(
    'stops in order within 5 s while nothing answers (%s)',
    async (accident) => {
      const cable = await scene.cable(await scene.broker());
      const sources = { plant: { type: 'mqtt', url: cable.url, topic: 'plant/readings' } };
      const gateway = await scene.gateway({
        ...{ site: 'plant', device: DEVICE, sources },
        pipelines: { bench: { source: 'plant', model: BENCH_MODEL } },
        uplink: { url: cable.url },
      });
      await gateway.until('the link', ({ link }) => link.state === 'connected');
      cable[accident]();
      const run = await gateway.terminate();
      expect([run.status, run.stopped?.event]).toEqual([0, 'stopped']);
      expect(run.tookMs).toBeLessThan(5_000);
    },
    60_000,
  );

  it('waits for no broker that is absent before it is ready, and reads from it when it comes', async () => {
    const port = await freePort();
    const url = `mqtt://127.0.0.1:${port}`;
    const gateway = await scene.gateway({
      ...{ site: 'plant', device: DEVICE },
      sources: { plant: { type: 'mqtt', url, topic: 'plant/readings' } },
      pipelines: { bench: { source: 'plant', model: BENCH_MODEL } },
      uplink: { url },
    });
    expect((await gateway.status()).sources[0]?.state).toBe('waiting');
    await gateway.until('its next attempt', ({ link }) => link.state === 'waiting');
    expect(gateway.log).toContain('source waits for its other side');
    const broker = await scene.broker({ port });
    const consumer = await scene.consumer(broker);
    const plant = await scene.plant(broker);
    await gateway.until('the source', ({ sources }) => sources[0]?.state === 'open');
    await plant.publish('plant/readings', readings(ASSETS, 31));
    await consumer.until('predictions', () => answered(consumer) === 2 * ASSETS);
  }, 60_000);

  it('is ready without it, and tells everything to a broker that comes later', async () => {
    const port = await freePort();
    const gateway = await scene.gateway(file, {
      ...overrides,
      'uplink.url': `mqtt://127.0.0.1:${port}`,
      'sources.plant.speed': 'max',
    });
    const alone = await gateway.until('all predictions', ({ pipelines, outbox, sources }) => {
      const [pipeline] = pipelines;
      return sources[0]?.state === 'ended' && pipeline?.waiting === 0 && outbox.pending > pipeline.predictions;
    });
    expect(alone.pipelines[0]?.predictions).toBe(expected.records.length);
    const consumer = await scene.consumer(await scene.broker({ port }));
    await everythingArrives(consumer);
    await gateway.until('nothing waits', ({ outbox }) => outbox.pending === 0);
    expect(consumer.books(DEVICE)[0]?.duplicates).toBe(0);
  }, 120_000);

  it('finds out that another one has its identity, leaves it in peace, and tells it when that one is gone', async () => {
    const broker = await scene.broker();
    const consumer = await scene.consumer(broker);
    const folders = [await scene.folder(), await scene.folder()];
    const start = (path: string) =>
      scene.gateway(file, { 'uplink.url': broker.url, 'sources.plant.speed': 'max', 'outbox.path': path });
    const [one, two] = [await start(folders[0] ?? ''), await start(folders[1] ?? '')];
    const inConflict = async () => {
      const statuses = await Promise.all([one.status(), two.status()]);
      return statuses.findIndex(({ link }) => 'identityConflict' in link);
    };
    await expect.poll(inConflict, { timeout: 60_000 }).toBeGreaterThanOrEqual(0);
    const [found, other] = (await inConflict()) === 0 ? [one, two] : [two, one];
    await other.until('peace', ({ link, outbox }) => link.state === 'connected' && outbox.pending === 0);
    expect((await found.status()).link.state).toBe('waiting');

    await other.kill();
    await found.kill();
    await start(folders[found === one ? 0 : 1] ?? '');
    const told = () => consumer.records(DEVICE, 'event').filter(({ event }) => event === 'identity-conflict');
    await consumer.until('the event', () => told().length > 0);
    expect(told()).toMatchObject([{ detail: { certain: expect.any(Boolean) } }]);
  }, 120_000);
});
