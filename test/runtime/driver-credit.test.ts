import { expect, it } from 'vitest';
import { Driver, type Scored } from '../../src/device/runtime/driver.ts';

it('sources wait while too many windows of a recurrent model wait for the ones before them', async () => {
  const driver = new Driver({ record: () => undefined }, () => 0);
  const pipeline = { behind: 257, waiting: 300, explaining: 0, tick: () => [], complete: () => [] };
  driver.add({ pipeline, sources: ['s'], model: { credit: () => undefined } } as unknown as Scored);
  const credit = driver.credit();
  expect(credit).toBeInstanceOf(Promise);
  let went = false;
  void credit?.then(() => {
    went = true;
  });
  driver.tick();
  await Promise.resolve();
  expect(went).toBe(false);
  Object.assign(pipeline, { behind: 0, waiting: 0 });
  driver.tick();
  await credit;
  expect(driver.credit()).toBeUndefined();
});
