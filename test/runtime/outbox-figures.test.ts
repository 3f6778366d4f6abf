import { expect, it } from 'vitest';
import { OutboxFigures } from '../../src/device/runtime/outbox-figures.ts';
import type { OutboxStats } from '../../src/storage/outbox/index.ts';

const stats = (seq: number) => ({ seq, pending: 1, bytes: 2, level: 0 }) as OutboxStats;

it('the last figures stand where the outbox does not answer, because a commit hangs on the disk', async () => {
  const answers: Promise<OutboxStats>[] = [Promise.resolve(stats(1)), new Promise(() => {}), Promise.resolve(stats(2))];
  const figures = new OutboxFigures({ stats: () => answers.shift() ?? Promise.reject(new Error('asked too often')) });
  expect(await figures.newest(10)).toEqual(stats(1));
  expect(await figures.newest(10)).toEqual(stats(1));
  expect(await figures.newest(10_000)).toEqual(stats(2));
});
