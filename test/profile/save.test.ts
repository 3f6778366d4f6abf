import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ByteReader, ByteWriter } from '../../src/common/core/index.ts';
import { BinnedSummary, ExponentialHistogram } from '../../src/common/profile/index.ts';

const numbers = fc.array(fc.double({ min: -3, max: 12 }), { maxLength: 60 });

it.each([
  ['counts and moments', () => new BinnedSummary([0, 1, 2.5, 9])],
  ['counts without edges', () => new BinnedSummary([])],
  ['a latency histogram', () => new ExponentialHistogram()],
])('%s go on where they were saved', (_, create) => {
  fc.assert(
    fc.property(numbers, numbers, (before, after) => {
      const straight = create();
      const first = create();
      for (const x of before) {
        straight.add(x);
        first.add(x);
      }
      const out = new ByteWriter();
      first.save(out);
      const second = create();
      second.restore(new ByteReader(out.take()));
      expect(second.toRecord()).toEqual(straight.toRecord());
      for (const x of after) {
        straight.add(x);
        second.add(x);
      }
      expect(second.toRecord()).toEqual(straight.toRecord());
    }),
  );
});
