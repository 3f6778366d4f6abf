import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SHAPES } from '../../../src/scoring/sources/shapes/catalogue.ts';
import { shapeReader } from './support.ts';

const MIB = 1024 ** 2;
const DEPTH = 60_000;
const words = fc.constantFrom(
  ...['tele', 'SENSOR', 'status', 'events', 'rpc', 'bridge', 'state', 'shellies', 'telemetry', 'gateway', 'set', ''],
);
const topics = fc.array(fc.oneof(words, fc.string({ maxLength: 8 })), { minLength: 1, maxLength: 6 });
const keys = fc.oneof(
  fc.constantFrom('__proto__', 'constructor', 'values', 'ts', 'Time', 'ZbReceived', 'StatusSNS', 'readings', 'event'),
  fc.constantFrom(
    'payload',
    'metrics',
    'fields',
    'tags',
    'name',
    'method',
    'params',
    'entity_id',
    'state',
    'new_state',
  ),
  fc.string({ maxLength: 6 }),
);
const { json } = fc.letrec((tie) => ({
  json: fc.oneof(
    { maxDepth: 5 },
    fc.oneof(fc.double(), fc.string(), fc.boolean(), fc.constant(null), fc.constantFrom('NotifyStatus', 'Int8')),
    fc.array(tie('json'), { maxLength: 4 }),
    fc.dictionary(keys, tie('json'), { maxKeys: 5, noNullPrototype: false }),
  ),
}));
const texts = fc.oneof(
  json.map((value) => JSON.stringify(value)),
  fc.string({ unit: 'binary', maxLength: 80 }),
  fc.stringMatching(/^[a,= "\\\n\r#1i.tT-]{0,60}$/),
);
const deep = (open: string, close: string) => open.repeat(DEPTH) + (close === ']' ? '' : '1') + close.repeat(DEPTH);

/** Messages of 1 MiB, each of which would make the most of something. */
const LARGE: Readonly<Record<string, string>> = {
  'bare lines': 'a,host=a b=1\n'.repeat(MIB / 13),
  'faulty lines': 'a\n'.repeat(MIB / 2),
  backslashes: '\\'.repeat(MIB),
  metrics: `[${'{"name":"a","fields":{"x":1},"tags":{"host":"a"}},'.repeat(MIB / 51)}7]`,
  'many tags in a long name': `{"name":"${'n'.repeat(MIB / 2)}","tags":{"host":"a"},"fields":{${Array.from({ length: 40_000 }, (_, i) => `"f${i}":1`)}}}`,
  'a long key around many': `{"${'k'.repeat(MIB / 2)}":{${Array.from({ length: 40_000 }, (_, i) => `"f${i}":1`)}}}`,
  'many values': `{${Array.from({ length: 90_000 }, (_, i) => `"f${i}":1`)}}`,
  'many devices': `{${Array.from({ length: 60_000 }, (_, i) => `"d${i}":[{"a":1}]`)}}`,
  'many entries': `{"d":[${'{"a":1},'.repeat(MIB / 8)}7]}`,
  'deep objects': deep('{"a":', '}'),
  'deep arrays': deep('[', ']'),
  'deep payloads': `${'{"payload":'.repeat(DEPTH)}1${'}'.repeat(DEPTH)}`,
  'readings of an event': `{"readings":[${'{"resourceName":"a","deviceName":"a"},'.repeat(MIB / 38)}7]}`,
  states: `[${'{"entity_id":"a","state":"1"},'.repeat(MIB / 30)}7]`,
};

/** Where a shape takes most of a message. */
const TOPICS: Readonly<Record<string, string>> = {
  tasmota: 'tele/a/SENSOR',
  shelly: 'shellies/a/status/switch:0',
  thingsboard: 'v1/gateway/telemetry',
};

describe.each(SHAPES.map(({ name }) => name))('the shape %s', (name) => {
  const read = shapeReader(name, { topic: '#' });
  const inFile = shapeReader(name);

  it('makes sound readings or refusals of anything', () => {
    fc.assert(
      fc.property(texts, topics, (text, levels) => {
        for (const { readings, reasons } of [read(`plant/${levels.join('/')}`, text), inFile(undefined, text)]) {
          for (const { asset, t, values } of readings) {
            expect(typeof asset).toBe('string');
            expect(Number.isFinite(t)).toBe(true);
            for (const value of Object.values(values)) {
              expect(value === null || ['number', 'string', 'boolean'].includes(typeof value)).toBe(true);
            }
          }
          expect(reasons).not.toContain('failed');
          expect(readings.length + reasons.length).toBeGreaterThan(0);
        }
      }),
      { numRuns: 200 },
    );
  });

  it.each(Object.keys(LARGE))('makes no more than its bounds of 1 MiB of %s', (kind) => {
    const text = LARGE[kind] ?? '';
    for (const topic of [TOPICS[name] ?? 'a/b/c/state', undefined]) {
      const { readings, reasons } = (topic === undefined ? inFile : read)(topic, text);
      expect(reasons.includes('failed')).toBe(false);
      expect(readings.length).toBeLessThanOrEqual(20_000);
      expect(readings.length + reasons.length).toBeGreaterThan(0);
      const tags = readings.map(({ values }) => Object.keys(values));
      expect(tags.filter((names) => names.length > 1_000 || names.some((tag) => tag.length > 256))).toEqual([]);
    }
  });
});
