import { describe, expect, it } from 'vitest';
import type { OutputBatch } from '../../src/common/core/index.ts';
import { createDecider, type Decider, type Target, targetSchema } from '../../src/scoring/decision/index.ts';

function target(input: unknown): Target {
  return targetSchema.parse(input);
}

/** One tensor per entry, each a list of rows. */
function batch(tensors: Record<string, number[][]>): OutputBatch {
  const rows = Object.values(tensors);
  return {
    names: Object.keys(tensors),
    data: rows.map((tensor) => Float32Array.from(tensor.flat())),
    widths: rows.map((tensor) => tensor[0]?.length ?? 0),
  };
}

function decide(decider: Decider, tensors: Record<string, number[][]>, row = 0) {
  const summary = new Float64Array(decider.names.length);
  return { ...decider.decide(batch(tensors), row, summary), summary: [...summary] };
}

const rul = target({ kind: 'regression', tensor: 'rul', unit: 'cycles', range: [0, 125] });
const score = target({ kind: 'score', tensor: 'error', threshold: 0.5 });
const valve = target({ kind: 'classes', tensor: 'valve', activation: 'softmax', labels: ['73', '80', '90', '100'] });

/** What is said of an output that is no probability: what it may be, and who knows. */
const NOT_GUESSED = /not a probability; a logit, a margin .* or votes look so, .*model inspect/;

describe('regression', () => {
  const decider = createDecider({ rul });

  it('answers with the value of its row, held to the range', () => {
    const values = [[-3], [50.5], [900]];
    expect([0, 1, 2].map((row) => decide(decider, { rul: values }, row).output)).toEqual([
      { value: 0 },
      { value: 50.5 },
      { value: 125 },
    ]);
  });

  it.each([Number.NaN, Infinity, -Infinity])('abstains on %s, and summarises nothing', (value) => {
    expect(decide(decider, { rul: [[value]] })).toEqual({
      output: null,
      decision: 'abstain',
      reasons: [`rul: the model gives ${value}`],
      summary: [Number.NaN],
    });
  });
});

describe('label', () => {
  const state = target({ kind: 'label', tensor: 'state', labels: ['good', 'worn'] });

  it('is the one in its place among those of the manifest, without a number', () => {
    expect(decide(createDecider({ state }), { state: [[0], [1]] }, 1)).toEqual({
      output: { label: 'worn' },
      decision: 'answer',
      reasons: [],
      summary: [],
    });
  });

  it.each([-1, Number.NaN])('abstains at a place that is none (%s)', (place) => {
    expect(decide(createDecider({ state }), { state: [[place]] })).toMatchObject({
      output: null,
      decision: 'abstain',
      reasons: ['state: the model gives a label that the manifest does not have'],
    });
  });

  it('says which labels an output has, which can then be read in no other way', () => {
    expect([...createDecider({ state, rul }).labels]).toEqual([['state', ['good', 'worn']]]);
    expect(() => createDecider({ state, rul: { ...rul, tensor: 'state' } })).toThrow('rul reads the labels of state');
  });
});

describe('score', () => {
  it('is an anomaly above the threshold, and not at it', () => {
    const decider = createDecider({ score });
    expect(decide(decider, { error: [[0.5]] })).toMatchObject({ output: { score: 0.5 }, decision: 'normal' });
    expect(decide(decider, { error: [[0.75]] })).toMatchObject({ output: { score: 0.75 }, decision: 'anomaly' });
  });

  it('is one below it where the target says so, as the scores of scikit-learn are meant', () => {
    const decider = createDecider({ forest: target({ kind: 'score', tensor: 's', threshold: 0, anomaly: 'below' }) });
    const decisions = [-0.25, 0, 0.25].map((value) => decide(decider, { s: [[value]] }).decision);
    expect(decisions).toEqual(['anomaly', 'normal', 'normal']);
  });

  it('is never normal when it is not finite', () => {
    const decider = createDecider({ score });
    for (const value of [Number.NaN, Infinity, -Infinity]) {
      expect(decide(decider, { error: [[value]] })).toMatchObject({ output: null, decision: 'abstain' });
    }
  });

  it('takes an overridden threshold', () => {
    const decider = createDecider({ score }, { threshold: { score: 0.8 } });
    expect(decide(decider, { error: [[0.75]] }).decision).toBe('normal');
  });
});

