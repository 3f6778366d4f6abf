import { describe, expect, it } from 'vitest';
import type { AlarmRecord, PredictionRecord, SummaryRecord } from '../../src/common/core/index.ts';
import type { Pipeline } from '../../src/scoring/pipeline/index.ts';
import { ScoreRig, scorePipeline } from '../support/score-pipeline.ts';

// Readings of a live source between the snapshot and the kill never come again.

const CONFIG = {
  alarms: { wear: { raise: { k: 1, n: 1 }, clear: { k: 2, n: 2 } } },
  summaries: { every: '100ms' },
};

type Told = AlarmRecord | PredictionRecord | SummaryRecord;

/** A gateway's pipeline, which is stopped in order or killed, and goes on at the last snapshot. */
class Life {
  /** All that was told, by every start. */
  readonly told: Told[] = [];
  readonly #config: object;
  #rig: ScoreRig;
  readonly #bodies = new Map<string, Uint8Array>();
  /** Processing time: a second passes with each reading. */
  #now = 0;
  /** How much was told when the last snapshot was taken. */
  #place = 0;

  constructor(config: object = {}) {
    this.#config = { ...CONFIG, ...config };
    this.#rig = this.#start();
  }

  get pipeline(): Pipeline {
    return this.#rig.pipeline;
  }

  push(t: number, a: number, on = 1): void {
    this.#now += 1_000;
    this.#rig.push(t, { a, on }, 'x', 0, this.#now);
    this.#hear();
  }

