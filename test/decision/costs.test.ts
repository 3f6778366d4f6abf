import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TargetOutput } from '../../src/common/core/index.ts';
import { type Costs, createDecider, type DecisionOverrides, targetSchema } from '../../src/scoring/decision/index.ts';

interface Fixtures {
  readonly costs: readonly { matrix: number[][]; probabilities: number[][]; best: number[]; cost: number[] }[];
  readonly thresholds: readonly { matrix: [[number, number], [number, number]]; threshold: number }[];
}

const fixtures: Fixtures = JSON.parse(
  readFileSync(new URL('./fixtures/decisions.json', import.meta.url), 'utf8'),
) as Fixtures;

const named = (matrix: readonly (readonly number[])[]): Costs => ({
  normal: 'do0',
  actions: Object.fromEntries(
    matrix.map((row, a) => [`do${a}`, Object.fromEntries(row.map((cost, j) => [`is${j}`, cost]))]),
  ),
});

function choose(kind: 'binary' | 'classes', costs: unknown, p: readonly number[], overrides: DecisionOverrides = {}) {
  const labels = p.map((_, index) => `is${index}`);
  const target = targetSchema.parse({ kind, tensor: 'p', labels, ...(costs ? { costs } : {}) });
  const decider = createDecider({ target }, overrides);
  const batch = { names: ['p'], data: [Float32Array.from(p)], widths: [p.length] };
  const { output, decision } = decider.decide(batch, 0, new Float64Array(decider.names.length));
  return { ...(output as Extract<TargetOutput, { label: string }>), decision, thresholds: decider.thresholds };
}

describe('a cost matrix', () => {
  it.each(fixtures.costs)('chooses as numpy does, case %#', ({ matrix, probabilities, best, cost }) => {
    for (const [row, p] of probabilities.entries()) {
      const { action, expectedCost, decision } = choose('classes', named(matrix), p);
      expect(action).toBe(`do${best[row]}`);
      expect(expectedCost).toBeCloseTo(cost[row] ?? Number.NaN, 10);
      expect(decision).toBe(best[row] === 0 ? 'normal' : 'anomaly');
    }
  });

  it('takes the first of actions that cost the same, whatever they are called', () => {
    const actions = { zebra: { is0: 1, is1: 1 }, ape: 1 };
    expect(choose('binary', { normal: 'ape', actions }, [0.5, 0.5])).toMatchObject({
      action: 'zebra',
      decision: 'anomaly',
    });
  });

  it('sends somebody to look only where that is cheaper than either mistake', () => {
    const costs = { normal: 'run', actions: { run: { is0: 0, is1: 50 }, stop: { is0: 4, is1: 0 }, inspect: 2 } };
    const at = (p: number) => choose('binary', costs, [1 - p, p]);
    expect([0.01, 0.1, 0.45, 0.55, 0.9].map((p) => at(p).action)).toEqual([
      'run',
      'inspect',
      'inspect',
      'stop',
      'stop',
    ]);
    expect(at(0.1)).toMatchObject({ expectedCost: 2, label: 'is1', decision: 'anomaly' });
    expect(at(0.1).thresholds['target']).toBeCloseTo(2 / 50, 14);
  });

  it('names what to do apart from what is most probable', () => {
    const costs = { normal: 'run', actions: { run: { is0: 0, is1: 0, is2: 100 }, stop: 5 } };
    expect(choose('classes', costs, [0.5, 0.375, 0.125])).toMatchObject({
      label: 'is0',
      action: 'stop',
      expectedCost: 5,
      decision: 'anomaly',
    });
  });

  it('is held against the binary label: the one says what the other does', () => {
    const costs = named([
      [0, 50],
      [1, 0],
    ]);
    expect(choose('binary', costs, [0.97, 0.03])).toMatchObject({ label: 'is1', action: 'do1', decision: 'anomaly' });
    expect(choose('binary', costs, [0.99, 0.01])).toMatchObject({ label: 'is0', action: 'do0', decision: 'normal' });
  });
});

