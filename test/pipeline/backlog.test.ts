import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ScoreRig, scorePipeline } from '../support/score-pipeline.ts';

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;
const T = Date.UTC(2026, 5);
const BAD = 5;
const GOOD = 0;
const CONFIG = { alarms: { wear: { raise: { k: 1, n: 1 }, clear: { k: 2, n: 2 } } } };

/** A machine that measures each second, and a device between that sends what it kept all at once. */
class Machine {
  rig: ScoreRig;
  now = 0;
  readonly #told: ScoreRig['records'] = [];

  constructor(config: object = {}) {
    this.rig = new ScoreRig(scorePipeline({ config: { ...CONFIG, ...config } }));
  }

  live(from: number, seconds: number, a: number, more: Record<string, number> = {}, numbered = 0): void {
    for (let t = from; t < from + seconds * SECOND; t += SECOND) {
      this.now += SECOND;
      this.rig.push(t, { a, ...more }, 'x', numbered, this.now);
    }
  }

  backlog(from: number, seconds: number, a: number, more: Record<string, number> = {}, numbered = 0): void {
    for (let t = from; t < from + seconds * SECOND; t += SECOND)
      this.rig.push(t, { a, ...more }, 'x', numbered, this.now);
  }

  /** Another pipeline goes on with the snapshot, or without. */
  restart(config: object, withSnapshot: boolean): void {
    const bodies = this.rig.snapshot();
    this.#told.push(...this.rig.records);
    const predictions = this.#told.filter(({ type }) => type === 'prediction').map(({ t }) => t);
    this.rig = new ScoreRig(scorePipeline({ config: { ...CONFIG, ...config } }));
    if (withSnapshot) for (const { asset, body } of bodies) this.rig.pipeline.restore(asset, body, this.now);
    else {
      const [from, until] = [Math.min(...predictions), predictions.at(-1) ?? 0];
      this.rig.pipeline.emitted({ asset: 'x', type: 'prediction', from, until, ties: 1 });
    }
  }

