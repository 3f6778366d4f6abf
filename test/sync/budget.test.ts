import { expect, it } from 'vitest';
import { Budget, readBudget } from '../../src/device/sync/budget.ts';

const HOUR = 3600e3;
const MONDAY = Date.UTC(2026, 10, 23);

it('keeps a quarter for what is urgent, and then nothing goes', () => {
  const budget = new Budget(1_000, 0);
  budget.spend(749);
  expect(budget.allowance).toEqual({ urgent: true, others: true });
  budget.spend(1);
  expect(budget.allowance).toEqual({ urgent: true, others: false });
  budget.spend(250);
  expect(budget.allowance).toEqual({ urgent: false, others: false });
});

it('a day is one of UTC', () => {
  const budget = new Budget(1_000, 0);
  budget.tick(MONDAY + 23 * HOUR, 0);
  budget.spend(900);
  budget.tick(MONDAY + 23.9 * HOUR, 0.9 * HOUR);
  expect(budget.state.used).toBe(900);
  budget.tick(MONDAY + 24 * HOUR, HOUR);
  expect(budget.state.used).toBe(0);
});

it('without a trusted clock it is 24 hours of running, over restarts', () => {
  const first = new Budget(1_000, 0);
  first.spend(900);
  first.tick(undefined, 20 * HOUR);
  const second = new Budget(1_000, 5, readBudget(JSON.parse(JSON.stringify(first.state))));
  second.tick(undefined, 5 + 3 * HOUR);
  expect(second.state.used).toBe(900);
  second.tick(undefined, 5 + 4 * HOUR);
  expect(second.state.used).toBe(0);
});

it('a clock that becomes trusted gives no second budget', () => {
  const budget = new Budget(1_000, 0);
  budget.spend(900);
  budget.tick(MONDAY, HOUR);
  expect(budget.state).toEqual({ day: MONDAY / (24 * HOUR), used: 900, ran: 0 });
});

it.each([undefined, null, 1, {}, { day: 'x', used: 1, ran: 1 }, { day: 1, used: '1', ran: 1 }])(
  'what was kept may be anything: %j',
  (value) => expect(readBudget(value)).toBeUndefined(),
);
