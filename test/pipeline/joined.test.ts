import { describe, expect, it } from 'vitest';
import type { PredictionRecord } from '../../src/common/core/index.ts';
import { ScoreRig, scorePipeline } from '../support/score-pipeline.ts';

// Three sensors of one machine, each with a topic of its own, and a model that takes rows of all three.
const MANIFEST = {
  tags: {
    a: { unit: 'mm/s' },
    temperature: { unit: '°C' },
    mode: { unit: '', values: { idle: 0, run: 1 } },
  },
  window: { count: 2, every: 1 },
  input: { tensor: 'x', statistics: [{ tags: ['a', 'temperature', 'mode'], features: ['mean'] }] },
  outputs: { anomaly: { kind: 'score', tensor: 'score', threshold: 1000 } },
};
const SECOND = 1_000;

function rigOf(config: object): ScoreRig {
  return new ScoreRig(scorePipeline({ manifest: MANIFEST, config }));
}

function predictions({ records }: ScoreRig) {
  return records
    .filter((record): record is PredictionRecord => record.type === 'prediction')
    .map(({ t, decision, quality }) => [t, decision, quality.code, ...(quality.reasons ?? [])]);
}

const second = (rig: ScoreRig, t: number) => {
  rig.push(t, { a: 1 });
  rig.push(t + 2, { temperature: 60 });
  rig.push(t + 7, { mode: 'run' });
};

describe('bare numbers, a topic for each tag', () => {
  it('give abstentions alone where nothing joins them', () => {
    const rig = rigOf({});
    for (let t = 0; t < 5 * SECOND; t += SECOND) second(rig, t);
    expect(predictions(rig).length).toBeGreaterThan(5);
    for (const [, decision] of predictions(rig)) expect(decision).toBe('abstain');
  });

  it('are rows where they are joined', () => {
    const rig = rigOf({ join: '500ms' });
    for (let t = 0; t < 5 * SECOND; t += SECOND) second(rig, t);
    expect(predictions(rig)).toEqual([1, 2, 3, 4].map((n) => [n * SECOND + 7, 'normal', 'Good']));
  });

  it('go on in the midst of a row behind a restart', () => {
    const config = { join: '500ms', hold: { temperature: '10s' } };
    const first = rigOf(config);
    second(first, 0);
    first.push(SECOND, { a: 1 });
    const next = rigOf(config);
    for (const { asset, body } of first.snapshot()) expect(next.pipeline.restore(asset, body, SECOND)).toEqual([]);
    next.push(SECOND + 7, { mode: 'run' });
    next.push(2 * SECOND, { a: 1 });
    expect(predictions(next)).toEqual([
      [SECOND + 7, 'normal', 'UncertainLastUsableValue', 'temperature: UncertainLastUsableValue x1'],
    ]);
  });

  it('begin anew with their windows alone, where a snapshot is of before they were joined', () => {
    const first = rigOf({});
    second(first, 0);
    const next = rigOf({ join: '500ms' });
    for (const { asset, body } of first.snapshot())
      expect(next.pipeline.restore(asset, body, SECOND)).toEqual(['windows']);
    for (let t = SECOND; t < 4 * SECOND; t += SECOND) second(next, t);
    expect(predictions(next)).toEqual([2, 3].map((n) => [n * SECOND + 7, 'normal', 'Good']));
  });
});

describe('sensors that report on change', () => {
  it('are held as long as declared, and answered; then the pipeline abstains', () => {
    const rig = rigOf({ hold: { temperature: '5s', mode: '1h' } });
    rig.push(0, { a: 1, temperature: 60, mode: 'run' });
    for (let t = SECOND; t <= 8 * SECOND; t += SECOND) rig.push(t, { a: 1 });
    const codes = predictions(rig).map(([t, decision, code]) => [t, decision, code]);
    expect(codes.slice(0, 5)).toEqual([1, 2, 3, 4, 5].map((n) => [n * SECOND, 'normal', 'UncertainLastUsableValue']));
    expect(codes.slice(5)).toEqual([6, 7].map((n) => [n * SECOND, 'abstain', 'BadNoCommunication']));
  });

  it('that never came are waited for', () => {
    const rig = rigOf({ hold: '1h' });
    for (let t = 0; t <= 3 * SECOND; t += SECOND) rig.push(t, { a: 1 });
    expect(predictions(rig)[0]).toEqual([
      SECOND,
      'abstain',
      'BadWaitingForInitialData',
      'temperature: BadWaitingForInitialData x2',
      'mode: BadWaitingForInitialData x2',
    ]);
  });

  it('change while a gate is closed, and the machine goes on with what they say', () => {
    const rig = rigOf({ hold: '1h', when: 'tags.on > 0' });
    rig.push(0, { a: 1, temperature: 60, mode: 'run', on: 1 });
    rig.push(SECOND, { on: 0 });
    rig.push(2 * SECOND, { temperature: 20 });
    rig.push(3 * SECOND, { on: 1, a: 1 });
    rig.push(4 * SECOND, { a: 1 });
    rig.push(5 * SECOND, { a: 1 });
    expect(rig.vectors[0]?.[1]).toBe(20);
  });

  it('are held beside blocks of samples', () => {
    const rig = rigOf({ hold: { temperature: '1h', mode: '1h' } });
    rig.push(0, { a: 1, temperature: 60, mode: 'idle' });
    const samples = { a: Float64Array.of(1, 2, 3, 4) };
    rig.block({ origin: 0, first: 10, rate: 1000, length: 4, samples });
    rig.push(20, { a: 1 });
    expect(predictions(rig).map(([t, decision]) => [t, decision])).toEqual([10, 11, 12, 13].map((t) => [t, 'normal']));
  });
});
