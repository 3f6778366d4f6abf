import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Turn, Turns } from '../../src/center/serving/turns.ts';
import { type BlobGet, encodeHave, MAX_OUTSTANDING } from '../../src/common/protocol/index.ts';

const sha256 = 'ab'.repeat(32);
const LENGTH = 1_000_000;
let made = 0;

function request(change: Partial<BlobGet> = {}): BlobGet {
  made += 1;
  return { token: `t${made}`, sha256, block: 1_000, first: 0, count: 4, have: '', ...change };
}

/** Sends everything, a piece after the other. */
function drain(turns: Turns): Turn[] {
  const sent: Turn[] = [];
  for (let turn = turns.next(); turn !== undefined; turn = turns.next()) {
    sent.push(turn);
    turns.sent(turn.device);
  }
  return sent;
}

it('sends what is missing, in order, and the last piece of a blob as short as it is', () => {
  const turns = new Turns();
  expect(turns.take('a', request({ have: encodeHave(4, (i) => i === 1) }), 3_500)).toBe('taken');
  expect(drain(turns).map(({ index, at, length }) => [index, at, length])).toEqual([
    [0, 0, 1_000],
    [2, 2_000, 1_000],
    [3, 3_000, 500],
  ]);
  expect(turns.waiting).toBe(0);
});

it('devices take turns, a piece each, and one that asks for more gets none before the others', () => {
  const turns = new Turns();
  turns.take('greedy', request({ count: 60 }), LENGTH);
  turns.take('modest', request({ count: 2 }), LENGTH);
  const order = drain(turns).map(({ device }) => device);
  expect(order.slice(0, 5)).toEqual(['greedy', 'modest', 'greedy', 'modest', 'greedy']);
  expect(order.length).toBe(62);
});

it('one piece of a device is on its way at a time, so that they come in order, and 16 over all devices', () => {
  const turns = new Turns();
  turns.take('a', request(), LENGTH);
  expect([turns.next()?.index, turns.next()]).toEqual([0, undefined]);
  turns.sent('a');
  expect(turns.next()?.index).toBe(1);
  for (let i = 0; i < 100; i += 1) turns.take(`d${i}`, request(), LENGTH);
  let sending = 1;
  while (turns.next() !== undefined) sending += 1;
  expect(sending).toBe(16);
});

it('the newest request of a device takes the place of an older one, also while a piece of that is on its way', () => {
  const turns = new Turns();
  turns.take('a', request({ count: 50 }), LENGTH);
  expect(turns.next()?.index).toBe(0);
  turns.take('a', request({ first: 100, count: 2 }), LENGTH);
  turns.sent('a');
  expect(drain(turns).map(({ index }) => index)).toEqual([100, 101]);
});

it('a request that comes twice is answered once, before and after', () => {
  const turns = new Turns();
  const one = request();
  expect([turns.take('a', one, LENGTH), turns.take('a', one, LENGTH)]).toEqual(['taken', 'again']);
  expect(drain(turns).length).toBe(4);
  expect(turns.take('a', one, LENGTH)).toBe('again');
  expect(turns.take('b', one, LENGTH)).toBe('taken');
});

it('asks beyond the end, and for what is not here, are answered by nothing', () => {
  const turns = new Turns();
  expect(turns.take('a', request({ first: 10 }), 3_500)).toBe('nothing');
  expect(turns.take('a', request({ have: encodeHave(4, () => true) }), 3_500)).toBe('nothing');
  expect(turns.take('a', request(), undefined)).toBe('unknown');
  expect(turns.take('a', request(), 0)).toBe('nothing');
  expect(drain(turns)).toEqual([]);
});

it('no request gets more than 64 KiB, and no more devices wait than the bound says', () => {
  const turns = new Turns();
  turns.take('a', request({ block: 1_000, count: 1_000 }), LENGTH);
  expect(drain(turns).reduce((sum, { length }) => sum + length, 0)).toBeLessThanOrEqual(MAX_OUTSTANDING);
  for (let i = 0; i < 10_000; i += 1) turns.take(`d${i}`, request(), LENGTH);
  expect(turns.take('one more', request(), LENGTH)).toBe('too-many');
  expect(turns.take('d7', request(), LENGTH)).toBe('taken');
});

it('after a connection that was lost nothing is sent that was asked for before', () => {
  const turns = new Turns();
  turns.take('a', request(), LENGTH);
  turns.next();
  turns.clear();
  turns.sent('a');
  expect(turns.next()).toBeUndefined();
  turns.take('a', request({ first: 7, count: 1 }), LENGTH);
  expect(drain(turns).map(({ index }) => index)).toEqual([7]);
});

it('whatever comes, each piece that is wanted is sent once and none that is not', () => {
  const step = fc.record({
    device: fc.constantFrom('a', 'b', 'c'),
    count: fc.integer({ min: 1, max: 9 }),
    sends: fc.nat(4),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const turns = new Turns();
      const owed = new Map<string, number[]>();
      const take = (turn: Turn) => {
        expect(owed.get(turn.device)?.shift()).toBe(turn.index);
        turns.sent(turn.device);
      };
      for (const { device, count, sends } of steps) {
        turns.take(device, request({ count }), LENGTH);
        owed.set(
          device,
          Array.from({ length: count }, (_, i) => i),
        );
        for (let i = 0; i < sends; i += 1) {
          const turn = turns.next();
          if (turn !== undefined) take(turn);
        }
      }
      for (let turn = turns.next(); turn !== undefined; turn = turns.next()) take(turn);
      expect([...owed.values()].flat()).toEqual([]);
    }),
  );
});
