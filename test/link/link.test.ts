import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Link, LinkOptions, Message } from '../../src/common/link/index.ts';
import { type Mosquitto, startMosquitto } from '../support/mosquitto.ts';
import { eventually, type Watched, watched } from './support.ts';

let broker: Mosquitto;
const open: Link[] = [];

beforeAll(async () => {
  broker = await startMosquitto();
});
afterAll(() => broker.stop());
afterEach(async () => {
  await Promise.all(open.splice(0).map((link) => link.close()));
});

async function up(options: Partial<LinkOptions> = {}): Promise<Watched> {
  const one = watched(broker.url, options);
  open.push(one.link);
  one.link.start();
  await one.connected();
  return one;
}

describe.each(['5', '3.1.1'] as const)('a link over MQTT %s', (version) => {
  it('carries messages both ways, acknowledged', async () => {
    const { link } = await up({ version });
    const got: Message[] = [];
    await link.subscribe({ filter: `carry/${version}/+`, qos: 1, onMessage: (message) => void got.push(message) });
    const payload = Buffer.from('{"a":1}');
    const ack = await link.publish(`carry/${version}/x`, payload, { qos: 1, contentType: 'application/json' });
    expect(ack).toEqual({ reasonCode: 0 });
    const message = await eventually('the message', () => got[0]);
    expect(message).toMatchObject({ topic: `carry/${version}/x`, qos: 1, retain: false });
    expect(message.properties).toEqual(version === '5' ? { contentType: 'application/json' } : {});
    expect(Buffer.from(message.payload).equals(payload)).toBe(true);
  });

  it('drops a payload that is too long, says so, and goes on', async () => {
    const { link, downs } = await up({ version, maxIncomingBytes: 10_000 });
    const got: Message[] = [];
    await link.subscribe({ filter: `big/${version}`, qos: 1, onMessage: (message) => void got.push(message) });
    await link.publish(`big/${version}`, Buffer.alloc(10_000_000), { qos: 1 });
    await link.publish(`big/${version}`, Buffer.alloc(10_000), { qos: 1 });
    await eventually('both', () => got.length >= 2);
    expect(got.map(({ payload, oversized }) => [payload.length, oversized])).toEqual([
      [0, 10_000_000],
      [10_000, undefined],
    ]);
    expect(downs).toEqual([]);
  });

  it('gives each subscription what it takes, and of more the length', async () => {
    const { link } = watched(broker.url, { version, maxIncomingBytes: 1_000 });
    open.push(link);
    const got: [string, number, number | undefined][] = [];
    const onMessage = ({ topic, payload, oversized }: Message) => void got.push([topic, payload.length, oversized]);
    const bounds = { small: 100, large: 50_000, plain: undefined };
    const subscribed = Object.entries(bounds).map(([name, bound]) =>
      link.subscribe({ filter: `${name}/${version}`, qos: 1, onMessage, ...(bound && { maxBytes: bound }) }),
    );
    link.start();
    await Promise.all(subscribed);
    const sent = Object.entries(bounds).flatMap(([name, bound = 1_000]) => [
      [`${name}/${version}`, bound, undefined],
      [`${name}/${version}`, 0, bound + 1],
    ]) as typeof got;
    for (const [topic, size, oversized] of sent) await link.publish(topic, Buffer.alloc(oversized ?? size), { qos: 1 });
    await eventually('all', () => got.length >= sent.length);
    expect(got).toEqual(sent);
  });

  it('has a will for the end that nobody asked for, and none for the one that was', async () => {
    const { link: witness } = await up({ version });
    const got: string[] = [];
    const onMessage = ({ payload }: Message) => void got.push(Buffer.from(payload).toString());
    await witness.subscribe({ filter: `will/${version}`, qos: 1, onMessage });
    const will = (text: string) => () =>
      ({ topic: `will/${version}`, payload: Buffer.from(text), qos: 1, retain: false }) as const;
    const { link: orderly } = await up({ version, will: will('orderly') });
    await orderly.close();
    const clientId = `cut-${version}`;
    // It stays away, or the two would throw each other out for ever.
    await up({ version, clientId, will: will('cut'), backoff: { first: 1e9, longest: 1e9, stable: 1e9 } });
    const twin = await up({ version, clientId });
    await eventually('the will', () => got.includes('cut'));
    expect(got).toEqual(['cut']);
    await twin.link.close();
  });

  it('withholds the acknowledgement while a handler is not done', async () => {
    const session = { version, clientId: `held-${version}`, clean: false, sessionExpiry: 60 };
    const { link } = await up(session);
    const first: Message[] = [];
    const onMessage = (message: Message) => new Promise<void>(() => void first.push(message));
    await link.subscribe({ filter: `held/${version}`, qos: 1, onMessage });
    const { link: sender } = await up({ version });
    await sender.publish(`held/${version}`, Buffer.from('once'), { qos: 1 });
    await eventually('the first delivery', () => first[0]);
    await link.suspend();
    expect(link.state).toBe('suspended');
    link.resume();
    await eventually('the second delivery', () => first.length > 1);
    expect(first[1]).toMatchObject({ duplicate: true });
    expect(link.info?.sessionPresent).toBe(true);
    await link.close();
    const { link: cleaner } = await up({ ...session, clean: true, sessionExpiry: 0 });
    await cleaner.close();
  });

  it('acknowledges all the same when a handler fails, and tells the log', async () => {
    const complaints: unknown[] = [];
    const logger = { debug() {}, info() {}, warn() {}, error: (...what: unknown[]) => void complaints.push(what) };
    const one = watched(broker.url, { version }, logger);
    open.push(one.link);
    one.link.start();
    let calls = 0;
    const onMessage = (): Promise<void> => {
      calls += 1;
      if (calls === 1) throw new Error('at once');
      return calls === 2 ? Promise.reject(new Error('later')) : Promise.resolve();
    };
    await one.link.subscribe({ filter: `fail/${version}`, qos: 1, onMessage });
    for (let i = 0; i < 3; i += 1) await one.link.publish(`fail/${version}`, Buffer.from('x'), { qos: 1 });
    await eventually('all three', () => calls === 3);
    expect(complaints).toHaveLength(2);
  });
});

