import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gapOfBoth, IdRanges } from '../../src/storage/outbox/journal/rows/id-ranges.ts';

const MAX_ID = 40;
const span = fc
  .tuple(fc.integer({ min: 1, max: MAX_ID }), fc.integer({ min: 0, max: 12 }))
  .map(([first, length]) => ({ first, last: Math.min(MAX_ID, first + length) }));
const change = fc.record({ span, value: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }) });
type Change = { readonly span: { readonly first: number; readonly last: number }; readonly value: number | undefined };

/** The same map, one id at a time. */
function naive(changes: readonly Change[]): Map<number, number> {
  const map = new Map<number, number>();
  for (const { span: ids, value } of changes) {
    for (let id = ids.first; id <= ids.last; id += 1) {
      if (value === undefined) map.delete(id);
      else map.set(id, value);
    }
  }
  return map;
}

function applied(changes: readonly Change[]): IdRanges {
  const ranges = new IdRanges();
  for (const { span: ids, value } of changes) {
    if (value === undefined) ranges.delete(ids.first, ids.last);
    else ranges.set(ids.first, ids.last, value);
  }
  return ranges;
}

describe('ranges of ids', () => {
  it('hold for every id what a plain map holds', () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 30 }), (changes) => {
        const [ranges, map] = [applied(changes), naive(changes)];
        for (let id = 0; id <= MAX_ID + 1; id += 1) expect(ranges.get(id)).toBe(map.get(id));
      }),
    );
  });

  it('are in order, disjoint and never two where one would do', () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 30 }), (changes) => {
        const { all } = applied(changes);
        for (const [index, range] of all.entries()) {
          expect(range.first).toBeLessThanOrEqual(range.last);
          const before = all[index - 1];
          if (before === undefined) continue;
          expect(before.last).toBeLessThan(range.first);
          if (before.last + 1 === range.first) expect(before.value).not.toBe(range.value);
        }
      }),
    );
  });

  it('tell each change so that a copy keyed by the first id follows', () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 30 }), (changes) => {
        const ranges = new IdRanges();
        const copy = new Map<number, { first: number; last: number; value: number }>();
        for (const { span: ids, value } of changes) {
          const { removed, added } =
            value === undefined ? ranges.delete(ids.first, ids.last) : ranges.set(ids.first, ids.last, value);
          for (const first of removed) expect(copy.delete(first)).toBe(true);
          for (const range of added) {
            expect(copy.has(range.first)).toBe(false);
            copy.set(range.first, range);
          }
        }
        expect(Array.from(copy.values()).sort((a, b) => a.first - b.first)).toEqual(ranges.all);
      }),
    );
  });

  it('find the lowest run that neither of two maps has', () => {
    const arrays = fc.array(change, { maxLength: 12 });
    fc.assert(
      fc.property(arrays, arrays, span, (one, two, within) => {
        const taken = new Set([...naive(one).keys(), ...naive(two).keys()]);
        const free = [];
        for (let id = within.first; id <= within.last; id += 1) if (!taken.has(id)) free.push(id);
        const [first] = free;
        let last = first;
        while (last !== undefined && free.includes(last + 1)) last += 1;
        const expected = first === undefined ? undefined : { first, last };
        expect(gapOfBoth(applied(one), applied(two), within.first, within.last)).toEqual(expected);
      }),
    );
  });
});
