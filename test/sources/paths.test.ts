import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Reading } from '../../src/common/core/index.ts';
import { type RejectReason, sourceSchema } from '../../src/scoring/sources/index.ts';
import { pathsProblems } from '../../src/scoring/sources/payload/declared.ts';
import { NOWHERE, PayloadDecoder } from '../../src/scoring/sources/payload/decoder.ts';
import type { PayloadPaths } from '../../src/scoring/sources/payload/path.ts';
import type { PayloadConfig } from '../../src/scoring/sources/payload/schema.ts';
import { lineText } from '../../src/scoring/sources/payload/text.ts';

const ARRIVAL = 1_714_521_600_000;

function decode(message: unknown, config: Partial<PayloadConfig>, place = {}) {
  const readings: Reading[] = [];
  const reasons: RejectReason[] = [];
  const text = typeof message === 'string' ? message : JSON.stringify(message);
  new PayloadDecoder({ time: { unit: 'ms' }, ...config }).read(lineText(text), { ...NOWHERE, ...place }, ARRIVAL, {
    push: (reading) => void readings.push(reading),
    reject: (reason) => void reasons.push(reason),
  });
  return { readings, reasons };
}

const a = (values: Reading['values'], t = 5): Reading => ({ asset: 'a', t, values });

describe('a declared path', () => {
  it.each<[string, unknown, PayloadPaths, Reading[]]>([
    [
      'to the value in each of several objects',
      { asset: 'a', t: 5, sensors: { temp: { value: 21, unit: 'C' }, hum: { value: 60 } } },
      { values: 'sensors.*.value' },
      [a({ temp: 21, hum: 60 })],
    ],
    ['to each member', { asset: 'a', t: 5, d: { x: 1, y: 2 } }, { values: 'd.*' }, [a({ x: 1, y: 2 })]],
    [
      'to objects that stand beside name and time',
      { asset: 'a', t: 5, temp: { value: 21 }, hum: { value: 60 } },
      { values: '*.value' },
      [a({ temp: 21, hum: 60 })],
    ],
    [
      'through two levels of names',
      { asset: 'a', t: 5, d: { engine: { rpm: { v: 1 } }, gear: { rpm: { v: 2 } } } },
      { values: 'd.*.*.v' },
      [a({ 'engine.rpm': 1, 'gear.rpm': 2 })],
    ],
    [
      'to all below, however deep',
      { asset: 'a', t: 5, d: { engine: { rpm: 1, oil: { temp: 2 } }, on: true, l: [3, 4] } },
      { values: 'd.**' },
      [a({ 'engine.rpm': 1, 'engine.oil.temp': 2, on: true, 'l.0': 3, 'l.1': 4 })],
    ],
    [
      'to all of a reading',
      { asset: 'a', t: 5, engine: { rpm: 1 }, x: 2 },
      { values: '**' },
      [a({ 'engine.rpm': 1, x: 2 })],
    ],
    [
      'to pairs of name and value',
      {
        asset: 'a',
        t: 5,
        values: [
          { n: 'temp', v: 21 },
          { n: 'hum', v: 60 },
          { n: 40001, v: 7 },
        ],
      },
      { tag: 'values.*.n', values: 'values.*.v' },
      [a({ temp: 21, hum: 60, 40001: 7 })],
    ],
    [
      'to names and values in arrays of their own',
      { asset: 'a', t: 5, tags: ['x', 'y'], values: [1, 2] },
      { tag: 'tags.*', values: 'values.*' },
      [a({ x: 1, y: 2 })],
    ],
    [
      'to readings by device',
      {
        'dev-1': [
          { ts: 1, values: { x: 1 } },
          { ts: 2, values: { x: 2 } },
        ],
        'dev-2': { ts: 3, values: { x: 3 } },
      },
      { readings: '*', asset: '$1', t: 'ts' },
      [
        { asset: 'dev-1', t: 1, values: { x: 1 } },
        { asset: 'dev-1', t: 2, values: { x: 2 } },
        { asset: 'dev-2', t: 3, values: { x: 3 } },
      ],
    ],
    [
      'to series by device and tag',
      {
        devices: {
          a: {
            temp: [
              { ts: 5, v: 1 },
              { ts: 6, v: 2 },
            ],
            hum: [{ ts: 5, v: 3 }],
          },
        },
      },
      { readings: 'devices.*.*', asset: '$1', tag: '$2', t: 'ts', value: 'v' },
      [a({ temp: 1 }), a({ temp: 2 }, 6), a({ hum: 3 })],
    ],
    [
      'to bare values by device and tag',
      { a: { x: 1, y: null } },
      { readings: '*.*', asset: '$1', tag: '$2', value: '.' },
      [a({ x: 1 }, ARRIVAL), a({ y: null }, ARRIVAL)],
    ],
    [
      'to values by time',
      { '5': { asset: 'a', x: 1 }, '6': { asset: 'a', x: 2 } },
      { readings: '*', t: '$1', values: '.' },
      [a({ x: 1 }), a({ x: 2 }, 6)],
    ],
    [
      'into the message around the readings',
      {
        device: 'a',
        at: { t: 5 },
        data: [
          { n: 'x', v: 1 },
          { n: 'y', v: 2 },
        ],
      },
      { readings: 'data', asset: '$.device', t: '$.at.t', tag: 'n', value: 'v' },
      [a({ x: 1 }), a({ y: 2 })],
    ],
    [
      'in each message of an array',
      [
        { device: 'a', data: [{ t: 5, values: { x: 1 } }] },
        { device: 'b', data: [{ t: 5, values: { x: 2 } }] },
      ],
      { readings: 'data', asset: '$.device' },
      [a({ x: 1 }), { asset: 'b', t: 5, values: { x: 2 } }],
    ],
    [
      'in the messages of OPC UA',
      { Messages: [{ Timestamp: 5, Payload: { temp: { Value: 21 } } }], PublisherId: 'a' },
      { readings: 'Messages', asset: '$.PublisherId', t: 'Timestamp', values: 'Payload.*.Value' },
      [a({ temp: 21 })],
    ],
    [
      'in the metrics of Sparkplug',
      {
        timestamp: 5,
        metrics: [
          { name: 'x/y', value: 1 },
          { name: 'z', value: 2 },
        ],
        id: 'a',
      },
      { asset: 'id', t: 'timestamp', tag: 'metrics.*.name', values: 'metrics.*.value' },
      [a({ 'x/y': 1, z: 2 })],
    ],
    ['with a name that has a star, as a pointer', { asset: 'a', t: 5, '*': { x: 1 } }, { values: '/*' }, [a({ x: 1 })]],
    [
      'with a name like one of the language, as a pointer',
      { $1: 'a', t: 5, values: { x: 1 } },
      { asset: '/$1' },
      [a({ x: 1 })],
    ],
  ])('leads %s', (_, message, paths, expected) => {
    expect(decode(message, { paths }).readings).toEqual(expected);
    expect(parsed(paths)).toEqual([]);
  });

  it('costs the value at which nothing stands, and no other', () => {
    const message = { asset: 'a', t: 5, s: { x: { value: 1 }, y: { error: 'open' }, z: 7 } };
    expect(decode(message, { paths: { values: 's.*.value' } })).toEqual({
      readings: [a({ x: 1, y: null, z: null })],
      reasons: ['wrong-type', 'wrong-type'],
    });
  });

  it.each<[string, object, PayloadPaths, Reading[], RejectReason[]]>([
    [
      'two values of one name',
      {
        v: [
          { n: 'x', v: 1 },
          { n: 'x', v: 2 },
          { n: 'y', v: 3 },
        ],
      },
      pairs(),
      [a({ x: null, y: 3 })],
      ['unknown-shape'],
    ],
    ['a value without a name', { v: [{ v: 1 }, { n: 'y', v: 3 }] }, pairs(), [a({ y: 3 })], ['unknown-shape']],
    ['more names than values', { n: ['x', 'y'], v: [1] }, { tag: 'n.*', values: 'v.*' }, [], ['unknown-shape']],
    ['no object where there is to be a star', { d: 7 }, { values: 'd.*' }, [], ['unknown-shape']],
    ['no readings', {}, { readings: 'data.*' }, [], ['unknown-shape']],
  ])('counts %s', (_, message, paths, readings, reasons) => {
    expect(decode({ asset: 'a', t: 5, ...message }, { paths })).toEqual({ readings, reasons });
  });

  it.each<[PayloadPaths, string]>([
    [{ value: 'v', values: 'w' }, 'value'],
    [{ tag: 'n' }, 'tag'],
    [{ tag: 'l.*.n', values: 'l' }, 'tag'],
    [{ tag: 'l.*.n', values: 'l.*.*' }, 'tag'],
    [{ tag: 'l.*.*', values: 'l.*.v' }, 'tag'],
    [{ value: 'l.*' }, 'value'],
    [{ asset: '*' }, 'asset'],
    [{ t: 'x.*' }, 't'],
    [{ asset: '$1' }, 'asset'],
    [{ readings: '*', asset: '$2' }, 'asset'],
    [{ readings: '*', values: '$1' }, 'values'],
    [{ readings: '$1' }, 'readings'],
    [{ readings: 'a.**' }, 'readings'],
    [{ values: 'a.**.b' }, 'values'],
  ])('that cannot work is a problem of the configuration: %j', (paths, key) => {
    expect(parsed(paths)).toContainEqual(`paths.${key}`);
  });

  it('makes sound readings of anything, and never fails', () => {
    const key = fc.constantFrom('a', 'b', '__proto__', 'values', 't', '0');
    const json = fc.letrec((tie) => ({
      json: fc.oneof(
        { maxDepth: 3 },
        fc.oneof(fc.integer(), key, fc.constant(null)),
        fc.array(tie('json')),
        fc.dictionary(key, tie('json')),
      ),
    })).json;
    const path = fc
      .array(fc.constantFrom('*', '**', '$', '$1', 'a', 'b', 'values', '0', ''), { minLength: 1, maxLength: 4 })
      .map((segments) => segments.join('.'));
    const some = fc.option(path, { nil: undefined });
    const all = fc
      .record({ readings: some, asset: some, t: some, values: some, tag: some, value: some })
      .filter((paths) => pathsProblems(paths).length === 0);
    fc.assert(
      fc.property(json, all, (message, paths) => {
        const { readings, reasons } = decode(message, { paths });
        expect(reasons).not.toContain('failed');
        for (const { asset, t, values } of readings) {
          expect(asset.length > 0 && Number.isFinite(t)).toBe(true);
          for (const value of Object.values(values)) expect(value === null || typeof value !== 'object').toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('numbers with a comma', () => {
  const decimal = ',' as const;

  it('are marked as such, so that text is read by their mark', () => {
    expect(decode(a({ x: '21,5', y: '1.234' }), { decimal }).readings).toEqual([
      { ...a({ x: '21,5', y: '1.234' }), decimal },
    ]);
    expect(
      decode({ asset: 'a', t: 0, rate: 1, values: { v: ['1,5', '1.5', 2] } }, { decimal }).readings[0]?.block?.samples,
    ).toEqual({
      v: Float64Array.of(1.5, Number.NaN, 2),
    });
  });

  it.each(['21,5', '1.234', '1.234,5', '7'])('alone on a topic are text as the sender wrote it: %s', (payload) => {
    const place = { asset: 'a', tag: 'x' };
    expect(decode(payload, { decimal }, place).readings).toEqual([
      { asset: 'a', t: ARRIVAL, values: { x: payload }, decimal },
    ]);
  });

  it('are not what a payload may say of itself', () => {
    expect(decode({ ...a({ x: '1' }), decimal }, {}).readings).toEqual([a({ x: '1' })]);
  });
});

function pairs(): PayloadPaths {
  return { tag: 'v.*.n', values: 'v.*.v' };
}

/** The keys of the configuration that have a problem. */
function parsed(paths: PayloadPaths): string[] {
  const { error } = sourceSchema.safeParse({ type: 'mqtt', topic: 'a', paths });
  return error?.issues.map((issue) => issue.path.join('.')) ?? [];
}
