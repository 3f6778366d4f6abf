import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FRAME_BYTES, PAGE_BYTES } from '../../src/common/store/index.ts';
import { fileLimitsFor, pagesFor } from '../../src/storage/outbox/capacity/file-limits.ts';

describe('the shares of the cap', () => {
  it('leave room for the largest record, and together stay below the cap', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1 << 20, max: 2 ** 36 }), (cap) => {
        const { walPages, transactionBytes, recordBytes, maxPages } = fileLimitsFor(cap);
        const largest = Math.max(transactionBytes, recordBytes);
        expect(maxPages * PAGE_BYTES + (walPages + pagesFor(largest)) * FRAME_BYTES).toBeLessThan(cap);
        expect(pagesFor(largest) * 2).toBeLessThan(maxPages);
      }),
    );
  });

  it('give the records most of an ordinary cap', () => {
    const cap = 64 << 20;
    expect(fileLimitsFor(cap).maxPages * PAGE_BYTES).toBeGreaterThan(0.9 * cap);
  });
});
