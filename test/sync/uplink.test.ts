import { once } from 'node:events';
import net from 'node:net';
import { Aedes } from 'aedes';
import { afterEach, describe, expect, it } from 'vitest';
import { topicOf as channelTopic, DEFAULT_PREFIX, isGzip } from '../../src/common/protocol/index.ts';
import { CONNACK_5, puback, scriptedBroker, Type, topicOf } from '../link/scripted-broker.ts';
import { eventually, watched } from '../link/support.ts';
import { startCable } from '../support/cable.ts';
import { startMosquitto } from '../support/mosquitto.ts';
import { type Consumer, consumer, event, type Gateway, gateway, prediction, predictions } from './plant.ts';

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function mosquitto(config = ''): Promise<string> {
  const broker = await startMosquitto({ config });
  cleanups.push(() => broker.stop());
  return broker.url;
}

function started(url: string, config: object = {}): Gateway {
  const one = gateway(url, config);
  cleanups.push(() => one.uplink.stop(0));
  one.uplink.start();
  return one;
}

async function following(url: string, device: string): Promise<Consumer> {
  const one = await consumer(url, device);
  cleanups.push(() => one.link.close());
  return one;
}

describe.each(['5', '3.1.1'])('over MQTT %s', (version) => {
  it('everything committed arrives, in batches, and is confirmed', async () => {
    const url = await mosquitto();
    const { uplink, outbox, device } = gateway(url, { version });
    cleanups.push(() => uplink.stop(0));
    const { book, records, payloads, contentTypes } = await following(url, device);
    const sent = predictions(5_000);
    outbox.commit(sent);
    uplink.start();
    await eventually('the confirmations', () => outbox.confirmed.size === 5_000);
    await eventually('the records', () => records.length === 5_000);
    expect(records.map(({ t }) => t)).toEqual(sent.map(({ t }) => t));
    expect(payloads.length).toBeLessThan(20);
    expect(payloads.every(isGzip)).toBe(true);
    expect(new Set(contentTypes)).toEqual(new Set([version === '5' ? 'application/gzip' : undefined]));
    expect(book()).toMatchObject({ received: 5_000, duplicates: 0, missing: [] });
    expect(uplink.status()).toMatchObject({ state: 'connected', version, inFlight: 0, confirmed: 5_000, rejected: 0 });
  });

  it('a device is born, changes and says goodbye', async () => {
    const url = await mosquitto();
    const { uplink, outbox, state, device } = started(url, { version });
    const { statuses } = await following(url, device);
    const birth = await eventually('the birth', () => statuses[0]);
    expect(birth).toMatchObject({ site: 'plant', device, online: true, seq: 0, versions: { edgewright: '0.0.0' } });
    const digest = 'cd'.repeat(32);
    state.models = [{ pipeline: 'p', name: 'm', version: '2', digest, signed: false }];
    uplink.changed();
    await eventually('the change', () => statuses.some(({ models }) => models[0]?.digest === digest));
    outbox.commit([event()]);
    await uplink.stop(1_000);
    const last = await eventually('the goodbye', () => statuses.find(({ online }) => !online));
    expect(last).toMatchObject({ reason: 'stopped', seq: 1, boot: birth.boot });
    const late = await following(url, device);
    await eventually('the retained goodbye', () => late.statuses[0]?.reason === 'stopped');
  });

  it('the broker says that a device was lost', async () => {
    const url = await mosquitto();
    const cable = await startCable(Number(new URL(url).port));
    cleanups.push(() => cable.close());
    const { uplink, outbox, device } = gateway(cable.url, { version });
    cleanups.push(() => uplink.stop(0));
    outbox.commit([event(), event()]);
    const { statuses } = await following(url, device);
    uplink.start();
    await eventually('the birth', () => statuses[0]?.online);
    cable.cut();
    const will = await eventually('the will', () => statuses.find(({ online }) => !online));
    expect(will).toMatchObject({ reason: 'lost', seq: 2 });
    cable.mend();
    await eventually('the return', () => statuses.at(-1)?.online);
  });
});

