import { describe, expect, it, onTestFinished } from 'vitest';
import { BrokerLimits } from '../../src/common/link/broker-limits.ts';
import { type MqttVersion, subscriptionRefused } from '../../src/common/link/index.ts';
import { startMosquitto } from '../support/mosquitto.ts';
import { CONNACK_5, scriptedBroker, Type } from './scripted-broker.ts';
import { eventually, watched } from './support.ts';

const will = () => ({ topic: 'w/status', payload: Buffer.from('gone'), qos: 1 as const, retain: true });

async function brokerWith(config: string) {
  const broker = await startMosquitto({ config });
  onTestFinished(() => broker.stop());
  return broker;
}

function started(...args: Parameters<typeof watched>) {
  const one = watched(...args);
  onTestFinished(() => one.link.close());
  one.link.start();
  return one;
}

describe.each(['5', '3.1.1', 'auto'] as const)('over MQTT %s', (version) => {
  it.each([
    ['a broker without retained messages', 'retain_available false', { retain: false, maximumQos: 1 }],
    ['a broker with a maximum QoS of 0', 'max_qos 0', { maximumQos: 0 }],
    ['a broker with a maximum QoS of 1', 'max_qos 1', { retain: true, maximumQos: 1 }],
    ['a broker with neither', 'retain_available false\nmax_qos 0', { retain: false, maximumQos: 0 }],
    ['a broker that sets the keepalive', 'max_keepalive 10', { retain: true, maximumQos: 1 }],
  ])('%s takes the connection, its will and its messages', async (_name, config, taken) => {
    const broker = await brokerWith(config);
    const reader = started(broker.url, { version: 'auto' });
    const got: string[] = [];
    await reader.link.subscribe({ filter: 'w/#', qos: 0, onMessage: ({ payload }) => void got.push(String(payload)) });
    const { link, ups, downs, connected } = started(broker.url, { version, will });
    const publish = (text: string) => link.publish('w/status', Buffer.from(text), { qos: 1, retain: true });
    // Under 3.1.1 it is only found out by what the broker hangs up on.
    for (let n = 1, taken = false; !taken; n += 1) {
      await connected(n);
      taken = await publish('here').then(
        () => true,
        () => false,
      );
    }
    await eventually('its way through', () => got.includes('here'));
    const before = ups.length;
    await publish('still');
    await eventually('the second one, too', () => got.includes('still'));
    expect(ups.length).toBe(before);
    if (version === '3.1.1') return;
    // Under 5 the broker says what it lacks, and nobody is thrown out.
    expect([before, downs, got.includes('gone')]).toEqual([1, [], false]);
    expect(link.info).toMatchObject(taken);
  });
});

describe('a broker that takes less than others', () => {
  it('is not asked for wildcards or shared subscriptions, for which it would throw the client out', async () => {
    const filters: string[] = [];
    const broker = await scriptedBroker((packet, peer) => {
      // Wildcard Subscription Available 0, Shared Subscription Available 0.
      if (packet.type === Type.connect) peer.send([0x20, 7, 0, 0, 4, 0x28, 0, 0x2a, 0]);
      if (packet.type !== Type.subscribe) return;
      filters.push(packet.body.subarray(5, -1).toString());
      peer.send([0x90, 4, ...packet.body.subarray(0, 2), 0, 0]);
    });
    onTestFinished(() => broker.stop());
    const { link, connected } = started(broker.url, { version: '5' });
    await connected();
    const subscribe = (filter: string) => link.subscribe({ filter, qos: 0, onMessage: () => {} });
    const { code } = subscriptionRefused.kind;
    await expect(subscribe('a/+/b')).rejects.toMatchObject({ code, message: expect.stringContaining('wildcard') });
    await expect(subscribe('$share/g/a')).rejects.toMatchObject({ code, message: expect.stringContaining('shared') });
    await subscribe('a/b');
    expect(filters).toEqual(['a/b']);
    expect(link.info).toMatchObject({ wildcards: false, shared: false });
  });

  it('is not asked again for what is no longer wanted', async () => {
    const filters: string[] = [];
    const broker = await scriptedBroker((packet, peer) => {
      if (packet.type === Type.connect) peer.send(CONNACK_5);
      if (packet.type !== Type.subscribe) return;
      filters.push(packet.body.subarray(5, -1).toString());
      peer.send([0x90, 4, ...packet.body.subarray(0, 2), 0, 0]);
    });
    onTestFinished(() => broker.stop());
    const { link, connected } = started(broker.url, { version: '5' });
    await connected();
    const ending = new AbortController();
    await link.subscribe({ filter: 'once', qos: 0, onMessage: () => {}, until: ending.signal });
    await link.subscribe({ filter: 'always', qos: 0, onMessage: () => {} });
    ending.abort();
    await link.suspend();
    link.resume();
    await connected(2);
    await eventually('the renewal', () => filters.length === 3);
    expect(filters).toEqual(['once', 'always', 'always']);
  });

  it('says so on the way: a message that was too much for it is the last one of its kind', async () => {
    const flags: number[] = [];
    const broker = await scriptedBroker((packet, peer) => {
      if (packet.type === Type.connect) peer.send(CONNACK_5);
      if (packet.type !== Type.publish) return;
      flags.push(packet.flags & 1);
      // DISCONNECT: Retain not supported.
      if ((packet.flags & 1) === 1) peer.send([0xe0, 2, 0x9a, 0]);
      else peer.send([0x40, 2, ...packet.body.subarray(3, 5)]);
    });
    onTestFinished(() => broker.stop());
    const { link, connected } = started(broker.url, { version: '5' });
    for (const n of [1, 2]) {
      await connected(n);
      await link.publish('t', Buffer.from('x'), { qos: 1, retain: true }).catch(() => undefined);
    }
    expect(flags).toEqual([1, 0]);
  });
});

