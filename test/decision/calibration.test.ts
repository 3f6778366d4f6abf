import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createDecider, targetSchema } from '../../src/scoring/decision/index.ts';

interface Fixture {
  readonly slope: number;
  readonly intercept: number;
  readonly logits: readonly number[];
  readonly fromLogits: readonly number[];
  readonly probabilities: readonly number[];
  readonly fromProbabilities: readonly number[];
}

const { platt, temperature } = JSON.parse(
  readFileSync(new URL('./fixtures/decisions.json', import.meta.url), 'utf8'),
) as {
  readonly platt: Fixture;
  readonly temperature: {
    readonly temperature: number;
    readonly logits: readonly number[][];
    readonly fromLogits: readonly number[][];
    readonly probabilities: readonly number[][];
    readonly fromProbabilities: readonly number[][];
  };
};

/** Probabilities that a target makes of one row. */
function probabilities(target: object, row: readonly number[]): number[] {
  const decider = createDecider({ target: targetSchema.parse({ tensor: 'y', ...target }) });
  const summary = new Float64Array(decider.names.length);
  decider.decide({ names: ['y'], data: [Float32Array.from(row)], widths: [row.length] }, 0, summary);
  return [...summary];
}

function expectClose(found: readonly number[], expected: readonly number[]): void {
  expect(found).toHaveLength(expected.length);
  for (const [index, value] of expected.entries()) expect(found[index]).toBeCloseTo(value, 12);
}

describe('Platt’s method', () => {
  const { slope, intercept } = platt;
  const binary = { kind: 'binary', labels: ['ok', 'failure'], calibration: { method: 'platt', slope, intercept } };

  it('makes of logits what scikit-learn makes of them', () => {
    const found = platt.logits.map((x) => probabilities({ ...binary, activation: 'sigmoid' }, [x])[1] ?? Number.NaN);
    expectClose(found, platt.fromLogits);
  });

  it('makes of probabilities what scikit-learn makes of their log odds, from one column or two', () => {
    const one = platt.probabilities.map((p) => probabilities(binary, [p])[1] ?? Number.NaN);
    const two = platt.probabilities.map((p) => probabilities(binary, [1 - p, p])[1] ?? Number.NaN);
    expectClose(one, platt.fromProbabilities);
    expectClose(two, platt.fromProbabilities);
  });

  it.each([0, 1])('keeps a probability of %s one', (p) => {
    const [negative = Number.NaN, positive = Number.NaN] = probabilities(binary, [p]);
    expect(negative + positive).toBeCloseTo(1, 12);
    expect(p === 1 ? positive : negative).toBeGreaterThan(0.99);
  });
});

describe('a temperature', () => {
  const calibration = { method: 'temperature', temperature: temperature.temperature };
  const classes = { kind: 'classes', labels: ['a', 'b', 'c', 'd'], calibration };

  it('makes of logits what scipy makes of them', () => {
    for (const [row, z] of temperature.logits.entries())
      expectClose(probabilities({ ...classes, activation: 'softmax' }, z), temperature.fromLogits[row] ?? []);
  });

  it('makes of probabilities what it makes of their logits', () => {
    for (const [row, p] of temperature.probabilities.entries())
      expectClose(probabilities(classes, p), temperature.fromProbabilities[row] ?? []);
  });

  it('is softmax over two labels as well', () => {
    const binary = { kind: 'binary', labels: ['a', 'b'], activation: 'sigmoid', calibration };
    expectClose(
      probabilities(binary, [1, 3]),
      probabilities({ ...classes, activation: 'softmax', labels: ['a', 'b'] }, [1, 3]),
    );
  });
});
