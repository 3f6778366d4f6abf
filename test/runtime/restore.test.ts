import { describe, expect, it } from 'vitest';
import { silentLogger } from '../../src/common/observability/index.ts';
import type { Config } from '../../src/device/config/index.ts';
import { type Recalled, recallState, resumePipelines } from '../../src/device/runtime/restore.ts';
import type { Pipeline } from '../../src/scoring/pipeline/index.ts';
import type { Emitted } from '../../src/storage/outbox/index.ts';
import { type ScorePipelineOptions, ScoreRig, scorePipeline } from '../support/score-pipeline.ts';

const RULE = { raise: { k: 1, n: 1 }, clear: { k: 2, n: 2 }, severity: 'medium' };
const ALARMS = { wear: RULE };
const NOTHING: Emitted = { watermarks: [], alarms: [] };
const clock = { now: () => 0, monotonic: () => 0, trusted: () => true };

/** What a gateway held whose alarm of `asset` was raised at 5, and that was answered up to 7. */
function raised(asset: string, options: ScorePipelineOptions = {}): Recalled['rows'] {
  const rig = new ScoreRig(scorePipeline({ config: { alarms: ALARMS }, ...options }));
  for (const [t, a] of [
    [5, 9],
    [6, 9],
    [7, 9],
  ] as const)
    rig.push(t, { a }, asset);
  const { name } = rig.pipeline;
  return rig.snapshot().map((snapshot) => ({ ...snapshot, pipeline: name }));
}

/** Resumes pipelines in order; `forgotten` are the assets whose checkpoints go. */
async function resume(pipelines: readonly Pipeline[], recalled: Partial<Recalled>, config = { sources: {} } as Config) {
  const forgotten: unknown[] = [];
  const { ended } = await resumePipelines(
    { round: 1, positions: {}, clean: true, rows: [], committed: NOTHING, ...recalled },
    {
      config: config,
      challengers: [],
      scored: pipelines.map((pipeline) => ({ pipeline, sources: [], model: undefined as never })),
      control: { forgetAssets: async (keys) => void forgotten.push(...keys) },
      ...{ clock, logger: silentLogger },
    },
  );
  return { ended, forgotten };
}

const told = (state: 'raised' | 'cleared', t: number, more: object = {}): Emitted['alarms'][number] => ({
  ...{ pipeline: 'p', asset: 'x', alarm: 'wear', state, severity: 'low', since: 5, t },
  ...more,
});

