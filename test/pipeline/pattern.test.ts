import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compilePattern } from '../../src/scoring/pipeline/reading/pattern.ts';

describe('an asset pattern', () => {
  it.each([
    ['*', '', true],
    ['*', 'a\nb', true],
    ['pump-*', 'pump-1', true],
    ['pump-*', 'xpump-1', false],
    ['pump-?', 'pump-1', true],
    ['pump-?', 'pump-😀', true],
    ['pump-?', 'pump-', false],
    ['pump-?', 'pump-12', false],
    ['a.b', 'axb', false],
    ['[a]+(b)$^|', '[a]+(b)$^|', true],
    ['a\\b', 'a\\b', true],
    ['*-v1', 'pump*?-v1', true],
    ['**a', 'bba', true],
    ['', '', true],
    ['', 'a', false],
  ])('%j on %j: %s', (pattern, name, expected) => {
    expect(compilePattern(pattern)(name)).toBe(expected);
  });

  it('says what the regular expression of it says', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?', '.', '\n', '泵', '😀'), maxLength: 8 });
    fc.assert(
      fc.property(text, text, (pattern, name) => {
        const source = pattern
          .replace(/[.+^${}()|[\]\\]/g, '\\$&')
          .replaceAll('*', '.*')
          .replaceAll('?', '.');
        expect(compilePattern(pattern)(name)).toBe(new RegExp(`^${source}$`, 'su').test(name));
      }),
      { numRuns: 2_000 },
    );
  });

  // What tries every way of fitting takes hours: the test would not end in its time.
  it('takes no longer for a name that is made to be hard', () => {
    const pattern = `${'*a'.repeat(60)}*b`;
    expect(compilePattern(pattern)('a'.repeat(256))).toBe(false);
  });
});
