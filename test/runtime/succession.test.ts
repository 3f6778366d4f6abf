import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AlarmRecord, OutboxRecord, PredictionRecord, Reading } from '../../src/common/core/index.ts';
import { Driver } from '../../src/device/runtime/driver.ts';
import { scored, type Version } from './support/held-model.ts';

interface Run {
  readonly readings: readonly Reading[];
  readonly old: Version;
  readonly next?: Version;
  /** Number of readings before the change. */
  readonly at?: number;
  /** After how many readings so many answers come, of both models. */
  readonly pace?: readonly [every: number, answers: number];
}

/** What is told where the model is replaced, and whether the change came to its end by itself. */
async function told({ readings, old, next, at = 0, pace = [1, 99] }: Run) {
  const records: OutboxRecord[] = [];
  const driver = new Driver({ record: ({ record }) => records.push(record) }, () => 0);
  const before = scored(driver, old);
  driver.add(before);
  const models = [before.model];
  let ended = next === undefined;
  for (const [n, reading] of readings.entries()) {
    if (next && n === at) {
      const after = scored(driver, next);
      models.push(after.model);
      void driver.replace('p', after).then(() => {
        ended = true;
      });
    }
    driver.push('s', reading, 0);
    if (n % pace[0] === 0) for (const model of models.toReversed()) model.answer(pace[1]);
  }
  for (const model of models.toReversed()) model.answer();
  driver.closeSummaries();
  await new Promise(setImmediate);
  return { records, ended, driver };
}

const predictions = (records: readonly OutboxRecord[], asset: string) =>
  records.filter((record): record is PredictionRecord => record.type === 'prediction' && record.asset === asset);
const alarms = (records: readonly OutboxRecord[]) =>
  records.filter((record): record is AlarmRecord => record.type === 'alarm');

const OLD = 'a'.repeat(64);
const NEW = 'b'.repeat(64);
const T0 = Date.UTC(2026, 0, 1);

/** Readings of some assets, a second and a little apart. */
function series(assets: number, steps: number, value = (n: number) => n): Reading[] {
  return Array.from({ length: steps * assets }, (_, n) => ({
    asset: `m${n % assets}`,
    t: T0 + Math.floor(n / assets) * 1_000 + (n % assets),
    values: { a: value(Math.floor(n / assets)) },
  }));
}

const windows = fc.oneof(
  fc.record({ count: fc.integer({ min: 1, max: 12 }), every: fc.integer({ min: 1, max: 8 }) }),
  fc
    .record({ length: fc.integer({ min: 1, max: 30 }), hops: fc.integer({ min: 1, max: 5 }) })
    .map(({ length, hops }) => ({ length: `${length}s`, every: `${Math.max(1, Math.floor(length / hops))}s` })),
);

