import { expect, it } from 'vitest';
import { Bench } from './bench.ts';

const behind = ({ drain, now }: Bench) => drain.isBehind(now);

it('nothing is behind without a connection, nor with one while nothing waits', () => {
  const bench = new Bench();
  bench.commit(500, 5);
  expect(behind(bench)).toBe(false);
  expect(behind(Bench.live())).toBe(false);
});

it('records are behind while there is no place for them in the window', () => {
  const bench = Bench.live({ window: 1 });
  bench.commit(10);
  bench.give(10);
  expect(behind(bench)).toBe(false);
  bench.commit(1, 1);
  expect(behind(bench)).toBe(true);
  bench.ack(1);
  bench.give(1);
  bench.ack(2);
  bench.give(0);
  expect(behind(bench)).toBe(false);
});

it('records that linger are not behind', () => {
  const bench = Bench.lingering();
  bench.commit(5);
  expect(behind(bench)).toBe(false);
});

it('records whose acknowledgement takes 250 ms longer than the quickest are behind', () => {
  const bench = Bench.live();
  bench.commit(100);
  bench.give(100);
  bench.wait(10);
  bench.ack(1);
  bench.give(0);
  bench.commit(100);
  bench.give(100);
  bench.wait(260);
  expect(behind(bench)).toBe(false);
  bench.wait(1);
  expect(behind(bench)).toBe(true);
});

it('the backlog is never behind', () => {
  const bench = new Bench({}, ['again']);
  bench.connect();
  for (const records of [0, 0, 10]) bench.give(records);
  bench.give(0);
  bench.ack(1);
  bench.on({ type: 'offered' });
  for (const records of [0, 0, 10]) bench.give(records);
  bench.wait(60_000);
  expect([bench.drain.inFlight, behind(bench)]).toEqual([1, false]);
});

it('records that the broker refuses wait for it, and not for the link', () => {
  const bench = Bench.live();
  bench.commit(100);
  bench.give(100);
  bench.ack(1, 0x10);
  bench.wait(10);
  expect(bench.drain.paused).toBe(true);
  expect(behind(bench)).toBe(false);
});
