import { describe, expect, it } from 'vitest';
import { type Datatype, EdgewrightError, type OutputBatch } from '../../src/common/core/index.ts';
import { createDecider, type InputPlace, targetSchema } from '../../src/scoring/decision/index.ts';

const deciderOf = (targets: Record<string, object>, inputs: readonly InputPlace[] = []) =>
  createDecider(
    Object.fromEntries(Object.entries(targets).map(([name, target]) => [name, targetSchema.parse(target)])),
    {},
    { inputs },
  );

/** Rows of one tensor `y`. */
const batch = (...rows: number[][]): OutputBatch => ({
  names: ['y'],
  data: [Float32Array.from(rows.flat())],
  widths: [rows[0]?.length ?? 0],
});

const number = (more: object = {}) => ({ kind: 'regression', tensor: 'y', unit: 'C', ...more });

function decide(
  targets: Record<string, object>,
  rows: number[][],
  row = 0,
  vector?: Float64Array,
  inputs?: InputPlace[],
) {
  const decider = deciderOf(targets, inputs);
  const summary = new Float64Array(decider.names.length);
  return { ...decider.decide(batch(...rows), row, summary, vector), names: decider.names, summary: [...summary] };
}

describe('several targets in one tensor', () => {
  const rows = [
    [1, 2, 3, 4, 0.25, 0.75],
    [5, 6, 7, 8, 0.5, 0.5],
  ];
  const targets = {
    first: number({ column: 0 }),
    odd: { kind: 'score', tensor: 'y', column: 3, threshold: 6 },
    state: { kind: 'classes', tensor: 'y', columns: [4, 5], labels: ['a', 'b'] },
    worn: { kind: 'binary', tensor: 'y', column: 5, labels: ['no', 'yes'] },
    both: { kind: 'binary', tensor: 'y', columns: [4, 5], labels: ['no', 'yes'] },
  };

  it('each read their columns, of every row', () => {
    expect(decide(targets, rows).output).toEqual({
      outputs: {
        first: { value: 1 },
        odd: { score: 4 },
        state: { label: 'b', probabilities: { a: 0.25, b: 0.75 } },
        worn: { label: 'yes', probabilities: { no: 0.25, yes: 0.75 } },
        both: { label: 'yes', probabilities: { no: 0.25, yes: 0.75 } },
      },
    });
    expect(decide(targets, rows, 1)).toMatchObject({
      decision: 'anomaly',
      output: { outputs: { first: { value: 5 }, odd: { score: 8 } } },
    });
  });

  it('abstain alone where a row has not so many columns', () => {
    const { output, reasons } = decide({ far: number({ column: 6 }), near: number({ column: 0 }) }, rows);
    expect(output).toEqual({ outputs: { far: null, near: { value: 1 } } });
    expect(reasons).toEqual(['far: y has 6 columns']);
  });

  it('may each be a label, with labels of its own', () => {
    const decider = deciderOf({
      valve: { kind: 'label', tensor: 'y', column: 0, labels: ['0', '1'] },
      pump: { kind: 'label', tensor: 'y', column: 1, labels: ['1', '2'] },
    });
    // The engine reads the tensor as places among the labels of both: 0, 1, 2.
    expect(decider.labels.get('y')).toEqual(['0', '1', '2']);
    expect(decider.decide(batch([1, 2]), 0, new Float64Array(0)).output).toEqual({
      outputs: { valve: { label: '1' }, pump: { label: '2' } },
    });
    expect(decider.decide(batch([2, -1]), 0, new Float64Array(0)).output).toBeNull();
  });
});