describe('a change of what acts', () => {
  it('has each window answered by one model: by the old one up to a time of the asset, by the next one behind it, whole', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          ...{ oldWindow: windows, newWindow: windows, assets: fc.integer({ min: 1, max: 3 }) },
          ...{ at: fc.integer({ min: 0, max: 90 }), lateness: fc.constantFrom('0s', '3s') },
          pace: fc.tuple(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 9 })),
        }),
        async ({ oldWindow, newWindow, assets, at, lateness, pace }) => {
          const readings = series(assets, 160);
          const old = { digest: OLD, window: oldWindow, config: { lateness } };
          const next = { digest: NEW, window: newWindow, config: { lateness } };
          const changed = await told({ readings, old, next, at: at * assets, pace });
          const each = 'count' in newWindow ? { ...newWindow, every: 1 } : newWindow;
          const [byOld, byNew] = [
            await told({ readings, old }),
            await told({ readings, old: { ...next, window: each } }),
          ];
          expect(changed.ended).toBe(true);
          for (let asset = 0; asset < assets; asset += 1) {
            const name = `m${asset}`;
            const all = predictions(changed.records, name);
            const first = all.findIndex(({ model }) => model.digest === NEW);
            expect(first).toBeGreaterThanOrEqual(0);
            const change = all[first - 1]?.to ?? Number.NEGATIVE_INFINITY;
            expect(all.slice(0, first)).toEqual(predictions(byOld.records, name).filter(({ to }) => to <= change));
            const begun = all[first]?.from ?? Number.NaN;
            const whole = predictions(byNew.records, name).filter(({ to }) => to >= (all[first]?.to ?? 0));
            // Where a count begins is where it began to be counted.
            const step = 'count' in newWindow ? newWindow.every : 1;
            expect(all.slice(first)).toEqual(whole.filter((_, n) => n % step === 0));
            // What came in between and is in no window lies between two windows of the next one, as always.
            const left = readings.filter((one) => one.asset === name && one.t > change && one.t < begun);
            const between = 'count' in newWindow ? Math.max(0, newWindow.every - newWindow.count) : 0;
            if (first > 0) expect(left.length).toBeLessThanOrEqual(between);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it.each([{ count: 1 }, { count: 5 }, { length: '7s' }])(
    'is told in order of event time, and its summaries cover each prediction once, none of them both models (%j)',
    async (window) => {
      const readings = series(3, 120);
      const changed = await told({
        ...{ readings, old: { digest: OLD, window: { count: 3 } }, next: { digest: NEW, window } },
        ...{ at: 150, pace: [5, 3] as const },
      });
      for (const asset of ['m0', 'm1', 'm2']) {
        const all = predictions(changed.records, asset);
        expect(all.map(({ t }) => t)).toEqual(all.map(({ t }) => t).toSorted((a, b) => a - b));
        const summaries = changed.records.filter((one) => one.type === 'summary' && one.asset === asset);
        const counted = summaries.map((one) => (one.type === 'summary' ? [one.model.digest, one.from, one.to] : []));
        for (const [n, [, from]] of counted.entries()) if (n > 0) expect(from).toBe(counted[n - 1]?.[2]);
        for (const digest of [OLD, NEW]) {
          const of = summaries.filter((one) => one.type === 'summary' && one.model.digest === digest);
          const sum = of.reduce((total, one) => total + (one.type === 'summary' ? one.predictions : 0), 0);
          expect(sum).toBe(all.filter(({ model }) => model.digest === digest).length);
          expect(sum).toBeGreaterThan(0);
        }
      }
    },
  );

  const calls = { alarms: { odd: { raise: { k: 3, n: 3 }, clear: { k: 2, n: 2 } } } };
  /** One asset whose values are high from the 40th second to the 80th; the model changes in the second before `at`. */
  const alarmed = (at: number, next: Partial<Version>) =>
    told({
      readings: series(1, 120, (n) => (n >= 40 && n < 80 ? 5 : 0)),
      old: { digest: OLD, window: { count: 1 }, config: calls },
      next: { digest: NEW, window: { count: 1 }, config: calls, ...next },
      at,
    });
  const seconds = (records: readonly OutboxRecord[]) =>
    alarms(records).map(({ state, reason, t }) => [state, (t - T0) / 1_000, reason]);

  it('goes on with what alarms have counted where rule and target are the same', async () => {
    // Two of three decisions are of the old model.
    expect(seconds((await alarmed(42, {})).records)).toEqual([
      ['raised', 42, undefined],
      ['cleared', 81, undefined],
    ]);
    expect(seconds((await alarmed(60, { window: { count: 2 } })).records)).toEqual([
      ['raised', 42, undefined],
      ['cleared', 82, undefined],
    ]);
  });

  it('clears an alarm that stands where the target is another, and says that it was the model', async () => {
    const outputs = { anomaly: { kind: 'score', tensor: 'score', threshold: 3 } };
    const { records } = await alarmed(60, { manifest: { outputs } });
    expect(seconds(records)).toEqual([
      ['raised', 42, undefined],
      ['cleared', 59, 'model'],
      ['raised', 62, undefined],
      ['cleared', 81, undefined],
    ]);
  });

  it('clears an alarm whose rule is another, or gone, and says so', async () => {
    const rule = { alarms: { odd: { raise: { k: 2, n: 2 } } } };
    const same = { digest: OLD };
    expect(seconds((await alarmed(60, { ...same, config: rule })).records)[1]).toEqual(['cleared', 59, 'rule']);
    const gone = { alarms: { other: { raise: { k: 99, n: 99 } } } };
    expect(seconds((await alarmed(60, { config: gone })).records)).toEqual([
      ['raised', 42, undefined],
      ['cleared', 59, 'removed'],
    ]);
  });

  it('clears the alarm of an asset that the next pipeline does not follow', async () => {
    const { records, ended } = await alarmed(60, { config: { ...calls, assets: 'other-*' } });
    expect(ended).toBe(true);
    expect(seconds(records)).toEqual([
      ['raised', 42, undefined],
      ['cleared', 59, 'removed'],
    ]);
    expect(predictions(records, 'm0').at(-1)?.model.digest).toBe(OLD);
  });

  it('hands over a silent asset at once where windows are cut alike, and waits for it where they are not', async () => {
    const readings = series(2, 40).filter(({ asset }, n) => asset === 'm0' || n < 20);
    const old = { digest: OLD, window: { count: 3 } };
    expect((await told({ readings, old, next: { digest: NEW, window: { count: 3 } }, at: 40 })).ended).toBe(true);
    const other = await told({ readings, old, next: { digest: NEW, window: { count: 4 } }, at: 40 });
    expect(other.ended).toBe(false);
    expect(predictions(other.records, 'm0').at(-1)?.model.digest).toBe(NEW);
    expect(other.driver.finishChange('p')).toEqual(['m1']);
  });

  it('has what is left begin anew, behind what was answered, where nobody waits for it any longer', async () => {
    const driver = new Driver({ record: ({ record }) => records.push(record) }, () => 0);
    const records: OutboxRecord[] = [];
    const before = scored(driver, { digest: OLD, window: { length: '20s' } });
    driver.add(before);
    // No window of the next one is whole before 120 s.
    const next = scored(driver, { digest: NEW, window: { length: '60s' } });
    const begun: (readonly string[])[] = [];
    for (const [n, reading] of series(1, 200).entries()) {
      if (n === 30) void driver.replace('p', next);
      if (n === 50) begun.push(driver.finishChange('p'));
      driver.push('s', reading, 0);
      for (const { model } of [next, before]) model.answer();
    }
    expect(begun).toEqual([['m0']]);
    const windows = predictions(records, 'm0').map(({ model, to, quality }) => [
      model.digest,
      (to - T0) / 1_000,
      quality.code,
    ]);
    expect(windows).toEqual([
      [OLD, 20, 'Good'],
      [OLD, 40, 'Good'],
      [NEW, 60, 'BadWaitingForInitialData'],
      [NEW, 120, 'Good'],
      [NEW, 180, 'Good'],
    ]);
  });

  it('asks a recurrent model for nothing that is told before it has seen what it has to', async () => {
    const state = { tensors: { h: { output: 'h', shape: [-1, 1] } }, warmup: 4 };
    const readings = series(1, 30);
    const driver = new Driver({ record: ({ record }) => records.push(record) }, () => 0);
    const records: OutboxRecord[] = [];
    const before = scored(driver, { digest: OLD, window: { count: 2 } });
    driver.add(before);
    const next = scored(driver, { digest: NEW, window: { count: 2 }, manifest: { state } });
    for (const [n, reading] of readings.entries()) {
      if (n === 10) void driver.replace('p', next);
      driver.push('s', reading, n + 1);
      for (const { model } of [next, before]) model.answer();
    }
    const all = predictions(records, 'm0');
    expect(all.map(({ to }) => (to - T0) / 1_000)).toEqual(Array.from({ length: 29 }, (_, n) => n + 1));
    // Readings 10 and 11 make its first window, four are seen and not told.
    expect(all.findIndex(({ model }) => model.digest === NEW)).toBe(14);
  });
});