describe('An alarm that stands at the stop', () => {
  it('goes on where rule and model are the same', async () => {
    const pipeline = scorePipeline({ config: { alarms: ALARMS } });
    expect((await resume([pipeline], { rows: raised('x') })).ended).toEqual([]);
    const rig = new ScoreRig(pipeline);
    for (const t of [8, 9]) rig.push(t, { a: 0 });
    expect(rig.records.filter(({ type }) => type === 'alarm')).toMatchObject([{ state: 'cleared', t: 9, since: 5 }]);
  });

  it.each<[string, ScorePipelineOptions[], string, string]>([
    ['its rule is another', [{ config: { alarms: { wear: { ...RULE, raise: { k: 2, n: 2 } } } } }], 'rule', 'medium'],
    ['its model is another', [{ config: { alarms: ALARMS }, digest: 'e'.repeat(64) }], 'model', 'medium'],
    ['its rule is gone', [{ config: { alarms: { other: RULE } } }], 'removed', 'medium'],
    ['its asset is gone', [{ config: { alarms: ALARMS, assets: 'pump-*' } }], 'removed', 'medium'],
    ['its pipeline has another name', [{ name: 'q', config: { alarms: ALARMS } }], 'removed', 'medium'],
    ['no pipeline is left', [], 'removed', 'medium'],
  ])('is cleared by a record that says why where %s', async (_, options, reason, severity) => {
    const { ended } = await resume(options.map(scorePipeline), { rows: raised('x') });
    expect(ended).toEqual([
      {
        ...{ type: 'alarm', t: 7, pipeline: 'p', asset: 'x', alarm: 'wear', state: 'cleared', severity, since: 5 },
        reason,
      },
    ]);
  });

  it('is cleared once, whatever the new rule makes of readings that come again', async () => {
    const options = { config: { alarms: { wear: { ...RULE, raise: { k: 2, n: 2 } } } } };
    const pipeline = scorePipeline(options);
    const { ended } = await resume([pipeline], {
      rows: raised('x'),
      committed: {
        watermarks: [{ pipeline: 'p', type: 'alarm', asset: 'x', from: 8, until: 9, ties: 1 }],
        alarms: [told('cleared', 8), told('raised', 9, { since: 9 })].slice(-1),
      },
    });
    expect(ended).toMatchObject([{ t: 9, since: 9, reason: 'rule', severity: 'low' }]);
    const rig = new ScoreRig(pipeline);
    for (const t of [8, 9]) rig.push(t, { a: 9 });
    for (const t of [10, 11, 12]) rig.push(t, { a: 0 });
    expect(rig.records.filter(({ type }) => type === 'alarm')).toEqual([]);
    for (const t of [13, 14]) rig.push(t, { a: 9 });
    expect(rig.records.filter(({ type }) => type === 'alarm')).toMatchObject([{ state: 'raised', t: 14 }]);
  });

  it('is not cleared again where it was cleared behind the checkpoint', async () => {
    const committed = { ...NOTHING, alarms: [told('cleared', 8)] };
    const { ended, forgotten } = await resume([], { rows: raised('x'), committed });
    expect([ended, forgotten]).toEqual([[], [['p', 'x']]]);
  });

  it('is cleared though the checkpoint knows nothing of it, where it was raised behind that', async () => {
    const committed = { ...NOTHING, alarms: [told('raised', 8, { since: 8 })] };
    const { ended } = await resume([], { committed });
    expect(ended).toMatchObject([
      { pipeline: 'p', state: 'cleared', t: 8, since: 8, severity: 'low', reason: 'removed' },
    ]);
  });

  it('stands on in a pipeline whose checkpoint is gone, by the records that the outbox still has', async () => {
    const pipeline = scorePipeline({ config: { alarms: ALARMS } });
    const recalled = await recallState({
      outbox: {
        opened: { boot: 'b', seq: 1 } as never,
        positions: () => ({}),
        emittedSince: async (boot) => (boot === '' ? { ...NOTHING, alarms: [told('raised', 5)] } : NOTHING),
      },
      control: { takeCheckpoint: async () => undefined, completeCheckpoint: async () => undefined },
      logger: silentLogger,
    });
    expect((await resume([pipeline], recalled)).ended).toEqual([]);
    const rig = new ScoreRig(pipeline);
    for (const t of [8, 9, 10]) rig.push(t, { a: 9 });
    for (const t of [11, 12]) rig.push(t, { a: 0 });
    expect(rig.records.filter(({ type }) => type === 'alarm')).toMatchObject([{ state: 'cleared', t: 12, since: 5 }]);
  });
});

describe('The checkpoint of a stop in order', () => {
  const head = { round: 3, boot: 'a', seq: 9, positions: {}, clean: true };
  const recalledAfter = (previous: object | undefined) =>
    recallState({
      outbox: {
        opened: { boot: 'c', seq: 1, positions: {}, previous } as never,
        positions: () => ({}),
        emittedSince: async () => NOTHING,
      },
      control: { takeCheckpoint: async () => ({ head, rows: [] }), completeCheckpoint: async () => undefined },
      logger: silentLogger,
    });

  it.each([
    ['counts as such for the next boot', { boot: 'a', lastSeq: 9, endedInOrder: true }, true],
    ['counts as such where telemetry.db is new', undefined, true],
    ['is none where another boot came since, of which control.db took no word', { boot: 'b', lastSeq: 2 }, false],
  ])('%s', async (_, previous, clean) => {
    expect((await recalledAfter(previous)).clean).toBe(clean);
  });
});

describe('A restart that was not in order', () => {
  /** A prediction that the checkpoint does not know. */
  const answered = { pipeline: 'p', type: 'prediction', asset: 'x', from: 8, until: 8, ties: 1 } as const;
  const live = { sources: { s: { type: 'mqtt' } } } as unknown as Config;

  it.each([
    [false, 'restart: readings since the last checkpoint may be missing'],
    [true, undefined],
  ])('tells windows and summaries of it (in order: %s)', async (clean, reason) => {
    const config = { alarms: ALARMS, summaries: { every: '10ms' } };
    const pipeline = scorePipeline({ config });
    const rows = raised('x', { config });
    await resumePipelines(
      { round: 1, positions: {}, clean, rows, committed: { watermarks: [answered], alarms: [] } },
      {
        config: live,
        challengers: [],
        scored: [{ pipeline, sources: ['s'], model: undefined as never }],
        control: { forgetAssets: async () => undefined },
        ...{ clock, logger: silentLogger },
      },
    );
    const rig = new ScoreRig(pipeline);
    for (const t of [9, 11]) rig.push(t, { a: 0 });
    const [summary] = rig.records.filter((record) => record.type === 'summary');
    expect(summary).toMatchObject({ from: 0, to: 10, predictions: 4 });
    expect(summary?.incomplete).toBe(reason);
  });
});
