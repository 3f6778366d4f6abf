import { describe, expect, it } from 'vitest';
import { readLineProtocol } from '../../../src/scoring/sources/shapes/line-protocol.ts';
import { ARRIVAL, shapeReader } from './support.ts';

/** What a text reads as: each point, or undefined for a line that is refused. */
function linesOf(text: string) {
  return [...readLineProtocol(text)].map((line) => {
    if (!('point' in line)) return undefined;
    const { name, tags, fields, t } = line.point;
    return { name, tags: { ...tags }, fields: { ...fields }, t };
  });
}
const point = (name: string, fields: object, t?: string, tags: object = {}) => ({ name, tags, fields, t });

// Vectors: influxdata/line-protocol, lineprotocol/decoder_test.go, by their names there.
describe('the line protocol', () => {
  it.each([
    [
      'all-fields-present-no-escapes',
      '\n   # comment\n somename,tag1=val1,tag2=val2  floatfield=1,strfield="hello",intfield=-1i,uintfield=1u,boolfield=true  1602841605822791506\n',
      [
        point(
          'somename',
          { floatfield: 1, strfield: 'hello', intfield: -1, uintfield: 1, boolfield: true },
          '1602841605822791506',
          { tag1: 'val1', tag2: 'val2' },
        ),
      ],
    ],
    [
      'multiple-entries',
      '\n   # comment\n m1,tag1=val1  x="first"  1602841605822791506\n  m2,foo=bar  x="second"  1602841605822792000\n\n # last comment\n',
      [
        point('m1', { x: 'first' }, '1602841605822791506', { tag1: 'val1' }),
        point('m2', { x: 'second' }, '1602841605822792000', { foo: 'bar' }),
      ],
    ],
    [
      'multiple-entries-with-error#1',
      '\nm1 value=12.0\nm2 value=2a.0\nm3 value=32.0\nm4 value=42.0\n',
      [point('m1', { value: 12 }), undefined, point('m3', { value: 32 }), point('m4', { value: 42 })],
    ],
    [
      'multiple-entries-with-error#2',
      '\nm1 value=12.0\nm2\nm3 value=32.0\n',
      [point('m1', { value: 12 }), undefined, point('m3', { value: 32 })],
    ],
    [
      'escaped-values',
      '\n comma\\,1,equals\\==e\\,x,two=val2 field\\=x="fir\\"\n,st\\\\"  1602841605822791506\n\n # last comment\n',
      [point('comma,1', { 'field=x': 'fir"\n,st\\' }, '1602841605822791506', { 'equals=': 'e,x', two: 'val2' })],
    ],
    ['missing-quotes', 'TestBucket FieldOné=Happy,FieldTwo=sad', [undefined]],
    ['trailing-comma-after-measurement', 'TestBuckét, FieldOne=Happy\nnext x=1', [undefined, point('next', { x: 1 })]],
    ['missing-comma-after-field', 'TestBuckét TagOné="Happy" FieldOne=123.45', [undefined]],
    ['missing timestamp', 'b f=1', [point('b', { f: 1 })]],
    ['missing timestamp with newline', 'b f=1\n', [point('b', { f: 1 })]],
    ['field-with-space-and-no-timestamp', '9 f=-7 ', [point('9', { f: -7 })]],
    ['carriage-returns', '# foo\r\nm x=1\r\n\r\n', [point('m', { x: 1 })]],
    ['out-of-range-value', 'mmmé é=1e9999999999999', [undefined]],
    ['field-key-error', 'm f=1,\x01=1,\x01=2', [undefined]],
    ['field-value-error-after-newline-in-string', 'm f="hello\ngoodbye\nx",gé=invalid', [undefined]],
    ['field-string-value-error-after-newline-in-string', 'm f="a\nb",g="c\nd', [undefined]],
    ['non-printable-ASCII-in-tag-key', 'm,foo\x03=bar x=1', [undefined]],
    ['non-printable-ASCII-in-tag-value', 'm,foo=bar\x02 x=1', [undefined]],
    ['non-printable-ASCII-in-field-key', 'm foo\x01=bar', [undefined]],
    ['backslash-escapes-in-string-field', 'm s="\\t\\r\\n\\v"', [point('m', { s: '\t\r\n\\v' })]],
    ['backslash-escapes-in-tags', 'm,s=\\t\\r\\n\\v x=1', [point('m', { x: 1 }, undefined, { s: '\\t\\r\\n\\v' })]],
  ])('%s', (_name, text, expected) => {
    expect(linesOf(text)).toEqual(expected);
  });

  // Of the grammar beside it, line-protocol.ebnf.
  it.each([
    ['1.', 1],
    ['.5', 0.5],
    ['-1.5E-3', -0.0015],
    ['42i', 42],
    ['9223372036854775808i', undefined],
    ['18446744073709551615u', 2 ** 64],
    ['-1u', undefined],
    ['T', true],
    ['FALSE', false],
    ['+1', undefined],
    ['NaN', undefined],
    ['0x10', undefined],
    ['', undefined],
  ])('a field of %s', (text, value) => {
    expect(linesOf(`m f=${text} 5`)).toEqual([value === undefined ? undefined : point('m', { f: value }, '5')]);
  });

  it('takes keys that every object has for what they are', () => {
    const [line] = [...readLineProtocol('m,__proto__=a __proto__=1,constructor=2 5')];
    expect(line).toMatchObject({ point: { name: 'm', t: '5' } });
    expect(Object.keys((line as { point: { fields: object } }).point.fields)).toEqual(['__proto__', 'constructor']);
  });

  it('takes time that grows with the text alone', () => {
    const long = 1_000_000;
    for (const text of ['\\'.repeat(long), `m f="${'\\"'.repeat(long / 2)}`, 'a'.repeat(long), ',='.repeat(long / 2)]) {
      // What takes time as the square of the text does not end in the time of a test.
      expect(linesOf(text)).toEqual([undefined]);
    }
  });
});

describe('the shape influx', () => {
  // Sample: docs.influxdata.com, line protocol.
  const LINE = 'weather,location=us-midwest,host=gw temperature=82,raining=false 1465839830100400200';

  it('makes a reading of each line, named as with telegraf', () => {
    const read = shapeReader('influx', { assetTag: 'location' });
    const { readings, reasons } = read(
      'telegraf/gw/weather',
      `# comment\n${LINE}\nweather,location=us-east temperature=8i\nbad`,
    );
    expect(readings).toMatchObject([
      { asset: 'us-midwest', values: { 'weather.temperature': 82, 'weather.raining': false } },
      { asset: 'us-east', t: ARRIVAL, values: { 'weather.temperature': 8 } },
    ]);
    expect(readings[0]?.t).toBeCloseTo(1_465_839_830_100.4, 1);
    expect(reasons).toEqual(['malformed-line']);
  });

  it('another precision is declared', () => {
    const read = shapeReader('influx', { unit: 's' });
    expect(read('telegraf/a', 'm,host=a x=1 1465839830').readings[0]?.t).toBe(1_465_839_830_000);
  });

  it('comments alone are no reading', () => {
    expect(shapeReader('influx')('telegraf/a', '# nothing\n')).toEqual({ readings: [], reasons: ['no-reading'] });
  });
});
