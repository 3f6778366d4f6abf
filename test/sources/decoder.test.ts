import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Reading } from '../../src/common/core/index.ts';
import type { RejectReason } from '../../src/scoring/sources/index.ts';
import { NOWHERE, PayloadDecoder, type Place } from '../../src/scoring/sources/payload/decoder.ts';
import { compilePath, parsePath } from '../../src/scoring/sources/payload/path.ts';
import type { PayloadConfig } from '../../src/scoring/sources/payload/schema.ts';
import { textOf } from '../../src/scoring/sources/payload/text.ts';

const ARRIVAL = 1_714_521_600_000;

function decode(payload: string, place: Partial<Place> = {}, config: Partial<PayloadConfig> = {}) {
  const readings: Reading[] = [];
  const reasons: RejectReason[] = [];
  const decoder = new PayloadDecoder({ time: { unit: 'ms' }, ...config });
  decoder.read(textOf(Buffer.from(payload)), { ...NOWHERE, ...place }, ARRIVAL, {
    push: (reading) => void readings.push(reading),
    reject: (reason) => void reasons.push(reason),
  });
  return { readings, reasons };
}

describe('the plain form', () => {
  it('is taken as it stands, every kind of value', () => {
    const reading = { asset: 'a', t: 5, values: { x: 1.5, mode: 'auto', open: true, gone: null } };
    expect(decode(JSON.stringify(reading))).toEqual({ readings: [reading], reasons: [] });
  });

  it('is taken in an array, and the good ones count beside the bad ones', () => {
    const good = { asset: 'a', t: 5, values: { x: 1 } };
    const { readings, reasons } = decode(JSON.stringify([good, 7, null, [good], { ...good, t: 6 }]));
    expect(readings.map(({ t }) => t)).toEqual([5, 6]);
    expect(reasons).toEqual(['unknown-shape', 'unknown-shape', 'unknown-shape']);
  });

  it('takes asset, tag and attributes from its place', () => {
    const place = { asset: 'pump', tag: 'flow', attributes: { line: '4' } };
    const expected = { asset: 'pump', t: 5, values: { flow: 2 }, attributes: { line: '4' } };
    expect(decode('{"t":5,"value":2}', place).readings).toEqual([expected]);
    expect(decode('2', place).readings).toEqual([{ ...expected, t: ARRIVAL }]);
    expect(decode('null', place).readings).toEqual([{ ...expected, t: ARRIVAL, values: { flow: null } }]);
    expect(decode('"on"', place).readings).toEqual([{ ...expected, t: ARRIVAL, values: { flow: 'on' } }]);
    expect(decode('{"t":5,"values":{"a":1,"b":2}}', place).readings).toEqual([{ ...expected, values: { a: 1, b: 2 } }]);
  });

  it('believes the place rather than the payload about the asset', () => {
    const { readings } = decode('{"asset":"other","t":5,"values":{"x":1}}', { asset: 'pump' });
    expect(readings).toEqual([{ asset: 'pump', t: 5, values: { x: 1 } }]);
  });

  it('lets no payload make up attributes', () => {
    expect(decode('{"asset":"a","t":5,"values":{"x":1},"attributes":7}').readings).toEqual([
      { asset: 'a', t: 5, values: { x: 1 } },
    ]);
  });

  it.each([
    ['block', { origin: 0, first: 0, rate: 1, length: 1e9, samples: {} }],
    ['again', true],
  ])('lets no payload say what only a source may: %s', (key, value) => {
    const reading = { asset: 'a', t: 5, values: { x: 1 } };
    expect(decode(JSON.stringify({ ...reading, [key]: value })).readings).toEqual([reading]);
  });

  it('stands in with the time of arrival', () => {
    expect(decode('{"asset":"a","values":{"x":1}}').readings[0]?.t).toBe(ARRIVAL);
  });

  it('marks a bad value with null, and the others count', () => {
    const { readings, reasons } = decode('{"asset":"a","t":5,"values":{"x":1e999,"y":[1],"z":{"v":1},"ok":3}}');
    expect(readings).toEqual([{ asset: 'a', t: 5, values: { x: null, y: null, z: null, ok: 3 } }]);
    expect(reasons).toEqual(['non-finite', 'wrong-type', 'wrong-type']);
  });

  it.each<[string, RejectReason]>([
    ['{"t":5,"values":{"x":1}}', 'missing-asset'],
    ['{"asset":"","t":5,"values":{"x":1}}', 'missing-asset'],
    ['{"asset":1.5,"t":5,"values":{"x":1}}', 'bad-asset'],
    ['{"asset":9007199254740993,"t":5,"values":{"x":1}}', 'bad-asset'],
    ['{"asset":true,"t":5,"values":{"x":1}}', 'bad-asset'],
    ['{"asset":["a"],"t":5,"values":{"x":1}}', 'bad-asset'],
    [`{"asset":"${'a'.repeat(257)}","t":5,"values":{"x":1}}`, 'bad-asset'],
    [`{"asset":"${'ü'.repeat(43)}","t":5,"values":{"x":1}}`, 'bad-asset'],
    ['{"asset":"\\ud800","t":5,"values":{"x":1}}', 'bad-asset'],
    ['{"asset":"a","t":"soon","values":{"x":1}}', 'bad-time'],
    ['{"asset":"a","t":1e300,"values":{"x":1}}', 'bad-time'],
    ['{"asset":"a","t":{},"values":{"x":1}}', 'bad-time'],
    ['{"asset":"a","t":5,"value":1}', 'missing-tag'],
    ['{"asset":"a","t":5,"values":[1]}', 'unknown-shape'],
    ['{"asset":"a","t":5,"values":{}}', 'unknown-shape'],
    ['{"asset":"a","t":5}', 'unknown-shape'],
    ['7', 'unknown-shape'],
    ['null', 'unknown-shape'],
  ])('refuses %s: %s', (payload, reason) => {
    expect(decode(payload)).toEqual({ readings: [], reasons: [reason] });
  });
});

