import { expect, it } from 'vitest';
import { Counters } from '../../src/common/observability/index.ts';

it('counts by name and shows the names in order', () => {
  const counters = new Counters();
  counters.add('late');
  counters.add('bad-json', 3);
  counters.add('late');
  expect(counters.get('late')).toBe(2);
  expect(counters.get('never')).toBe(0);
  expect(JSON.stringify(counters)).toBe('{"bad-json":3,"late":2}');
});

it('loses no count to names without end, and keeps few of them', () => {
  const counters = new Counters();
  for (let i = 0; i < 10_000; i += 1) counters.add(`name ${i}`);
  counters.add('name 0');
  const all = Object.values(counters.toJSON());
  expect(all.length).toBeLessThan(300);
  expect(all.reduce((sum, count) => sum + count, 0)).toBe(10_001);
  expect(counters.get('name 0')).toBe(2);
});

it('takes any name, also those that objects have', () => {
  const counters = new Counters();
  counters.add('constructor');
  counters.add('__proto__');
  expect(counters.get('constructor')).toBe(1);
  expect(Object.entries(counters.toJSON())).toEqual([
    ['__proto__', 1],
    ['constructor', 1],
  ]);
});
