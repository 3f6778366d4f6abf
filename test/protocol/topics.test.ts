import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  CHANNELS,
  type Channel,
  decodeStatus,
  parseTopic,
  topicFilter,
  topicOf,
} from '../../src/common/protocol/index.ts';

const level = fc.string({ unit: fc.constantFrom(...'aZ9._-'), minLength: 1, maxLength: 64 });

it('a topic gives back what it was made of', () => {
  const channel = fc.constantFrom(...(Object.keys(CHANNELS) as Channel[]));
  fc.assert(
    fc.property(
      level,
      level,
      fc.constantFrom('edgewright/v1', 'a', 'plant/x/y'),
      channel,
      (site, device, prefix, one) => {
        const address = { prefix, site, device };
        expect(parseTopic(prefix, topicOf(address, one))).toEqual({ ...address, channel: one });
      },
    ),
  );
});

it.each([
  'other/v1/s/d/status',
  'edgewright/v1/s/d',
  'edgewright/v1/s/d/toString',
  'edgewright/v1/s/d/status/x',
  'edgewright/v1//d/status',
])('is none of ours: %s', (topic) => expect(parseTopic('edgewright/v1', topic)).toBeUndefined());

it('a filter asks for all devices unless told', () => {
  expect(topicFilter('edgewright/v1', 'records')).toBe('edgewright/v1/+/+/records');
  expect(topicFilter('edgewright/v1', 'status', 's')).toBe('edgewright/v1/s/+/status');
});

it.each(['{', '{}', '[]', '{"schema":"edgewright.records/1"}'])('a status is not %s', (text) => {
  expect(() => decodeStatus(Buffer.from(text))).toThrow(expect.objectContaining({ code: 'protocol.not-a-status' }));
});
