import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CellForm, createCellReader, createSplitter } from '../../src/scoring/sources/file/cells/cells.ts';
import { LineCutter } from '../../src/scoring/sources/file/text/lines.ts';

describe('splitting rows', () => {
  it('agrees with a CSV library on quoted and plain cells', () => {
    const text = fc.string().filter((cell) => !/[\r\n]/.test(cell));
    const cell = fc.oneof(
      text.map((raw) => `"${raw.replaceAll('"', '""')}"`),
      text.filter((raw) => !/[";]/.test(raw)),
    );
    const { split } = createSplitter(';');
    fc.assert(
      fc.property(fc.array(cell, { minLength: 2, maxLength: 8 }), (cells) => {
        const line = cells.join(';');
        expect(split(line)).toEqual(parse(line, { delimiter: ';' })[0]);
      }),
    );
  });

  it('takes runs of blanks, before, between and after', () => {
    expect(createSplitter('whitespace').split('  1   2\t3  ')).toEqual(['1', '2', '3']);
  });

  it('takes tabs, and empty cells between them', () => {
    expect(createSplitter('tab').split('1\t\t3')).toEqual(['1', '', '3']);
  });

  it.each(['"a', '"a"b,c', 'x,"'])('refuses quotes that do not fit: %s', (line) => {
    expect(createSplitter(',').split(line)).toBeUndefined();
  });

  it('lets a quote inside a plain cell be', () => {
    expect(createSplitter(',').split('5" pipe,2')).toEqual(['5" pipe', '2']);
  });
});

describe('cells as values', () => {
  const toValue = (cell: string, decimal: '.' | ',', more: Partial<CellForm> = {}) =>
    createCellReader({ decimal, ...more })(cell);

  it('reads any number that JavaScript writes', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(toValue(String(value), '.')).toBe(Object.is(value, -0) ? 0 : value);
      }),
    );
  });

  it.each([
    ['1,5', ',', 1.5],
    ['-1,5e3', ',', -1500],
    [' 7 ', '.', 7],
    ['+3', '.', 3],
    ['.5', '.', 0.5],
    ['', '.', null],
    ['  ', '.', null],
    ['true', '.', true],
    ['OK', '.', 'OK'],
    ['1,5', '.', '1,5'],
    ['-', '.', '-'],
    ['NaN', '.', Number.NaN],
    ['-inf', '.', Number.NaN],
    ['1e999', '.', Number.NaN],
  ] as const)('%j with decimal %s', (cell, decimal, expected) => {
    expect(toValue(cell, decimal)).toBe(expected);
  });

  it.each([
    ...[
      '1,001',
      '1.234,56',
      '1,5',
      '0x10',
      '0b1',
      '0o7',
      '5 %',
      '12 \u00B0C',
      '--5',
      '+-5',
      '1_000',
      '-',
      'n/a',
      'NULL',
      '#N/A',
    ],
    ...[
      '=5',
      "'5",
      '1 000',
      '1\u202F000',
      '\u0661\u0662',
      '\uFF11',
      '1e',
      '1e5.5',
      '.',
      '+',
      '5n',
      '1.2.3',
      '5\u200B',
      'TRUE',
    ],
  ])('%j is text where the decimal mark is a point', (cell) => {
    expect(toValue(cell, '.')).toBe(cell);
  });

  it.each(['1.001', '1.5', '1.234,56', '1,234.5', "1'000,5", '1,2,3'])('%j is text where it is a comma', (cell) => {
    expect(toValue(cell, ',')).toBe(cell);
  });

  it.each([
    ['1.001', ',', '.', 1001],
    ['1.234.567,89', ',', '.', 1234567.89],
    ['-12.345', ',', '.', -12345],
    ['1234567,5', ',', '.', 1234567.5],
    ['1,001', '.', ',', 1001],
    ["1'234.5", '.', "'", 1234.5],
    ['1\u2019234.5', '.', "'", 1234.5],
    ['1 234,5', ',', ' ', 1234.5],
    ['1\u00A0234\u00A0567', ',', '\u00A0', 1234567],
    ['1\u202F234,5', ',', '\u202F', 1234.5],
    ['1\u202F234,5', ',', ' ', 1234.5],
    ['1.00', ',', '.', '1.00'],
    ['1.0001', ',', '.', '1.0001'],
    ['1234.567', ',', '.', '1234.567'],
    ['.123', ',', '.', '.123'],
    ['1..001', ',', '.', '1..001'],
    ['1,001.5', ',', '.', '1,001.5'],
    ['1 234\u00A0567', ',', ' ', '1 234\u00A0567'],
    ['1,5.000', ',', '.', '1,5.000'],
  ] as const)('%j with decimal %s and thousands %j', (cell, decimal, thousands, expected) => {
    expect(toValue(cell, decimal, { thousands })).toBe(expected);
  });

  it('reads any number that a spreadsheet groups, and none whose mark is in another place', () => {
    const numbers = fc.double({ min: -1e12, max: 1e12, noNaN: true }).map((value) => Number(value.toFixed(4)));
    const marks = fc.constantFrom(['.', ','], [',', '.'], [',', ' '], ['.', "'"]);
    const { format } = new Intl.NumberFormat('en-US', { maximumFractionDigits: 4 });
    fc.assert(
      fc.property(numbers, marks, fc.nat(), (value, [decimal = '', thousands = ''], seed) => {
        const cell = format(value).replace(/[.,]/g, (mark) => (mark === '.' ? decimal : thousands));
        const form = { decimal, thousands } as CellForm;
        expect(createCellReader(form)(cell)).toBe(value === 0 ? value : Number(value.toFixed(4)));
        const at = seed % (cell.length + 1);
        const broken = cell.slice(0, at) + thousands + cell.slice(at);
        const whole = (broken.split(decimal)[0] ?? '').replace('-', '').split(thousands);
        const wellPlaced =
          whole.length > 1 && whole.every((group, k) => (k === 0 ? /^\d{1,3}$/ : /^\d{3}$/).test(group));
        if (!wellPlaced && broken.trim() === broken) expect(createCellReader(form)(broken)).toBe(broken);
      }),
    );
  });

  it.each([
    ['n/a', null],
    ['-9999', null],
    ['-9999.0', null],
    ['-9,999e3', '-9,999e3'],
    ['N/A', 'N/A'],
    ['-999', -999],
  ])('%j where n/a and -9999 are missing', (cell, expected) => {
    expect(toValue(cell, '.', { missing: ['n/a', -9999] })).toBe(expected);
  });
});

