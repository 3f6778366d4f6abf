import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OutputBatch, Reading } from '../../src/common/core/index.ts';
import {
  type Effect,
  type EmittedRecords,
  Pipeline,
  pipelineSchema,
  type RecordEffect,
  readModel,
  type ToldAlarm,
} from '../../src/scoring/pipeline/index.ts';
import { memoryBundle, STATISTICS, STATISTICS_PROFILE, scoreManifest } from '../support/bundle.ts';

const CONFIG = {
  source: 's',
  model: 'm',
  idle: '40ms',
  when: 'tags.b < 2',
  alarms: {
    follows: { raise: { k: 2, n: 3 }, clear: { k: 1, n: 2 } },
    high: { when: 'output.score > 1.5', raise: { k: 2, n: 2, within: '30ms' } },
  },
  summaries: { every: '25ms' },
};

interface Changes {
  readonly config?: object;
  readonly manifest?: object;
  readonly digest?: string;
}

function createPipeline({ config = {}, manifest = {}, digest = 'd'.repeat(64) }: Changes = {}): Pipeline {
  const bundle = memoryBundle({
    'manifest.json': scoreManifest({
      window: { count: 3, every: 1 },
      input: STATISTICS,
      ...manifest,
    }),
    'model.onnx': new Uint8Array([1]),
    'profile.json': STATISTICS_PROFILE,
  });
  return new Pipeline({
    name: 'p',
    config: pipelineSchema.parse({ ...CONFIG, ...config }),
    assets: {},
    model: readModel({ ...bundle, digest }),
  });
}

type Row = Readonly<Record<string, unknown>>;

/** A pipeline whose model answers with the first feature, each time after so many further steps. */
class Rig {
  readonly pipeline: Pipeline;
  /** Records with the number of the reading that closed their window. */
  readonly records: { readonly readingNumber: number; readonly record: Row }[] = [];
  readonly bodies = new Map<string, Uint8Array>();
  snapshots = 0;
  #waiting: { readonly ticket: number; readonly score: number; readonly due: number }[] = [];
  #step = 0;

  constructor(pipeline: Pipeline) {
    this.pipeline = pipeline;
  }

  push(reading: Reading, now: number, readingNumber: number, delay: number): void {
    this.#step += 1;
    this.#take(this.pipeline.push(reading, now, readingNumber), delay);
    this.answer(this.#step);
  }

  snapshot(now: number): void {
    this.#take(this.pipeline.snapshot(now), 0);
  }

  resetBeyond(limit: number, reason: string, now: number): void {
    this.#take(this.pipeline.resetBeyond(limit, reason, now), 0);
    this.answer(this.#step);
  }

  answer(until: number): void {
    const due = this.#waiting.filter((one) => one.due <= until);
    this.#waiting = this.#waiting.filter((one) => one.due > until);
    for (const { ticket, score } of due) {
      const batch: OutputBatch = { names: ['score'], data: [Float64Array.of(score)], widths: [1] };
      this.#take(this.pipeline.complete(ticket, batch, 0, 0), 0);
    }
  }

  end(): void {
    this.answer(Number.POSITIVE_INFINITY);
    this.#take(this.pipeline.closeSummaries(Number.MAX_SAFE_INTEGER), 0);
  }

  #take(effects: readonly Effect[], delay: number): void {
    for (const effect of effects) {
      if (effect.kind === 'infer') {
        this.#waiting.push({ ticket: effect.ticket, score: effect.vector[0] ?? 0, due: this.#step + delay });
      } else if (effect.kind === 'record') {
        this.records.push({ readingNumber: effect.readingNumber, record: plain(effect) });
      } else if (effect.kind === 'snapshot') {
        this.snapshots += 1;
        for (const { asset, body } of effect.assets) this.bodies.set(asset, body);
      }
    }
  }
}

/** What a rig emitted, per asset and type, as the outbox tells it. */
function emittedBy({ records }: Rig): EmittedRecords[] {
  return (['prediction', 'alarm', 'summary'] as const).flatMap((type) =>
    ['x', 'y', 'z'].flatMap((asset) => {
      const mine = records.filter(({ record }) => record['type'] === type && record['asset'] === asset);
      const times = mine.map(({ record }) => Number(record['t']));
      const [from = 0, until = 0] = [Math.min(...times), Math.max(...times)];
      return times.length === 0 ? [] : [{ asset, type, from, until, ties: times.filter((t) => t === until).length }];
    }),
  );
}

/** What a rig told last of each alarm. */
function toldBy({ records }: Rig): Map<string, { asset: string; alarm: string; told: ToldAlarm }> {
  const last = new Map<string, { asset: string; alarm: string; told: ToldAlarm }>();
  for (const { record } of records) {
    if (record['type'] !== 'alarm') continue;
    const { asset, alarm, state, since, t } = record as Record<string, string & number>;
    if (asset && alarm && since !== undefined && t !== undefined)
      last.set(`${asset} ${alarm}`, { asset, alarm, told: { raised: String(state) === 'raised', since, t } });
  }
  return last;
}

function plain({ record }: RecordEffect): Row {
  const { latencyMs: _, latency: __, ...rest } = record as unknown as Row;
  return rest;
}

const steps = fc.array(
  fc.record({
    asset: fc.constantFrom('x', 'y', 'z'),
    later: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 9 })),
    a: fc.oneof({ weight: 9, arbitrary: fc.integer({ min: -1, max: 3 }) }, fc.constant(null)),
    b: fc.integer({ min: -1, max: 2 }),
    delay: fc.integer({ min: 0, max: 6 }),
  }),
  { minLength: 20, maxLength: 120 },
);

