import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type DegradationState,
  givesWay,
  keepsOneIn,
  LEVEL,
  lowerLevel,
  parseState,
  raiseLevel,
  undegraded,
} from '../../src/storage/outbox/journal/degradation.ts';

function climbed(levels: number, newest = 100): DegradationState {
  let state = undegraded(2);
  for (let level = 0; level < levels; level += 1) state = raiseLevel(state, newest + level) ?? state;
  return state;
}

describe('degradation', () => {
  it('climbs step by step: predictions thinner and thinner, then none, then coarser summaries, then drops', () => {
    const levels = [0, 1, 2, 3, 4, 5, 6].map((level) => climbed(level));
    expect(levels.map(({ level }) => level)).toEqual(Object.values(LEVEL));
    const fresh = levels.map((state) => keepsOneIn(state, 1000));
    expect(fresh).toEqual([1, 2, 4, 8, ...[4, 5, 6].map(() => Number.POSITIVE_INFINITY)]);
    const last = levels.at(-1) ?? undegraded(2);
    expect(raiseLevel(last, 200)).toBeUndefined();
  });

  it('halves what the step before has thinned, so that one in four of the first ones is left', () => {
    const state = climbed(2, 100);
    expect([state.edge, keepsOneIn(state, 101), keepsOneIn(state, 102)]).toEqual([101, 2, 4]);
  });

  it('merges summaries again and again before it drops', () => {
    const merged = { ...climbed(5), coarse: 90, coarsened: true };
    expect(raiseLevel(merged, 200)).toEqual({ ...merged, coarse: 0, coarsened: false });
  });

  it('begins each step with the lowest priority, at the oldest record', () => {
    const state = { ...climbed(1), cursors: [80, 40] };
    expect(raiseLevel(state, 200)?.cursors).toEqual([0, 0]);
  });

  it('is at 0 only when nothing that was thinned waits', () => {
    const state = { ...climbed(3), touched: 150 };
    expect(lowerLevel(state, 0.1, 150).level).toBeGreaterThan(0);
    expect(lowerLevel(state, 0.95, 151)).toEqual(undegraded(2));
    expect(lowerLevel(state, 0.95, undefined)).toEqual(undegraded(2));
  });

  it('goes down a level at a time as the queue gets shorter, and never flaps at one length', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 }), fc.double({ min: 0, max: 1, noNaN: true }), (levels, fill) => {
        const state = { ...climbed(levels), touched: 500 };
        const eased = lowerLevel(state, fill, 1);
        expect(state.level - eased.level).toBeLessThanOrEqual(1);
        // Above 0.9, where pressure begins, no level is left.
        if (fill > 0.9) expect(eased).toEqual(state);
        if (eased.level < state.level) expect(keepsOneIn(eased, 501)).toBe(expectedFor(eased.level));
      }),
    );
  });

  it('goes on after a restart, and begins anew where what was saved means something else', () => {
    const state = { ...climbed(3), touched: 150 };
    expect(parseState(JSON.stringify(state), 2)).toEqual(state);
    expect(parseState(JSON.stringify(state), 3)).toEqual({ ...state, cursors: [0, 0, 0] });
    for (const text of [undefined, '', '7', '{"level":"1"}', '{}']) expect(parseState(text, 2)).toEqual(undegraded(2));
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