describe('binary', () => {
  const labels = ['ok', 'failure'];
  const plain = target({ kind: 'binary', tensor: 'p', labels, threshold: 0.25 });
  const logit = target({ kind: 'binary', tensor: 'p', labels, activation: 'sigmoid' });

  describe('with its positive named', () => {
    const sorted = { kind: 'binary', tensor: 'p', labels: ['failure', 'ok'], positive: 'failure', threshold: 0.25 };
    const answer = (more: object, row: number[]) =>
      decide(createDecider({ b: target({ ...sorted, ...more }) }), { p: [row] });

    it.each([
      ['two columns', {}, [0.375, 0.625]],
      ['one column, which is of the second label', {}, [0.625]],
    ])('reads it from %s', (_, more, row) => {
      expect(answer(more, row)).toEqual({
        output: { label: 'failure', probabilities: { ok: 0.625, failure: 0.375 } },
        decision: 'anomaly',
        reasons: [],
        summary: [0.625, 0.375],
      });
    });

    it.each([
      ['two logits', [2, -1], 3],
      ['one logit of the second label', [-3], 3],
    ])('reads it from %s', (_, row, logit) => {
      const { output } = answer({ activation: 'sigmoid' }, row);
      expect(output).toMatchObject({ probabilities: { failure: 1 / (1 + Math.exp(-logit)) } });
    });

    it('counts its costs by label', () => {
      const costs = { normal: 'go', actions: { go: { ok: 0, failure: 10 }, stop: { ok: 1, failure: 0 } } };
      expect(answer({ threshold: undefined, costs }, [0.2, 0.8])).toMatchObject({ output: { action: 'stop' } });
      expect(answer({ threshold: undefined, costs }, [0.05, 0.95])).toMatchObject({ output: { action: 'go' } });
    });

    it('is one of the labels', () => {
      expect(() => target({ ...sorted, positive: 'worn' })).toThrow('must be one of labels');
    });
  });

  it('reads the positive probability from one column', () => {
    expect(decide(createDecider({ plain }), { p: [[0.375]] })).toEqual({
      output: { label: 'failure', probabilities: { ok: 0.625, failure: 0.375 } },
      decision: 'anomaly',
      reasons: [],
      summary: [0.625, 0.375],
    });
  });

  it('reads the second of two columns', () => {
    expect(decide(createDecider({ plain }), { p: [[0.875, 0.125]] })).toMatchObject({
      output: { label: 'ok', probabilities: { ok: 0.875, failure: 0.125 } },
      decision: 'normal',
    });
  });

  it('makes two logits their softmax', () => {
    const { summary } = decide(createDecider({ logit }), { p: [[1, 3]] });
    expect(summary[1]).toBeCloseTo(Math.exp(3) / (Math.exp(1) + Math.exp(3)), 14);
  });

  it.each([-1e30, -800, -1, 0, 1, 800, 1e30])('keeps the sigmoid of %s a probability', (x) => {
    const { summary } = decide(createDecider({ logit }), { p: [[x]] });
    expect(summary[1]).toBe(x > 700 ? 1 : x < -700 ? 0 : 1 / (1 + Math.exp(-x)));
  });

  it('abstains on a logit that claims to be a probability, and guesses no activation', () => {
    const { decision, reasons } = decide(createDecider({ plain }), { p: [[3.5]] });
    expect(decision).toBe('abstain');
    expect(reasons).toEqual([expect.stringMatching(NOT_GUESSED)]);
  });

  it('takes rounding of a quantized probability for what it is', () => {
    expect(decide(createDecider({ plain }), { p: [[1.00390625]] })).toMatchObject({ summary: [0, 1] });
  });

  it('abstains when a NaN stands in either column', () => {
    const decider = createDecider({ plain });
    expect(decide(decider, { p: [[Number.NaN, 0.9]] }).decision).toBe('abstain');
    expect(decide(decider, { p: [[0.1, Number.NaN]] }).decision).toBe('abstain');
  });

  it('abstains below the least probability of the chosen label, and still summarises', () => {
    const unsure = target({ kind: 'binary', tensor: 'p', labels, abstainBelow: 0.75 });
    expect(decide(createDecider({ unsure }), { p: [[0.625]] })).toEqual({
      output: null,
      decision: 'abstain',
      reasons: ['unsure: failure has only 0.625, less than 0.75'],
      summary: [0.375, 0.625],
    });
  });
});

