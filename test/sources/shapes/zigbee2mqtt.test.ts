import { expect, it } from 'vitest';
import { ARRIVAL, shapeReader } from './support.ts';

// Samples: zigbee2mqtt.io, guide/usage/mqtt_topics_and_messages.html.
const read = shapeReader('zigbee2mqtt');

it.each([
  ['zigbee2mqtt/climate', { temperature: 27.34, humidity: 44.72 }, 'climate'],
  ['zigbee2mqtt/kitchen/floor_light', { state: 'ON', brightness: 215, color_temp: 325 }, 'kitchen/floor_light'],
  ['zigbee2mqtt/motion', { occupancy: true }, 'motion'],
])('a state is a reading of the device that the topic names: %s', (topic, values, asset) => {
  expect(read(topic, values)).toEqual({ readings: [{ asset, t: ARRIVAL, values }], reasons: [] });
});

it('objects in a state become dotted tags, and what describes the device is left out', () => {
  const state = { color: { x: 0.33, y: 0.35 }, update: { state: 'idle' }, device: { ieeeAddr: '0x00158d00018255df' } };
  const values = { 'color.x': 0.33, 'color.y': 0.35, 'update.state': 'idle' };
  expect(read('zigbee2mqtt/lamp', state).readings).toEqual([{ asset: 'lamp', t: ARRIVAL, values }]);
});

it.each([
  ['2026-01-01T00:00:01.500Z', ARRIVAL + 1500],
  ['2026-01-01T02:00:01+02:00', ARRIVAL + 1000],
  [ARRIVAL + 7, ARRIVAL + 7],
  [null, ARRIVAL],
])('last_seen is the time: %s', (last_seen, t) => {
  expect(read('zigbee2mqtt/a', { temperature: 1, last_seen }).readings).toEqual([
    { asset: 'a', t, values: { temperature: 1 } },
  ]);
});

it('a value in a topic of its own has the last level as its tag', () => {
  expect(read('zigbee2mqtt/hall/climate/temperature', '27.34').readings).toEqual([
    { asset: 'hall/climate', t: ARRIVAL, values: { temperature: 27.34 } },
  ]);
  expect(read('zigbee2mqtt/lamp/state', 'ON').readings[0]?.values).toEqual({ state: 'ON' });
});

it.each([
  ['zigbee2mqtt/bridge/state', '{"state":"online"}'],
  ['zigbee2mqtt/bridge/devices', '[]'],
  ['zigbee2mqtt/bridge/response/device/remove', '{}'],
  ['zigbee2mqtt/lamp/availability', '{"state":"online"}'],
  ['zigbee2mqtt/lamp/availability', 'online'],
  ['zigbee2mqtt/lamp/set', '{"state":"ON"}'],
  ['zigbee2mqtt/lamp/set/state', 'ON'],
  ['zigbee2mqtt/lamp/get', '{"state":""}'],
  ['zigbee2mqtt/lamp', ''],
  ['zigbee2mqtt/lamp', '{}'],
])('is no reading, and no error: %s %s', (topic, payload) => {
  expect(read(topic, payload)).toEqual({ readings: [], reasons: ['no-reading'] });
});

it('a declared topic wins, with its names', () => {
  const declared = shapeReader('zigbee2mqtt', { topic: '{line}/z2m/{asset}' });
  expect(declared('l4/z2m/lamp', { brightness: 2 }).readings).toEqual([
    { asset: 'lamp', t: ARRIVAL, values: { brightness: 2 }, attributes: { line: 'l4' } },
  ]);
  expect(shapeReader('zigbee2mqtt', { topic: '+/z2m/#' })('l4/z2m/hall/lamp', { x: 2 }).readings[0]?.asset).toBe(
    'hall/lamp',
  );
  expect(shapeReader('zigbee2mqtt', { topic: 'zigbee2mqtt/+' })('zigbee2mqtt/lamp', { x: 2 }).readings[0]?.asset).toBe(
    'lamp',
  );
});

it('what is wrong is refused as in the plain form, and the rest counts', () => {
  const cut = read('zigbee2mqtt/a', '{"temperature":');
  expect(cut).toEqual({ readings: [], reasons: expect.arrayContaining(['malformed-json']) });
  expect(read('zigbee2mqtt/a', '21.5')).toEqual({ readings: [], reasons: ['missing-tag'] });
  expect(read('zigbee2mqtt/a', { temperature: 1, last_seen: 'yesterday' }).reasons).toEqual(['bad-time']);
  expect(read('zigbee2mqtt/a', '{"temperature":1e999,"humidity":4}')).toEqual({
    readings: [{ asset: 'a', t: ARRIVAL, values: { temperature: null, humidity: 4 } }],
    reasons: ['non-finite'],
  });
});
