import { expect, it, onTestFinished } from 'vitest';
import { lost } from '../../src/common/link/index.ts';
import { SendQuota } from '../../src/common/link/send-quota.ts';
import { puback, scriptedBroker, Type } from './scripted-broker.ts';
import { eventually, watched } from './support.ts';

const RECEIVE_MAXIMUM = 4;
const CONNACK = [0x20, 6, 0, 0, 3, 0x21, 0, RECEIVE_MAXIMUM];

/** A broker that answers a message only when it is told to. */
async function slowBroker() {
  const waiting: (() => void)[] = [];
  const seen = { qos1: 0, qos0: 0, most: 0 };
  const broker = await scriptedBroker((packet, peer) => {
    if (packet.type === Type.connect) peer.send(CONNACK);
    if (packet.type !== Type.publish) return;
    if ((packet.flags & 6) === 0) {
      seen.qos0 += 1;
      return;
    }
    seen.qos1 += 1;
    waiting.push(() => peer.send(puback(packet)));
    seen.most = Math.max(seen.most, waiting.length);
  });
  onTestFinished(() => broker.stop());
  const one = watched(broker.url, { version: '5' });
  onTestFinished(() => one.link.close());
  one.link.start();
  await one.connected();
  return { ...one, seen, answer: () => waiting.shift()?.() };
}

it('never has more messages unanswered than the broker takes, whoever sends them, and sends all in order', async () => {
  const { link, seen, answer } = await slowBroker();
  const done: number[] = [];
  const sent = Array.from({ length: 11 }, (_, n) =>
    link.publish(`t/${n % 3}`, Buffer.from('x'), { qos: 1 }).then(() => done.push(n)),
  );
  await link.publish('t', Buffer.from('x'), { qos: 0 });
  await eventually('the first ones', () => seen.qos0 === 1 && seen.qos1 === RECEIVE_MAXIMUM);
  for (let n = 1; n <= 11; n += 1) {
    answer();
    await eventually('an answer', () => done.length === n && seen.qos1 === Math.min(11, n + RECEIVE_MAXIMUM));
  }
  await Promise.all(sent);
  expect([seen.most, done]).toEqual([RECEIVE_MAXIMUM, Array.from({ length: 11 }, (_, n) => n)]);
});

it('a place that is handed on is not free as well', async () => {
  const quota = new SendQuota(1);
  expect(quota.take()).toBeUndefined();
  const second = quota.take();
  quota.give();
  await second;
  const third = quota.take();
  expect(third).toBeInstanceOf(Promise);
  quota.give();
  await third;
  quota.give();
  expect(quota.take()).toBeUndefined();
});

it('what waits for its place ends with the connection, and the next one begins with all places', async () => {
  const { link, seen, answer, connected } = await slowBroker();
  const publish = () => link.publish('t', Buffer.from('x'), { qos: 1 });
  const sent = Array.from({ length: 6 }, publish);
  await eventually('the first ones', () => seen.qos1 === RECEIVE_MAXIMUM);
  const outcomes = Promise.allSettled(sent);
  await link.suspend();
  expect(await outcomes).toEqual(
    sent.map(() => ({ status: 'rejected', reason: expect.objectContaining({ code: lost.kind.code }) })),
  );
  link.resume();
  await connected(2);
  const again = Array.from({ length: RECEIVE_MAXIMUM }, publish);
  await eventually('as many again', () => seen.qos1 === 2 * RECEIVE_MAXIMUM);
  while (answer() !== undefined || seen.qos1 < 2 * RECEIVE_MAXIMUM) await Promise.resolve();
  for (let n = 0; n < 2 * RECEIVE_MAXIMUM; n += 1) answer();
  await Promise.all(again);
});
