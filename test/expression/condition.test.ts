import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileCondition, type Variables } from '../../src/common/expression/index.ts';

const variables: Variables = {
  tags: 'map',
  output: 'map',
  decision: 'string',
  rig: { speed: 'number', mode: 'string', on: 'boolean', 'TS-1': 'number', raw: 'any' },
};

const context = {
  tags: { speed: 100.5, mode: 'run', whole: 5 },
  output: { outputs: { pump: { label: '1', probabilities: { 1: 0.75 } }, valve: null } },
  decision: 'anomaly',
  rig: { speed: 100.5, mode: 'run', on: true, 'TS-1': 3, raw: 7 },
};

function evaluate(source: string, values: Record<string, unknown> = context) {
  const reasons: string[] = [];
  const holds = compileCondition(source, variables)(values, (reason) => reasons.push(reason));
  return { holds, reasons };
}

describe('whole numbers and doubles mix', () => {
  it.each([
    'tags.speed > 100',
    'tags.speed + 1 == 101.5',
    '2 * tags.speed == 201',
    'tags.whole == 5 && tags.whole == 5.0 && 5 == tags.whole',
    'tags.whole % 2 == 1',
    'tags.whole in [1, 5, 7.5]',
    '1 / 2 == 0.5',
    'rig.raw == 7',
    '-tags.whole < -4',
    '0xFF == 255',
    'abs(rig.speed - 101) < 1',
    'rig.on ? rig.speed > 100 : rig.speed < 0',
    'double("1.5") == 1.5',
  ])('%s', (source) => {
    expect(evaluate(source)).toEqual({ holds: true, reasons: [] });
  });

  it('as JavaScript compares them', () => {
    const operators = fc.constantFrom('<', '<=', '>', '>=', '==', '!=');
    fc.assert(
      fc.property(
        fc.integer({ min: -1000, max: 1000 }),
        fc.double({ min: -1e3, max: 1e3, noNaN: true }),
        operators,
        (a, b, op) => {
          const expected: Record<string, boolean> = {
            '<': b < a,
            '<=': b <= a,
            '>': b > a,
            '>=': b >= a,
            '==': b === a,
            '!=': b !== a,
          };
          expect(evaluate(`tags.x ${op} ${a}`, { tags: { x: b } }).holds).toBe(expected[op]);
        },
      ),
    );
  });
});

describe('members', () => {
  it.each([
    'rig["TS-1"] == 3',
    'rig.mode.startsWith("r") && rig.mode.endsWith("n") && rig.mode.contains("u")',
    'output.outputs.pump.label == "1" && output.outputs.pump.probabilities["1"] > 0.5',
    'decision == "anomaly" || decision == "normal"',
    'has(tags.speed) && !has(tags.pressure)',
    'has(output.outputs.pump) && !has(output.outputs.valve)',
  ])('%s', (source) => {
    expect(evaluate(source)).toEqual({ holds: true, reasons: [] });
  });

  it('are listed as references, once each', () => {
    const { references } = compileCondition(
      'tags.a > 1 && tags["b c"] < 2 || tags.a == 0 && decision == "x"',
      variables,
    );
    expect(references).toEqual([['tags', 'a'], ['tags', 'b c'], ['decision']]);
  });
});

describe('a value that is missing', () => {
  const values = { tags: { nothing: null, nan: Number.NaN, speed: 5 } };

  it.each(['tags.gone > 1', '!(tags.gone > 1)', 'tags.gone != 1', 'tags.gone == tags.gone'])(
    'leaves %s unknown',
    (source) => {
      expect(evaluate(source, values)).toEqual({ holds: false, reasons: ['tags.gone without a value'] });
    },
  );

  it('is null and NaN alike', () => {
    expect(evaluate('!(tags.nan > 5)', values)).toEqual({ holds: false, reasons: ['tags.nan without a value'] });
    expect(evaluate('tags.nothing != 5', values)).toEqual({ holds: false, reasons: ['tags.nothing without a value'] });
    expect(evaluate('has(tags.nan) || has(tags.nothing)', values)).toEqual({ holds: false, reasons: [] });
  });

  it('leaves what the rest decides', () => {
    expect(evaluate('tags.gone > 1 || tags.speed > 1', values)).toEqual({ holds: true, reasons: [] });
    expect(evaluate('tags.gone > 1 && tags.speed > 9', values)).toEqual({ holds: false, reasons: [] });
    expect(evaluate('tags.gone > 1 && tags.speed > 1', values).reasons).toEqual(['tags.gone without a value']);
  });

  it('does not linger from the evaluation before', () => {
    const condition = compileCondition('tags.a > 1 && has(tags.b.c)', variables);
    expect(condition({ tags: { a: 5, b: { c: 1 } } })).toBe(true);
    expect(condition({ tags: { a: 5, b: null } })).toBe(false);
    expect(condition({ tags: { b: { c: 1 } } })).toBe(false);
    expect(condition({})).toBe(false);
    expect(condition({ tags: { a: 5, b: { c: 1 } } })).toBe(true);
  });

  it('is not found among what objects inherit', () => {
    expect(evaluate('tags.constructor != "x"').reasons).toEqual(['tags.constructor without a value']);
    expect(evaluate('has(tags.toString)').holds).toBe(false);
  });
});

describe('a value of another type than the condition needs', () => {
  it.each([
    ['tags.mode > 5', 'string > number'],
    ['tags.mode', 'gives run'],
    ['double(tags.mode) > 1', 'cannot convert'],
    ['tags.speed && tags.whole > 1', "got 'number'"],
  ])('leaves %s unknown', (source, reason) => {
    const result = evaluate(source);
    expect(result.holds).toBe(false);
    expect(result.reasons).toEqual([expect.stringContaining(reason)]);
  });

  it('is found where the type is declared', () => {
    expect(evaluate('rig.speed > 5', { rig: { speed: 'fast' } }).reasons).toEqual([expect.stringContaining('speed')]);
  });
});