describe('a forecast', () => {
  const forecast = (steps: object, more: object = {}) => ({ load: number({ columns: [1, 3], steps, ...more }) });

  it.each<[every: string, names: string[]]>([
    ['1h', ['1h', '2h', '3h']],
    ['15m', ['15m', '30m', '45m']],
    ['36h', ['36h', '72h', '108h']],
    ['7d', ['7d', '14d', '21d']],
    ['1500ms', ['1500ms', '3000ms', '4500ms']],
  ])('is a list of values, a step each %s', (every, steps) => {
    const { output, summary, names, decision } = decide(forecast({ every }), [[9, 1, 2, 3]]);
    expect(output).toEqual({ values: [1, 2, 3], steps });
    expect([summary, decision]).toEqual([[1, 2, 3], 'answer']);
    expect(names).toEqual(steps.map((step) => `load.${step}`));
  });

  it('has its names and its range', () => {
    const target = forecast({ labels: ['near', 'mid', 'far'] }, { range: [0, 2] });
    expect(decide(target, [[9, -1, 1, 3]]).output).toEqual({ values: [0, 1, 2], steps: ['near', 'mid', 'far'] });
  });

  it('abstains whole where a step has no number, and names it', () => {
    expect(decide(forecast({ every: '1h' }), [[9, 1, Number.NaN, 3]])).toMatchObject({
      output: null,
      reasons: ['load: the model gives NaN for 2h'],
    });
  });

  it.each<[what: string, target: object, words: string]>([
    ['steps without columns', number({ steps: { every: '1h' } }), 'need columns'],
    ['columns without steps', number({ columns: [0, 2] }), 'name its steps'],
    ['another number of labels', number({ columns: [0, 2], steps: { labels: ['a'] } }), 'names 1 steps of 3 columns'],
    ['a column beside columns', number({ column: 0, columns: [0, 1], steps: { every: '1s' } }), 'beside columns'],
    ['columns from the last to the first', number({ columns: [2, 0], steps: { every: '1s' } }), 'from the first'],
    ['classes of other columns', { kind: 'classes', tensor: 'y', columns: [0, 2], labels: ['a', 'b'] }, 'as many as'],
    ['three of a binary target', { kind: 'binary', tensor: 'y', columns: [0, 2], labels: ['a', 'b'] }, 'must be two'],
  ])('is refused with %s', (_, target, words) => {
    const parsed = targetSchema.safeParse(target);
    expect(parsed.error?.issues.map(({ message }) => message).join()).toContain(words);
  });
});

describe('a quantized answer', () => {
  const quantization = { scale: 0.5, zeroPoint: -3 };

  it('is what its whole numbers stand for, before anything else', () => {
    const targets = {
      a: number({ column: 0, range: [0, 10], quantization }),
      b: { kind: 'score', tensor: 'y', column: 1, threshold: 60, quantization },
      c: {
        kind: 'binary',
        tensor: 'y',
        column: 2,
        labels: ['n', 'y'],
        quantization: { scale: 1 / 256, zeroPoint: -128 },
      },
      d: {
        kind: 'classes',
        tensor: 'y',
        columns: [3, 4],
        labels: ['l', 'r'],
        quantization: { scale: 1 / 256, zeroPoint: -128 },
      },
    };
    expect(decide(targets, [[-5, 127, 64, -64, 64]])).toMatchObject({
      decision: 'anomaly',
      output: {
        outputs: {
          a: { value: 0 },
          b: { score: 65 },
          c: { label: 'y', probabilities: { y: 0.75 } },
          d: { label: 'r', probabilities: { l: 0.25, r: 0.75 } },
        },
      },
    });
  });

  const declared = (datatype: Datatype) => [{ name: 'y', datatype, shape: [-1, 1] }];
  const refusal = (target: object, datatype: Datatype) => {
    try {
      deciderOf({ t: target }).checkModel(declared(datatype), 'p');
    } catch (error) {
      if (error instanceof EdgewrightError) return error;
    }
    return undefined;
  };

  it.each(['INT8', 'UINT8', 'INT16', 'UINT16'] as const)(
    'of %s is refused without its scale, with what to write',
    (datatype) => {
      for (const target of [number(), { kind: 'score', tensor: 'y', threshold: 1 }]) {
        const error = refusal(target, datatype);
        expect(error).toMatchObject({ code: 'decision.output-mismatch', path: 'outputs.t.quantization' });
        expect(error?.message).toContain(`reads y, which is ${datatype}: quantized, without its scale`);
        expect(error?.hint).toContain('outputs.t.quantization: {"scale": ..., "zeroPoint": ...}');
      }
      expect(refusal(number({ quantization }), datatype)).toBeUndefined();
      expect(refusal({ kind: 'label', tensor: 'y', labels: ['0', '1'] }, datatype)).toBeUndefined();
    },
  );

  it.each(['INT32', 'INT64', 'BOOL', 'FP32'] as const)('of %s is a number as it is', (datatype) => {
    expect(refusal(number(), datatype)).toBeUndefined();
  });

  it.each(['FP32', 'FP16', 'BOOL'] as const)('cannot be of %s', (datatype) => {
    expect(refusal(number({ quantization }), datatype)?.hint).toContain('Leave quantization out');
  });
});

