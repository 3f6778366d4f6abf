import { expect, it } from 'vitest';
import { InMemory } from '../../src/storage/thread/in-memory.ts';

it('a commit of a part leaves the others with the time at which the oldest of them was given', () => {
  let now = 0;
  const memory = new InMemory(() => now);
  for (const at of [100, 200, 300]) {
    now = at;
    memory.given();
    memory.given();
    memory.sent();
  }
  now = 1000;
  expect(memory.figures()).toEqual({ records: 6, forMs: 900 });
  memory.committed(3, 10);
  expect(memory.figures()).toEqual({ records: 3, forMs: 800 });
  memory.committed(1, 10);
  expect(memory.figures()).toEqual({ records: 2, forMs: 700 });
  memory.committed(2, 0);
  expect(memory.figures()).toEqual({ records: 0, forMs: 0 });
});

it('folded records wait until what stands for them was sent and nothing is on its way', () => {
  const memory = new InMemory(() => 50);
  memory.folded();
  memory.committed(0, 0);
  expect(memory.figures().records).toBe(1);
  memory.sentFolded();
  memory.committed(0, 8);
  expect(memory.figures().records).toBe(1);
  memory.committed(0, 0);
  expect(memory.figures().records).toBe(0);
});