describe('what a broker of MQTT 5 says', () => {
  const best = { retain: true, maximumQos: 1 };

  it('when it refuses a will is worth another attempt once, and true for one connection: the next may be another broker', () => {
    const limits = new BrokerLimits();
    expect([limits.refused(0x9a), limits.refused(0x9a), limits.refused(0x9b), limits.refused(0x87)]).toEqual([
      ...[true, false, true],
      false,
    ]);
    limits.connected({ retain: true, maximumQos: 1 });
    expect([limits.taken, limits.will('5')]).toEqual(Array(2).fill({ retain: false, maximumQos: 0 }));
    limits.ended({ reasonCode: undefined, unanswered: undefined });
    expect([limits.taken, limits.will('5')]).toEqual([best, best]);
  });

  it('when it ends a connection for it is true for all of them', () => {
    const limits = new BrokerLimits();
    limits.ended({ reasonCode: 0x9b, unanswered: undefined });
    limits.connected({});
    expect(limits.taken).toEqual({ retain: true, maximumQos: 0 });
  });
});

describe('what is known of a broker under 3.1.1', () => {
  const best = { retain: true, maximumQos: 1 };
  const version: MqttVersion = '3.1.1';

  it('one hang-up on a CONNECT says nothing, two lead to poorer wills in turn', () => {
    const limits = new BrokerLimits();
    const wills = Array.from({ length: 7 }, () => {
      const form = limits.will(version);
      limits.hungUp();
      return `${form.retain} ${form.maximumQos}`;
    });
    expect(wills).toEqual(['true 1', 'true 1', 'false 1', 'false 1', 'false 0', 'false 0', 'true 1']);
    expect(limits.will('5')).toEqual(best);
  });

  it('messages are as rich as ever until the broker hangs up on one of them, too', () => {
    const limits = new BrokerLimits();
    limits.hungUp();
    limits.hungUp();
    limits.connected({});
    expect(limits.taken).toEqual(best);
    limits.ended({ reasonCode: undefined, unanswered: { retained: false, qos1: true } });
    expect(limits.taken).toEqual(best);
    limits.hungUp();
    limits.hungUp();
    limits.ended({ reasonCode: undefined, unanswered: { retained: true, qos1: true } });
    expect([limits.taken, limits.will(version)]).toEqual([
      { retain: false, maximumQos: 1 },
      { retain: false, maximumQos: 1 },
    ]);
  });

  it('a broker that hangs up on messages alone is believed to take everything: it may forbid the topic', () => {
    const limits = new BrokerLimits();
    for (let n = 0; n < 10; n += 1) limits.ended({ reasonCode: undefined, unanswered: { retained: true, qos1: true } });
    expect(limits.taken).toEqual(best);
  });
});
