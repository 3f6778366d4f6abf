import mqtt from 'mqtt';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { brokerOf, sourceSchema } from '../../../src/scoring/sources/index.ts';
import { SHAPES } from '../../../src/scoring/sources/shapes/catalogue.ts';
import { type Mosquitto, startMosquitto } from '../../support/mosquitto.ts';
import { drain, eventually, folderOf, hasMosquitto, KeepingSink, makeSource } from '../support.ts';

const problemsOf = (config: object) =>
  sourceSchema.safeParse(config).error?.issues.map(({ path, message }) => [path.join('.'), message]);

describe('the key shape', () => {
  it.each(SHAPES.filter(({ topic }) => topic !== undefined).map(({ name, topic }) => [name, topic]))(
    '%s needs no topic: it has %s',
    (shape, topic) => {
      expect(brokerOf(sourceSchema.parse({ type: 'mqtt', shape }))?.filter).toBe(topic);
      expect(brokerOf(sourceSchema.parse({ type: 'mqtt', shape, topic: 'a/{asset}/+' }))?.filter).toBe('a/+/+');
    },
  );

  it('does not go with paths, nor assetTag without a series, nor a topic be missing without it', () => {
    expect(problemsOf({ type: 'mqtt', shape: 'tasmota', paths: {} })).toMatchObject([['paths', /leave out/]]);
    expect(problemsOf({ type: 'file', path: 'x', shape: 'tasmota', paths: {} })).toMatchObject([
      ['paths', /leave out/],
    ]);
    expect(problemsOf({ type: 'mqtt', shape: 'tasmota', assetTag: 'x' })).toMatchObject([['assetTag', /telegraf/]]);
    expect(problemsOf({ type: 'mqtt' })).toMatchObject([['topic', /required/]]);
    expect(problemsOf({ type: 'mqtt', shape: 'senml' })).toMatchObject([['topic', /required/]]);
    expect(problemsOf({ type: 'file', path: 'x', format: 'f32', tags: ['a'], rate: 1, shape: 'influx' })).toMatchObject(
      [['shape', /lines/]],
    );
  });

  it('has times in ms where neither unit nor shape is declared, as before there were shapes', () => {
    expect(sourceSchema.parse({ type: 'mqtt', topic: 'a/{asset}' })).toMatchObject({ time: { unit: 'ms' } });
    expect(sourceSchema.parse({ type: 'file', path: 'x' })).toMatchObject({ time: { unit: 'ms' } });
    expect(sourceSchema.parse({ type: 'mqtt', shape: 'telegraf' })).toMatchObject({ time: {} });
  });
});

describe('files of messages', () => {
  const time = (name: string) => ({ asset: name, t: 1_458_229_140_000 });

  it('of line protocol, whatever they are called', async () => {
    const folder = await folderOf({
      'a.lp': 'm,host=a x=1 1458229140000000000\n# comment\nm,host=a x=2i\n',
      'b.txt.gz': 'm,host=b x=3 1458229140000000000\r\n',
    });
    const sink = await drain({ type: 'file', path: folder, shape: 'influx', speed: 'max' });
    expect(sink.readings).toEqual([
      { ...time('a'), values: { 'm.x': 1 } },
      { ...time('b'), values: { 'm.x': 3 } },
    ]);
    expect(sink.reasons).toEqual(['no-reading', 'missing-time']);
  });

  it('of Telegraf, with another unit of times and the asset of the file', async () => {
    const line = '{"fields":{"x":1},"name":"m","tags":{"host":"gw"},"timestamp":1458229140000}';
    const folder = await folderOf({ 'pump.jsonl': `${line}\n` });
    const config = { type: 'file', path: `${folder}/pump.jsonl`, shape: 'telegraf', asset: '{file}', speed: 'max' };
    expect((await drain({ ...config, time: { unit: 'ms' } })).readings).toEqual([
      { ...time('pump'), values: { 'm.x': 1 } },
    ]);
  });
});

describe.skipIf(!hasMosquitto)('ready shapes at a real broker (skipped without mosquitto)', () => {
  let broker: Mosquitto;
  beforeAll(async () => {
    broker = await startMosquitto();
  });
  afterAll(() => broker.stop());

  async function received(config: object, messages: readonly (readonly [string, string])[], wanted: number) {
    const client = await mqtt.connectAsync(broker.url);
    onTestFinished(() => client.endAsync());
    const sink = new KeepingSink();
    await makeSource({ type: 'mqtt', url: broker.url, qos: 0, ...config }).start(sink);
    for (const [topic, payload] of messages) await client.publishAsync(topic, payload, { qos: 1 });
    await eventually('what was sent', () => sink.readings.length + sink.rejected.length >= wanted);
    return sink;
  }

  it('zigbee2mqtt with its name alone', async () => {
    const sink = await received(
      { shape: 'zigbee2mqtt' },
      [
        ['zigbee2mqtt/bridge/state', '{"state":"online"}'],
        ['zigbee2mqtt/press/vibration', '{"vibration":true,"strength":12,"angle":{"x":3}}'],
      ],
      2,
    );
    expect(sink.readings).toMatchObject([
      { asset: 'press/vibration', values: { vibration: true, strength: 12, 'angle.x': 3 } },
    ]);
    expect(sink.reasons).toEqual(['no-reading']);
  });

  it('Shelly with bare values', async () => {
    const sink = await received(
      { shape: 'shelly' },
      [
        ['shellies/plug-1/relay/0/power', '41.5'],
        ['shellies/plug-1/relay/0', 'on'],
      ],
      2,
    );
    expect(sink.readings).toMatchObject([
      { asset: 'plug-1', values: { 'relay.0.power': 41.5 } },
      { asset: 'plug-1', values: { 'relay.0': 'on' } },
    ]);
  });

  it('several lines of line protocol in a message', async () => {
    const lines = 'm,host=a x=1i 1767225600000000000\nm,host=b x=2 1767225600000000000\nm,host=c x=oops';
    const sink = await received({ shape: 'influx' }, [['telegraf/gw/m', lines]], 3);
    expect(sink.readings).toEqual([
      { asset: 'a', t: 1_767_225_600_000, values: { 'm.x': 1 } },
      { asset: 'b', t: 1_767_225_600_000, values: { 'm.x': 2 } },
    ]);
    expect(sink.reasons).toEqual(['malformed-line']);
  });
});
