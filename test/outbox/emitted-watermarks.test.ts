import { expect, it } from 'vitest';
import type { Entry } from '../../src/storage/outbox/index.ts';
import { commitAll, entry, NOW, openCore } from './support/outbox.ts';

function about(asset: string, t: number, more: object = {}, type: Entry['type'] = 'prediction'): Entry {
  const body = JSON.stringify({ type, t, pipeline: 'pump', asset, ...more });
  return entry(0, { type, t, body });
}

it('tells per asset up to when predictions and alarms are committed behind a place, and how many just then', () => {
  const core = openCore();
  core.append([about('old', NOW), about('a', NOW)]);
  commitAll(core);
  const { boot, seq } = core.stats(NOW);
  core.append([
    ...[about('a', NOW + 1), about('a', NOW + 2), about('a', NOW + 2), about('b', NOW + 1)],
    about('a', NOW + 2, { state: 'raised' }, 'alarm'),
    about('a', NOW + 9, { state: 'acknowledged' }, 'alarm'),
    entry(0, { t: NOW + 8, body: '{"type":"prediction","ass' }),
  ]);
  commitAll(core);
  expect(core.committedSince(boot, seq)).toEqual([
    { pipeline: 'pump', type: 'alarm', asset: 'a', until: NOW + 2, ties: 1 },
    { pipeline: 'pump', type: 'prediction', asset: 'a', until: NOW + 2, ties: 2 },
    { pipeline: 'pump', type: 'prediction', asset: 'b', until: NOW + 1, ties: 1 },
  ]);
  expect(core.committedSince('a boot that is not here', 7).map(({ asset }) => asset)).toContain('old');
  core.abandon();
});

it('takes for the newest what was emitted last: a greater time before it is of a clock that was set back since', () => {
  const core = openCore();
  const { boot, seq } = core.stats(NOW);
  core.append([about('a', NOW + 1), about('a', NOW + 3600e3), about('a', NOW + 2)]);
  commitAll(core);
  expect(core.committedSince(boot, seq)).toMatchObject([{ asset: 'a', until: NOW + 2, ties: 1 }]);
  core.abandon();
});
