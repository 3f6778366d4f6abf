import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  calm,
  climb,
  ease,
  givesWay,
  keepsOneIn,
  type LadderState,
  LEVEL,
  readState,
} from '../../src/storage/outbox/journal/degradation.ts';

function climbed(levels: number, newest = 100): LadderState {
  let state = calm(2);
  for (let level = 0; level < levels; level += 1) state = climb(state, newest + level) ?? state;
  return state;
}

describe('the ladder', () => {
  it('climbs step by step: predictions thinner and thinner, then none, then coarser summaries, then drops', () => {
    const levels = [0, 1, 2, 3, 4, 5, 6].map((level) => climbed(level));
    expect(levels.map(({ level }) => level)).toEqual(Object.values(LEVEL));
    const fresh = levels.map((state) => keepsOneIn(state, 1000));
    expect(fresh).toEqual([1, 2, 4, 8, ...[4, 5, 6].map(() => Number.POSITIVE_INFINITY)]);
    const last = levels.at(-1) ?? calm(2);
    expect(climb(last, 200)).toBeUndefined();
  });

  it('halves what the step before has thinned, so that one in four of the first ones is left', () => {
    const state = climbed(2, 100);
    expect([state.edge, keepsOneIn(state, 101), keepsOneIn(state, 102)]).toEqual([101, 2, 4]);
  });

  it('merges summaries again and again before it drops', () => {
    const merged = { ...climbed(5), coarse: 90, coarsened: true };
    expect(climb(merged, 200)).toEqual({ ...merged, coarse: 0, coarsened: false });
  });

  it('begins each step with the lowest priority, at the oldest record', () => {
    const state = { ...climbed(1), cursors: [80, 40] };
    expect(climb(state, 200)?.cursors).toEqual([0, 0]);
  });

  it('is at 0 only when nothing that was thinned waits', () => {
    const state = { ...climbed(3), touched: 150 };
    expect(ease(state, 0.1, 150).level).toBeGreaterThan(0);
    expect(ease(state, 0.95, 151)).toEqual(calm(2));
    expect(ease(state, 0.95, undefined)).toEqual(calm(2));
  });

  it('goes down a level at a time as the queue gets shorter, and never flaps at one length', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 }), fc.double({ min: 0, max: 1, noNaN: true }), (levels, fill) => {
        const state = { ...climbed(levels), touched: 500 };
        const eased = ease(state, fill, 1);
        expect(state.level - eased.level).toBeLessThanOrEqual(1);
        // Pressure begins above 0.9: there no level is left.
        if (fill > 0.9) expect(eased).toEqual(state);
        if (eased.level < state.level) expect(keepsOneIn(eased, 501)).toBe(expectedFor(eased.level));
      }),
    );
  });

  it('goes on after a restart, and begins anew where what was saved means something else', () => {
    const state = { ...climbed(3), touched: 150 };
    expect(readState(JSON.stringify(state), 2)).toEqual(state);
    expect(readState(JSON.stringify(state), 3)).toEqual({ ...state, cursors: [0, 0, 0] });
    for (const text of [undefined, '', '7', '{"level":"1"}', '{}']) expect(readState(text, 2)).toEqual(calm(2));
  });

  it('says what gives way next', () => {
    const none = { confirmed: false, predictions: 0, summaries: 0, others: 0 };
    expect(givesWay(none)).toBeNull();
    expect(givesWay({ ...none, others: 1 })).toBe('alarms');
    expect(givesWay({ ...none, others: 1, summaries: 1 })).toBe('summaries');
    expect(givesWay({ ...none, others: 1, summaries: 1, predictions: 1 })).toBe('predictions');
    expect(givesWay({ confirmed: true, predictions: 1, summaries: 1, others: 1 })).toBe('confirmed');
  });
});

function expectedFor(level: number): number {
  return level >= LEVEL.summaries ? Number.POSITIVE_INFINITY : 2 ** level;
}