describe('the name of an asset', () => {
  it.each([17, 0, -3, 2 ** 53 - 1])('may be the integer %d, which becomes text', (asset) => {
    expect(decode(JSON.stringify({ asset, t: 5, values: { x: 1 } })).readings).toEqual([
      { asset: String(asset), t: 5, values: { x: 1 } },
    ]);
  });

  it.each(['a'.repeat(256), 'ü'.repeat(42), '泵 1/№#+*?"\'\\', '😀'.repeat(21), '\0', '*', '__proto__', ' '])(
    'may be %j',
    (asset) => {
      expect(decode(JSON.stringify({ asset, t: 5, values: { x: 1 } })).readings[0]?.asset).toBe(asset);
    },
  );

  it('is any text that is well formed and has at most 256 bytes once it is percent-encoded', () => {
    const encoded = (text: string) => {
      try {
        return encodeURIComponent(text).length;
      } catch {
        return Number.POSITIVE_INFINITY;
      }
    };
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary', minLength: 1, maxLength: 60 }),
          fc.string({ minLength: 250, maxLength: 260 }),
        ),
        (asset) => {
          const { readings, reasons } = decode(JSON.stringify({ asset, t: 5, values: { x: 1 } }));
          expect(readings.map((reading) => reading.asset)).toEqual(encoded(asset) <= 256 ? [asset] : []);
          expect(reasons).toEqual(encoded(asset) <= 256 ? [] : ['bad-asset']);
        },
      ),
    );
  });
});

