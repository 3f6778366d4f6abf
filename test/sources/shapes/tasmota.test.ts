import { expect, it } from 'vitest';
import { ARRIVAL, shapeReader } from './support.ts';

const read = shapeReader('tasmota');
// Sample: tasmota.github.io/docs, MQTT and Zigbee pages; energy as firmware 12 publishes it.
const ENERGY =
  '{"Time":"2022-08-07T02:39:55","ENERGY":{"TotalStartTime":"2022-08-02T20:37:49","Total":0.006,"Power":[12,80],"Factor":0.00,"Voltage":121,"Current":0.000}}';
const CLIMATE = { Time: '2019-11-03T20:45:37', AM2301: { Temperature: 20.6, Humidity: 51.2 }, TempUnit: 'C' };
const SENSORS = { 'AM2301.Temperature': 20.6, 'AM2301.Humidity': 51.2 };

it('sensors become dotted tags, lists numbered ones, and a local time without a zone is not believed', () => {
  expect(read('tele/taylor_water/SENSOR', ENERGY)).toEqual({
    readings: [
      {
        asset: 'taylor_water',
        t: ARRIVAL,
        values: {
          'ENERGY.TotalStartTime': '2022-08-02T20:37:49',
          'ENERGY.Total': 0.006,
          'ENERGY.Power.0': 12,
          'ENERGY.Power.1': 80,
          'ENERGY.Factor': 0,
          'ENERGY.Voltage': 121,
          'ENERGY.Current': 0,
        },
      },
    ],
    reasons: [],
  });
});

it('the time counts where the configuration calls it UTC, or the device says it in seconds or with its zone', () => {
  const timeOf = (changes: object, unit?: 'iso') =>
    shapeReader('tasmota', unit && { unit })('tele/a/SENSOR', { ...CLIMATE, ...changes }).readings[0]?.t;
  expect(timeOf({}, 'iso')).toBe(Date.UTC(2019, 10, 3, 20, 45, 37));
  expect(timeOf({ Epoch: 1_572_813_937 })).toBe(1_572_813_937_000);
  expect(timeOf({ Time: 1_572_813_937 })).toBe(1_572_813_937_000);
  expect(timeOf({ Time: '2019-11-03T20:45:37+01:00' })).toBe(Date.UTC(2019, 10, 3, 19, 45, 37));
});

it('a retained message without a time that can be believed is refused', () => {
  expect(read('tele/a/SENSOR', CLIMATE, 'retained')).toEqual({ readings: [], reasons: ['missing-time'] });
});

it.each([
  ['tele/hall/SENSOR', 'hall'],
  ['hall/tele/SENSOR', 'hall'],
  ['plant/tele/hall/SENSOR', 'plant/hall'],
])('the device is what the topic has beside prefix and name: %s', (topic, asset) => {
  expect(shapeReader('tasmota', { topic: '#' })(topic, CLIMATE).readings).toEqual([
    { asset, t: ARRIVAL, values: SENSORS },
  ]);
});

it('the answer to STATUS 8 and the state of a relay are readings', () => {
  const all = shapeReader('tasmota', { topic: 'stat/#' });
  expect(all('stat/hall/STATUS8', { StatusSNS: CLIMATE }).readings[0]).toMatchObject({
    asset: 'hall',
    values: SENSORS,
  });
  expect(all('stat/hall/POWER2', 'ON').readings).toEqual([{ asset: 'hall', t: ARRIVAL, values: { POWER2: 'ON' } }]);
});

it('devices behind a Zigbee bridge are assets by their names', () => {
  // Sample: tasmota.github.io/docs/Zigbee, reading of a sensor.
  const message =
    '{"ZbReceived":{"0x099F":{"Device":"0x099F","Name":"Kitchen","Temperature":23.45,"Endpoint":1,"LinkQuality":78}}}';
  expect(read('tele/bridge/SENSOR', message)).toEqual({
    readings: [{ asset: 'Kitchen', t: ARRIVAL, values: { Temperature: 23.45, LinkQuality: 78 } }],
    reasons: [],
  });
});

it.each([
  ['tele/a/STATE', '{"Time":"2019-11-03T20:45:37","Uptime":"0T00:00:12","POWER":"ON","Wifi":{"RSSI":80}}'],
  ['tele/a/LWT', 'Online'],
  ['tele/a/INFO1', '{"Info1":{"Module":"Generic"}}'],
  ['stat/a/RESULT', '{"POWER":"ON"}'],
  ['cmnd/a/POWER', 'TOGGLE'],
  ['tele/a/SENSOR', '{"Time":"2019-11-03T20:45:37"}'],
])('is no reading, and no error: %s', (topic, payload) => {
  expect(shapeReader('tasmota', { topic: '#' })(topic, payload)).toEqual({ readings: [], reasons: ['no-reading'] });
});

it('sensors that are no object are refused', () => {
  expect(read('tele/a/SENSOR', '7').reasons).toEqual(['unknown-shape']);
});
