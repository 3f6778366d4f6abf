import { describe, expect, it } from 'vitest';
import { EdgewrightError } from '../../src/common/core/index.ts';
import { alarmSchema, createDecider, type Target, targetSchema } from '../../src/scoring/decision/index.ts';

const targets: Record<string, Target> = {
  rul: targetSchema.parse({ kind: 'regression', tensor: 'y', unit: 'cycles' }),
  valve: targetSchema.parse({ kind: 'classes', tensor: 'v', labels: ['a', 'b', 'c'] }),
};

function codeOf(act: () => unknown): string | undefined {
  try {
    act();
  } catch (error) {
    return error instanceof EdgewrightError ? error.code : 'other';
  }
  return undefined;
}

describe('what a model declares', () => {
  const decider = createDecider(targets);
  const y = { name: 'y', datatype: 'FP32', shape: [-1, 1] } as const;

  it('passes when each tensor has its columns', () => {
    expect(codeOf(() => decider.checkModel([y, { name: 'v', datatype: 'FP32', shape: [-1, 3] }], 'p'))).toBeUndefined();
  });

  it('passes a single number without a second axis, and a free dimension', () => {
    const v = { name: 'v', datatype: 'FP32', shape: [-1, -1] } as const;
    expect(codeOf(() => decider.checkModel([{ ...y, shape: [-1] }, v], 'p'))).toBeUndefined();
  });

  it('is refused when a tensor is missing', () => {
    expect(codeOf(() => decider.checkModel([y], 'p'))).toBe('decision.output-mismatch');
  });

  it('is refused when the columns are not those of the labels', () => {
    const v = { name: 'v', datatype: 'FP32', shape: [-1, 4] } as const;
    expect(codeOf(() => decider.checkModel([y, v], 'p'))).toBe('decision.output-mismatch');
  });
});

describe('columns that do not fit', () => {
  const declared = (columns: number) => [{ name: 't', datatype: 'FP32', shape: [-1, columns] } as const];
  const labelled = (...labels: string[]) => ({ tensor: 't', labels });

  it.each([
    [
      { kind: 'regression', tensor: 't', unit: '' },
      3,
      '1 column(s), and its tensor t has 3',
      'Say which of them it is: outputs.wear.column',
    ],
    [
      { kind: 'score', tensor: 't', threshold: 1 },
      3,
      '1 column(s), and its tensor t has 3',
      'Say which of them it is: outputs.wear.column',
    ],
    [
      { kind: 'binary', ...labelled('a', 'b') },
      3,
      '1 or 2 column(s), and its tensor t has 3',
      'one column per label, or',
    ],
    [
      { kind: 'classes', ...labelled('a', 'b', 'c') },
      4,
      '3 column(s), and its tensor t has 4',
      'one column per label:',
    ],
  ])('name subject, target and tensor, with a hint for the kind: %j', (target, columns, reason, hint) => {
    const check = () => createDecider({ wear: targetSchema.parse(target) }).checkModel(declared(columns), 'p');
    expect(check).toThrow(`p: target wear of kind ${target.kind} takes ${reason}`);
    expect(check).toThrow(expect.objectContaining({ path: 'outputs.wear', hint: expect.stringContaining(hint) }));
  });
});

describe('overrides', () => {
  it.each([
    ['an unknown target', { nope: 1 }],
    ['a target without a threshold', { rul: 1 }],
    ['an inherited name', { constructor: 1 }],
  ])('refuse %s', (_, threshold) => {
    expect(codeOf(() => createDecider(targets, { threshold }))).toBe('decision.unknown-override');
  });
});

describe('schemas', () => {
  it.each([
    ['equal labels', { kind: 'classes', tensor: 'v', labels: ['a', 'a'] }],
    ['a label that is no plain key', { kind: 'classes', tensor: 'v', labels: ['a', '__proto__'] }],
    ['a range upside down', { kind: 'regression', tensor: 'y', unit: '', range: [5, 1] }],
    ['an unknown key', { kind: 'score', tensor: 'y', threshold: 1, treshold: 2 }],
  ])('refuse a target with %s', (_, input) => {
    expect(targetSchema.safeParse(input).success).toBe(false);
  });

  it('refuse an alarm whose k is greater than its n', () => {
    expect(alarmSchema.safeParse({ raise: { k: 3, n: 2 } }).success).toBe(false);
  });

  it('give an alarm its defaults, durations in milliseconds', () => {
    expect(alarmSchema.parse({ raise: { k: 2, n: 3, within: '5m' } })).toEqual({
      raise: { k: 2, n: 3, within: 300_000 },
      severity: 'high',
    });
  });
});
