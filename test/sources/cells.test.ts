import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSplitter, toValue } from '../../src/scoring/sources/file/cells.ts';
import { LineCutter } from '../../src/scoring/sources/file/lines.ts';

describe('splitting rows', () => {
  it('agrees with a CSV library on quoted and plain cells', () => {
    const text = fc.string().filter((cell) => !/[\r\n]/.test(cell));
    const cell = fc.oneof(
      text.map((raw) => `"${raw.replaceAll('"', '""')}"`),
      text.filter((raw) => !/[";]/.test(raw)),
    );
    const split = createSplitter(';');
    fc.assert(
      fc.property(fc.array(cell, { minLength: 2, maxLength: 8 }), (cells) => {
        const line = cells.join(';');
        expect(split(line)).toEqual(parse(line, { delimiter: ';' })[0]);
      }),
    );
  });

  it('takes runs of blanks, before, between and after', () => {
    expect(createSplitter('whitespace')('  1   2\t3  ')).toEqual(['1', '2', '3']);
  });

  it('takes tabs, and empty cells between them', () => {
    expect(createSplitter('tab')('1\t\t3')).toEqual(['1', '', '3']);
  });

  it.each(['"a', '"a"b,c', 'x,"'])('refuses quotes that do not fit: %s', (line) => {
    expect(createSplitter(',')(line)).toBeUndefined();
  });

  it('lets a quote inside a plain cell be', () => {
    expect(createSplitter(',')('5" pipe,2')).toEqual(['5" pipe', '2']);
  });
});

describe('cells as values', () => {
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

  it('gives a last line without an end', () => {
    expect(cutAll(['a\nb'], 10)).toEqual(['a', 'b']);
  });

  it('keeps nothing of a line beyond the limit, however long', () => {
    const cutter = new LineCutter(8);
    for (let i = 0; i < 1000; i++) expect(cutter.cut('x'.repeat(1000))).toEqual([]);
    expect(cutter.cut('x\nshort\n')).toEqual([undefined, 'short']);
  });
});
