import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ByteReader, ByteWriter } from '../../src/common/core/index.ts';
import { Debouncer } from '../../src/scoring/decision/index.ts';

const rule = fc
  .record({ n: fc.integer({ min: 1, max: 6 }), share: fc.integer({ min: 0, max: 100 }).map((n) => n / 100) })
  .map(({ n, share }) => ({ n, k: 1 + Math.floor(share * (n - 1)) }));

const span = fc.option(fc.integer({ min: 1, max: 20 }), { nil: undefined });

it('a debouncer that is saved and restored at any point raises and clears as one that is not', () => {
  const steps = fc.array(fc.record({ t: fc.integer({ min: -2, max: 5 }), active: fc.boolean(), save: fc.boolean() }), {
    maxLength: 60,
  });
  fc.assert(
    fc.property(rule, rule, span, span, span, steps, (raise, clear, within, on, off, all) => {
      const create = () => new Debouncer({ ...raise, within, hold: on }, { ...clear, hold: off });
      const straight = create();
      let restarted = create();
      let t = 0;
      for (const { t: later, active, save } of all) {
        if (save) {
          const out = new ByteWriter();
          restarted.save(out);
          restarted = create();
          restarted.restore(new ByteReader(out.take()));
        }
        t += later;
        expect(restarted.update(t, active)).toBe(straight.update(t, active));
        expect([restarted.raised, restarted.since]).toEqual([straight.raised, straight.since]);
      }
    }),
  );
});
