import { expect, it } from 'vitest';
import type { OutboxRecord } from '../../src/common/core/index.ts';
import { silentLogger } from '../../src/common/observability/index.ts';
import { Driver } from '../../src/device/runtime/driver.ts';
import { Reloader } from '../../src/device/runtime/reload.ts';
import { scored } from './support/held-model.ts';

const HOUR = 3_600_000;

it('waits an hour for an asset that is silent, then has it begin anew and tells how many did', async () => {
  let now = 0;
  const records: OutboxRecord[] = [];
  const told: object[] = [];
  const driver = new Driver({ record: ({ record }) => records.push(record) }, () => now);
  const before = scored(driver, { digest: 'a'.repeat(64), window: { count: 2 } });
  const next = scored(driver, { digest: 'b'.repeat(64), window: { count: 3 } });
  driver.add(before);
  for (let n = 0; n < 4; n += 1) driver.push('s', { asset: 'm0', t: n * 1_000, values: { a: n } }, 0);
  before.model.answer();
  const bundle = { model: 'models/rig-anomaly', source: 's' };
  const config = { file: 'f', sources: {}, assets: {}, pipelines: { p: bundle }, log: { level: 'info' } } as never;
  const reloader = new Reloader({
    ...{ config, driver, logger: silentLogger, setLogLevel: () => undefined, forget: () => undefined },
    engine: { prepare: async () => next },
    sources: { change: () => ({ stop: async () => undefined, start: async () => undefined }) },
    outbox: { event: ((_: string, detail: object) => void told.push(detail)) as never },
    control: { exchangeConfig: async (one: unknown) => one } as never,
    clock: { now: () => now, monotonic: () => now, trusted: () => true },
  });
  expect((await reloader.reload(config)).applied).toEqual(['pipelines.p.model']);
  const changes = () => [...driver.changes.values()].map(({ left }) => left);
  now = HOUR - 1;
  reloader.tick();
  expect(changes()).toEqual([1]);
  now = HOUR;
  reloader.tick();
  expect(changes()).toEqual([]);
  expect(told.at(-1)).toEqual({ pipeline: 'p', anew: 1 });
  expect(driver.scored).toEqual([next]);
});