  /** All that was told of one type, by its times. */
  times(type: string): number[] {
    return [...this.#told, ...this.rig.records].filter((record) => record.type === type).map(({ t }) => t);
  }
}

/** Whether each is later than the one before. */
const rises = (times: readonly number[]) =>
  times.every((t, index) => t > (times[index - 1] ?? Number.NEGATIVE_INFINITY));

describe('A backlog', () => {
  it('changes no alarm: what is beyond the lateness is counted', () => {
    const machine = new Machine();
    machine.live(T, 40, GOOD);
    machine.backlog(T - HOUR, 100, BAD);
    machine.live(T + 40 * SECOND, 10, BAD);
    machine.backlog(T - 2 * HOUR, 5_000, GOOD);
    machine.live(T + 50 * SECOND, 10, GOOD);
    expect(machine.times('alarm')).toEqual([T + 40 * SECOND, T + 51 * SECOND]);
    expect(machine.rig.pipeline.counts).toMatchObject({ late: 5_100, stepped: 0, predictions: 60 });
  });

  it('neither closes a gate nor opens it', () => {
    const machine = new Machine({ when: 'tags.on > 0' });
    machine.live(T, 1, GOOD, { on: 1 });
    machine.live(T + SECOND, 40, GOOD);
    machine.backlog(T - HOUR, 100, BAD, { on: 0 });
    machine.live(T + 41 * SECOND, 10, GOOD);
    expect(machine.rig.pipeline.counts).toMatchObject({ gated: 100, late: 0, predictions: 51 });
    machine.live(T + 51 * SECOND, 1, GOOD, { on: 0 });
    machine.backlog(T - HOUR, 100, BAD, { on: 1 });
    machine.live(T + 52 * SECOND, 10, GOOD);
    expect(machine.rig.pipeline.counts).toMatchObject({ gated: 111, late: 100, predictions: 51 });
  });

  it('closes no gate behind a restart', () => {
    const machine = new Machine({ when: 'tags.on > 0' });
    machine.live(T, 40, GOOD, { on: 1 });
    machine.restart({ when: 'tags.on > 0' }, true);
    machine.backlog(T - HOUR, 10, BAD, { on: 0 });
    machine.live(T + 40 * SECOND, 10, GOOD);
    expect(machine.times('prediction')).toHaveLength(50);
  });

  it('within the lateness is used where the gate was open then', () => {
    const machine = new Machine({ when: 'tags.on > 0', lateness: '2h' });
    machine.live(T, 40, GOOD, { on: 1 });
    machine.backlog(T - HOUR, 50, BAD, { on: 0 });
    machine.backlog(T - HOUR / 2, 50, GOOD, { on: 1 });
    machine.live(T + 3 * HOUR, 1, GOOD);
    expect(machine.rig.pipeline.counts).toMatchObject({ gated: 50, late: 0, predictions: 90 });
    expect(machine.times('alarm')).toEqual([]);
  });

  it('within the lateness is used in its place', () => {
    const machine = new Machine({ lateness: '2h' });
    machine.live(T, 40, GOOD);
    machine.backlog(T - HOUR, 100, BAD);
    machine.live(T + 3 * HOUR, 1, GOOD);
    expect(machine.rig.pipeline.counts).toMatchObject({ late: 0, predictions: 140 });
    expect(rises(machine.times('prediction'))).toBe(true);
    expect(machine.times('alarm')).toEqual([T - HOUR, T + SECOND]);
  });

  it('that comes behind a stop of the machine tells nothing of before', () => {
    const machine = new Machine({ when: 'tags.on > 0' });
    machine.live(T, 40, GOOD, { on: 1 });
    machine.live(T + 40 * SECOND, 5, GOOD, { on: 0 });
    machine.backlog(T - HOUR, 100, BAD, { on: 1 });
    machine.live(T + 45 * SECOND, 20, GOOD, { on: 1 });
    expect(rises(machine.times('prediction'))).toBe(true);
    expect(machine.times('alarm')).toEqual([]);
    expect(machine.rig.pipeline.counts).toMatchObject({ late: 100, predictions: 60 });
  });

  it.each([
    ['without a snapshot', {}, false],
    ['with windows of other options', { lateness: '1s' }, true],
  ])('that comes first behind a restart %s tells nothing of before', (_, config, withSnapshot) => {
    const machine = new Machine();
    machine.live(T, 40, GOOD);
    machine.restart(config, withSnapshot);
    machine.backlog(T - HOUR, 100, BAD);
    machine.live(T + 40 * SECOND, 20, GOOD);
    expect(rises(machine.times('prediction'))).toBe(true);
    expect(machine.times('alarm')).toEqual([]);
    expect(machine.rig.pipeline.counts.late).toBe(100);
  });

  it('of what was told before a kill is not told again, nor of before', () => {
    const machine = new Machine();
    machine.live(T, 1, GOOD);
    machine.restart({}, true);
    machine.rig.pipeline.emitted({
      asset: 'x',
      type: 'prediction',
      from: T + 20 * SECOND,
      until: T + 40 * SECOND,
      ties: 1,
    });
    machine.backlog(T + 5 * SECOND, 36, GOOD);
    machine.live(T + 41 * SECOND, 5, GOOD);
    expect(machine.times('prediction').slice(1)).toEqual([41, 42, 43, 44, 45].map((s) => T + s * SECOND));
  });

  it('in a recording changes no alarm', () => {
    const machine = new Machine();
    machine.live(T, 40, GOOD, {}, 1);
    machine.backlog(T - HOUR, 3_500, BAD, {}, 1);
    machine.live(T + 40 * SECOND, 10, GOOD, {}, 1);
    expect(machine.times('alarm')).toEqual([]);
    expect(machine.rig.pipeline.counts).toMatchObject({ late: 3_500, stepped: 0 });
  });
});

describe('Live readings and backlogs in any order', () => {
  const piece = fc.record({
    seconds: fc.integer({ min: 1, max: 80 }),
    /** ms before the newest time; 0 for live readings. */
    age: fc.oneof(fc.constant(0), fc.integer({ min: SECOND, max: 20 * 24 * HOUR })),
    a: fc.constantFrom(GOOD, BAD),
    on: fc.constantFrom(0, 1, 1, 1),
  });
  const config = fc.record({
    lateness: fc.constantFrom('0s', '90s', '1h'),
    when: fc.constantFrom('tags.on > 0', 'true'),
  });

  it('tell nothing that is earlier than what was told, over a restart and with a gate', () => {
    fc.assert(
      fc.property(config, fc.array(piece, { maxLength: 12 }), fc.nat(12), (settings, pieces, cut) => {
        const machine = new Machine(settings);
        let t = T;
        for (const [index, { seconds, age, a, on }] of pieces.entries()) {
          if (index === cut) machine.restart(settings, true);
          if (age > 0) machine.backlog(t - age - 0.5, Math.min(seconds, Math.floor(age / SECOND)), a, { on });
          else {
            machine.live(t, seconds, a, { on });
            t += seconds * SECOND;
          }
        }
        machine.live(t + 2 * HOUR, 1, GOOD, { on: 1 });
        expect(rises(machine.times('prediction'))).toBe(true);
        expect(rises(machine.times('alarm'))).toBe(true);
        expect(machine.rig.pipeline.counts.stepped).toBe(0);
      }),
      { numRuns: 150 },
    );
  });
});

describe('A clock that was set back', () => {
  it('is followed by a gate that was closed, which a tag opens that reports on change', () => {
    const machine = new Machine({ when: 'tags.on > 0' });
    machine.live(T, 40, GOOD, { on: 1 });
    machine.live(T + 40 * SECOND, 1, GOOD, { on: 0 });
    machine.live(T - HOUR, 1, GOOD, { on: 1 });
    machine.live(T - HOUR + SECOND, 100, GOOD);
    expect(machine.rig.pipeline.counts).toMatchObject({ gated: 1, late: 29, stepped: 1, predictions: 40 + 72 });
  });

  it('of the gateway leaves no gate as it was then', () => {
    const machine = new Machine({ when: 'tags.on > 0' });
    machine.live(T + 24 * HOUR, 2, GOOD, { on: 0 });
    machine.rig.pipeline.resetBeyond(T + HOUR, 'clock: it was set back', machine.now);
    machine.live(T, 1, GOOD, { on: 1 });
    machine.live(T + SECOND, 9, GOOD);
    expect(machine.rig.pipeline.counts).toMatchObject({ gated: 2, late: 0, predictions: 10 });
  });

  it('is followed by a gate that was open, which a tag closes meanwhile', () => {
    const machine = new Machine({ when: 'tags.on > 0' });
    machine.live(T, 40, GOOD, { on: 1 });
    machine.live(T - HOUR, 10, GOOD);
    machine.live(T - HOUR + 10 * SECOND, 1, GOOD, { on: 0 });
    machine.live(T - HOUR + 11 * SECOND, 100, GOOD);
    machine.live(T - HOUR + 200 * SECOND, 100, GOOD, { on: 1 });
    const { gated, predictions } = machine.rig.pipeline.counts;
    expect(gated).toBe(101);
    expect(predictions).toBeGreaterThan(40 + 60);
  });

  it('is followed though a gate closes and opens all the time', () => {
    const machine = new Machine({ when: 'tags.on > 0' });
    machine.live(T, 40, GOOD, { on: 1 });
    for (let i = 0; i < 20; i += 1) {
      machine.live(T - HOUR + i * 5 * SECOND, 4, GOOD, { on: 1 });
      machine.live(T - HOUR + (i * 5 + 4) * SECOND, 1, GOOD, { on: 0 });
    }
    expect(machine.rig.pipeline.counts).toMatchObject({ late: 29, stepped: 1 });
  });
});
