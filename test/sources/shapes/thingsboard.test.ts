import { expect, it } from 'vitest';
import { ARRIVAL, shapeReader } from './support.ts';

const read = shapeReader('thingsboard');
// Samples: thingsboard.io/docs, reference gateway-api and mqtt-api, telemetry.
const GATEWAY = {
  'Device A': [
    { ts: 1_483_228_800_000, values: { temperature: 42, humidity: 80 } },
    { ts: 1_483_228_801_000, values: { temperature: 43, humidity: 82 } },
  ],
  'Device B': [{ ts: 1_483_228_800_000, values: { temperature: 42, humidity: 80 } }],
};

it.each(['v1/gateway/telemetry', undefined])('a gateway names its devices: topic %s', (topic) => {
  expect(read(topic, GATEWAY)).toEqual({
    readings: [
      { asset: 'Device A', t: 1_483_228_800_000, values: { temperature: 42, humidity: 80 } },
      { asset: 'Device A', t: 1_483_228_801_000, values: { temperature: 43, humidity: 82 } },
      { asset: 'Device B', t: 1_483_228_800_000, values: { temperature: 42, humidity: 80 } },
    ],
    reasons: [],
  });
});

it('entries without a time have that of their arrival', () => {
  expect(read('v1/gateway/telemetry', { a: [{ temperature: 1 }] }).readings).toEqual([
    { asset: 'a', t: ARRIVAL, values: { temperature: 1 } },
  ]);
});

it('a device is named by a topic that is declared', () => {
  const device = shapeReader('thingsboard', { topic: '{asset}/v1/devices/me/telemetry' });
  const topic = 'pump/v1/devices/me/telemetry';
  const expected = (t: number, values: object) => ({ asset: 'pump', t, values });
  expect(
    device(topic, { ts: 1_451_649_600_512, values: { temperature: 22.5, nested: { key: 'value' } } }).readings,
  ).toEqual([expected(1_451_649_600_512, { temperature: 22.5, 'nested.key': 'value' })]);
  expect(device(topic, { temperature: 22.5, open: true }).readings).toEqual([
    expected(ARRIVAL, { temperature: 22.5, open: true }),
  ]);
  expect(device(topic, [{ a: 1 }, { b: 2 }]).readings).toEqual([
    expected(ARRIVAL, { a: 1 }),
    expected(ARRIVAL, { b: 2 }),
  ]);
  const me = shapeReader('thingsboard', { topic: 'v1/devices/me/telemetry' });
  expect(me('v1/devices/me/telemetry', { temperature: 1 }).reasons).toEqual(['missing-asset']);
});

it('what carries no telemetry is no reading, and no error', () => {
  const all = shapeReader('thingsboard', { topic: 'v1/#' });
  for (const topic of ['v1/gateway/connect', 'v1/gateway/attributes', 'v1/devices/me/rpc/request/1']) {
    expect(all(topic, { device: 'Device A' })).toEqual({ readings: [], reasons: ['no-reading'] });
  }
});

it('what is wrong is refused by itself', () => {
  const message = { a: [7, { ts: 'soon', values: { x: 1 } }, { ts: 5, values: {} }, { ts: 5, values: { x: 1 } }] };
  expect(read('v1/gateway/telemetry', message)).toEqual({
    readings: [{ asset: 'a', t: 5, values: { x: 1 } }],
    reasons: ['unknown-shape', 'bad-time', 'unknown-shape'],
  });
});
