import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OutputBatch, PipelineRecord, Reading } from '../../src/common/core/index.ts';
import { type Effect, Pipeline, pipelineSchema, readModel } from '../../src/scoring/pipeline/index.ts';
import { memoryBundle, STATISTICS, STATISTICS_PROFILE, scoreManifest } from '../support/bundle.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

interface Made {
  readonly limit?: number;
  readonly config?: object;
  readonly manifest?: object;
}

function createPipeline({ limit = 3, config = {}, manifest = {} }: Made = {}): Pipeline {
  return new Pipeline({
    name: 'p',
    config: pipelineSchema.parse({ source: 's', model: 'm', idle: '5m', limits: { assets: limit }, ...config }),
    assets: {},
    model: readModel(
      memoryBundle({
        'manifest.json': scoreManifest({ input: STATISTICS, ...manifest }),
        'model.onnx': new Uint8Array([1]),
        'profile.json': STATISTICS_PROFILE,
      }),
    ),
  });
}

const reading = (asset: string, t: number, a = 0): Reading => ({ asset, t, values: { a, b: 0 } });

/** A pipeline at work: answers come at once, or after so many further readings; its clock is in ms. */
class Line {
  pipeline: Pipeline;
  readonly records: PipelineRecord[] = [];
  readonly bodies = new Map<string, Uint8Array>();
  now = 0;
  readonly #made: Made;
  readonly #delay: number;
  #asked: { readonly ticket: number; readonly score: number; left: number }[] = [];

  constructor(made: Made = {}, delay = 0) {
    this.#made = made;
    this.#delay = delay;
    this.pipeline = createPipeline(made);
  }

  /** Pushes a reading; its time is the clock's unless another is given. */
  hear(asset: string, t = this.now, a = 0): void {
    this.#take(this.pipeline.push(reading(asset, t, a), this.now));
    for (const one of this.#asked) one.left -= 1;
    this.#answer(0);
  }

  hearAll(assets: readonly string[], times = 1, a = 0): void {
    for (let i = 0; i < times; i += 1) {
      this.now += SECOND;
      for (const asset of assets) this.hear(asset, this.now, a);
    }
  }

  /** Lets time pass in seconds, as a gateway does; `speak` is called each second. */
  pass(seconds: number, speak: () => void = () => undefined): void {
    for (let i = 0; i < seconds; i += 1) {
      this.now += SECOND;
      speak();
      this.#take(this.pipeline.tick(this.now));
    }
  }

  /** A snapshot, and another pipeline that goes on with all snapshots so far. */
  restart(made: Made = this.#made): void {
    this.#take(this.pipeline.snapshot(this.now));
    this.#answer(Number.NEGATIVE_INFINITY);
    this.pipeline = createPipeline(made);
    for (const [asset, body] of this.bodies) this.pipeline.restore(asset, body, this.now);
  }

  endSummaries(): void {
    this.#take(this.pipeline.closeSummaries());
  }

  end(): void {
    this.#answer(Number.NEGATIVE_INFINITY);
  }

  of(type: PipelineRecord['type'], asset: string): PipelineRecord[] {
    return this.records.filter((record) => record.type === type && record.asset === asset);
  }

  #answer(least: number): void {
    while (this.#asked.some(({ left }) => left <= 0 || least < 0)) {
      const [due] = this.#asked.splice(
        this.#asked.findIndex(({ left }) => left <= 0 || least < 0),
        1,
      );
      const batch: OutputBatch = { names: ['score'], data: [Float64Array.of(due?.score ?? 0)], widths: [1] };
      this.#take(this.pipeline.complete(due?.ticket ?? 0, batch, 0, this.now));
    }
  }

  #take(effects: readonly Effect[]): void {
    for (const effect of effects) {
      if (effect.kind === 'record') this.records.push(effect.record);
      else if (effect.kind === 'infer')
        this.#asked.push({ ticket: effect.ticket, score: effect.vector[0] ?? 0, left: this.#delay });
      else if (effect.kind === 'snapshot') {
        for (const asset of effect.forgotten) this.bodies.delete(asset);
        for (const { asset, body } of effect.assets) this.bodies.set(asset, body);
      }
    }
  }
}

const invented = (n: number, prefix = 'x') => Array.from({ length: n }, (_, i) => `${prefix}${i}`);

