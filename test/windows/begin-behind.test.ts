import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AssetWindows, createAssetWindows, type WindowOptions } from '../../src/scoring/windows/index.ts';

const optionsOf = (window: WindowOptions['window'], lateness = 0): WindowOptions => ({
  tags: [{ name: 'a' }],
  window,
  ...{ lateness, idle: 1_000, maxMissing: 1, maxReadings: 1_000 },
});

function push(windows: AssetWindows, t: number, now = 0): { readonly outcome: string; readonly told: string[] } {
  const outcome = windows.push(t, Float64Array.of(t), Uint32Array.of(0), now);
  return { outcome, told: drain(windows) };
}

function drain(windows: AssetWindows): string[] {
  const told: string[] = [];
  for (let window = windows.next(); window; window = windows.next()) told.push(`${window.from}-${window.to}`);
  return told;
}

/** New windows in the place of others, which close with what they hold. */
function succeed(options: WindowOptions, before: AssetWindows): { next: AssetWindows; told: string[] } {
  before.flush();
  const told = drain(before);
  const next = createAssetWindows(options);
  next.beginBehind(before.closed, before.newest);
  return { next, told };
}

const KINDS = fc.constantFrom<WindowOptions['window']>(
  { length: 10, every: 10 },
  { length: 10, every: 3 },
  { count: 1, every: 1 },
);

describe('Windows that begin behind others', () => {
  it('give no window that these gave, whatever readings come late or again', () => {
    const times = fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(KINDS, times, times, fc.constantFrom(0, 7), (window, before, after, lateness) => {
        const options = optionsOf(window, lateness);
        const first = createAssetWindows(options);
        const told = before.flatMap((t) => push(first, t).told);
        const { next, told: last } = succeed(options, first);
        const again = after.flatMap((t) => push(next, t).told);
        next.flush();
        again.push(...drain(next));
        const mine = new Set([...told, ...last]);
        expect(again.filter((one) => mine.has(one))).toEqual([]);
      }),
    );
  });

  it.each([
    ['time', { length: 10, every: 10 }],
    ['count', { count: 2, every: 1 }],
  ] as const)('go on at once with what is newer, and follow a clock that was set back: %s', (_, window) => {
    const options = optionsOf(window);
    const first = createAssetWindows(options);
    push(first, 1_000);
    push(first, 1_005);
    const { next } = succeed(options, first);
    expect(push(next, 1_012).outcome).toBe('accepted');
    const { next: behind } = succeed(options, next);
    const outcomes = Array.from({ length: 31 }, (_unused, i) => push(behind, 10 + i, 1000 * i).outcome);
    expect(outcomes).toContain('stepped');
    expect(outcomes.at(-1)).toBe('accepted');
  });
});
