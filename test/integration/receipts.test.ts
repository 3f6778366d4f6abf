import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { freePort } from '../support/free-port.ts';
import { edgewright, writeConfig } from '../support/gateway.ts';
import { jsonLines, readings } from './support/plant.ts';
import { BENCH_MODEL, hasMosquitto, Scene } from './support/scene.ts';

const DEVICE = 'careful';
const ASSETS = 5;
const ROUNDS = 120;

describe.skipIf(!hasMosquitto)('with receipts required (skipped without mosquitto)', () => {
  let scene: Scene;
  let folder: string;
  let port: number;
  let file: string;

  beforeEach(async () => {
    scene = new Scene();
    folder = await scene.folder();
    port = await freePort();
    const input = join(folder, 'readings.jsonl');
    await writeFile(input, jsonLines(readings(ASSETS, ROUNDS)));
    file = await writeConfig(folder, {
      ...{ site: 'plant', device: DEVICE },
      sources: { plant: { type: 'file', path: input, speed: 'max' } },
      pipelines: { bench: { source: 'plant', model: BENCH_MODEL } },
      uplink: { url: `mqtt://127.0.0.1:${port}`, receipts: 'required', receiptTimeout: '1s', linger: '20ms' },
    });
  });

  afterEach(() => scene.close());

  it('a broker that acknowledges, dies and forgets loses nothing', async () => {
    const store = join(folder, 'broker');
    const config = `persistence true\npersistence_location ${store}/`;
    const broker = await scene.broker({ port, config });
    // Somebody who has the broker keep everything and never comes for it.
    const deaf = await scene.consumer(broker);
    const gateway = await scene.gateway(file);
    const before = await gateway.until('all records with the broker', ({ link, outbox, sources, pipelines }) => {
      const sent = 'receipts' in link ? (link.receipts?.awaiting.records ?? 0) : 0;
      return sources[0]?.state === 'ended' && pipelines[0]?.waiting === 0 && sent > 0 && sent === outbox.pending;
    });
    expect(before.ledger.every(({ acked }) => acked === 0)).toBe(true);
    await deaf.close();
    await broker.kill();
    await rm(store, { recursive: true, force: true });

    const consumer = await scene.consumer(await scene.broker({ port, config: 'persistence false' }), {
      receipts: true,
    });
    await consumer.until('every record', () => {
      const book = consumer.book(DEVICE, gateway.boot);
      return book !== undefined && book.missing.length === 0 && book.received >= before.seq;
    });
    const after = await gateway.until('nothing waits', ({ outbox }) => outbox.pending === 0);
    expect(after.link).toMatchObject({ receipts: { awaiting: { records: 0 }, refused: {} } });
    expect(after.ledger.every(({ committed, acked }) => committed === acked)).toBe(true);
  }, 120_000);

  it('watch --receipts is a consumer whose word counts', async () => {
    const broker = await scene.broker({ port });
    const gateway = await scene.gateway(file);
    const watch = edgewright([
      'watch',
      `plant/${DEVICE}`,
      '--broker',
      broker.url,
      '--receipts',
      '--json',
      '--for',
      '8s',
    ]);
    const { seq } = await gateway.until('nothing waits', ({ outbox, sources }) => {
      return sources[0]?.state === 'ended' && outbox.pending === 0;
    });
    const { status, stdout } = await watch;
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(status).toBe(0);
    expect(new Set(lines.map((line) => line.seq)).size).toBe(seq);
  }, 120_000);

  it('nonsense is refused with a reason and confirms nothing', async () => {
    const broker = await scene.broker({ port });
    const gateway = await scene.gateway(file);
    const stranger = await scene.plant(broker);
    const topic = `edgewright/v1/plant/${DEVICE}/receipt`;
    const { boot } = gateway;
    await gateway.until('the link', ({ link }) => link.state === 'connected');
    await stranger.send(topic, 'hello');
    await stranger.send(topic, JSON.stringify({ boot, ranges: [[1, 1e9]] }));
    await stranger.send(topic, JSON.stringify({ boot: '0'.repeat(32), ranges: [[1, 1]] }));
    await stranger.send(topic, Buffer.alloc(70_000, 0x20));
    const refused = { malformed: 1, 'not-given': 1, 'unknown-boot': 1, oversized: 1 };
    const status = await gateway.until('the refusals', ({ link }) => {
      return 'receipts' in link && Object.keys(link.receipts?.refused ?? {}).length === 4;
    });
    expect(status.link).toMatchObject({ confirmed: 0, receipts: { refused } });
    expect(gateway.log).toContain('receipt refused');
  }, 60_000);
});

describe.skipIf(!hasMosquitto)('records that are wanted once more (skipped without mosquitto)', () => {
  const scene = new Scene();
  afterEach(() => scene.close());

  it('come again on command while they are kept', async () => {
    const input = join(await scene.folder(), 'readings.jsonl');
    await writeFile(input, jsonLines(readings(ASSETS, ROUNDS)));
    const broker = await scene.broker();
    const consumer = await scene.consumer(broker);
    const gateway = await scene.gateway({
      ...{ site: 'plant', device: DEVICE },
      sources: { plant: { type: 'file', path: input, speed: 'max' } },
      pipelines: { bench: { source: 'plant', model: BENCH_MODEL } },
      uplink: { url: broker.url },
    });
    const { boot } = gateway;
    await gateway.until('nothing waits', ({ outbox, sources }) => {
      return sources[0]?.state === 'ended' && outbox.pending === 0;
    });
    await consumer.command(DEVICE, { id: 'x1', command: 'resync', boot, from: 2, to: 11 });
    await consumer.until('the reply and the records', ({ replies }) => {
      return replies.length === 1 && consumer.book(DEVICE, boot)?.duplicates === 10;
    });
    expect(consumer.replies).toEqual([{ id: 'x1', ok: true, resync: { sending: 10, waiting: 0, gone: 0 } }]);
    expect((await gateway.status()).outbox.pending).toBe(0);
  }, 60_000);
});
