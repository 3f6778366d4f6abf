import { expect, it } from 'vitest';
import { shapeReader } from './support.ts';

const read = shapeReader('edgex');
const TOPIC = 'edgex/events/device/device-virtual/Random-Integer-Device/Random-Integer-Device/Int8';
// Sample: edgexfoundry/go-mod-core-contracts, openapi core-data and dtos/event.go.
const reading = (changes: object) => ({
  id: '82eb2e26-0f24-48aa-ae4c-de9dac3fb9bc',
  origin: 1_602_168_089_665_565_200,
  deviceName: 'Random-Integer-Device',
  profileName: 'Random-Integer-Device',
  ...changes,
});
const event = (...readings: object[]) => ({
  apiVersion: 'v3',
  id: 'd5471d59-2810-419a-8744-18eb8fa03465',
  deviceName: 'Random-Integer-Device',
  profileName: 'Random-Integer-Device',
  sourceName: 'Int8',
  origin: 1_602_168_089_665_565_200,
  readings,
});
const one = event(reading({ resourceName: 'Int8', valueType: 'Int8', value: '12' }));
const envelope = {
  apiVersion: 'v3',
  receivedTopic: '',
  correlationID: 'c',
  errorCode: 0,
  contentType: 'application/json',
};

it.each([
  ['bare', one],
  ['of a request', { apiVersion: 'v3', requestId: 'r', event: one }],
  ['in an array', [one]],
  ['in an envelope', { ...envelope, payload: one }],
  [
    'in an envelope as base64',
    {
      ...envelope,
      payload: Buffer.from(JSON.stringify({ apiVersion: 'v3', event: one })).toString('base64'),
    },
  ],
])('an event %s is a reading of its device', (_form, message) => {
  const { readings, reasons } = read(TOPIC, message);
  expect(reasons).toEqual([]);
  expect(readings).toMatchObject([{ asset: 'Random-Integer-Device', values: { Int8: 12 } }]);
  expect(readings[0]?.t).toBeCloseTo(1_602_168_089_665.565, 2);
});

it('values are read by their types', () => {
  const message = event(
    reading({ resourceName: 'f', valueType: 'Float32', value: '1.234e+01' }),
    reading({ resourceName: 'b', valueType: 'Bool', value: 'true' }),
    reading({ resourceName: 's', valueType: 'String', value: '12' }),
    reading({ resourceName: 'a', valueType: 'Int16Array', value: '[1, 2]' }),
    reading({ resourceName: 'o', valueType: 'Object', objectValue: { rpm: { left: 5 } } }),
    reading({ resourceName: 'n', valueType: 'Int16', value: null }),
  );
  expect(read(TOPIC, message)).toMatchObject({
    readings: [{ values: { f: 12.34, b: true, s: '12', 'a.0': 1, 'a.1': 2, 'o.rpm.left': 5, n: null } }],
    reasons: [],
  });
});

it('what is not of its type is a bad sample, and the others count', () => {
  const message = event(
    reading({ resourceName: 'x', valueType: 'Int8', value: 'twelve' }),
    reading({ resourceName: 'y', valueType: 'Float64', value: 'NaN' }),
    reading({ resourceName: 'z', valueType: 'Binary', binaryValue: 'AAEC' }),
    reading({ valueType: 'Int8', value: '1' }),
    reading({ resourceName: 'ok', valueType: 'Int8', value: '1' }),
  );
  const { readings, reasons } = read(TOPIC, message);
  expect(readings.map(({ values }) => values)).toEqual([{ x: null, y: null, z: null, ok: 1 }]);
  expect(reasons.sort()).toEqual(['missing-tag', 'non-finite', 'wrong-type', 'wrong-type']);
});

it('readings of other times or devices are readings of their own', () => {
  const message = event(
    reading({ resourceName: 'x', valueType: 'Int8', value: '1' }),
    reading({ resourceName: 'x', valueType: 'Int8', value: '2', origin: 1_602_168_090_000_000_000 }),
    reading({ resourceName: 'x', valueType: 'Int8', value: '3', deviceName: 'other' }),
  );
  expect(read(TOPIC, message).readings.map(({ asset, values }) => [asset, values['x']])).toEqual([
    ['Random-Integer-Device', 1],
    ['Random-Integer-Device', 2],
    ['other', 3],
  ]);
});

it.each(['7', '{}', '[null]', '{"payload":"!!"}', '{"payload":{"payload":{"payload":{"payload":{"payload":{}}}}}}'])(
  'is refused: %s',
  (payload) => {
    expect(read(TOPIC, payload)).toEqual({ readings: [], reasons: ['unknown-shape'] });
  },
);
