import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteReader, ByteWriter } from '../../src/common/core/index.ts';
import { EmittedWatermark } from '../../src/scoring/pipeline/asset/emitted-watermark.ts';

function saved(watermark: EmittedWatermark): EmittedWatermark {
  const out = new ByteWriter();
  watermark.save(out);
  watermark.saveFrom(out);
  const from = new ByteReader(out.take());
  const next = new EmittedWatermark();
  next.restore(from);
  next.restoreFrom(from);
  return next;
}

/** Times of records, rising, several alike. */
const times = fc.array(fc.constantFrom(0, 0, 1, 2), { minLength: 1, maxLength: 30 }).map((steps) => {
  let t = 100;
  return steps.map((step) => {
    t += step;
    return t;
  });
});

describe('EmittedWatermark', () => {
  it('takes each record once over any number of restarts, though several have the same time', () => {
    const cuts = fc.array(fc.tuple(fc.nat(4), fc.nat(4)), { maxLength: 6 });
    fc.assert(
      fc.property(times, cuts, (all, stops) => {
        const emitted: number[] = [];
        let state = new EmittedWatermark();
        let place = { index: 0, emitted: 0, state: saved(state) };
        let index = 0;
        const run = (until: number) => {
          for (; index < Math.min(until, all.length); index += 1) {
            const t = all[index] as number;
            if (!state.take(t)) emitted.push(index);
          }
        };
        for (const [snapshot, killed] of stops) {
          run(index + snapshot);
          place = { index, emitted: emitted.length, state: saved(state) };
          run(index + killed);
          // Killed: the state is that of the snapshot, the same records come again, and those since then are known.
          state = saved(place.state);
          const since = emitted.slice(place.emitted).map((one) => all[one] as number);
          const [from, until] = [since[0], since.at(-1)];
          const ties = emitted.filter((one) => all[one] === until).length;
          if (from !== undefined && until !== undefined) state.cover(from, until, ties);
          index = place.index;
        }
        run(all.length);
        expect(emitted).toEqual(all.map((_, one) => one));
      }),
      { numRuns: 500 },
    );
  });

  it('suppresses as many records of the newest time as were emitted, and no more', () => {
    const state = new EmittedWatermark();
    state.cover(7, 7, 2);
    expect([state.take(7), state.take(7), state.take(7)]).toEqual([true, true, false]);
  });

  it('stays where it is, whatever is noted of before', () => {
    const state = new EmittedWatermark();
    state.cover(1, 10, 1);
    state.cover(2, 5, 1);
    expect([6, 10, 11].map((t) => state.take(t))).toEqual([true, true, false]);
  });
});
