import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CommitQueue, positionsOf } from '../../src/storage/outbox/journal/commit-queue.ts';
import { EntryBatcher } from '../../src/storage/outbox/journal/entry-batcher.ts';
import { entryBytes } from '../../src/storage/outbox/journal/rows/entry.ts';
import { entry } from './support/outbox.ts';

const RECORD_BYTES = 400;
const sizes = fc.array(fc.array(fc.integer({ min: 60, max: 600 }), { maxLength: 12 }), { maxLength: 6 });

/** Each entry has its position, as a file source gives it: how many entries there are up to it, over all groups. */
function groupOf(lengths: readonly number[], before: number) {
  const batcher = new EntryBatcher();
  batcher.addPosition({ source: 'rig', position: String(before) });
  for (const [index, length] of lengths.entries()) {
    batcher.add(entry(0, { body: 'x'.repeat(length) }));
    batcher.addPosition({ source: 'rig', position: String(before + index + 1) });
  }
  return batcher.take();
}

describe('the queue before a commit', () => {
  it('gives every entry once, in order, in bounded pieces, the oversized ones apart', () => {
    fc.assert(
      fc.property(sizes, fc.integer({ min: 100, max: 2000 }), (groups, limit) => {
        const queue = new CommitQueue(RECORD_BYTES);
        for (const [index, lengths] of groups.entries()) {
          queue.push(groupOf(lengths, groups.slice(0, index).flat().length));
        }
        const seen: number[] = [];
        while (!queue.empty) {
          const slices = queue.peek(limit);
          expect(queue.peek(limit)).toEqual(slices);
          expect(slices.length).toBeGreaterThan(0);
          const bytes = slices.reduce((sum, slice) => sum + slice.bytes, 0);
          // The first entry may exceed the limit, and an oversized one is not held back by it.
          expect(bytes).toBeLessThanOrEqual(limit + entryBytes('x'.repeat(600)));
          let position = '';
          for (const slice of slices) {
            const { group, from, to, tooLarge } = slice;
            const lengths = group.bodies.slice(from, to).map((body) => body.length);
            expect(tooLarge).toBe(lengths.some((length) => length > RECORD_BYTES));
            if (tooLarge) expect(lengths).toHaveLength(1);
            seen.push(...lengths);
            position = positionsOf(slice).at(-1)?.position ?? position;
          }
          // Wherever a group is cut, its source resumes exactly behind what is committed.
          expect(position).toBe(String(seen.length));
          queue.done(slices);
        }
        expect(seen).toEqual(groups.flat());
      }),
    );
  });

  it('measures a record in bytes of UTF-8, not in characters', () => {
    const queue = new CommitQueue(RECORD_BYTES);
    const batcher = new EntryBatcher();
    batcher.add(entry(0, { body: '€'.repeat(RECORD_BYTES / 2) }));
    batcher.add(entry(0, { body: 'e'.repeat(RECORD_BYTES / 2) }));
    queue.push(batcher.take());
    expect(queue.peek(1e6).map(({ tooLarge }) => tooLarge)).toEqual([true, false]);
  });
});
