import { readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Consumer } from '../support/consumer.ts';
import { freePort } from '../support/free-port.ts';
import { type GatewayProcess, writeConfig } from '../support/gateway.ts';
import { jsonLines, readings } from './support/plant.ts';
import { BENCH_MODEL, hasMosquitto, Scene } from './support/scene.ts';

const DEVICE = 'damaged';
const ASSETS = 5;
const ROUNDS = 150;
/** Windows of 30 readings, each by one. */
const PREDICTIONS = ASSETS * (ROUNDS - 29);
/** What is promised of a start on damaged files, ms. */
const READY_MS = 10_000;

type Harm = (data: string) => Promise<void>;

async function flip(file: string, find: (bytes: Buffer) => number): Promise<void> {
  const bytes = await readFile(file);
  const at = find(bytes);
  bytes[at] = (bytes[at] ?? 0) ^ 0x41;
  await writeFile(file, bytes);
}

const harms: Readonly<Record<string, Harm>> = {
  // The number of cells and where they begin, in the header of a page full of records.
  'a byte in the header of a page': (data) =>
    flip(join(data, 'telemetry.db'), (bytes) => {
      for (let page = Math.floor(bytes.length / 8192); page > 0; page -= 1)
        if (bytes[page * 4096] === 0x0d) return page * 4096;
      throw new Error('no page of records');
    }),
  'a byte in the text of a record': (data) =>
    flip(join(data, 'telemetry.db'), (bytes) => bytes.indexOf('"decision":"', bytes.length / 2) + 14),
  'a byte in the middle of the log': (data) =>
    flip(join(data, 'telemetry.db-wal'), (bytes) => Math.floor(bytes.length / 2)),
};

describe.skipIf(!hasMosquitto)('a gateway whose files were damaged (skipped without mosquitto)', () => {
  let scene: Scene;
  let file: string;
  let port: number;

  beforeEach(async () => {
    scene = new Scene();
    port = await freePort();
    const input = join(await scene.folder(), 'readings.jsonl');
    await writeFile(input, jsonLines(readings(ASSETS, ROUNDS)));
    file = await writeConfig(await scene.folder(), {
      ...{ site: 'plant', device: DEVICE },
      sources: { plant: { type: 'file', path: input, speed: 'max' } },
      pipelines: { bench: { source: 'plant', model: BENCH_MODEL } },
      uplink: { url: `mqtt://127.0.0.1:${port}`, linger: '20ms' },
      outbox: { lossWindow: '20ms' },
    });
  });

  afterEach(() => scene.close());

  const dataOf = () => join(dirname(file), 'data');

  /** A boot that never had a broker: everything it made waits, in the file after a stop, in the log after kill -9. */
  async function filled(end: 'kill' | 'terminate'): Promise<{ boot: string; seq: number }> {
    const gateway = await scene.gateway(file);
    const { seq } = await gateway.until('all predictions', ({ outbox }) => outbox.pending >= PREDICTIONS);
    await gateway[end]();
    return { boot: gateway.boot, seq };
  }

  /** The broker comes back: in the end nothing waits, and every seq is received or lost. */
  async function everythingIsKnown(gateway: GatewayProcess, first: { boot: string; seq: number }): Promise<Consumer> {
    const consumer = await scene.consumer(await scene.broker({ port }));
    await gateway.until('nothing waits', ({ outbox, link }) => outbox.pending === 0 && link.state === 'connected');
    await consumer.until('every seq of the first boot', () => {
      const book = consumer.book(DEVICE, first.boot);
      return book !== undefined && book.highest >= first.seq && book.missing.length === 0;
    });
    expect(consumer.books(DEVICE).flatMap(({ duplicates }) => duplicates)).toEqual(consumer.books(DEVICE).map(() => 0));
    return consumer;
  }

  it.each(Object.keys(harms))(
    'is ready with %s, tells what is lost, and its books add up',
    async (what) => {
      const first = await filled(what === 'a byte in the middle of the log' ? 'kill' : 'terminate');
      await harms[what]?.(dataOf());
      const gateway = await scene.gateway(file, { 'sources.plant.speed': '1' });
      expect(gateway.ready.tookMs).toBeLessThan(READY_MS);
      const consumer = await everythingIsKnown(gateway, first);
      await consumer.until('what is lost', () => consumer.count(DEVICE, 'loss') > 0);
      expect(consumer.records(DEVICE, 'loss').map(({ cause }) => cause)).toContain('unreadable');
      const { ledger } = await gateway.status();
      expect(ledger.reduce((sum, row) => sum + row.unreadable, 0)).toBeGreaterThan(0);
      const events = consumer.records(DEVICE, 'event').map(({ event }) => event);
      // A damaged row is a row; the file it is in is sound.
      if (what === 'a byte in the text of a record') return;
      expect(events).toContain('store-corrupt');
      expect(gateway.log).toContain('a file was damaged');
    },
    120_000,
  );

  it('goes on without telemetry.db: no name comes twice, and what waited is lost', async () => {
    const first = await filled('kill');
    for (const suffix of ['', '-wal']) await rm(join(dataOf(), `telemetry.db${suffix}`), { force: true });
    const gateway = await scene.gateway(file, { 'sources.plant.speed': '1' });
    expect(gateway.boot).not.toBe(first.boot);
    const consumer = await everythingIsKnown(gateway, first);
    expect(consumer.book(DEVICE, first.boot)).toMatchObject({ received: 0, lost: first.seq });
    const { ledger } = await gateway.status();
    expect(ledger.find(({ type }) => type === 'prediction')?.unreadable).toBeGreaterThanOrEqual(PREDICTIONS);
  }, 120_000);
});
