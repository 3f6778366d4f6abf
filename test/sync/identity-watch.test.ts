import { expect, it } from 'vitest';
import { type Ending, IdentityWatch } from '../../src/device/sync/identity-watch.ts';

const TAKEN_OVER: Ending = { takenOver: true, silent: false, stood: 2_000 };
const CLOSED: Ending = { takenOver: false, silent: true, stood: 2_000 };
const LOST: Ending = { takenOver: false, silent: false, stood: 2_000 };
const FAILED: Ending = { takenOver: false, silent: false, stood: undefined };

it('three take-overs are a conflict, told once, and the attempts become rare', () => {
  const watch = new IdentityWatch(() => 0.5);
  expect([watch.ended(TAKEN_OVER), watch.ended(TAKEN_OVER), watch.wait]).toEqual([false, false, undefined]);
  expect([watch.ended(TAKEN_OVER), watch.ended(TAKEN_OVER)]).toEqual([true, false]);
  expect([watch.conflict, watch.wait]).toEqual([true, 180_000]);
});

it('a broker that hangs up without a word is none by itself, however often, but reason to listen', () => {
  const watch = new IdentityWatch(() => 0);
  expect(watch.suspicious).toBe(false);
  for (let n = 0; n < 50; n += 1) expect(watch.ended(CLOSED)).toBe(false);
  expect([watch.conflict, watch.wait, watch.suspicious]).toEqual([false, undefined, true]);
});

it('five hang-ups, and the word of another, are a conflict', () => {
  const watch = new IdentityWatch(() => 0);
  expect([watch.ended(CLOSED), watch.suspicious]).toEqual([false, false]);
  expect([watch.ended(CLOSED), watch.suspicious]).toEqual([false, true]);
  watch.seen();
  // One that broke in another way does not count, and takes nothing back.
  expect([CLOSED, LOST, CLOSED, CLOSED, CLOSED].map((one) => watch.ended(one))).toEqual([
    ...[false, false, false],
    ...[true, false],
  ]);
});

it('the word of another alone is none: a message can be forged, or old', () => {
  const watch = new IdentityWatch(() => 0);
  watch.seen();
  for (let n = 0; n < 4; n += 1) expect(watch.ended(CLOSED)).toBe(false);
  // A broker that was away is no twin.
  expect(watch.ended(FAILED)).toBe(false);
  for (let n = 0; n < 4; n += 1) expect(watch.ended(CLOSED)).toBe(false);
  expect(watch.ended(CLOSED)).toBe(true);
});

it('a link that breaks in other ways is none, nor is one that breaks now and then', () => {
  const watch = new IdentityWatch(() => 0);
  watch.seen();
  for (let n = 0; n < 20; n += 1) expect(watch.ended(LOST)).toBe(false);
  for (let n = 0; n < 20; n += 1) expect(watch.ended({ ...TAKEN_OVER, stood: 70_000 })).toBe(false);
  for (let n = 0; n < 20; n += 1) expect(watch.ended({ ...CLOSED, stood: 70_000 })).toBe(false);
});

it('what was seen in one episode is no proof in the next', () => {
  const watch = new IdentityWatch(() => 0);
  watch.seen();
  watch.stands(60_000);
  for (let n = 0; n < 10; n += 1) expect(watch.ended(CLOSED)).toBe(false);
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
