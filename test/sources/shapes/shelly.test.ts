import { expect, it } from 'vitest';
import { ARRIVAL, shapeReader } from './support.ts';

const read = shapeReader('shelly');
const any = shapeReader('shelly', { topic: '#' });

// Topics: shelly-api-docs.shelly.cloud, gen1, Shelly1PM, 3EM and Door/Window: MQTT.
it.each([
  ['shellies/shelly1pm-BA1936/relay/0', 'on', { 'relay.0': 'on' }],
  ['shellies/shelly1pm-BA1936/relay/0/power', '12.54', { 'relay.0.power': 12.54 }],
  ['shellies/shelly1pm-BA1936/overtemperature', '0', { overtemperature: 0 }],
  ['shellies/shelly1pm-BA1936/input/0', '1', { 'input.0': 1 }],
  ['shellies/shelly1pm-BA1936/sensor/flood', 'true', { 'sensor.flood': true }],
  ['shellies/shelly1pm-BA1936/sensor/state', 'open', { 'sensor.state': 'open' }],
  [
    'shellies/shelly1pm-BA1936/input_event/0',
    '{"event":"S","event_cnt":2}',
    {
      'input_event.0.event': 'S',
      'input_event.0.event_cnt': 2,
    },
  ],
])('the first generation names asset and tag by the topic: %s', (topic, payload, values) => {
  expect(read(topic, payload)).toEqual({
    readings: [{ asset: 'shelly1pm-BA1936', t: ARRIVAL, values }],
    reasons: [],
  });
});

// Sample: shelly-api-docs.shelly.cloud, gen2, components Switch and MQTT.
it('a later one sends the status of a component', () => {
  const status = {
    id: 0,
    output: true,
    apower: 8.9,
    voltage: 237.5,
    aenergy: { total: 6.532, by_minute: [45.199, 47] },
  };
  const values = {
    'switch:0.id': 0,
    'switch:0.output': true,
    'switch:0.apower': 8.9,
    'switch:0.voltage': 237.5,
    'switch:0.aenergy.total': 6.532,
    'switch:0.aenergy.by_minute.0': 45.199,
    'switch:0.aenergy.by_minute.1': 47,
  };
  expect(any('shellyplus1pm-441793a5d2fc/status/switch:0', status).readings).toEqual([
    { asset: 'shellyplus1pm-441793a5d2fc', t: ARRIVAL, values },
  ]);
  expect(read('shellies/hall/status/switch:0', status).readings[0]?.asset).toBe('hall');
});

// Sample: shelly-api-docs.shelly.cloud, gen2, Notifications and RPC Protocol.
it('a later one notifies of changes, with their time', () => {
  const notification =
    '{"src":"shellypro4pm-f008d1d8b8b8","dst":"shellypro4pm-f008d1d8b8b8/events","method":"NotifyStatus","params":{"ts":1631186545.04,"switch:0":{"id":0,"apower":null,"output":true}}}';
  const expected = {
    asset: 'shellypro4pm-f008d1d8b8b8',
    t: 1_631_186_545_040,
    values: { 'switch:0.id': 0, 'switch:0.apower': null, 'switch:0.output': true },
  };
  expect(any('shellypro4pm-f008d1d8b8b8/events/rpc', notification)).toEqual({ readings: [expected], reasons: [] });
  const { readings } = shapeReader('shelly-gen2')('shellypro4pm-f008d1d8b8b8/events/rpc', notification);
  expect(readings).toEqual([expected]);
  expect(read('shellies/hall/events/rpc', notification).readings[0]?.asset).toBe('hall');
  expect(any('events/rpc', notification).readings[0]?.asset).toBe('shellypro4pm-f008d1d8b8b8');
});

it.each([
  ['shellies/announce', '{"id":"shelly1pm-BA1936","model":"SHSW-PM"}'],
  ['shellies/command', 'announce'],
  ['shellies/a/online', 'true'],
  ['shellies/a/info', '{"wifi_sta":{"connected":true}}'],
  ['shellies/a/relay/0/command', 'on'],
  ['shellies/a/light/0/set', '{"turn":"on"}'],
  ['plug/online', 'true'],
  ['plug/rpc', '{"id":1,"src":"x","method":"Switch.Set","params":{"id":0,"on":true}}'],
  ['plug/events/rpc', '{"src":"plug","method":"NotifyEvent","params":{"ts":1,"events":[{"component":"input:0"}]}}'],
])('is no reading, and no error: %s', (topic, payload) => {
  expect(any(topic, payload)).toEqual({ readings: [], reasons: ['no-reading'] });
});

it('a value that is not finite is a bad sample', () => {
  expect(read('shellies/a/ext_temperature/0', 'nan')).toEqual({
    readings: [{ asset: 'a', t: ARRIVAL, values: { 'ext_temperature.0': null } }],
    reasons: ['non-finite'],
  });
});
