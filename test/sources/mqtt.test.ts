import mqtt from 'mqtt';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { freePort } from '../support/free-port.ts';
import { type Mosquitto, startMosquitto } from '../support/mosquitto.ts';
import { eventually, hasMosquitto, KeepingSink, makeSource } from './support.ts';

describe.skipIf(!hasMosquitto)('the mqtt source at a real broker (skipped without mosquitto)', () => {
  let broker: Mosquitto;
  let opened = 0;
  beforeAll(async () => {
    broker = await startMosquitto({ config: 'max_queued_messages 0' });
  });
  afterAll(() => broker.stop());

  async function publisher(url = broker.url) {
    const client = await mqtt.connectAsync(url);
    onTestFinished(() => client.endAsync());
    return client;
  }

  /** A configuration with topics and a client id that no other test has. */
  function fresh(changes: object = {}) {
    opened += 1;
    const root = `t${opened}`;
    const config = {
      type: 'mqtt',
      url: broker.url,
      topic: `${root}/{asset}`,
      clientId: root,
      session: '60s',
      ...changes,
    };
    return { root, config };
  }

  it('counts a payload that is too large once, retained as it is, and goes on', async () => {
    const { root, config } = fresh({ maxPayload: '64KiB' });
    const client = await publisher();
    await client.publishAsync(`${root}/a`, Buffer.alloc(10_000_000, 32), { qos: 1, retain: true });
    const sink = new KeepingSink();
    await makeSource(config).start(sink);
    await eventually('the refusal', () => sink.rejected.length > 0);
    for (let t = 1; t <= 20; t++) await client.publishAsync(`${root}/a`, `{"t":${t},"values":{"x":1}}`, { qos: 1 });
    await eventually('20 readings', () => sink.readings.length === 20);
    expect(sink.reasons).toEqual(['payload-too-large']);
    await client.publishAsync(`${root}/a`, '', { retain: true });
  });

  it('loses nothing and keeps the order while the pipeline takes nothing for longer than the keepalive', async () => {
    const { root, config } = fresh({ keepalive: '1s' });
    const client = await publisher();
    const left: string[] = [];
    const logger = { debug() {}, warn() {}, error() {}, info: (message: string) => void left.push(message) };
    const sink = new KeepingSink();
    await makeSource(config, { logger }).start(sink);
    const total = 300;
    for (let t = 1; t <= total; t++) void client.publish(`${root}/a`, `{"t":${t},"values":{"x":${t}}}`, { qos: 1 });
    for (const share of [0.25, 0.5, 0.75]) {
      sink.allow(total * share);
      await eventually('the source to fill its credit', () => sink.readings.length >= total * share);
      const times = left.length;
      await eventually('the source to leave its broker', () => left.length > times);
    }
    sink.allow(Number.POSITIVE_INFINITY);
    await eventually(`${total} readings`, () => sink.readings.length >= total);
    expect(sink.readings.map(({ t }) => t)).toEqual(Array.from({ length: total }, (_, i) => i + 1));
    expect(sink.unheld).toBe(0);
  });

  it('gets after a restart what came while it was away', async () => {
    const { root, config } = fresh();
    const client = await publisher();
    const before = new KeepingSink();
    const source = makeSource(config);
    await source.start(before);
    await client.publishAsync(`${root}/a`, '{"t":1,"values":{"x":1}}', { qos: 1 });
    await eventually('a reading', () => before.readings.length > 0);
    await source.stop();
    for (const t of [2, 3]) await client.publishAsync(`${root}/a`, `{"t":${t},"values":{"x":1}}`, { qos: 1 });
    const after = new KeepingSink();
    await makeSource(config).start(after);
    await eventually('what was kept', () => after.readings.length === 2);
    expect([...before.readings, ...after.readings].map(({ t }) => t)).toEqual([1, 2, 3]);
  });

  it('waits for a broker that is not there yet, and may be stopped meanwhile', async () => {
    const port = await freePort();
    const { root, config } = fresh({ url: `mqtt://127.0.0.1:${port}` });
    const sink = new KeepingSink();
    const impatient = makeSource({ ...config, clientId: `${root}-2` });
    const abandoned = impatient.start(sink);
    await impatient.stop();
    await abandoned;
    const started = makeSource(config).start(sink);
    const late = await startMosquitto({ port });
    onTestFinished(() => late.stop());
    await started;
    await (await publisher(late.url)).publishAsync(`${root}/a`, '{"t":1,"values":{"x":1}}', { qos: 1 });
    await eventually('a reading', () => sink.readings.length === 1);
  });

  it('reads bare values by topic, with attributes', async () => {
    const { root, config } = fresh();
    const sink = new KeepingSink();
    const source = makeSource({ ...config, topic: `${root}/{line}/{asset}/{tag}` });
    const before = Date.now();
    await source.start(sink);
    await (await publisher()).publishAsync(`${root}/l4/pump/flow`, '3.5', { qos: 1 });
    const reading = await eventually('a reading', () => sink.readings[0]);
    expect(reading).toMatchObject({ asset: 'pump', values: { flow: 3.5 }, attributes: { line: 'l4' } });
    expect(reading.t).toBeGreaterThanOrEqual(before);
  });

  it.each(['5', '3.1.1'])(
    'shares the messages of $share/GROUP/ with another, and loses none, in MQTT %s',
    async (version) => {
      const { root, config } = fresh({ version });
      const sinks = [new KeepingSink(), new KeepingSink()];
      for (const [index, sink] of sinks.entries()) {
        const topic = `$share/gateways/${root}/{asset}`;
        await makeSource({ ...config, topic, clientId: `${root}-${index}` }).start(sink);
      }
      const client = await publisher();
      for (let t = 1; t <= 20; t++) await client.publishAsync(`${root}/x`, `{"t":${t},"values":{"x":1}}`, { qos: 1 });
      const times = () => sinks.flatMap(({ readings }) => readings.map(({ t }) => t)).sort((a, b) => a - b);
      await eventually('20 readings', () => times().length >= 20);
      expect(times()).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
      expect(sinks.flatMap(({ reasons }) => reasons)).toEqual([]);
      expect(sinks[0]?.readings.every(({ asset }) => asset === 'x')).toBe(true);
    },
  );

  it("reads the broker's own topics where they are written out", async () => {
    const { config } = fresh();
    const sink = new KeepingSink();
    await makeSource({ ...config, topic: '$SYS/{asset}/{tag}' }).start(sink);
    // What is retained there has no time of its own, and is refused for that alone.
    await eventually('an answer', () => sink.calls > 0);
    expect(sink.rejected[0]?.detail).toMatch(/^\$SYS\/broker\//);
    expect(sink.reasons).not.toContain('unknown-topic');
  });

  it('takes the name in the payload where the level of the topic is empty, and refuses a reading without any', async () => {
    const { root, config } = fresh();
    const sink = new KeepingSink();
    await makeSource({ ...config, topic: `/${root}/{asset}/{tag}` }).start(sink);
    const client = await publisher();
    await client.publishAsync(`/${root}//flow`, '{"asset":"pump","t":1,"value":2}', { qos: 1 });
    await client.publishAsync(`/${root}//flow`, '3', { qos: 1 });
    await client.publishAsync(`/${root}/pump/`, '4', { qos: 1 });
    await eventually('all of it', () => sink.calls >= 3);
    expect(sink.readings).toEqual([{ asset: 'pump', t: 1, values: { flow: 2 } }]);
    expect(sink.reasons).toEqual(['missing-asset', 'missing-tag']);
  });
});
