import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Link, LinkOptions, Message } from '../../src/common/link/index.ts';
import { startCable } from '../support/cable.ts';
import { type Mosquitto, startMosquitto } from '../support/mosquitto.ts';
import { eventually, type Watched, watched } from './support.ts';

const CONSUMER = fileURLToPath(new URL('consumer-process.ts', import.meta.url));

let broker: Mosquitto;
const cleanups: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  broker = await startMosquitto();
});
afterAll(() => broker.stop());
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function up(options: Partial<LinkOptions>, url = broker.url): Promise<Watched> {
  const one = watched(url, options);
  cleanups.push(() => one.link.close());
  one.link.start();
  await one.connected();
  return one;
}

interface Taken {
  readonly text: string;
  readonly duplicate: boolean;
  readonly settle: () => void;
  readonly fail: () => void;
}

/** Subscribes to a topic; what becomes of each message is decided by hand. */
async function commitsByHand(link: Link, filter: string): Promise<Taken[]> {
  const taken: Taken[] = [];
  const onMessage = ({ payload, duplicate }: Message) =>
    new Promise<void>((resolve, reject) => {
      const fail = () => reject(new Error('the disk is full'));
      taken.push({ text: Buffer.from(payload).toString(), duplicate, settle: resolve, fail });
    });
  await link.subscribe({ filter, qos: 1, acknowledge: 'committed', onMessage });
  return taken;
}

/** A consumer in a process of its own, and the lines that it prints. */
function consumer(...args: readonly string[]): { process: ChildProcess; line: () => Promise<unknown> } {
  const child = spawn(process.execPath, ['--import', 'tsx', CONSUMER, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  cleanups.push(async () => void child.kill('SIGKILL'));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return { process: child, line: async () => JSON.parse((await lines.next()).value) };
}

describe.each(['5', '3.1.1'] as const)(
  'a message that is acknowledged when it is committed, over MQTT %s',
  (version) => {
    const session = (name: string) => ({ version, clientId: `${name}-${version}`, clean: false, sessionExpiry: 600 });

    it('is sent again where its consumer is killed before', async () => {
      const topic = `kill/${version}`;
      const args = [broker.url, version, `killed-${version}`, topic] as const;
      const first = consumer(...args, 'hesitates');
      expect(await first.line()).toEqual({ subscribed: topic });
      const { link } = await up({ version });
      await link.publish(topic, Buffer.from('once'), { qos: 1 });
      expect(await first.line()).toEqual({ payload: 'once', duplicate: false });
      const killed = once(first.process, 'exit');
      first.process.kill('SIGKILL');
      await killed;

      const second = consumer(...args, 'commits');
      const lines = [await second.line(), await second.line()];
      expect(lines).toContainEqual({ payload: 'once', duplicate: true });
      // The next one is handed over only once this one is acknowledged.
      await link.publish(topic, Buffer.from('another'), { qos: 1 });
      expect(await second.line()).toEqual({ payload: 'another', duplicate: false });
    });

    it('is sent again where its commit fails, and not any more once it succeeded', async () => {
      const one = await up(session('fails'));
      const taken = await commitsByHand(one.link, `fails/${version}`);
      const { link: sender } = await up({ version });
      await sender.publish(`fails/${version}`, Buffer.from('a'), { qos: 1 });
      await eventually('the first delivery', () => taken.length === 1);
      taken[0]?.fail();
      await eventually('the second delivery', () => taken.length === 2);
      expect(one.downs).toMatchObject([{ error: { code: 'link.not-committed' }, wasConnected: true }]);
      taken[1]?.settle();
      await sender.publish(`fails/${version}`, Buffer.from('b'), { qos: 1 });
      await eventually('the next', () => taken.length === 3);
      expect(taken.map(({ text, duplicate }) => [text, duplicate])).toEqual([
        ['a', false],
        ['a', true],
        ['b', false],
      ]);
    });

    it('lets its connection go before the broker gives up on it, and comes again once the commit is through', async () => {
      const one = await up({ ...session('late'), keepalive: 1 });
      const taken = await commitsByHand(one.link, `late/${version}`);
      const { link: sender } = await up({ version });
      await sender.publish(`late/${version}`, Buffer.from('a'), { qos: 1 });
      await eventually('the end of the hold', () => one.downs.length === 1);
      expect([one.downs[0], one.link.state]).toEqual([
        { error: undefined, wasConnected: true, retryIn: undefined },
        'waiting',
      ]);
      taken[0]?.settle();
      await one.connected(2);
      expect(one.ups[1]?.sessionPresent).toBe(true);
      await eventually('the second delivery', () => taken.length === 2);
      taken[1]?.settle();
      expect(taken[1]).toMatchObject({ text: 'a', duplicate: true });
    });

    it('does not end the connection after its own', async () => {
      const cable = await startCable(broker.port);
      cleanups.push(() => cable.close());
      const one = await up(session('lost'), cable.url);
      const taken = await commitsByHand(one.link, `lost/${version}`);
      const { link: sender } = await up({ version });
      await sender.publish(`lost/${version}`, Buffer.from('a'), { qos: 1 });
      await eventually('the first delivery', () => taken.length === 1);
      cable.cut();
      await eventually('the loss', () => one.downs[0]?.wasConnected);
      cable.mend();
      await eventually('the second delivery', () => taken.length === 2);
      taken[0]?.fail();
      taken[1]?.settle();
      const losses = () => one.downs.filter(({ wasConnected }) => wasConnected);
      expect(await one.link.publish('elsewhere', Buffer.from('x'), { qos: 0 })).toEqual({ reasonCode: 0 });
      await sender.publish(`lost/${version}`, Buffer.from('b'), { qos: 1 });
      await eventually('the next', () => taken.length === 3);
      expect([losses().length, taken[2]?.text]).toEqual([1, 'b']);
    });

    it('stays where it is when the link is closed while it is away', async () => {
      const one = await up({ ...session('away'), keepalive: 1 });
      const taken = await commitsByHand(one.link, `away/${version}`);
      const { link: sender } = await up({ version });
      await sender.publish(`away/${version}`, Buffer.from('a'), { qos: 1 });
      await eventually('the end of the hold', () => one.link.state === 'waiting');
      await one.link.close();
      taken[0]?.settle();
      await new Promise(setImmediate);
      expect([one.link.state, one.ups.length]).toEqual(['closed', 1]);
    });
  },
);

describe('a session until the link is closed', () => {
  it('outlives a connection, and then is given up', async () => {
    const one = await up({ version: '5', clientId: 'mine', clean: 'at-close', sessionExpiry: 600 });
    const taken = await commitsByHand(one.link, 'mine');
    await one.link.suspend();
    const { link: sender } = await up({ version: '5' });
    expect(await sender.publish('mine', Buffer.from('a'), { qos: 1 })).toEqual({ reasonCode: 0 });
    one.link.resume();
    await eventually('what came meanwhile', () => taken.length === 1);
    taken[0]?.settle();
    await one.link.close();
    expect(await sender.publish('mine', Buffer.from('b'), { qos: 1 })).toEqual({ reasonCode: 0x10 });
  });

  it('is none under MQTT 3.1.1, where the broker would keep it for ever', async () => {
    const one = await up({ version: '3.1.1', clientId: 'mine-too', clean: 'at-close', sessionExpiry: 600 });
    await commitsByHand(one.link, 'mine-too');
    await one.link.suspend();
    const { link: sender } = await up({ version: '5' });
    expect(await sender.publish('mine-too', Buffer.from('a'), { qos: 1 })).toEqual({ reasonCode: 0x10 });
  });
});
