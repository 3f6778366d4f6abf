import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { silentLogger } from '../../src/common/observability/index.ts';
import { startBroker } from '../../src/tools/demo/broker.ts';
import { Feeder } from '../../src/tools/demo/feeder.ts';
import { startLinkSwitch } from '../../src/tools/demo/link-switch.ts';
import { eventually, watched } from '../link/support.ts';

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function broker() {
  const started = await startBroker();
  cleanups.push(() => started.close());
  return started;
}

describe('the link switch', () => {
  it('carries messages, holds a client back while it is cut, and lets it through once mended', async () => {
    const { port, url } = await broker();
    const link = await startLinkSwitch(port);
    cleanups.push(() => link.close());
    const consumer = watched(url);
    const gateway = watched(link.url);
    cleanups.push(
      () => consumer.link.close(),
      () => gateway.link.close(),
    );
    const got: string[] = [];
    consumer.link.start();
    await consumer.link.subscribe({ filter: 't', qos: 1, onMessage: ({ payload }) => void got.push(String(payload)) });
    gateway.link.start();
    await gateway.connected();
    await gateway.link.publish('t', Buffer.from('before'), { qos: 1 });
    link.sever();
    await eventually('the cut', () => gateway.downs.some(({ wasConnected }) => wasConnected));
    await eventually('an attempt that gets no answer', () => gateway.link.state === 'connecting');
    await expect(gateway.link.publish('t', Buffer.from('lost'), { qos: 1 })).rejects.toMatchObject({
      code: 'link.offline',
    });
    link.mend();
    await gateway.connected(2);
    await gateway.link.publish('t', Buffer.from('after'), { qos: 1 });
    await eventually('both messages', () => got.length === 2);
    expect(got).toEqual(['before', 'after']);
  });

  it('leaves no connection behind when it closes', async () => {
    const { port } = await broker();
    const link = await startLinkSwitch(port);
    link.sever();
    const socket = connect(link.port, '127.0.0.1');
    await once(socket, 'connect');
    const closed = once(socket, 'close');
    socket.on('error', () => {});
    await link.close();
    await closed;
  });
});

describe('the plant', () => {
  it('sends every instant of every pump over MQTT, and nothing from the future', async () => {
    const { url } = await broker();
    const consumer = watched(url);
    cleanups.push(() => consumer.link.close());
    consumer.link.start();
    const got: { topic: string; t: number; values: Record<string, number> }[] = [];
    await consumer.link.subscribe({
      filter: 'factory/#',
      qos: 1,
      onMessage: ({ topic, payload }) => void got.push({ topic, ...JSON.parse(String(payload)) }),
    });
    const sent: number[] = [];
    let now = 0;
    const plant = new Feeder({
      url,
      assets: ['pump-1', 'pump-2'],
      seed: 1,
      start: 0,
      now: () => now,
      onReading: ({ t }) => sent.push(t),
      logger: silentLogger,
    });
    await plant.start();
    now = 2_000;
    await eventually('two seconds of readings', () => got.length === 80);
    await plant.stop();
    expect(Math.max(...sent)).toBeLessThan(now);
    expect(sent).toHaveLength(80);
    const second = got.filter(({ topic, t }) => topic === 'factory/line-1/pump-2' && t === 1_000);
    expect(second).toHaveLength(1);
    expect(Object.keys(second[0]?.values ?? {}).sort()).toEqual([
      'flow',
      'pressure',
      'speed',
      'temperature',
      'vibration',
    ]);
  });

  it('breaks the pump that it is told to, and no other', async () => {
    const { url } = await broker();
    const vibration = new Map<string, number>();
    let now = 0;
    const plant = new Feeder({
      url,
      assets: ['pump-1', 'pump-2'],
      seed: 1,
      start: 0,
      now: () => now,
      onReading: ({ asset, values }) => vibration.set(asset, Number(values['vibration'])),
      logger: silentLogger,
    });
    await plant.start();
    cleanups.push(() => plant.stop());
    plant.switchOn('pump-2', 'bearing-wear', 1_000);
    now = 3_000;
    await eventually('the readings', () => plant.timeOf('pump-2') >= 3_000);
    expect(vibration.get('pump-2') ?? 0).toBeGreaterThan(2 * (vibration.get('pump-1') ?? 0));
  });
});
