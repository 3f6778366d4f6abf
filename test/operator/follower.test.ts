import { afterEach, describe, expect, it } from 'vitest';
import { type Delivery, Follower, type FollowListener, type FollowTarget } from '../../src/center/operator/index.ts';
import { reasonOf } from '../../src/common/core/index.ts';
import type { Message } from '../../src/common/link/index.ts';
import { silentLogger } from '../../src/common/observability/index.ts';
import { DEFAULT_PREFIX, decodeReceipt, encodeStatus, topicOf } from '../../src/common/protocol/index.ts';
import { startBroker } from '../../src/tools/demo/broker.ts';
import { eventually, watched } from '../link/support.ts';
import { freePort } from '../support/free-port.ts';
import { startMosquitto } from '../support/mosquitto.ts';
import { DEVICE, prediction, sealed, statusOf } from './batches.ts';

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const address = { prefix: DEFAULT_PREFIX, ...DEVICE };

async function follow(url: string, listener: FollowListener, changes: Partial<FollowTarget> = {}): Promise<Follower> {
  const follower = new Follower({ url, ...address, ...changes }, listener, { logger: silentLogger });
  cleanups.push(() => follower.close());
  await follower.start(5_000);
  return follower;
}

async function publisher(url: string) {
  const { link, connected } = watched(url);
  cleanups.push(() => link.close());
  link.start();
  await connected();
  return link;
}

async function mosquitto() {
  const broker = await startMosquitto();
  cleanups.push(() => broker.stop());
  return broker;
}

async function aedes() {
  const broker = await startBroker();
  cleanups.push(() => broker.close());
  return broker;
}

describe.each([
  ['Mosquitto', mosquitto],
  ['the embedded broker', aedes],
])('a follower at %s', (_name, start) => {
  it('unpacks batches, plain and gzip, and keeps the books', async () => {
    const { url } = await start();
    const seen: Delivery[] = [];
    const follower = await follow(url, { records: (deliveries) => void seen.push(...deliveries) });
    const gateway = await publisher(url);
    await gateway.publish(topicOf(address, 'status'), encodeStatus(statusOf(0, 0)), { qos: 1, retain: true });
    await gateway.publish(topicOf(address, 'records'), sealed({ 1: prediction(), 2: prediction() }), { qos: 1 });
    const packed = sealed({ 2: prediction(), 4: prediction() }, undefined, true);
    await gateway.publish(topicOf(address, 'records'), packed, { qos: 1 });
    await eventually('four records', () => seen.length === 4);
    expect(seen.map(({ record, duplicate }) => [record.seq, duplicate])).toEqual([
      [1, false],
      [2, false],
      [2, true],
      [4, false],
    ]);
    expect(follower.books()).toMatchObject([{ received: 3, duplicates: 1, missing: [[3, 3]] }]);
  });

  it('knows from what the status retains where its watching began', async () => {
    const { url } = await start();
    const gateway = await publisher(url);
    await gateway.publish(topicOf(address, 'status'), encodeStatus(statusOf(50, 0)), { qos: 1, retain: true });
    const states: number[] = [];
    const follower = await follow(url, { status: ({ seq }) => void states.push(seq) });
    await eventually('the retained status', () => states.length > 0);
    await gateway.publish(topicOf(address, 'records'), sealed({ 51: prediction() }), { qos: 1 });
    await eventually('the record', () => follower.books()[0]?.received === 1);
    expect(follower.books()).toMatchObject([{ since: 50, missing: [] }]);
  });
});

