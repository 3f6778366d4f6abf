import { expect, it } from 'vitest';
import { silentLogger } from '../../src/common/observability/index.ts';
import { ClockWatch } from '../../src/device/runtime/clock-watch.ts';
import { SystemClock } from '../../src/device/runtime/index.ts';

const BUILT = Date.UTC(2026, 10, 1);
const NOW = Date.UTC(2027, 0, 1);

function setting(start: number) {
  const time = { wall: start, monotonic: 0 };
  const clock = new SystemClock(BUILT, { wall: () => time.wall, monotonic: () => time.monotonic });
  const state = { seq: 1, committed: 1 };
  const told: unknown[] = [];
  const remembered: number[] = [];
  const steps: boolean[] = [];
  const watch = new ClockWatch({
    ...{ clock, boot: 'b', logger: silentLogger },
    flush: async () => {
      state.seq = state.committed;
    },
    seq: () => state.seq,
    tell: (event, detail, at) => void told.push({ event, ...detail, at }),
    stepped: ({ trusted }) => void steps.push(trusted),
    remember: async (at) => void remembered.push(at),
  });
  const pass = (ms: number) => {
    time.wall += ms;
    time.monotonic += ms;
    watch.tick();
  };
  return { time, state, told, remembered, steps, watch, pass };
}

it('tells, once the clock can be trusted, which records have times of one that could not', async () => {
  const { time, state, told, steps, watch, pass } = setting(30_000);
  pass(1_000);
  time.wall = NOW;
  // Records that were made before, and are not committed yet.
  state.committed = 17;
  pass(1_000);
  await watch.settled();
  expect(steps).toEqual([true]);
  expect(told).toEqual([
    {
      event: 'clock-step',
      ...{ boot: 'b', from: 32_000, to: NOW + 1_000, offsetMs: NOW + 1_000 - 32_000, wasTrusted: false, trusted: true },
      wrong: { first: 1, last: 17, since: 30_000 },
      at: NOW + 1_000,
    },
  ]);
});

it('tells of a step of a clock that was trusted, and of a range where it then is not', async () => {
  const { time, state, told, watch, pass } = setting(NOW);
  pass(1_000);
  [state.committed, state.seq] = [8, 8];
  time.wall = 0;
  pass(1_000);
  await watch.settled();
  expect(told).toMatchObject([{ from: NOW + 2_000, to: 1_000, wasTrusted: true, trusted: false }]);
  expect(told[0]).not.toHaveProperty('wrong');
  state.committed = 20;
  time.wall = NOW + 60_000;
  pass(1_000);
  await watch.settled();
  expect(told[1]).toMatchObject({ trusted: true, wrong: { first: 9, last: 20, since: 1_000 } });
});

it('remembers the time once an hour, once it has proved itself', () => {
  const { remembered, pass } = setting(NOW);
  for (let minute = 0; minute < 125; minute += 1) pass(60_000);
  expect(remembered).toEqual([NOW + 10 * 60_000, NOW + 70 * 60_000]);
});
