import { expect, it } from 'vitest';
import { type Ending, IdentityWatch } from '../../src/device/sync/identity-watch.ts';

const TAKEN_OVER: Ending = { takenOver: true, closedByBroker: false, stood: 2_000 };
const CLOSED: Ending = { takenOver: false, closedByBroker: true, stood: 2_000 };
const LOST: Ending = { takenOver: false, closedByBroker: false, stood: 2_000 };

it('three take-overs are a conflict, told once, and the attempts become rare', () => {
  const watch = new IdentityWatch(() => 0.5);
  expect([watch.ended(TAKEN_OVER), watch.ended(TAKEN_OVER), watch.wait]).toEqual([false, false, undefined]);
  expect([watch.ended(TAKEN_OVER), watch.ended(TAKEN_OVER)]).toEqual([true, false]);
  expect([watch.conflict, watch.wait]).toEqual([true, 180_000]);
});

it('a broker that hangs up soon and without a word, five times in a row, is taken for one', () => {
  const watch = new IdentityWatch(() => 0);
  expect(Array.from({ length: 5 }, () => watch.ended(CLOSED))).toEqual([false, false, false, false, true]);
});

it('a link that breaks in other ways is none, nor is one that breaks now and then', () => {
  const watch = new IdentityWatch(() => 0);
  for (let n = 0; n < 20; n += 1) expect(watch.ended(n % 4 === 3 ? LOST : CLOSED)).toBe(false);
  for (let n = 0; n < 20; n += 1) expect(watch.ended({ ...TAKEN_OVER, stood: 70_000 })).toBe(false);
});

it('a connection that stands for a minute ends the episode, and the next one is told again', () => {
  const watch = new IdentityWatch(() => 0);
  for (let n = 0; n < 3; n += 1) watch.ended(TAKEN_OVER);
  watch.stands(59_999);
  expect(watch.conflict).toBe(true);
  watch.stands(60_000);
  expect([watch.conflict, watch.wait]).toEqual([false, undefined]);
  expect(Array.from({ length: 3 }, () => watch.ended(TAKEN_OVER))).toEqual([false, false, true]);
});
