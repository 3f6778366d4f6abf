import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { printable, printableIn, printableLines } from '../../src/common/core/index.ts';

/** Whatever a terminal obeys or a person cannot see, but for ends of lines. */
const STEERS = /[\p{Cc}\p{Cs}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;
const anyText = fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)) });

describe('a text from outside', () => {
  it.each([
    ['C0', 'a\x1b[2J\x07\r\nb', 'a\\u001b[2J\\u0007\\u000d\\u000ab'],
    ['DEL and C1', '\x7f\x9b2J\x90', '\\u007f\\u009b2J\\u0090'],
    ['overrides and marks of direction', '\u202egnp\u2066\u200f\u061c', '\\u202egnp\\u2066\\u200f\\u061c'],
    ['surrogates without their half', 'a\ud800b\udc00', 'a\\ud800b\\udc00'],
    ['separators of lines', 'a\u2028b\u2029', 'a\\u2028b\\u2029'],
    ['nothing of it', 'Kühler 1 🌡 “a” עברית', 'Kühler 1 🌡 “a” עברית'],
  ])('is printable: %s', (_name, text, expected) => {
    expect(printable(text)).toBe(expected);
  });

  it('never steers a terminal, and is printable once and for all', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const once = printable(text);
        expect(once).not.toMatch(STEERS);
        expect([printable(once), printableLines(once)]).toEqual([once, once]);
        expect(printableLines(text).replaceAll('\n', '')).not.toMatch(STEERS);
      }),
    );
  });

  it('is the same text when it is read as JSON again', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const line = printableLines(JSON.stringify({ [text]: text }));
        expect(JSON.parse(line)).toEqual({ [text]: text });
        expect(line).not.toMatch(STEERS);
      }),
    );
  });

  it('is found wherever it stands in data, in keys too', () => {
    const at = new Date(0);
    expect(printableIn({ 'a\x1b': ['b\x9b', 1, null, { c: '\x07' }], at })).toEqual({
      'a\\u001b': ['b\\u009b', 1, null, { c: '\\u0007' }],
      at,
    });
  });
});
