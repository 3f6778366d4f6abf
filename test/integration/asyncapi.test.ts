import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_PREFIX } from '../../src/common/protocol/index.ts';
import type { GatewayStatus } from '../../src/device/runtime/index.ts';
import type { Consumer } from '../support/consumer.ts';
import { freePort } from '../support/free-port.ts';
import { type GatewayProcess, writeConfig } from '../support/gateway.ts';
import type { Mosquitto } from '../support/mosquitto.ts';
import { jsonLines, readings } from './support/plant.ts';
import { BENCH_MODEL, hasMosquitto, Scene } from './support/scene.ts';

const DEVICE = 'talkative';
const ASSETS = 5;
/** What no configuration asks of a gateway: `transfer.test.ts` and `challenger.test.ts` of the driver have it. */
const UNASKED = ['blob/data', 'blob/get', 'shadow'];
/** Far more records than the outbox has room for. */
const ROUNDS = 1_200;

describe.skipIf(!hasMosquitto)('what a gateway sends (skipped without mosquitto)', () => {
  const scene = new Scene();
  let broker: Mosquitto;
  let consumer: Consumer;
  let offline: GatewayStatus;
  let drained: GatewayStatus;
  let first: GatewayProcess;
  let second: GatewayProcess;

  /** A life in which everything happens that is told: no room, an alarm, a stop, a start, a crash. */
  beforeAll(async () => {
    const folder = await scene.folder();
    const port = await freePort();
    const input = join(folder, 'readings.jsonl');
    await writeFile(input, jsonLines(readings(ASSETS, ROUNDS)));
    const alarm = { when: 'output.value < 0.0 && asset == "machine-1"', raise: { k: 2, n: 3 }, clear: { k: 3, n: 3 } };
    const file = await writeConfig(folder, {
      ...{ site: 'plant', device: DEVICE },
      sources: { plant: { type: 'file', path: input, speed: 'max' } },
      pipelines: { bench: { source: 'plant', model: BENCH_MODEL, alarms: { low: alarm }, summaries: { every: '1m' } } },
      uplink: { url: `mqtt://127.0.0.1:${port}`, receipts: 'required' },
      outbox: { path: 'data', max: '1MiB' },
    });
    first = await scene.gateway(file);
    offline = await first.until('all readings', ({ sources, pipelines, ledger }) => {
      const committed = ledger.find(({ type }) => type === 'prediction')?.committed;
      return sources[0]?.state === 'ended' && pipelines[0]?.waiting === 0 && committed === pipelines[0].predictions;
    });
    broker = await scene.broker({ port });
    consumer = await scene.consumer(broker, { receipts: true });
    drained = await first.until('nothing waits', ({ outbox }) => outbox.pending === 0);
    await consumer.until('all that is left', () => consumer.book(DEVICE, first.boot)?.missing.length === 0);
    await consumer.command(DEVICE, { id: 'a', command: 'status' });
    await consumer.until('the reply', ({ replies }) => replies.length === 1);
    await first.terminate();
    // Under 3.1.1 a broker tells of a crash at once.
    second = await scene.gateway(file, { 'uplink.version': '3.1.1' });
    await second.until('nothing waits', ({ outbox }) => outbox.pending === 0);
    await second.kill();
    await consumer.until('the will', ({ statuses }) => statuses.some(({ reason }) => reason === 'lost'));
  }, 180_000);

  afterAll(() => scene.close());

  it('is described by the AsyncAPI document, and everything described there is sent', () => {
    expect(consumer.faults).toEqual([]);
    const { channels, components } = JSON.parse(readFileSync('src/common/protocol/asyncapi.json', 'utf8'));
    const asked = (names: readonly string[]) => names.filter((name) => !UNASKED.includes(name)).sort();
    expect([...consumer.channels].sort()).toEqual(asked(Object.keys(channels)));
    const { oneOf, anyOf } = components.schemas.recordBatch.properties.records.items;
    const described = (oneOf ?? anyOf).map(({ $ref }: { $ref: string }) => $ref.split('/').at(-1));
    const seen = new Set(consumer.deliveries.map(({ record }) => record.type));
    expect([...seen].sort()).toEqual(asked(described));
  });

  it('tells the life of the device', () => {
    const lives = consumer.statuses.map(({ boot, online, reason }) => [boot, online, reason]);
    expect(lives.filter(([, online], index) => index === 0 || lives[index - 1]?.[1] !== online)).toEqual([
      [first.boot, true, undefined],
      [first.boot, false, 'stopped'],
      [second.boot, true, undefined],
      [second.boot, false, 'lost'],
    ]);
    const events = [first, second].map(({ boot }) => consumer.records(DEVICE, 'event', boot).map(({ event }) => event));
    expect(events).toEqual([
      ['start', 'genesis', 'config', 'stop'],
      ['start', 'config'],
    ]);
  });

  it('accounts for every record: what did not come is in a loss record', () => {
    const book = consumer.book(DEVICE, first.boot);
    expect(book).toMatchObject({ missing: [], duplicates: 0 });
    const gone = (row: { folded: number; dropped: number }) => row.folded + row.dropped;
    const lost = drained.ledger.reduce((sum, row) => sum + gone(row), 0);
    expect(lost).toBeGreaterThan(0);
    expect(book?.lost).toBe(lost);
    const told = consumer.records(DEVICE, 'loss').flatMap(({ counts }) => counts);
    expect(told.reduce((sum, { folded = 0, dropped = 0 }) => sum + folded + dropped, 0)).toBe(lost);
    // The end of this boot is told by the next one.
    const [start] = consumer.records(DEVICE, 'event', second.boot);
    expect(start?.detail).toMatchObject({ previousBoot: first.boot, previousLastSeq: book?.highest });
    expect(book?.received).toBe((book?.highest ?? 0) - lost);
    for (const row of drained.ledger) expect(row.acked).toBe(row.committed - gone(row));
  });

  it('kept to its room on the disk, and dropped nothing that is urgent', () => {
    expect(offline.outbox.bytes).toBeLessThanOrEqual(1024 ** 2);
    expect(offline.link.state).not.toBe('connected');
    const urgent = drained.ledger.filter(({ type }) => ['alarm', 'event', 'loss'].includes(type));
    expect(urgent.map(({ type, dropped }) => [type, dropped])).toEqual(urgent.map(({ type }) => [type, 0]));
    const alarms = consumer.records(DEVICE, 'alarm').map(({ state }) => state);
    expect(alarms.length).toBe(drained.pipelines[0]?.alarms);
    expect(alarms).toEqual(alarms.map((_, index) => (index % 2 === 0 ? 'raised' : 'cleared')));
  });

  it('sends what is urgent before what has waited longer', () => {
    const types = consumer.deliveries.map(({ record }) => record.type);
    expect(types.lastIndexOf('alarm')).toBeLessThan(types.indexOf('prediction'));
    expect(types.indexOf('loss')).toBeLessThan(types.indexOf('prediction'));
  });

  it('would be noticed if it were not described', async () => {
    const stranger = await scene.consumer(broker);
    const plant = await scene.plant(broker);
    await plant.send(`${DEFAULT_PREFIX}/plant/${DEVICE}/gossip`, '{}');
    await plant.send(`${DEFAULT_PREFIX}/plant/${DEVICE}/status`, '{"online":"perhaps"}');
    await expect(stranger.until('never', () => false)).rejects.toThrow('no such topic is described');
    await expect.poll(() => stranger.faults.length).toBe(2);
  });
});