describe('a link', () => {
  it('tells that nobody is subscribed', async () => {
    const { link } = await up({ version: '5' });
    expect(await link.publish('nobody/listens', Buffer.from('x'), { qos: 1 })).toEqual({ reasonCode: 0x10 });
  });

  it('never queues', async () => {
    const { link } = watched(broker.url);
    await expect(link.publish('a', Buffer.from('x'), { qos: 1 })).rejects.toMatchObject({ code: 'link.offline' });
  });

  it('is told by a broker what that does not take, and stays connected', async () => {
    const strict = await startMosquitto({ config: 'message_size_limit 1000' });
    const one = watched(strict.url, { version: '5' });
    open.push(one.link);
    one.link.start();
    await one.connected();
    await one.link.subscribe({ filter: 'limit', qos: 0, onMessage: () => undefined });
    const acks = [1_001, 1_000].map((size) => one.link.publish('limit', Buffer.alloc(size), { qos: 1 }));
    expect(await Promise.all(acks)).toEqual([{ reasonCode: 149 }, { reasonCode: 0 }]);
    expect(one.downs).toEqual([]);
    await strict.stop();
  });

  it('comes back and subscribes again when the broker does', async () => {
    const own = await startMosquitto();
    const one = watched(own.url);
    open.push(one.link);
    const got: string[] = [];
    one.link.start();
    await one.link.subscribe({ filter: 'back', qos: 1, onMessage: ({ topic }) => void got.push(topic) });
    await own.kill();
    await eventually('the loss', () => one.downs.find((down) => down.wasConnected));
    await eventually('a refusal', () => one.link.lastError?.code === 'link.unreachable');
    const again = await startMosquitto({ port: own.port });
    await one.connected(2);
    expect(one.link.lastError).toBeUndefined();
    await eventually('the subscription', () => {
      one.link.publish('back', Buffer.from('x'), { qos: 0 }).catch(() => undefined);
      return got.length > 0;
    });
    await one.link.close();
    await again.stop();
  });
});