describe('A pipeline with as many assets as it may have', () => {
  it('makes room for a machine that goes on speaking, where the others were invented names', () => {
    const line = new Line({ limit: 1_000 });
    line.hearAll(invented(1_000));
    line.hearAll(['pump-1'], 10);
    expect(line.of('prediction', 'pump-1')).not.toEqual([]);
    expect(line.pipeline.assets).toBe(1_000);
    expect(line.pipeline.counts).toMatchObject({ tooManyAssets: 2, retired: 1 });
  });

  it('does so after a restart, too', () => {
    const line = new Line({ limit: 50 });
    line.hearAll(invented(50));
    line.restart();
    line.hearAll(['pump-1'], 10);
    expect(line.of('prediction', 'pump-1')).not.toEqual([]);
    line.restart();
    expect(line.pipeline.assets).toBe(50);
  });

  it('names some that it refused, and no more than a few', () => {
    const line = new Line({ limit: 2 });
    line.hearAll(['a', 'b'], 5);
    line.hearAll(invented(100));
    expect(line.pipeline.refused).toEqual(invented(100).slice(-8));
    expect(line.pipeline.counts.tooManyAssets).toBe(100);
  });

  it('lets no flood of names take the place of machines that are heard regularly, over restarts', () => {
    const machines = ['pump-1', 'pump-2', 'pump-3'];
    const line = new Line({ limit: 5 });
    line.pass(11 * 60, () => {
      for (const machine of machines) line.hear(machine);
    });
    let name = 0;
    let lost = 0;
    const flood = () => {
      for (let i = 0; i < 60; i += 1) line.hear(`once-${name++}`);
      for (let i = 0; i < 400; i += 1) line.hear(`often-${Math.floor(name / 600)}`);
      // A machine speaks twice a minute.
      if (line.now % (30 * SECOND) === 0) for (const machine of machines) line.hear(machine);
      for (const machine of machines)
        if (!line.pipeline.holdings(line.now).some((one) => one.asset === machine)) lost += 1;
    };
    line.pass(40, flood);
    line.restart();
    line.pass(40, flood);
    expect(lost).toBe(0);
    expect(line.of('alarm', 'pump-1')).toEqual([]);
    expect(line.pipeline.assets).toBe(5);
  });

  it('lets a new machine in while names come that are heard once each, faster than it speaks', () => {
    const line = new Line({ limit: 20 });
    line.hearAll(invented(20));
    let name = 0;
    line.pass(30, () => {
      for (let i = 0; i < 1_000; i += 1) line.hear(`flood-${name++}`);
      line.hear('pump-1');
    });
    expect(line.of('prediction', 'pump-1').length).toBeGreaterThan(10);
  });

  it('knows after a restart who was heard long, though seldom', () => {
    const line = new Line({ limit: 1 });
    line.pass(11 * 60, () => {
      if (line.now % MINUTE === 0) line.hear('slow');
    });
    line.restart();
    for (let i = 0; i < 300; i += 1) line.hear('often');
    expect(line.pipeline.counts).toMatchObject({ retired: 0, tooManyAssets: 300 });
  });

  it('remembers as many that gave way as there may be assets, and no more, on disk neither', () => {
    const line = new Line({ limit: 2 });
    for (const name of invented(9)) {
      line.pass(6 * 60);
      line.hearAll([name], 4);
      line.restart();
    }
    expect(line.pipeline.holdings(line.now).map(({ asset }) => asset)).toEqual(['x5', 'x6', 'x7', 'x8']);
    expect([...line.bodies.keys()].sort()).toEqual(['x5', 'x6', 'x7', 'x8']);
  });

  it('lets machines that speak alike not displace each other', () => {
    const line = new Line({ limit: 2 });
    line.hearAll(['a', 'b', 'c'], 100);
    expect(line.pipeline.counts).toMatchObject({ retired: 0, tooManyAssets: 100 });
    expect(line.of('prediction', 'a')).toHaveLength(99);
  });

  it('lets what was heard long give way only when it is silent for long, the least recently heard first', () => {
    const line = new Line({ limit: 2 });
    line.pass(11 * 60, () => {
      line.hear('old-1');
      line.hear('old-2');
    });
    line.hear('old-1');
    line.pass(59 * 60);
    line.hearAll(['new'], 9);
    expect(line.pipeline.counts.retired).toBe(0);
    line.pass(5 * 60);
    line.hearAll(['new'], 3);
    expect(line.pipeline.counts.retired).toBe(1);
    expect(line.pipeline.holdings(line.now).map(({ asset }) => asset)).toEqual(['old-2', 'old-1', 'new']);
    expect(line.pipeline.assets).toBe(2);
  });

  it('lets what was heard little give way before what was heard long, though that is silent for longer', () => {
    const line = new Line({ limit: 2 });
    line.pass(11 * 60, () => line.hear('old'));
    line.pass(61 * 60);
    line.hear('brief');
    line.pass(6 * 60);
    line.hearAll(['new'], 3);
    expect(line.pipeline.holdings(line.now).map(({ asset }) => asset)).toEqual(['brief', 'old', 'new']);
  });

  it('ends the alarms and the summary of what gives way, behind its windows, and says why', () => {
    const alarms = { high: { when: 'output.score > 1', raise: { k: 1, n: 1 }, severity: 'critical' } };
    const line = new Line({ limit: 1, config: { alarms } });
    line.hearAll(['old'], 2, 5);
    line.hearAll(['old'], 2, 5);
    const raised = line.of('alarm', 'old');
    expect(raised).toMatchObject([{ state: 'raised', alarm: 'high' }]);
    line.pass(6 * 60);
    line.hearAll(['new'], 3);
    const [, ended, ...others] = line.of('alarm', 'old');
    expect(others).toEqual([]);
    expect(ended).toEqual({
      ...{ type: 'alarm', pipeline: 'p', asset: 'old', alarm: 'high', state: 'cleared', severity: 'critical' },
      ...{ t: 4 * SECOND, since: 2 * SECOND, reason: 'quiet' },
    });
    expect(line.of('summary', 'old')).toMatchObject([{ predictions: 3, from: 0 }]);
    line.restart();
    line.pass(6 * 60);
    line.hearAll(['old'], 10);
    expect(line.of('alarm', 'old')).toHaveLength(2);
    // The period goes on, and no prediction is in two of its summaries.
    line.endSummaries();
    const [first, second] = line.of('summary', 'old');
    expect(second).toMatchObject({ from: first?.type === 'summary' ? first.to : undefined });
  });

  it('closes the windows of what gives way with what they hold', () => {
    const line = new Line({ limit: 1, config: { lateness: '1h' }, manifest: { window: { length: '10s' } } });
    line.hearAll(['old'], 3);
    line.hearAll(['new'], 6);
    expect(line.of('prediction', 'old')).toMatchObject([{ from: 0, to: 10 * SECOND }]);
  });

  it('gives the same records in the same order with answers at once and late ones', () => {
    const names = fc.constantFrom('a', 'b', 'c', 'd', 'e');
    const spoken = fc.array(fc.record({ asset: names, t: fc.integer({ min: 0, max: 60 }) }), {
      minLength: 30,
      maxLength: 200,
    });
    const config = { alarms: { any: { when: 'output.score >= 0.0', raise: { k: 1, n: 1 } } } };
    const manifest = { window: { length: '10ms' } };
    fc.assert(
      fc.property(spoken, fc.integer({ min: 1, max: 40 }), (all, delay) => {
        const told = [0, delay].map((wait) => {
          const line = new Line({ limit: 2, config, manifest }, wait);
          for (const [i, { asset, t }] of all.entries()) line.hear(asset, i + t);
          line.end();
          return line.records.map(({ type, asset, t }) => `${type} ${asset} ${t}`);
        });
        expect(told[1]).toEqual(told[0]);
      }),
    );
  });

  it('gives no window twice when an asset is back, over restarts, and holds a bounded number of assets', () => {
    const step = fc.oneof(
      {
        weight: 40,
        arbitrary: fc.record({ asset: fc.integer({ min: 0, max: 5 }), back: fc.integer({ min: 0, max: 30 }) }),
      },
      { weight: 1, arbitrary: fc.constant('restart' as const) },
      { weight: 3, arbitrary: fc.constant('idle' as const) },
    );
    const steps = fc.array(step, { minLength: 50, maxLength: 300 });
    const kinds = fc.constantFrom<object>({ length: '10s' }, { length: '10s', every: '4s' }, { count: 2, every: 1 });
    let retired = 0;
    fc.assert(
      fc.property(steps, kinds, (all, window) => {
        const line = new Line({ limit: 3, config: { idle: '20s' }, manifest: { window } });
        for (const one of all) {
          line.now += SECOND;
          if (one === 'restart') line.restart();
          else if (one === 'idle') line.pass(25);
          else line.hear(`m${one.asset}`, line.now - one.back * SECOND);
          expect(line.pipeline.assets).toBeLessThanOrEqual(3);
          // What is remembered of those that gave way is bounded, too.
          expect(line.pipeline.holdings(line.now).length).toBeLessThanOrEqual(6);
          expect(line.bodies.size).toBeLessThanOrEqual(6);
        }
        line.end();
        retired += line.pipeline.counts.retired;
        const windows = line.records.flatMap((record) =>
          record.type === 'prediction' ? [`${record.asset} ${record.from} ${record.to}`] : [],
        );
        expect(windows.filter((one, i) => windows.indexOf(one) !== i)).toEqual([]);
      }),
      { numRuns: 60 },
    );
    expect(retired).toBeGreaterThan(30);
  });

  it('follows an asset that is back with a clock that was set back', () => {
    const line = new Line({ limit: 1, manifest: { window: { length: '2s' } } });
    line.now = 1_000 * MINUTE;
    line.hearAll(['plc'], 5);
    line.pass(6 * 60);
    line.hearAll(['other'], 3);
    line.pass(6 * 60);
    const before = line.of('prediction', 'plc').length;
    for (let i = 0; i < 60; i += 1) {
      line.now += SECOND;
      line.hear('plc', i * SECOND);
    }
    expect(line.of('prediction', 'plc').length).toBeGreaterThan(before + 5);
    expect(line.pipeline.counts).toMatchObject({ stepped: 1 });
  });

  it('remembers nothing of a time from which the clock was set back', () => {
    const line = new Line({ limit: 1 });
    line.hear('plc', 1_000 * MINUTE);
    line.hear('plc', 1_001 * MINUTE);
    line.pass(6 * 60);
    line.hearAll(['other'], 3);
    line.pipeline.resetBeyond(line.now, 'clock-step', line.now);
    line.pass(6 * 60);
    line.hearAll(['plc'], 5);
    expect(line.pipeline.counts).toMatchObject({ late: 0, retired: 2 });
  });

  it('gives no window again that was given before the start, though its asset gave way since', () => {
    const line = new Line({ limit: 1 });
    line.pipeline.emitted({ asset: 'old', type: 'prediction', from: 0, until: 10 * SECOND, ties: 1 });
    line.hear('old', SECOND);
    line.hear('old', 2 * SECOND);
    line.pass(6 * 60);
    line.hearAll(['new'], 3);
    line.pass(6 * 60);
    for (let t = 3; t < 13; t += 1) line.hear('old', t * SECOND);
    expect(line.of('prediction', 'old').map(({ t }) => t)).toEqual([12 * SECOND]);
  });

  it('ends an alarm, too, that was told behind the snapshot', () => {
    const alarms = { high: { when: 'output.score > 1', raise: { k: 1, n: 1 } } };
    const line = new Line({ limit: 1, config: { alarms } });
    line.hearAll(['old'], 2);
    line.restart();
    line.pipeline.tell('old', 'high', { raised: true, since: 5 * SECOND, t: 5 * SECOND });
    line.pass(6 * 60);
    line.hearAll(['new'], 3);
    expect(line.of('alarm', 'old')).toMatchObject([{ state: 'cleared', since: 5 * SECOND, t: 5 * SECOND }]);
  });

  it('has those give way that a lower limit leaves no room for, with their alarms', () => {
    const alarms = { high: { when: 'output.score > 1', raise: { k: 1, n: 1 } } };
    const line = new Line({ limit: 3, config: { alarms } });
    line.hearAll(['a', 'b', 'c'], 2, 5);
    line.restart({ limit: 1, config: { alarms } });
    line.pass(1);
    expect(line.pipeline.assets).toBe(1);
    const cleared = line.records.filter((record) => record.type === 'alarm' && record.state === 'cleared');
    expect(cleared.map(({ asset }) => asset)).toEqual(['a', 'b']);
  });
});