  snapshot(): void {
    this.#place = this.told.length;
    for (const { asset, body } of this.#rig.snapshot()) this.#bodies.set(asset, body);
  }

  stop(): void {
    this.#rig.closeSummaries();
    this.#hear();
    this.snapshot();
    this.#rig = this.#start();
  }

  kill(): void {
    const since = this.told.slice(this.#place);
    this.#rig = this.#start();
    for (const type of ['prediction', 'alarm', 'summary'] as const) {
      const times = since.filter((record) => record.type === type).map(({ t }) => t);
      const until = times.at(-1);
      if (until === undefined) continue;
      const ties = this.told.filter((record) => record.type === type && record.t === until).length;
      this.pipeline.emitted({ asset: 'x', type, from: Math.min(...times), until, ties });
    }
    const last = since.filter((record): record is AlarmRecord => record.type === 'alarm').at(-1);
    if (last) this.pipeline.tell('x', 'wear', { raised: last.state === 'raised', since: last.since, t: last.t });
    this.pipeline.interrupted('restart', true);
  }

  get alarms(): [state: string, t: number][] {
    return this.told.flatMap((record) =>
      record.type === 'alarm' ? [[record.state, record.t] as [string, number]] : [],
    );
  }

  get summaries(): SummaryRecord[] {
    return this.told.filter((record): record is SummaryRecord => record.type === 'summary');
  }

  get predictions(): PredictionRecord[] {
    return this.told.filter((record): record is PredictionRecord => record.type === 'prediction');
  }

  #start(): ScoreRig {
    const rig = new ScoreRig(scorePipeline({ config: this.#config }));
    for (const [asset, body] of this.#bodies) expect(rig.pipeline.restore(asset, body, 0)).toEqual([]);
    return rig;
  }

  #hear(): void {
    this.told.push(...(this.#rig.records.splice(0) as Told[]));
  }
}

const YEAR = 366 * 86_400_000;
const BAD = 5;
const GOOD = 0;

describe('An alarm of a live source after a kill', () => {
  it('is cleared though the snapshot knows nothing of its raise', () => {
    const life = new Life();
    for (let t = 1; t <= 60; t += 1) life.push(t, GOOD);
    life.snapshot();
    life.push(69, BAD);
    for (const t of [70, 71]) life.push(t, GOOD);
    life.push(78, BAD);
    life.kill();
    for (let t = 90; t < 290; t += 1) life.push(t, GOOD);
    expect(life.alarms).toEqual([
      ['raised', 69],
      ['cleared', 71],
      ['raised', 78],
      ['cleared', 91],
    ]);
  });

  it('is not raised twice while it stands', () => {
    const life = new Life();
    life.push(1, GOOD);
    life.snapshot();
    life.push(2, BAD);
    life.kill();
    for (const t of [10, 11, 12]) life.push(t, BAD);
    expect(life.alarms).toEqual([['raised', 2]]);
  });

  it('is not cleared twice, though the snapshot has it standing', () => {
    const life = new Life();
    life.push(1, BAD);
    life.snapshot();
    for (const t of [2, 3]) life.push(t, GOOD);
    life.kill();
    for (const t of [10, 11, 12]) life.push(t, GOOD);
    life.push(13, BAD);
    expect(life.alarms).toEqual([
      ['raised', 1],
      ['cleared', 3],
      ['raised', 13],
    ]);
  });

  it('stands as it was told over a second kill before anything new came', () => {
    const life = new Life();
    life.push(1, GOOD);
    life.snapshot();
    life.push(2, BAD);
    life.kill();
    life.snapshot();
    life.kill();
    for (const t of [10, 11, 12]) life.push(t, GOOD);
    expect(life.alarms).toEqual([
      ['raised', 2],
      ['cleared', 11],
    ]);
  });

  it('stands as it was told where the clock of the source was set back', () => {
    const life = new Life({ when: 'tags.on > 0' });
    for (let t = 1_000; t < 1_010; t += 1) life.push(t, GOOD);
    life.snapshot();
    life.push(1_010, BAD);
    life.kill();
    life.push(1_011, GOOD, 0);
    for (let t = 1; t < 50; t += 1) life.push(t, GOOD);
    expect(life.alarms).toEqual([
      ['raised', 1_010],
      ['cleared', 31],
    ]);
  });
});

describe('An alarm of a recording that is read again behind a snapshot', () => {
  const alarms = { wear: { raise: { k: 1, n: 1 }, clear: { k: 1, n: 1 } } };

  /** Changes that are told once more or anew, where `told` was the last one before the kill, by readings [t, a]. */
  function again(
    told: { raised: boolean; since: number; t: number },
    readings: readonly (readonly [number, number])[],
  ) {
    const rig = new ScoreRig(scorePipeline({ config: { ...CONFIG, alarms } }));
    rig.pipeline.emitted({ asset: 'x', type: 'alarm', from: told.t, until: told.t, ties: 1 });
    rig.pipeline.tell('x', 'wear', told);
    for (const [index, [t, a]] of readings.entries()) rig.push(t, { a }, 'x', index + 1);
    return rig.records.flatMap((record) => (record.type === 'alarm' ? [[record.state, record.t]] : []));
  }

  it('is told of a second change at the very time of the one that was told', () => {
    expect(
      again({ raised: true, since: 5, t: 5 }, [
        [4, GOOD],
        [5, BAD],
        [5, GOOD],
        [6, GOOD],
      ]),
    ).toEqual([['cleared', 5]]);
  });

  it('is not told twice where another answer has the very time of the change', () => {
    expect(
      again({ raised: true, since: 5, t: 5 }, [
        [4, GOOD],
        [5, GOOD],
        [5, BAD],
        [6, GOOD],
      ]),
    ).toEqual([['cleared', 6]]);
  });
});

describe('An alarm that abstentions follow', () => {
  it('stands', () => {
    const life = new Life();
    life.push(1, BAD);
    for (const t of [2, 3, 4, 5]) life.push(t, Number.NaN);
    expect(life.predictions.at(-1)?.decision).toBe('abstain');
    expect(life.alarms).toEqual([['raised', 1]]);
  });
});

describe('An alarm that was raised and cleared behind the snapshot', () => {
  it('counts nothing of before towards its next raise', () => {
    const life = new Life({ alarms: { wear: { raise: { k: 2, n: 5 }, clear: { k: 1, n: 1 } } } });
    life.push(1, BAD);
    life.snapshot();
    for (const [t, a] of [
      [2, BAD],
      [3, GOOD],
    ] as const)
      life.push(t, a);
    life.kill();
    life.push(10, BAD);
    life.push(11, BAD);
    expect(life.alarms).toEqual([
      ['raised', 2],
      ['cleared', 3],
      ['raised', 11],
    ]);
  });
});

describe('An asset whose clock is behind what was emitted before the start', () => {
  it('is not silenced by it, where a gate has made its windows begin anew', () => {
    const life = new Life({ when: 'tags.on > 0' });
    for (let t = 1e6; t < 1e6 + 10; t += 1) life.push(t, GOOD);
    life.snapshot();
    for (let t = 1e6 + 10; t < 1e6 + 20; t += 1) life.push(t, GOOD);
    life.kill();
    const before = life.predictions.length;
    life.push(1e6 + 21, GOOD, 0);
    for (let t = 1; t <= 5_000; t += 1) life.push(t, t > 4_000 ? BAD : GOOD);
    expect(life.predictions.length - before).toBe(5_000 - 29);
    expect(life.alarms).toEqual([['raised', 4_001]]);
  });

  it('is not silenced by it, where no snapshot has the asset', () => {
    const life = new Life();
    life.snapshot();
    for (let t = 1e6; t < 1e6 + 10; t += 1) life.push(t, GOOD);
    life.kill();
    const before = life.predictions.length;
    for (let t = 1; t <= 100; t += 1) life.push(t, GOOD);
    expect(life.predictions.length - before).toBe(71);
    expect(life.pipeline.counts).toMatchObject({ late: 29, stepped: 1, suppressed: 0 });
  });

  it('is told from a recording that is read again from its beginning, of which the outbox has no word any more', () => {
    const rig = new ScoreRig(scorePipeline({ config: CONFIG }));
    rig.pipeline.emitted({ asset: 'x', type: 'prediction', from: 50, until: 60, ties: 1 });
    rig.pipeline.emitted({ asset: 'x', type: 'alarm', from: 55, until: 55, ties: 1 });
    rig.pipeline.tell('x', 'wear', { raised: true, since: 55, t: 55 });
    for (let t = 1; t <= 70; t += 1) rig.push(t, { a: t < 55 ? GOOD : BAD }, 'x', t);
    expect(rig.records.map(({ type, t }) => [type, t])).toEqual(
      Array.from({ length: 10 }, (_, index) => ['prediction', 61 + index]),
    );
  });

  it('counts what is suppressed because it was emitted', () => {
    const life = new Life();
    life.push(1, GOOD);
    life.snapshot();
    for (const t of [2, 3, 4]) life.push(t, GOOD);
    life.kill();
    for (const t of [2, 3, 4, 5]) life.push(t, GOOD);
    expect(life.pipeline.counts.suppressed).toBe(3);
    expect(life.predictions.map(({ t }) => t)).toEqual([1, 2, 3, 4, 5]);
  });
});

describe('A recording whose times step back', () => {
  it('is answered behind the step, though later times were emitted before the start', () => {
    const first = new ScoreRig(scorePipeline({ config: CONFIG }));
    for (let t = 1_000; t < 1_010; t += 1) first.push(t, { a: GOOD }, 'x', t);
    const pipeline = scorePipeline({ config: CONFIG });
    for (const { asset, body } of first.snapshot()) pipeline.restore(asset, body, 0);
    pipeline.emitted({ asset: 'x', type: 'prediction', from: 1_010, until: 1_020, ties: 1 });
    const rig = new ScoreRig(pipeline);
    for (let t = 1; t <= 100; t += 1) rig.push(t - YEAR, { a: GOOD }, 'x', 2_000 + t);
    expect(pipeline.counts).toMatchObject({ late: 29, stepped: 1 });
    expect(rig.records.filter(({ type }) => type === 'prediction').length).toBe(71);
  });
});

describe('A summary', () => {
  it('is told once a period, though a live source goes on behind a kill', () => {
    const life = new Life();
    for (let t = 1; t <= 96; t += 1) life.push(t, GOOD);
    life.snapshot();
    for (const t of [97, 98, 101, 102]) life.push(t, GOOD);
    life.kill();
    for (let t = 110; t <= 310; t += 10) life.push(t, GOOD);
    expect(life.summaries.map(({ from, to, predictions }) => [from, to, predictions])).toEqual([
      [0, 100, 98],
      [100, 200, 10],
      [200, 300, 10],
    ]);
  });

  it('says that predictions may be missing in it that were told before a kill, and only there', () => {
    const life = new Life();
    for (let t = 1; t <= 50; t += 1) life.push(t, GOOD);
    life.snapshot();
    for (let t = 51; t <= 60; t += 1) life.push(t, GOOD);
    life.kill();
    for (let t = 70; t <= 310; t += 10) life.push(t, GOOD);
    expect(life.summaries.map(({ predictions, incomplete }) => [predictions, incomplete])).toEqual([
      [54, 'restart'],
      [10, undefined],
      [10, undefined],
    ]);
  });

  it('is told of every period of which predictions were told, also of those that a kill took whole', () => {
    const life = new Life();
    for (let t = 1; t <= 50; t += 1) life.push(t, GOOD);
    life.snapshot();
    for (let t = 51; t <= 420; t += 1) life.push(t, GOOD);
    const told = life.summaries.length;
    life.kill();
    for (let t = 730; t <= 910; t += 10) life.push(t, GOOD);
    expect(life.summaries.slice(told).map(({ from, to, incomplete }) => [from, to, incomplete])).toEqual([
      [400, 500, 'restart'],
      [700, 800, undefined],
      [800, 900, undefined],
    ]);
  });

  it('counts a window without a usable input as an abstention, and nothing of it as a feature', () => {
    const life = new Life();
    for (const [t, a] of [
      [10, 4],
      [20, Number.NaN],
      [30, 6],
      [130, GOOD],
    ] as const)
      life.push(t, a);
    expect(life.summaries).toMatchObject([{ predictions: 3, abstained: 1 }]);
    expect(life.summaries[0]?.features['a.mean']).toMatchObject({ n: 2, mean: 5, missing: 0 });
    expect(life.summaries[0]?.outputs['anomaly']).toMatchObject({ n: 2, missing: 0 });
  });

  it('counts nothing again that was told in one, of a recording that is read again', () => {
    const rig = new ScoreRig(scorePipeline({ config: CONFIG }));
    rig.pipeline.emitted({ asset: 'x', type: 'summary', from: 100, until: 100, ties: 1 });
    for (let t = 51; t <= 201; t += 1) rig.push(t, { a: GOOD }, 'x', t);
    const told = rig.records.flatMap((record) => (record.type === 'summary' ? [record] : []));
    expect(told.map(({ from, to, predictions }) => [from, to, predictions])).toEqual([[100, 200, 100]]);
  });

  it('is not incomplete where the snapshot knows all that was told', () => {
    const life = new Life();
    for (let t = 1; t <= 50; t += 1) life.push(t, GOOD);
    life.snapshot();
    life.kill();
    for (let t = 70; t <= 210; t += 10) life.push(t, GOOD);
    expect(life.summaries.map(({ predictions, incomplete }) => [predictions, incomplete])).toEqual([
      [54, undefined],
      [10, undefined],
    ]);
  });

  it('is incomplete though a second kill follows before it ends', () => {
    const life = new Life();
    life.push(1, GOOD);
    life.snapshot();
    life.push(2, GOOD);
    life.kill();
    life.snapshot();
    life.kill();
    for (const t of [50, 150]) life.push(t, GOOD);
    expect(life.summaries).toMatchObject([{ from: 0, to: 100, predictions: 2, incomplete: 'restart' }]);
  });

  it('is told in two parts of a period that an orderly stop divides, the second where the first ended', () => {
    const life = new Life();
    for (let t = 10; t <= 50; t += 10) life.push(t, GOOD);
    life.stop();
    for (let t = 60; t <= 210; t += 10) life.push(t, GOOD);
    expect(life.summaries.map(({ t, from, to, predictions }) => [t, from, to, predictions])).toEqual([
      [50, 0, 50, 5],
      [100, 50, 100, 5],
      [200, 100, 200, 10],
    ]);
  });

  it('is told in the parts before and behind a step back of the clock', () => {
    const life = new Life({ when: 'tags.on > 0' });
    for (let t = 110; t <= 150; t += 10) life.push(t, GOOD);
    life.push(151, GOOD, 0);
    for (let t = -280; t <= 210; t += 10) life.push(t, GOOD);
    expect(life.summaries.map(({ from, to, predictions }) => [from, to, predictions])).toEqual([
      [100, 150, 5],
      [0, 100, 10],
      [100, 200, 10],
    ]);
  });
});
