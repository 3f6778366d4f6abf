import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PredictionRecord, SummaryRecord } from '../../src/common/core/index.ts';
import { RECORD_SCHEMAS } from '../../src/common/protocol/index.ts';
import { agree, keyOf, mergeSummaries, readSummary } from '../../src/storage/outbox/capacity/coarsen.ts';
import { PredictionFold, readPrediction } from '../../src/storage/outbox/journal/losses/prediction-fold.ts';
import { NOW, prediction } from './support/outbox.ts';

const model = { name: 'm', version: '1', digest: 'ab'.repeat(32), signed: false };
const target = fc.oneof(
  fc.record({ value: fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 }) }),
  fc.record({ score: fc.double({ noNaN: true, noDefaultInfinity: true, min: 0, max: 1 }) }),
  fc.constantFrom('good', 'worn').map((label) => ({ label, probabilities: { good: 0.25, worn: 0.75 } })),
);
const output = fc.oneof(
  fc.constant(null),
  target,
  fc.dictionary(fc.constantFrom('pump', 'valve'), fc.option(target)).map((outputs) => ({ outputs })),
);
const predictions = fc
  .array(fc.record({ output, code: fc.constantFrom('Good', 'BadOutOfRange'), at: fc.nat(1e6) }), { minLength: 1 })
  .map((all) =>
    all.map(({ output, code, at }, n) => {
      const decision: PredictionRecord['decision'] = output === null ? 'abstain' : 'answer';
      const times = { t: NOW + at, from: NOW + at - 10, to: NOW + at };
      return readBack({ output, decision, quality: { code, reasons: [] }, model, asset: 'a', ...times }, n);
    }),
  );

function readBack(changes: Partial<PredictionRecord>, n: number) {
  const read = readPrediction(prediction(n, changes).body);
  if (read === undefined) throw new Error('not a prediction');
  return read;
}

function fold(all: readonly ReturnType<typeof readBack>[], asset = 'a'): SummaryRecord {
  const folded = new PredictionFold('pump', asset, model);
  for (const one of all) folded.add(one);
  return folded.toRecord();
}

describe('predictions that are folded', () => {
  it('become a summary as the protocol has it, with every one of them counted', () => {
    fc.assert(
      fc.property(predictions, (all) => {
        const record = fold(all);
        const parsed = RECORD_SCHEMAS.summary.parse(JSON.parse(JSON.stringify({ ...record, seq: 1, clock: true })));
        const sum = (counts: Record<string, number>) => Object.values(counts).reduce((a, b) => a + b, 0);
        expect(parsed.predictions).toBe(all.length);
        expect(sum(parsed.folded?.decisions ?? {})).toBe(all.length);
        expect(sum(parsed.folded?.quality ?? {})).toBe(all.length);
        expect(parsed.abstained).toBe(all.filter(({ output }) => output === null).length);
        expect(parsed.from).toBe(Math.min(...all.map(({ from }) => from)));
        expect(parsed.to).toBe(Math.max(...all.map(({ to }) => to)));
      }),
    );
  });

  it('have the mean, deviation and extremes of their outputs', () => {
    const values = [3, 1, 4, 1, 5, 9, 2, 6];
    const { outputs } = fold(values.map((value, n) => readBack({ output: { value } }, n)));
    const mean = values.reduce((a, b) => a + b, 0) / values.length;
    const m2 = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
    expect(outputs['value']).toMatchObject({ n: 8, min: 1, max: 9 });
    expect(outputs['value']?.mean).toBeCloseTo(mean, 12);
    expect(outputs['value']?.m2).toBeCloseTo(m2, 9);
  });

  it('say the same in one summary as in several that are merged later', () => {
    fc.assert(
      fc.property(predictions, predictions, predictions, (a, b, c) => {
        const whole = fold([...a, ...b, ...c]);
        const merged = mergeSummaries(mergeSummaries(fold(a), fold(b)), fold(c));
        const { outputs: mine, ...exact } = merged;
        const { outputs: wanted, ...others } = whole;
        expect({ ...exact, latency: null }).toEqual({ ...others, latency: null });
        expect(exact.latency.counts.reduce((x, y) => x + y, 0)).toBe(a.length + b.length + c.length);
        expect(Object.keys(mine).sort()).toEqual(Object.keys(wanted).sort());
        for (const [name, distribution] of Object.entries(mine)) {
          const { mean, m2, ...counts } = distribution;
          const { mean: wantedMean, m2: wantedM2, ...wantedCounts } = wanted[name] ?? distribution;
          expect(counts).toEqual(wantedCounts);
          expect(Math.abs(mean - wantedMean)).toBeLessThanOrEqual(1e-6 * (1 + Math.abs(wantedMean)));
          expect(Math.abs(m2 - wantedM2)).toBeLessThanOrEqual(1e-6 * (1 + wantedM2));
        }
      }),
    );
  });

  it('stay small, however many outputs and labels there are', () => {
    const all = Array.from({ length: 500 }, (_, n) => {
      const outputs = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`t${i}`, { value: i }]));
      return readBack({ output: n % 2 === 0 ? { outputs } : { label: `l${n}`, probabilities: {} } }, n);
    });
    const { outputs, folded } = fold(all);
    expect(Object.keys(outputs)).toHaveLength(64);
    const labels = folded?.labels['label'] ?? {};
    expect(Object.keys(labels)).toHaveLength(33);
    expect(Object.values(labels).reduce((a, b) => a + b, 0)).toBe(250);
  });

  it.each([
    '',
    'null',
    '[]',
    '{"type":"alarm"}',
    '{"type":"prediction","t":1,"n":3}',
    '{"type":"prediction","pipeline":"p","asset":"a","model":{"digest":"d"},"output":null}',
  ])('are none where the body is no prediction: %s', (body) => {
    expect(readPrediction(body)).toBeUndefined();
    expect(readSummary(body)).toBeUndefined();
  });
});

describe('summaries that become coarser', () => {
  it('belong together by pipeline, asset, model and what they count', () => {
    const one = fold([readBack({}, 0)]);
    const keys = [
      one,
      { ...one, asset: 'b' },
      { ...one, pipeline: 'q' },
      { ...one, model: { ...model, digest: 'cd'.repeat(32) } },
      { ...one, featureSpec: 'ef'.repeat(32) },
    ].map((summary) => keyOf(summary, true));
    expect(new Set(keys).size).toBe(keys.length);
    expect(keyOf({ ...one, asset: 'b' }, false)).toBe(keyOf(one, false));
    expect(mergeSummaries(one, { ...one, asset: 'b' }).asset).toBe('*');
  });

  it('are not merged over other bins', () => {
    const bins = { counts: [1, 2], underflow: 0, overflow: 0, missing: 0, n: 3, mean: 0, m2: 0, min: 0, max: 0 };
    const one = { ...fold([readBack({}, 0)]), features: { x: bins } };
    expect(agree(one, one)).toBe(true);
    expect(agree(one, { ...one, features: { x: { ...bins, counts: [1, 1, 1] } } })).toBe(false);
  });
});
