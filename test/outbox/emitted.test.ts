import { expect, it } from 'vitest';
import type { Entry } from '../../src/storage/outbox/index.ts';
import { commitAll, drain, entry, NO_LIMITS, NOW, openCore, temporaryFolder } from './support/outbox.ts';

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
    about('a', NOW + 1, {}, 'summary'),
    about('*', NOW + 4, { folded: { thinned: 2 } }, 'summary'),
    about('a', NOW + 9, { state: 'acknowledged' }, 'alarm'),
    entry(0, { t: NOW + 8, body: '{"type":"prediction","ass' }),
  ]);
  commitAll(core);
  expect(core.emittedSince(boot, seq).watermarks).toEqual([
    { pipeline: 'pump', type: 'alarm', asset: 'a', from: NOW + 2, until: NOW + 2, ties: 1 },
    { pipeline: 'pump', type: 'prediction', asset: 'a', from: NOW + 1, until: NOW + 2, ties: 2 },
    { pipeline: 'pump', type: 'prediction', asset: 'b', from: NOW + 1, until: NOW + 1, ties: 1 },
    { pipeline: 'pump', type: 'summary', asset: 'a', from: NOW + 1, until: NOW + 1, ties: 1 },
  ]);
  expect(core.emittedSince('a boot that is not here', 7).watermarks.map(({ asset }) => asset)).toContain('old');
  core.abandon();
});

it('takes for the newest what was emitted last: a greater time before it is of a clock that was set back since', () => {
  const core = openCore();
  const { boot, seq } = core.stats(NOW);
  core.append([about('a', NOW + 1), about('a', NOW + 3600e3), about('a', NOW + 2)]);
  commitAll(core);
  expect(core.emittedSince(boot, seq).watermarks).toMatchObject([{ asset: 'a', until: NOW + 2, ties: 1 }]);
  core.abandon();
});

it('tells of each alarm what was said last behind a place, whatever a person answered to it', () => {
  const core = openCore();
  const alarm = (asset: string, name: string, state: string, t: number, since: number) =>
    about(asset, t, { alarm: name, state, since, severity: 'medium' }, 'alarm');
  core.append([alarm('old', 'wear', 'raised', NOW, NOW)]);
  commitAll(core);
  const { boot, seq } = core.stats(NOW);
  core.append([
    alarm('a', 'wear', 'raised', NOW + 1, NOW + 1),
    alarm('b', 'wear', 'cleared', NOW + 2, NOW - 5),
    alarm('a', 'wear', 'cleared', NOW + 3, NOW + 1),
    alarm('a', 'heat', 'raised', NOW + 3, NOW + 3),
    alarm('a', 'wear', 'raised', NOW + 4, NOW + 4),
    alarm('a', 'wear', 'acknowledged', NOW + 9, NOW + 4),
  ]);
  commitAll(core);
  const common = { pipeline: 'pump', severity: 'medium' };
  expect(core.emittedSince(boot, seq).alarms).toEqual([
    { ...common, asset: 'b', alarm: 'wear', state: 'cleared', since: NOW - 5, t: NOW + 2 },
    { ...common, asset: 'a', alarm: 'heat', state: 'raised', since: NOW + 3, t: NOW + 3 },
    { ...common, asset: 'a', alarm: 'wear', state: 'raised', since: NOW + 4, t: NOW + 4 },
  ]);
  core.abandon();
});

it('counts those of the newest time that lie before the place too: a snapshot has counted them', () => {
  const core = openCore();
  core.append([about('a', NOW + 1), about('b', NOW + 2), about('a', NOW + 2)]);
  commitAll(core);
  const { boot, seq } = core.stats(NOW);
  core.append([about('a', NOW + 2)]);
  commitAll(core);
  expect(core.emittedSince(boot, seq).watermarks).toMatchObject([
    { asset: 'a', from: NOW + 2, until: NOW + 2, ties: 2 },
  ]);
  core.abandon();
});

it('tells of alarms and summaries, though they are confirmed and gave way to a backlog, over a start too', () => {
  const options = { path: temporaryFolder(), max: 1 << 20, keepAcked: 0 };
  let core = openCore(options);
  const { boot, seq } = core.stats(NOW);
  const alarm = (asset: string, state: string, t: number) => ({
    ...about(asset, t, { alarm: 'wear', state, since: NOW, severity: 'high' }, 'alarm'),
    urgent: true,
  });
  core.append([alarm('a', 'raised', NOW), alarm('b', 'raised', NOW), alarm('b', 'cleared', NOW + 3)]);
  core.append([about('a', NOW + 1, {}, 'summary'), about('a', NOW + 2, {}, 'summary')]);
  commitAll(core);
  drain(core, 'urgent', NO_LIMITS);
  drain(core, 'live', NO_LIMITS);
  drain(core, 'backlog', NO_LIMITS);
  for (let n = 1; n < 4_000; n += 1) {
    core.append([about('a', NOW + n, { pad: 'x'.repeat(500) })]);
    if (n % 50 === 49) commitAll(core);
  }
  core.append([alarm('a', 'cleared', NOW + 5)]);
  commitAll(core);
  core.abandon();
  core = openCore(options);
  const { watermarks, alarms } = core.emittedSince(boot, seq);
  expect(watermarks.filter(({ type }) => type === 'alarm')).toMatchObject([
    { asset: 'a', from: NOW, until: NOW + 5, ties: 1 },
    { asset: 'b', from: NOW + 3, until: NOW + 3, ties: 1 },
  ]);
  expect(watermarks.filter(({ type }) => type === 'summary')).toMatchObject([{ asset: 'a', until: NOW + 2 }]);
  expect(alarms.map(({ asset, state, t }) => [asset, state, t])).toEqual([
    ['b', 'cleared', NOW + 3],
    ['a', 'cleared', NOW + 5],
  ]);
  core.abandon();
});

it('tells of the newest change of an alarm, though an older one still waits for its confirmation', () => {
  const core = openCore({ path: temporaryFolder(), max: 1 << 20, keepAcked: 0 });
  const { boot, seq } = core.stats(NOW);
  const alarm = (state: string, t: number) => ({
    ...about('a', t, { alarm: 'wear', state, since: NOW, severity: 'high' }, 'alarm'),
    urgent: true,
  });
  core.append([alarm('raised', NOW + 1)]);
  commitAll(core);
  expect(core.claim('urgent', NO_LIMITS)).toBeDefined();
  core.append([alarm('cleared', NOW + 2)]);
  commitAll(core);
  core.confirm(core.claim('urgent', NO_LIMITS)?.id ?? 0);
  for (let n = 1; n < 4_000; n += 1) {
    core.append([about('b', NOW + n, { pad: 'x'.repeat(500) })]);
    if (n % 50 === 49) commitAll(core);
  }
  const { watermarks, alarms } = core.emittedSince(boot, seq);
  expect(core.stats(NOW).ledger.find(({ type }) => type === 'alarm')).toMatchObject({ pending: 1, acked: 1 });
  expect(watermarks.filter(({ type }) => type === 'alarm')).toMatchObject([{ from: NOW + 1, until: NOW + 2, ties: 1 }]);
  expect(alarms).toMatchObject([{ state: 'cleared', t: NOW + 2 }]);
  core.abandon();
});