describe('A snapshot of a pipeline', () => {
  it('lets another one go on: windows, gate, alarms and summaries, though answers are late and readings flow on', () => {
    // Doubles would nearly all be next to nothing, and the cuts all at the beginning.
    const cut = fc.integer({ min: 0, max: 100 }).map((percent) => percent / 100);
    fc.assert(
      fc.property(steps, cut, cut, cut, (all, one, other, last) => {
        let t = 0;
        const readings = all.map(({ asset, later, a, b }) => {
          t += later;
          return { asset, t, values: { a, b } };
        });
        const push = (rig: Rig, from: number, to: number) => {
          for (let i = from; i < to; i += 1)
            rig.push(readings[i] as Reading, readings[i]?.t ?? 0, i + 1, all[i]?.delay ?? 0);
        };
        const straight = new Rig(createPipeline());
        push(straight, 0, all.length);
        straight.end();

        // Two snapshots, the second of what changed alone, and a stop at once some readings later.
        const [first = 0, second = 0, killed = 0] = [one, other, last]
          .map((share) => Math.floor(share * all.length))
          .sort((a, b) => a - b);
        const before = new Rig(createPipeline());
        push(before, 0, first);
        before.snapshot(t);
        before.answer(Number.POSITIVE_INFINITY);
        push(before, first, second);
        before.snapshot(t);
        push(before, second, killed);
        before.answer(Number.POSITIVE_INFINITY);
        expect(before.snapshots).toBe(2);

        const after = new Rig(createPipeline());
        for (const [asset, body] of before.bodies) expect(after.pipeline.restore(asset, body, t)).toEqual([]);
        push(after, second, all.length);
        after.end();
        const records = [...before.records.filter(({ readingNumber }) => readingNumber <= second), ...after.records];
        const ofLast = (list: typeof records) =>
          list
            .filter(({ readingNumber }) => readingNumber === Number.MAX_SAFE_INTEGER)
            .map(({ record }) => JSON.stringify(record));
        const others = (list: typeof records) =>
          list.filter(({ readingNumber }) => readingNumber !== Number.MAX_SAFE_INTEGER);
        expect(others(records)).toEqual(others(straight.records));
        expect(ofLast(records).sort()).toEqual(ofLast(straight.records).sort());

        // What came between the snapshot and the end had been emitted, and readings come again: nothing is emitted twice.
        const again = new Rig(createPipeline());
        for (const [asset, body] of before.bodies) again.pipeline.restore(asset, body, t);
        for (const records of emittedBy(before)) again.pipeline.emitted(records);
        for (const { asset, alarm, told } of toldBy(before).values()) again.pipeline.tell(asset, alarm, told);
        push(again, second, all.length);
        again.end();
        const both = [...before.records, ...again.records];
        expect(others(both)).toEqual(others(straight.records));
        expect(ofLast(both).sort()).toEqual(ofLast(straight.records).sort());
      }),
      { numRuns: 100 },
    );
  });

  const filled = (): Rig => {
    const rig = new Rig(createPipeline());
    for (let t = 0; t < 10; t += 1) rig.push({ asset: 'x', t, values: { a: 2, b: 0 } }, t, t + 1, 0);
    rig.snapshot(10);
    return rig;
  };

  it.each([
    [
      'another window',
      { manifest: { window: { count: 4, every: 1 } } },
      ['windows', 'alarm follows', 'alarm high', 'summary'],
    ],
    ['another gate', { config: { when: 'tags.b < 3' } }, ['windows']],
    [
      'another rule of one alarm',
      { config: { alarms: { ...CONFIG.alarms, high: { raise: { k: 1, n: 2 } } } } },
      ['alarm high'],
    ],
    ['another model', { digest: 'e'.repeat(64) }, ['alarm follows', 'alarm high', 'summary']],
    ['another period of summaries', { config: { summaries: { every: '26ms' } } }, ['summary']],
    ['an alarm less', { config: { alarms: { follows: CONFIG.alarms.follows } } }, []],
  ])('lets what depends on it begin anew, with %s', (_, changes, parts) => {
    const { bodies } = filled();
    const digest = 'window' in (('manifest' in changes && changes.manifest) || {}) ? { digest: 'e'.repeat(64) } : {};
    const next = createPipeline({ ...changes, ...digest });
    expect(next.restore('x', bodies.get('x') ?? new Uint8Array(), 20)).toEqual(parts);
  });

  it('is refused as a whole or in part where bytes are damaged, and the asset works all the same', () => {
    const body = filled().bodies.get('x') ?? new Uint8Array();
    for (let length = 0; length < body.length; length += 37) {
      const next = new Rig(createPipeline());
      expect(next.pipeline.restore('x', body.subarray(0, length), 20)).not.toEqual([]);
      for (let t = 20; t < 30; t += 1) next.push({ asset: 'x', t, values: { a: 1, b: 0 } }, t, t, 0);
      expect(next.records.length).toBeGreaterThan(6);
    }
  });

  it('begins anew with assets whose times lie beyond a clock that was set back, and with no other', () => {
    const window = { length: '5ms', every: '5ms' };
    const rig = new Rig(createPipeline({ manifest: { window }, config: { when: undefined, summaries: undefined } }));
    const push = (asset: string, t: number) => rig.push({ asset, t, values: { a: 2, b: 0 } }, t, t, 0);
    push('x', 1_001);
    push('y', 101);
    rig.resetBeyond(500, 'clock: it was set back', 1_002);
    const [closed, ...others] = rig.records;
    expect(others).toEqual([]);
    expect(closed?.record).toMatchObject({ asset: 'x', from: 1_000, to: 1_005 });
    expect(JSON.stringify(closed?.record['quality'])).toContain('clock: it was set back');
    push('x', 11);
    push('x', 16);
    push('y', 106);
    expect(rig.records.slice(1).map(({ record }) => [record['type'], record['asset'], record['to']])).toEqual([
      // What ran before the clock was set back belongs to no period of the times that follow.
      ['summary', 'x', 1_005],
      ['prediction', 'x', 15],
      ['prediction', 'y', 105],
    ]);
  });

  it('holds nothing of assets that were forgotten', () => {
    const rig = filled();
    rig.bodies.clear();
    rig.push({ asset: 'y', t: 11, values: { a: 2, b: 0 } }, 11, 11, 0);
    expect(rig.pipeline.forget()).toEqual(['x', 'y']);
    rig.snapshot(12);
    expect([rig.snapshots, rig.bodies.size, rig.pipeline.assets]).toEqual([2, 0, 0]);
  });

  it('holds the assets that changed since the last one, and none that did not', () => {
    const rig = filled();
    expect([...rig.bodies.keys()]).toEqual(['x']);
    rig.bodies.clear();
    rig.push({ asset: 'y', t: 11, values: { a: 2, b: 0 } }, 11, 11, 0);
    rig.snapshot(12);
    expect([...rig.bodies.keys()]).toEqual(['y']);
    rig.bodies.clear();
    rig.snapshot(13);
    expect([rig.snapshots, rig.bodies.size]).toEqual([3, 0]);
  });
});
