import { describe, expect, it } from 'vitest';
import type { OutputBatch } from '../../src/common/core/index.ts';
import { createDecider, type Target, targetSchema, type Witness } from '../../src/scoring/decision/index.ts';

const LABELS = ['bad', 'fine'];

function decider(target: object, witness: Partial<Witness> = {}) {
  const binary = { kind: 'binary', tensor: 'p', labels: LABELS };
  const parsed: Target = targetSchema.parse('kind' in target ? target : { ...binary, ...target });
  return createDecider(
    { t: parsed },
    {},
    { witnesses: new Map([['t', { tensor: 'label', says: LABELS, greatest: true, ...witness }]]) },
  );
}

/** Rows of `p`, and the place of the class that the model names in each. */
function batch(rows: readonly (readonly number[])[], places: readonly number[]): OutputBatch {
  return {
    names: ['p', 'label'],
    data: [Float64Array.from(rows.flat()), Float64Array.from(places)],
    widths: [rows[0]?.length ?? 0, 1],
  };
}

const TWO = [
  [0.9, 0.1],
  [0.2, 0.8],
  [0.7, 0.3],
  [0.1, 0.9],
];

describe('a label of the model beside its columns', () => {
  it('is asked of the model with its names, beside what the target reads', () => {
    const { outputs, labels } = decider({});
    expect(outputs).toEqual(['p', 'label']);
    expect([...labels]).toEqual([['label', LABELS]]);
  });

  it('makes a row abstain that it contradicts, with both', () => {
    const { decide, names } = decider({});
    const at = (row: number) => decide(batch(TWO, [0, 0, 0, 1]), row, new Float64Array(names.length));
    expect(at(0).output).toMatchObject({ label: 'bad' });
    expect(at(1)).toMatchObject({
      output: null,
      decision: 'abstain',
      reasons: ["t: the model's label label is bad, and p says fine"],
    });
  });

  it.each([
    ['two columns that are all but equal', [[0.50001, 0.49999]], [1], {}],
    ['a label that no name was given for', [[0.9, 0.1]], [-1], {}],
    ['a model that chooses in another way', [[0.9, 0.1]], [1], { greatest: false }],
  ])('says nothing of %s', (_, rows, places, witness) => {
    const { decide, names } = decider({}, witness);
    expect(decide(batch(rows, places), 0, new Float64Array(names.length)).output).not.toBeNull();
  });
});

describe('a trial', () => {
  const objection = (target: object, rows: number[][], places: number[], witness: Partial<Witness> = {}) => {
    try {
      return decider(target, witness).examine(batch(rows, places), rows.length, 'model');
    } catch (error) {
      return String(error);
    }
  };

  it('passes where the label is the greatest column', () => {
    expect(objection({}, TWO, [0, 1, 0, 1])).toEqual([]);
  });

  it('refuses columns that are turned, with a row, what the label says and what the columns', () => {
    expect(objection({}, TWO, [1, 0, 1, 0])).toMatch(/contradicts it in 4 of 4 .* in row 0 it says fine, .* say bad/);
  });

  it.each([
    ['a logit of the first label', { activation: 'sigmoid' }, [[2], [-3], [1], [-1]], [0, 1, 0, 1]],
    ['a probability that gets a second sigmoid', { activation: 'sigmoid' }, [[0.2], [0.8], [0.3], [0.9]], [0, 1, 0, 1]],
    ['a margin that gets none', {}, [[0.2], [0.8], [0.1], [0.4]], [1, 1, 0, 1]],
  ])('refuses %s', (_, target, rows, places) => {
    expect(objection(target, rows, places)).toMatch(/contradicts it in \d of 4/);
  });

  it('refuses an activation on columns that are probabilities already, label or not', () => {
    expect(objection({ activation: 'sigmoid' }, TWO, [0, 1, 0, 1])).toMatch(/probabilities already/);
  });

  it.each([
    [
      'logits',
      [
        [1.5, -0.5],
        [0.2, 0.8],
        [0.7, 0.3],
        [0.1, 0.9],
      ],
    ],
    [
      'too few rows to tell',
      [
        [0.2, 0.8],
        [0.7, 0.3],
        [0.1, 0.9],
      ],
    ],
  ])('takes an activation on %s', (_, rows) => {
    const places = rows.map(([a = 0, b = 0]) => (a > b ? 0 : 1));
    expect(objection({ activation: 'sigmoid' }, rows, places)).toEqual([]);
  });

  it('refuses numbers that are no probabilities beside a label, and notes them without one', () => {
    const odd = [...TWO, [-0.4, 1.4]];
    expect(objection({}, odd, [0, 1, 0, 1, 1])).toMatch(/-0.4, 1.4 in trial row 4, which is not a probability/);
    const alone = createDecider({ t: targetSchema.parse({ kind: 'binary', tensor: 'p', labels: LABELS }) });
    expect(alone.examine(batch(odd, [0, 0, 0, 0, 0]), 5, 'model')).toEqual([
      expect.stringMatching(/such a row abstains/),
    ]);
  });

  it('says, and does not refuse, that a model which chooses in another way differs in some rows', () => {
    const other = { greatest: false };
    expect(objection({}, TWO, [0, 1, 0, 0], other)).toEqual([expect.stringMatching(/1 of 4 trial rows.*SVC/)]);
    expect(objection({}, TWO, [1, 0, 1, 1], other)).toMatch(/contradicts it in 3 of 4/);
  });

  it.each([
    ['above', [[-0.2], [-0.1], [0.1], [0.3]], /anomalies above/],
    ['below', [[0.2], [0.4], [0.1], [-0.3]], /anomalies below/],
  ])('refuses a score whose outliers are on the other side than %s', (anomaly, rows, reason) => {
    const target = { kind: 'score', tensor: 'p', threshold: 0, anomaly };
    expect(objection(target, rows, [0, 0, 1, 1], { says: ['-1', '1'] })).toMatch(reason);
    expect(objection(target, rows, [1, 1, 0, 0], { says: ['-1', '1'] })).toEqual([]);
  });
});