describe('declared paths', () => {
  it('find asset, time and values, dotted or as JSON pointers', () => {
    const payload = JSON.stringify({ dev: { id: 'a/1' }, ts: [1_714_521_600], 'd/v': { x: 1 } });
    const paths = { asset: 'dev.id', t: '/ts/0', values: '/d~1v' };
    expect(decode(payload, {}, { time: { unit: 's' }, paths })).toEqual({
      readings: [{ asset: 'a/1', t: ARRIVAL, values: { x: 1 } }],
      reasons: [],
    });
  });

  it('find readings inside an envelope', () => {
    const payload = JSON.stringify({
      data: {
        points: [
          { tag: 'x', v: 1 },
          { tag: 'y', v: 2 },
        ],
      },
    });
    const paths = { readings: 'data.points', value: 'v' };
    expect(decode(payload, { asset: 'a' }, { paths }).readings.map(({ values }) => values)).toEqual([
      { x: 1 },
      { y: 2 },
    ]);
  });

  it('take a flat object, without what names asset and time', () => {
    const payload = JSON.stringify({ id: { name: 'a' }, ts: 5, x: 1, y: 2 });
    const { readings, reasons } = decode(payload, {}, { paths: { asset: 'id.name', t: 'ts', values: '.' } });
    expect(readings).toEqual([{ asset: 'a', t: 5, values: { x: 1, y: 2 } }]);
    expect(reasons).toEqual([]);
  });

  it('refuse what does not stand there', () => {
    expect(decode('{"asset":"a","t":5}', {}, { paths: { values: 'deep.down' } }).reasons).toEqual(['unknown-shape']);
    expect(decode('{"asset":"a","t":5}', { tag: 'x' }, { paths: { value: 'v' } }).reasons).toEqual(['wrong-type']);
    expect(decode('{"d":1}', {}, { paths: { readings: 'points' } }).reasons).toEqual(['unknown-shape']);
  });

  it('never reach what every object inherits', () => {
    const found = { item: {}, message: {}, names: [] };
    for (const path of ['constructor.name', '__proto__', '$.constructor', '$1'])
      expect(compilePath(parsePath(path))(found)).toBeUndefined();
  });
});

describe('a block of samples', () => {
  const block = { asset: 'a', t: 1000, rate: 500, values: { vibration: [1, 2.5, -3], speed: 1480 } };

  it('has samples from its time on, at its rate; other values hold for all of them', () => {
    const { readings, reasons } = decode(JSON.stringify([block, { ...block, asset: 'b', rate: 0.1 }]));
    expect(reasons).toEqual([]);
    expect(readings).toEqual([
      {
        asset: 'a',
        t: 1004,
        values: { speed: 1480 },
        block: { origin: 1000, first: 0, rate: 500, length: 3, samples: { vibration: Float64Array.of(1, 2.5, -3) } },
      },
      expect.objectContaining({ asset: 'b', t: 21_000 }),
    ]);
  });

  it('takes asset and attributes from its place', () => {
    const place = { asset: 'pump', attributes: { line: '4' } };
    expect(decode(JSON.stringify(block), place).readings).toMatchObject([place]);
  });

  it('has NaN for null, and for what is no number, which is counted once a tag', () => {
    const values = { vibration: [1, null, 'x', {}], noise: [1, 2, 3, null] };
    const { readings, reasons } = decode(JSON.stringify({ ...block, values }));
    expect(reasons).toEqual(['wrong-type']);
    expect(readings[0]?.block?.samples).toEqual({
      vibration: Float64Array.of(1, Number.NaN, Number.NaN, Number.NaN),
      noise: Float64Array.of(1, 2, 3, Number.NaN),
    });
  });

  it.each([
    ['a rate of 0', { rate: 0 }],
    ['a rate in words', { rate: '12 kHz' }],
    ['arrays of two lengths', { values: { a: [1, 2], b: [1] } }],
    ['empty arrays', { values: { a: [] } }],
  ])('is refused with %s', (_, changes) => {
    expect(decode(JSON.stringify({ ...block, ...changes }))).toEqual({ readings: [], reasons: ['unknown-shape'] });
  });

  it('needs a rate, which means nothing without arrays', () => {
    const { rate, ...timeless } = block;
    expect(decode(JSON.stringify(timeless)).reasons).toEqual(['wrong-type']);
    expect(decode(JSON.stringify({ asset: 'a', t: 5, rate, values: { x: 1 } })).readings[0]?.block).toBeUndefined();
  });
});