describe('a follower that confirms', () => {
  const target = { receipts: true, version: '5' } as const;

  /** What the device hears: the ranges of each receipt. */
  async function receiptsAt(url: string) {
    const gateway = await publisher(url);
    const ranges: unknown[] = [];
    const onMessage = ({ payload }: Message) => void ranges.push(...decodeReceipt(payload).ranges);
    await gateway.subscribe({ filter: topicOf(address, 'receipt'), qos: 1, onMessage });
    const send = (seq: number) =>
      gateway.publish(topicOf(address, 'records'), sealed({ [seq]: prediction() }), { qos: 1 });
    return { ranges, send };
  }

  it('has a batch sent again that could not be written, and confirms it once it is', async () => {
    const { url } = await mosquitto();
    const { ranges, send } = await receiptsAt(url);
    const seen: [number, boolean][] = [];
    const states: (string | undefined)[] = [];
    await follow(
      url,
      {
        records: async ([first]) => {
          if (first !== undefined) seen.push([first.record.seq, first.duplicate]);
          if (seen.length === 1) throw new Error('no room');
        },
        connection: (online, reason) => void states.push(online ? undefined : reason),
      },
      target,
    );
    await send(1);
    await eventually('the receipt', () => ranges.length > 0);
    expect(ranges).toEqual([[1, 1]]);
    expect(seen).toEqual([
      [1, false],
      [1, true],
    ]);
    expect(states).toEqual([undefined, expect.stringContaining('no room'), undefined]);
  });

  it('loses nothing to a listener that is slower than a connection can wait, and leaves nothing with the broker', async () => {
    const { url } = await mosquitto();
    const { ranges, send } = await receiptsAt(url);
    let goOn: () => void = () => {};
    const patience = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const ups: boolean[] = [];
    const listener = { records: () => patience, connection: (online: boolean) => void ups.push(online) };
    const follower = new Follower({ url, ...address, ...target }, listener, {
      logger: { ...silentLogger, info: () => ups.push(false) },
      keepalive: 1,
    });
    cleanups.push(() => follower.close());
    await follower.start(5_000);
    await send(1);
    await eventually('the end of its patience', () => ups.includes(false));
    await send(2);
    goOn();
    await eventually('both', () => ranges.flat().includes(2));
    expect(follower.books()).toMatchObject([{ received: 2, missing: [] }]);
    await follower.close();
    expect(await send(3)).toEqual({ reasonCode: 0x10 });
  });
});

describe('a follower in trouble', () => {
  it('reports what is no batch and goes on', async () => {
    const { url } = await mosquitto();
    const refused: string[] = [];
    const follower = await follow(url, { refused: (_topic, { code }) => void refused.push(code) });
    const gateway = await publisher(url);
    await gateway.publish(topicOf(address, 'records'), Buffer.from('{"schema":'), { qos: 1 });
    await gateway.publish(topicOf(address, 'status'), Buffer.from('[]'), { qos: 1 });
    await gateway.publish(topicOf(address, 'records'), sealed({ 1: prediction() }), { qos: 1 });
    await eventually('the good one', () => follower.books()[0]?.received === 1);
    expect(refused).toEqual(['protocol.not-a-batch', 'protocol.not-a-status']);
  });

  it('gives up on a broker that is not there, and says what is wrong', async () => {
    const url = `mqtt://127.0.0.1:${await freePort()}`;
    const follower = new Follower({ url, ...address }, {}, { logger: silentLogger });
    const error = await follower.start(300).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'operator.broker-unreachable', kind: { exit: 1 } });
    expect(reasonOf(error)).toContain('ECONNREFUSED');
  });

  it('comes back after the broker was away', async () => {
    const port = await freePort();
    const first = await startMosquitto({ port });
    const states: boolean[] = [];
    const target = { url: first.url, ...address };
    const deps = { logger: silentLogger, backoff: { first: 20, longest: 40, stable: 60_000 } };
    const follower = new Follower(target, { connection: (online) => void states.push(online) }, deps);
    cleanups.push(() => follower.close());
    await follower.start(5_000);
    await first.kill();
    await eventually('the loss', () => states.includes(false));
    const second = await startMosquitto({ port });
    cleanups.push(() => second.stop());
    await eventually('the way back', () => states.at(-1) === true);
    const gateway = await publisher(second.url);
    await eventually('a record', () => {
      void gateway.publish(topicOf(address, 'records'), sealed({ 1: prediction() }), { qos: 1 }).catch(() => {});
      return follower.books()[0]?.received === 1;
    });
  });
});
