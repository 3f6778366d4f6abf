import { describe, expect, it } from 'vitest';
import { type Reading, StatusCode } from '../../src/common/core/index.ts';
import { type Categories, createBinder, fillRow } from '../../src/scoring/pipeline/reading/binding.ts';
import { assetSchema } from '../../src/scoring/pipeline/schema/config.ts';

const NONE: Categories = new Map();

function fill(
  value: Reading['values'][string],
  { decimal, tag, categories = NONE }: Partial<Reading> & { tag?: object; categories?: Categories } = {},
) {
  const assets = tag === undefined ? {} : { all: assetSchema.parse({ match: '*', tags: { x: tag } }) };
  const { columns } = createBinder(['x'], categories, {}, assets)('a');
  const row = { values: new Float64Array(1), status: new Uint32Array(1) };
  const reading = { asset: 'a', t: 0, values: { x: value }, ...(decimal && { decimal }) };
  fillRow(reading, columns, row, StatusCode.BadDataLost, { ignoredTags: new Map(), unknownCategories: new Map() });
  return [row.values[0], row.status[0]];
}

describe('text in the place of a number', () => {
  it.each([
    ['21.5', 21.5],
    [' -3e2 ', -300],
    ['+.5', 0.5],
    ['5.', 5],
    ['0012', 12],
  ])('%j is the number that it is by itself', (text, value) => {
    expect(fill(text)).toEqual([value, StatusCode.Good]);
  });

  it.each([
    '21,5',
    '1,234',
    '1.234,5',
    '1 234',
    '21 C',
    '0x10',
    '',
    ' ',
    'NaN',
    'Infinity',
    '1e999',
    'true',
    '1_0',
    '--1',
    '٣',
  ])('%j is none, and nobody guesses', (text) => {
    expect(fill(text)).toEqual([Number.NaN, StatusCode.BadDecodingError]);
  });

  it('is read by the decimal mark of its source, and never by the other', () => {
    expect(fill('21,5', { decimal: ',' })).toEqual([21.5, StatusCode.Good]);
    expect(fill('1234', { decimal: ',' })).toEqual([1234, StatusCode.Good]);
    for (const text of ['1.234', '1.5', '1.234,5']) {
      expect(fill(text, { decimal: ',' })).toEqual([Number.NaN, StatusCode.BadDecodingError]);
    }
  });

  it('has the scale and range of a number', () => {
    expect(fill('50', { tag: { scale: 2, offset: 1, range: [0, 200] } })).toEqual([101, StatusCode.Good]);
    expect(fill('500', { tag: { range: [0, 200] } })).toEqual([Number.NaN, StatusCode.BadOutOfRange]);
  });

  it('is a number where the configuration says which, and no other word is', () => {
    const tag = { values: { ON: 1, OFF: 0, '7': 70 }, scale: 10 };
    expect(fill('ON', { tag })).toEqual([10, StatusCode.Good]);
    expect(fill(' OFF\n', { tag })).toEqual([0, StatusCode.Good]);
    expect(fill('7', { tag })).toEqual([700, StatusCode.Good]);
    expect(fill('8', { tag })).toEqual([80, StatusCode.Good]);
    expect(fill('on', { tag })).toEqual([Number.NaN, StatusCode.BadDecodingError]);
    expect(fill('ON')).toEqual([Number.NaN, StatusCode.BadDecodingError]);
  });

  it('stays text for a tag with categories', () => {
    const categories = new Map([
      [
        'x',
        {
          codes: new Map([
            ['01', 5],
            ['1,5', 6],
          ]),
          other: undefined,
        },
      ],
    ]);
    expect(fill('01', { categories })).toEqual([5, StatusCode.Good]);
    expect(fill('1,5', { categories, decimal: ',' })).toEqual([6, StatusCode.Good]);
    expect(fill('1', { categories })).toEqual([Number.NaN, StatusCode.BadOutOfRange]);
  });
});

it('true and false are 1 and 0, null is a sensor that failed', () => {
  expect(fill(true)).toEqual([1, StatusCode.Good]);
  expect(fill(false)).toEqual([0, StatusCode.Good]);
  expect(fill(null)).toEqual([Number.NaN, StatusCode.BadSensorFailure]);
});