describe('classes', () => {
  it('chooses the most probable label', () => {
    const { output, decision, summary } = decide(
      createDecider({ valve }),
      {
        valve: [
          [0, 0, 0, 0],
          [1, 2, 4, 3],
        ],
      },
      1,
    );
    const sum = [1, 2, 3, 4].reduce((total, x) => total + Math.exp(x), 0);
    expect(output).toMatchObject({ label: '90' });
    expect(decision).toBe('answer');
    expect(summary[2]).toBeCloseTo(Math.exp(4) / sum, 14);
    expect(summary.reduce((total, p) => total + p, 0)).toBeCloseTo(1, 14);
  });

  it('chooses the first of equals', () => {
    expect(decide(createDecider({ valve }), { valve: [[1, 7, 7, 7]] }).output).toMatchObject({ label: '80' });
  });

  it('survives logits that overflow a naive softmax', () => {
    const { summary } = decide(createDecider({ valve }), { valve: [[3e38, -3e38, 0, 3e38]] });
    expect(summary).toEqual([0.5, 0, 0, 0.5]);
  });

  it.each([
    ['logits', [0.2, 0.9, 0.9, 0.1]],
    ['probabilities of labels that exclude nothing', [0.01, 0.2, 0.02, 0.03]],
  ])('abstains on %s that pass for probabilities one by one, and guesses no activation', (_, row) => {
    const plain = target({ kind: 'classes', tensor: 'p', labels: ['a', 'b', 'c', 'd'] });
    const { output, reasons } = decide(createDecider({ plain }), { p: [row] });
    expect(output).toBeNull();
    expect(reasons).toEqual([expect.stringMatching(/add up to (2.1|0.26), .*a logit, a margin .* or votes/)]);
    expect(reasons[0]).not.toMatch(/sigmoid|softmax/);
    expect(decide(createDecider({ plain }), { p: [[0.25, 0.5, 0.24, 0.0625]] }).decision).toBe('answer');
  });

  it('abstains when one class is NaN, though another is greatest', () => {
    const { output, reasons } = decide(createDecider({ valve }), { valve: [[9, Number.NaN, 0, 0]] });
    expect(output).toBeNull();
    expect(reasons).toEqual(['valve: the model gives NaN for 80']);
  });

  it('abstains when the width is not that of the labels', () => {
    expect(decide(createDecider({ valve }), { valve: [[1, 2, 3]] })).toMatchObject({
      decision: 'abstain',
      reasons: ['valve: valve has 3 columns'],
    });
  });

  it('abstains on logits without activation', () => {
    const raw = target({ kind: 'classes', tensor: 'valve', labels: ['a', 'b'] });
    expect(decide(createDecider({ raw }), { valve: [[-4, 9]] }).reasons).toEqual([expect.stringMatching(NOT_GUESSED)]);
  });
});

describe('several targets', () => {
  const pump = target({ kind: 'classes', tensor: 'pump', labels: ['0', '1'] });
  const decider = createDecider({ valve, pump, score });
  const good = { valve: [[0, 0, 9, 0]], pump: [[0.25, 0.75]], error: [[0.1]] };

  it('names what is needed of the model and what is summarised', () => {
    expect(decider.outputs).toEqual(['valve', 'pump', 'error']);
    expect(decider.names).toEqual(['valve.73', 'valve.80', 'valve.90', 'valve.100', 'pump.0', 'pump.1', 'score']);
  });

  it('gives each target its own output', () => {
    const { output, decision } = decide(decider, good);
    expect(output).toMatchObject({ outputs: { valve: { label: '90' }, pump: { label: '1' }, score: {} } });
    expect(decision).toBe('normal');
  });

  it('finds outputs by name when the engine returns another order', () => {
    const { valve: v, pump: p, error } = good;
    expect(decide(decider, { error, valve: v, pump: p })).toEqual(decide(decider, good));
  });

  it('leaves a target that abstains null by itself', () => {
    const { output, decision, reasons, summary } = decide(decider, { ...good, pump: [[Number.NaN, 0]] });
    expect(output).toMatchObject({ outputs: { valve: { label: '90' }, pump: null } });
    expect(decision).toBe('normal');
    expect(reasons).toHaveLength(1);
    expect(summary.slice(4, 6)).toEqual([Number.NaN, Number.NaN]);
  });

  it('does not call normal what a target with a threshold could not judge', () => {
    expect(decide(decider, { ...good, error: [[Number.NaN]] }).decision).toBe('answer');
  });

  it('is an anomaly when any target exceeds, though another abstains', () => {
    expect(decide(decider, { ...good, error: [[2]], pump: [[Number.NaN, 0]] }).decision).toBe('anomaly');
  });

  it('abstains as a whole when every target does', () => {
    const nan = [[Number.NaN, Number.NaN]];
    expect(decide(decider, { valve: [[Number.NaN, 0, 0, 0]], pump: nan, error: [[Number.NaN]] })).toMatchObject({
      output: null,
      decision: 'abstain',
      reasons: [expect.stringMatching(/^valve: /), expect.stringMatching(/^pump: /), expect.stringMatching(/^score: /)],
    });
  });

  it('leaves nothing of the row before in the summary', () => {
    const summary = new Float64Array(decider.names.length).fill(7);
    decider.decide(batch({ ...good, error: [[Number.NaN]] }), 0, summary);
    expect(summary[6]).toBeNaN();
  });

  it('asks for a shared tensor once', () => {
    const twice = createDecider({ a: score, b: target({ kind: 'score', tensor: 'error', threshold: 5 }) });
    expect(twice.outputs).toEqual(['error']);
    expect(decide(twice, { error: [[2]] })).toMatchObject({ decision: 'anomaly', summary: [2, 2] });
  });
});
