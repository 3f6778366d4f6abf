import { expect, it } from 'vitest';
import { shapeReader } from './support.ts';

const read = shapeReader('opcua-pubsub');
const TOPIC = 'opcua/json/data/MyPublisher/group/set1';
const T = Date.UTC(2021, 8, 27, 18, 45, 19, 555);
// Sample: reference.opcfoundation.org, OPC 10000-14, annex A.3, data set 1.
const SET = {
  DataSetWriterId: 101,
  SequenceNumber: 224,
  Timestamp: '2021-09-27T18:45:19.555Z',
  Payload: { Active: true, Temperature: 27.5, Counter: 3, AdditionalInfo: 'x' },
};
const NETWORK = { MessageId: '32235546', MessageType: 'ua-data', PublisherId: 'MyPublisher', Messages: [SET] };
const VALUES = { Active: true, Temperature: 27.5, Counter: 3, AdditionalInfo: 'x' };

it.each([
  ['a network message', NETWORK, 'MyPublisher/101'],
  ['one whose messages are one', { ...NETWORK, Messages: SET }, 'MyPublisher/101'],
  ['messages of data sets alone', [SET], '101'],
  ['a message with the name of its writer', { ...SET, DataSetWriterName: 'press' }, 'press'],
])('%s is a reading a data set', (_form, message, asset) => {
  expect(read(TOPIC, message)).toEqual({ readings: [{ asset, t: T, values: VALUES }], reasons: [] });
});

it('fields may be variants and data values, with types, times and status codes of their own', () => {
  const Payload = {
    long: { Type: 8, Body: '9007199254740993' },
    nan: { Type: 11, Body: 'NaN' },
    bad: { Value: { Type: 11, Body: 5 }, StatusCode: { Code: 0x80310000, Symbol: 'BadNoData' } },
    late: { UaType: 11, Value: 2.5, SourceTimestamp: '2021-09-27T18:45:18.555Z' },
    list: { Type: 6, Body: [1, 2] },
  };
  const { readings, reasons } = read(TOPIC, { ...SET, Payload });
  expect(readings.map(({ t, values }) => [t - T, values])).toEqual([
    [0, { long: 9007199254740992, nan: null, bad: null }],
    [-1000, { late: 2.5 }],
    [0, { 'list.0': 1, 'list.1': 2 }],
  ]);
  expect(reasons).toEqual(['non-finite']);
});

it('metadata and signs of life are no readings, and no errors', () => {
  expect(read(TOPIC, { ...NETWORK, MessageType: 'ua-metadata' }).reasons).toEqual(['no-reading']);
  expect(read(TOPIC, { DataSetWriterId: 101, MessageType: 'ua-keepalive' }).reasons).toEqual(['no-reading']);
  expect(read(TOPIC, { ...NETWORK, Messages: [] }).reasons).toEqual(['no-reading']);
  expect(read(TOPIC, { x: 1 }).reasons).toEqual(['unknown-shape']);
});
