import { expect, it } from 'vitest';
import type { LogFields } from '../../src/common/core/index.ts';
import { silentLogger } from '../../src/common/observability/index.ts';
import { AssetLimitWatch } from '../../src/device/runtime/asset-limit-watch.ts';
import type { Driver } from '../../src/device/runtime/driver.ts';

it('a pipeline that refuses assets says so once, in the log and by an event, with some of their names', () => {
  const counts = { tooManyAssets: 0 };
  const pipeline = { name: 'wear', limit: 2, refused: ['x1', 'x2'], counts };
  const lines: (LogFields | undefined)[] = [];
  const events: unknown[] = [];
  const watch = new AssetLimitWatch(
    { scored: [{ pipeline }] } as unknown as Pick<Driver, 'scored'>,
    { ...silentLogger, warn: (_message, fields) => lines.push(fields) },
    (detail) => events.push(detail),
  );
  watch.tick();
  expect(lines).toEqual([]);
  for (counts.tooManyAssets = 1; counts.tooManyAssets < 100; counts.tooManyAssets += 1) watch.tick();
  expect(lines).toMatchObject([{ pipeline: 'wear', limit: 2, refused: ['x1', 'x2'] }]);
  expect(events).toEqual([{ pipeline: 'wear', limit: 2, refused: ['x1', 'x2'] }]);
});
