import { expect, it } from 'vitest';
import { SystemClock } from '../../src/device/runtime/index.ts';

const BUILT = Date.UTC(2026, 10, 1);
const NOW = Date.UTC(2027, 0, 1);
const HOUR = 3600_000;

/** A machine whose clock can be set, and drifts. */
function machine(start = NOW, builtAt = BUILT) {
  const state = { wall: start, monotonic: 5_000 };
  const clock = new SystemClock(builtAt, { wall: () => state.wall, monotonic: () => state.monotonic });
  /** Seconds go by, with a look each. */
  const run = (seconds: number, drift = 0) => {
    const steps = [];
    for (let second = 0; second < seconds; second += 1) {
      state.wall += 1000 * (1 + drift);
      state.monotonic += 1000;
      const step = clock.look();
      if (step !== undefined) steps.push(step);
    }
    return steps;
  };
  const set = (wall: number) => {
    state.wall = wall;
  };
  return { clock, run, set };
}

it('follows a clock that drifts or is put right by a little, without a jump', () => {
  const { clock, run, set } = machine();
  expect(run(3_600, 0.0005)).toEqual([]);
  expect(Math.abs(clock.now() - (NOW + 3_600_000 * 1.0005))).toBeLessThan(1);
  const before = clock.now();
  set(before - 1_500);
  let last = clock.now();
  for (let second = 0; second < 200; second += 1) {
    expect(run(1)).toEqual([]);
    expect(clock.now()).toBeGreaterThan(last);
    last = clock.now();
  }
  expect(clock.now()).toBeCloseTo(before - 1_500 + 200_000, 0);
});

it.each([
  ['an hour ahead', HOUR],
  ['an hour back', -HOUR],
  ['three seconds ahead', 3_000],
])('tells once that it was set %s', (_, by) => {
  const { clock, run, set } = machine();
  run(10);
  const before = clock.now();
  set(before + by);
  const steps = run(30);
  expect(steps).toEqual([
    { from: before + 1_000, to: before + by + 1_000, wasTrusted: true, trusted: before + by + 1_000 >= BUILT },
  ]);
  expect(clock.now()).toBe(before + by + 30_000);
});

it('is not trusted in 1970, whatever time goes by, and trusted once it is set', () => {
  const { clock, run, set } = machine(60_000);
  expect(clock.trusted()).toBe(false);
  run(100);
  expect([clock.trusted(), clock.now()]).toEqual([false, 160_000]);
  set(NOW);
  expect(run(1)).toMatchObject([{ wasTrusted: false, trusted: true, to: NOW + 1_000 }]);
  expect(clock.trusted()).toBe(true);
});

it('is not trusted behind the newest time that is remembered, until it is set', () => {
  const { clock, run, set } = machine();
  clock.remember(NOW + HOUR);
  expect(clock.trusted()).toBe(false);
  // It comes to that time by itself, hours late.
  run(3_700);
  expect(clock.trusted()).toBe(false);
  set(NOW + 5 * HOUR);
  run(1);
  expect(clock.trusted()).toBe(true);
});

it('remembers a time only after ten minutes without being set: a moment in 2100 must not count', () => {
  const { clock, run, set } = machine();
  run(300);
  set(Date.UTC(2100, 0, 1));
  run(300);
  expect([clock.trusted(), clock.proved]).toEqual([true, undefined]);
  set(NOW + HOUR);
  run(601);
  expect(clock.proved).toBe(NOW + HOUR + 601_000);
});

it('takes a remembered time for the wrong one when the clock runs a day before it', () => {
  const { clock, run } = machine();
  clock.remember(Date.UTC(2100, 0, 1));
  const steps = run(24 * 3_600 + 1);
  expect(steps).toMatchObject([{ wasTrusted: false, trusted: true }]);
  expect(clock.trusted()).toBe(true);
});