describe('an uplink', () => {
  it('sends alarms and events before the backlog', async () => {
    const url = await mosquitto();
    const { uplink, outbox, device } = gateway(url);
    cleanups.push(() => uplink.stop(0));
    const { records } = await following(url, device);
    outbox.commit(predictions(3_000));
    outbox.commit([event()]);
    uplink.start();
    await eventually('all', () => records.length === 3_001);
    expect(records[0]?.type).toBe('event');
  });

  it('waits for somebody to subscribe: a broker without consumers is no confirmation', async () => {
    const url = await mosquitto();
    const { uplink, outbox, device } = started(url, { version: '5' });
    outbox.commit(predictions(10));
    await eventually('the refusal', () => uplink.status().reason?.includes('subscribed'));
    expect(outbox.confirmed.size).toBe(0);
    const { book } = await following(url, device);
    await eventually('the confirmations', () => outbox.confirmed.size === 10);
    await eventually('all', () => book()?.received === 10);
    expect(uplink.status().reason).toBeUndefined();
  });

  it('goes on where it was when the broker was away, and nothing else notices', async () => {
    const first = await startMosquitto();
    const { uplink, outbox, device } = started(first.url);
    const one = await following(first.url, device);
    outbox.commit(predictions(100));
    await eventually('the first', () => outbox.confirmed.size === 100);
    await first.kill();
    await eventually('the loss', () => uplink.status().state !== 'connected');
    outbox.commit(predictions(2_000));
    expect(outbox.pending).toBe(2_000);
    const again = await startMosquitto({ port: first.port });
    cleanups.push(() => again.stop());
    await one.connected(2);
    await eventually('the rest', () => outbox.confirmed.size === 2_100);
    await eventually('the records', () => one.book()?.received === 2_100);
    expect(one.book()?.missing).toEqual([]);
  });

  it('sends less at a time where the broker takes less, and lets go only of what is too large by itself', async () => {
    const url = await mosquitto('message_size_limit 3000');
    const { outbox, device, uplink } = started(url, { version: '5', gzip: false });
    const { book } = await following(url, device);
    const huge = event({ text: 'x'.repeat(4_000) });
    outbox.commit([...predictions(200), huge, ...predictions(200)]);
    await eventually('the end', () => outbox.confirmed.size + outbox.dead.size === 401);
    expect([...outbox.dead]).toEqual([201]);
    await eventually('the records', () => book()?.received === 400);
    expect(uplink.status()).toMatchObject({ state: 'connected', rejected: 1 });
  });

  it('keeps to what the broker says it takes', async () => {
    const url = await mosquitto('max_packet_size 5000');
    const { outbox, device, uplink } = started(url, { version: '5' });
    const { payloads, book } = await following(url, device);
    outbox.commit(predictions(2_000));
    await eventually('the records', () => book()?.received === 2_000);
    expect(Math.max(...payloads.map(({ byteLength }) => byteLength))).toBeLessThan(5_000);
    expect(uplink.status().rejected).toBe(0);
  });

  it('finds out what a broker takes that only hangs up on more', async () => {
    const url = await mosquitto('max_packet_size 5000');
    const { outbox, device } = started(url, { version: '3.1.1' });
    const { payloads, book } = await following(url, device);
    outbox.commit(predictions(1_000));
    await eventually('the records', () => book()?.received === 1_000, 25_000);
    expect(Math.max(...payloads.map(({ byteLength }) => byteLength))).toBeLessThan(5_000);
    await eventually('the confirmations', () => outbox.confirmed.size === 1_000);
    expect(outbox.dead.size).toBe(0);
  });

  it('sends again what was never acknowledged, and counts it as sent once', async () => {
    const topics: string[] = [];
    const broker = await scriptedBroker((packet, peer, connection) => {
      if (packet.type === Type.connect) peer.send(CONNACK_5);
      if (packet.type !== Type.publish) return;
      topics.push(`${connection} ${topicOf(packet).split('/').at(-1)}`);
      // The first connection keeps quiet about records, and then is gone.
      if (connection > 1 || topicOf(packet).endsWith('status')) peer.send(puback(packet));
      else peer.hangUp();
    });
    cleanups.push(() => broker.stop());
    const { outbox, uplink } = started(broker.url, { version: '5' });
    outbox.commit(predictions(10));
    await eventually('the confirmation', () => outbox.confirmed.size === 10);
    expect(topics).toEqual(['1 status', '1 records', '2 status', '2 records']);
    expect(uplink.status()).toMatchObject({ confirmed: 10, sent: { batches: 2 } });
  });

  it('never shows its password', async () => {
    const lines: unknown[] = [];
    const log = (...line: unknown[]) => void lines.push(line);
    const logger = { debug: log, info: log, warn: log, error: log };
    const url = (await mosquitto('allow_anonymous false')).replace('//', '//me:topsecret@');
    const { uplink } = gateway(url, { password: 'othersecret' }, 'gw', logger);
    cleanups.push(() => uplink.stop(0));
    uplink.start();
    await eventually('two refusals', () => lines.length >= 2);
    const said = JSON.stringify([lines, uplink.status()]);
    expect(said).toContain('link.refused');
    expect(said).not.toMatch(/topsecret|othersecret/);
  });

  it('works with the embedded broker', async () => {
    const aedes = await Aedes.createBroker();
    const server = net.createServer(aedes.handle).listen(0, '127.0.0.1');
    await once(server, 'listening');
    cleanups.push(async () => {
      server.close();
      await new Promise<void>((resolve) => aedes.close(resolve));
    });
    const address = server.address();
    const url = `mqtt://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
    const { outbox, device, uplink } = started(url);
    const { book, statuses } = await following(url, device);
    outbox.commit(predictions(1_500));
    await eventually('the records', () => book()?.received === 1_500);
    await uplink.stop(1_000);
    await eventually('the goodbye', () => statuses.at(-1)?.reason === 'stopped');
  });

  it('has room for channels of others, each with a bound of its own', async () => {
    const url = await mosquitto();
    const { uplink, device } = gateway(url);
    cleanups.push(() => uplink.stop(0));
    const sizes: unknown[] = [];
    uplink.inbound({
      name: 'receipt',
      maxBytes: 100_000,
      handle: ({ payload, oversized }) => void sizes.push([payload.length, oversized]),
    });
    expect(() => uplink.outbound('status')).toThrow('declared twice');
    uplink.start();
    await eventually('the connection', () => uplink.status().state === 'connected');
    const { link, connected } = watched(url);
    cleanups.push(() => link.close());
    link.start();
    await connected();
    const send = (channel: 'receipt' | 'command', bytes: number) =>
      link.publish(channelTopic({ prefix: DEFAULT_PREFIX, site: 'plant', device }, channel), Buffer.alloc(bytes), {
        qos: 1,
      });
    await send('command', 80_000);
    await send('receipt', 80_000);
    await send('receipt', 100_001);
    await eventually('both', () => sizes.length === 2);
    expect(sizes).toEqual([
      [80_000, undefined],
      [0, 100_001],
    ]);
    expect(uplink.status().commands).toEqual({ refused: { oversized: 1 } });
  });

  it('sends what still waits when it stops, and gives back what it cannot', async () => {
    const url = await mosquitto();
    const { uplink, outbox, device } = started(url, { linger: '1h' });
    const { book } = await following(url, device);
    await eventually('the connection', () => uplink.status().state === 'connected');
    outbox.commit([prediction(1)]);
    await eventually('the first', () => outbox.confirmed.size === 1);
    outbox.commit([prediction(2)]);
    await uplink.stop(5_000);
    expect([outbox.confirmed.size, outbox.pending, outbox.claimed]).toEqual([2, 0, 0]);
    await eventually('the records', () => book()?.received === 2);
  });
});