describe('the shape that the model gives to one row', () => {
  const check = (target: object, given: number[], shape: number[]) => () =>
    deciderOf({ t: target }).checkModel([{ name: 'y', datatype: 'FP32', shape }], 'p', {
      given: [{ name: 'y', datatype: 'FP32', shape: given }],
      fed: (_, value) => value,
    });

  it.each<[given: number[], shape: number[], shown: string]>([
    [[1, 3], [-1, -1], 'has 3: it gives [1,3] for one row, and declares [N,N]'],
    [[1, 3], [-1, 1], 'has 3: it gives [1,3] for one row, and declares [N,1]'],
    [[3], [3], 'has 3: it gives [3] for one row, and declares [3]'],
    [[1, 1, 4], [-1, 1, 4], 'has 4: it gives [1,1,4] for one row, and declares [N,1,4]'],
    [[1, 0], [-1, -1], 'has 0: it gives [1,0] for one row, and declares [N,N]'],
  ])('%j is refused of one number, with both shapes and what to write', (given, shape, shown) => {
    expect(check(number(), given, shape)).toThrow(
      `target t of kind regression takes 1 column(s), and its tensor y ${shown}`,
    );
    expect(check(number(), given, shape)).toThrow(
      expect.objectContaining({ hint: expect.stringContaining('outputs.t.column, from 0 to') }),
    );
  });

  it.each<[given: number[], shape: number[]]>([
    [
      [1, 1],
      [-1, -1],
    ],
    [[1], [-1]],
    [[], []],
    [
      [1, 1, 1],
      [-1, 1, 1],
    ],
    [
      [1, 1],
      [-1, 7],
    ],
  ])('%j is one number', (given, shape) => {
    expect(check(number(), given, shape)).not.toThrow();
  });

  it('has every column that a target names', () => {
    expect(check(number({ column: 2 }), [1, 3], [-1, -1])).not.toThrow();
    expect(check(number({ column: 3 }), [1, 3], [-1, -1])).toThrow('reads column 3, and its tensor y has 3');
  });
});

describe('a reconstruction', () => {
  const target = (error: string, more: object = {}) => ({
    r: { kind: 'reconstruction', tensor: 'y', error, threshold: 1.5, ...more },
  });
  const place = [{ tensor: 'x', at: 0, length: 3 }];

  it.each([
    ['mse', 14 / 3, 'anomaly'],
    ['mae', 2, 'anomaly'],
    ['max', 3, 'anomaly'],
  ])('is the %s over its input', (error, score, decision) => {
    const given = decide(target(error), [[2, 0, 6]], 0, Float64Array.of(1, 2, 3), place);
    expect(given).toMatchObject({ output: { score }, decision, summary: [score] });
  });

  it('is normal up to the threshold', () => {
    expect(decide(target('max'), [[1, 2, 4.5]], 0, Float64Array.of(1, 2, 3), place).decision).toBe('normal');
  });

  it('is held against one of several inputs, dequantized', () => {
    const places = [...place, { tensor: 'z', at: 3, length: 2 }];
    const vector = Float64Array.of(9, 9, 9, 1, 2);
    const quantization = { scale: 0.5, zeroPoint: 0 };
    expect(decide(target('mae', { input: 'z', quantization }), [[4, 4]], 0, vector, places).output).toEqual({
      score: 0.5,
    });
    expect(() => decide(target('mae'), [[1, 2]], 0, vector, places)).toThrow('there are several inputs: x, z');
    expect(() => decide(target('mae', { input: 'w' }), [[1, 2]], 0, vector, places)).toThrow('no input w');
  });

  it('abstains where a number is none', () => {
    const { output, reasons } = decide(target('max'), [[1, Number.NaN, 3]], 0, Float64Array.of(1, 2, 3), place);
    expect([output, reasons]).toEqual([null, ['r: the reconstruction misses its input by NaN']]);
  });

  it('is held against what the model was given, in its precision', () => {
    const decider = deciderOf(target('max'), place);
    const fed = (tensor: string, value: number) => (tensor === 'x' ? Math.round(value) : value);
    decider.checkModel([{ name: 'y', datatype: 'FP32', shape: [-1, 3] }], 'p', { given: [], fed });
    const { output } = decider.decide(batch([1, 2, 3]), 0, new Float64Array(1), Float64Array.of(1.4, 1.6, 3.2));
    expect(output).toEqual({ score: 0 });
  });
});

it.each([Number.POSITIVE_INFINITY, Number.NaN])('%s out of a float16 tensor is named an overflow', (value) => {
  const decider = deciderOf({ t: number() });
  decider.checkModel([{ name: 'y', datatype: 'FP16', shape: [-1, 1] }], 'p');
  const { output, reasons } = decider.decide(batch([value]), 0, new Float64Array(1));
  expect(output).toBeNull();
  expect(reasons[0]).toContain(`the model gives ${value}: a float16 overflow, beyond 65504`);
});