describe('cutting lines', () => {
  const cutAll = (chunks: readonly string[], limit: number) => {
    const cutter = new LineCutter(limit);
    return [...chunks.flatMap((chunk) => cutter.cut(chunk)), ...cutter.end()];
  };

  it('gives the same lines however the text is cut into chunks', () => {
    const line = fc.string({ maxLength: 12 }).map((text) => text.replace(/[\r\n]/g, ''));
    fc.assert(
      fc.property(
        fc.array(line),
        fc.array(fc.integer({ min: 1, max: 7 })),
        fc.integer({ min: 1, max: 10 }),
        (lines, sizes, limit) => {
          const text = lines.map((one) => `${one}\r\n`).join('');
          const chunks: string[] = [];
          for (let at = 0, k = 0; at < text.length; k++) {
            const size = sizes[k % sizes.length] ?? 3;
            chunks.push(text.slice(at, at + size));
            at += size;
          }
          // The carriage return counts: it is part of the line until its end is known.
          const expected = lines.map((one) => (one.length + 1 > limit ? undefined : one));
          expect(cutAll(chunks, limit)).toEqual(expected);
        },
      ),
    );
  });

  it('takes a return alone for the end of lines where the first one ends so, however the text is cut', () => {
    const line = fc.string({ maxLength: 6 }).map((text) => text.replace(/[\r\n]/g, ''));
    fc.assert(
      fc.property(
        fc.array(line, { minLength: 1 }),
        fc.integer({ min: 1, max: 9 }),
        fc.boolean(),
        (lines, size, ends) => {
          const text = lines.join('\r') + (ends ? '\r' : 'x');
          const chunks = Array.from({ length: Math.ceil(text.length / size) }, (_, i) =>
            text.slice(i * size, (i + 1) * size),
          );
          const expected = ends ? lines : [...lines.slice(0, -1), `${lines.at(-1)}x`];
          expect(cutAll(chunks, 100)).toEqual(expected);
        },
      ),
    );
  });

  it('gives a last line without an end', () => {
    expect(cutAll(['a\nb'], 10)).toEqual(['a', 'b']);
  });

  it('keeps nothing of a line beyond the limit, however long', () => {
    const cutter = new LineCutter(8);
    for (let i = 0; i < 1000; i++) expect(cutter.cut('x'.repeat(1000))).toEqual([]);
    expect(cutter.cut('x\nshort\n')).toEqual([undefined, 'short']);
  });
});
