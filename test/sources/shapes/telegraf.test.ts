import { expect, it } from 'vitest';
import { shapeReader } from './support.ts';

const read = shapeReader('telegraf');
const TOPIC = 'telegraf/raynor/docker';
// Sample: influxdata/telegraf, plugins/serializers/json/README.md.
const METRIC = {
  fields: { field_1: 30, n_images: 660 },
  name: 'docker',
  tags: { host: 'raynor' },
  timestamp: 1_458_229_140,
};
const READING = { asset: 'raynor', t: 1_458_229_140_000, values: { 'docker.field_1': 30, 'docker.n_images': 660 } };

it.each([
  ['alone', METRIC, 1],
  ['in a batch', { metrics: [METRIC, METRIC] }, 2],
  ['in an array', [METRIC, METRIC, METRIC], 3],
])('a metric %s is a reading', (_form, message, count) => {
  expect(read(TOPIC, message)).toEqual({ readings: Array.from({ length: count }, () => READING), reasons: [] });
});

it.each([
  ['ms' as const, 1_458_229_140_123],
  ['ns' as const, 1_458_229_140_123_000_000],
  [undefined, '2016-03-17T15:39:00.123Z'],
])('another unit of times is declared: %s', (unit, timestamp) => {
  const { readings } = shapeReader('telegraf', unit && { unit })(TOPIC, { ...METRIC, timestamp });
  expect(readings[0]?.t).toBeCloseTo(1_458_229_140_123, 2);
});

it('further tags are part of the name, so that two series stay two', () => {
  const cpu = (name: string) => ({
    name: 'cpu',
    fields: { usage_idle: 9 },
    tags: { cpu: name, host: 'h' },
    timestamp: 1,
  });
  expect(read(TOPIC, [cpu('cpu0'), cpu('cpu1')]).readings.map(({ values }) => Object.keys(values)[0])).toEqual([
    'cpu,cpu=cpu0.usage_idle',
    'cpu,cpu=cpu1.usage_idle',
  ]);
});

it('the asset is named by a declared tag, else by asset, device, machine, host', () => {
  const metric = { ...METRIC, tags: { host: 'gw', machine: 'press', slave_id: '3' } };
  expect(read(TOPIC, metric).readings[0]).toMatchObject({
    asset: 'press',
    values: { 'docker,slave_id=3.field_1': 30 },
  });
  const declared = shapeReader('telegraf', { assetTag: 'slave_id' });
  expect(declared(TOPIC, metric).readings[0]).toMatchObject({
    asset: '3',
    values: { 'docker,machine=press.field_1': 30 },
  });
  expect(declared(TOPIC, METRIC).reasons).toEqual(['missing-asset']);
  expect(shapeReader('telegraf', { topic: 'telegraf/{asset}/+' })(TOPIC, metric).readings[0]?.asset).toBe('raynor');
});

it('what is wrong is refused by itself, and a batch of nothing is no error', () => {
  expect(read(TOPIC, { metrics: [7, { name: 'x' }, { ...METRIC, fields: {} }, METRIC] })).toEqual({
    readings: [READING],
    reasons: ['unknown-shape', 'unknown-shape', 'unknown-shape'],
  });
  expect(read(TOPIC, { metrics: [] }).reasons).toEqual(['no-reading']);
});