describe('the threshold of two actions', () => {
  it.each(fixtures.thresholds)('is where both cost the same, case %#', ({ matrix, threshold }) => {
    expect(choose('binary', named(matrix), [1, 0]).thresholds['target']).toBeCloseTo(threshold, 5);
  });

  it('parts the decisions', () => {
    const cost = fc.integer({ min: 1, max: 100 });
    const probability = fc.double({ min: 0, max: 1, noNaN: true }).map(Math.fround);
    fc.assert(
      fc.property(cost, cost, probability, (missed, falseAlarm, p) => {
        const costs = named([
          [0, missed],
          [falseAlarm, 0],
        ]);
        const { thresholds, decision } = choose('binary', costs, [Math.fround(1 - p), p]);
        const threshold = thresholds['target'] ?? Number.NaN;
        if (Math.abs(p - threshold) > 1e-12) expect(decision).toBe(p > threshold ? 'anomaly' : 'normal');
      }),
    );
  });

  it('is 1 where the other action never pays', () => {
    const costs = named([
      [0, 1],
      [5, 3],
    ]);
    expect(choose('binary', costs, [0, 1])).toMatchObject({ decision: 'normal', thresholds: { target: 1 } });
  });
});

describe('overridden costs', () => {
  const dear = named([
    [0, 50],
    [1, 0],
  ]);

  it('decide in place of those of the manifest', () => {
    const cheap = named([
      [0, 1],
      [1, 0],
    ]);
    const overridden = choose('binary', dear, [0.9, 0.1], { costs: { target: cheap } });
    expect(overridden).toMatchObject({ decision: 'normal', thresholds: { target: 0.5 } });
  });

  it('decide in place of a threshold, and give classes a decision that had none', () => {
    expect(choose('binary', undefined, [0.9, 0.1], { costs: { target: dear } }).decision).toBe('anomaly');
    expect(choose('classes', undefined, [0.9, 0.1], { costs: { target: dear } }).decision).toBe('anomaly');
  });

  it.each([
    ['a label that is missing', { target: named([[0], [1]]) }, 'no cost for is1'],
    [
      'a label that there is not',
      {
        target: named([
          [0, 1, 2],
          [1, 1, 1],
        ]),
      },
      'is no label',
    ],
    ['a target that there is not', { nope: dear }, 'no such target'],
  ])('are refused with %s', (_, costs, reason) => {
    expect(() => choose('binary', dear, [1, 0], { costs })).toThrow(reason);
  });

  it('leave no threshold to override', () => {
    expect(() => choose('binary', dear, [1, 0], { threshold: { target: 0.5 } })).toThrow('decides by costs');
    const both = { threshold: { target: 0.5 }, costs: { target: dear } };
    expect(() => choose('binary', undefined, [1, 0], both)).toThrow('only one of them');
  });
});

describe('a manifest', () => {
  const actions = { run: { a: 0, b: 50 }, stop: { a: 1, b: 0 } };
  const target = { kind: 'binary', tensor: 'p', labels: ['a', 'b'], costs: { normal: 'run', actions } };

  it.each([
    ['costs beside a threshold', { threshold: 0.5 }],
    ['costs beside abstaining', { abstainBelow: 0.5 }],
    ['a normal action that is none', { costs: { normal: 'rnu', actions } }],
    ['one action alone', { costs: { normal: 'run', actions: { run: 0 } } }],
    ['a cost of no label', { costs: { normal: 'run', actions: { ...actions, inspect: { c: 1 } } } }],
    ['a temperature of 0', { calibration: { method: 'temperature', temperature: 0 } }],
  ])('with %s is refused', (_, change) => {
    expect(targetSchema.safeParse(target).success).toBe(true);
    expect(targetSchema.safeParse({ ...target, ...change }).success).toBe(false);
  });
});
