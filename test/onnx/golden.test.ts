import { describe, expect, test } from 'vitest';
import { parseGolden } from '../../src/common/onnx/index.ts';

describe('golden.json', () => {
  test.each([
    ['{', 'not JSON', undefined],
    ['{}', 'is required and missing', 'cases'],
    ['{"cases": [], "tolerence": {}}', 'Did you mean tolerance?', 'tolerence'],
    ['{"cases": [{"inpust": []}]}', 'Did you mean inputs?', 'cases.0.inpust'],
    ['{"cases": [{"outputs": [{"dtaa": []}]}]}', 'Did you mean data?', 'cases.0.outputs.0.dtaa'],
    [
      '{"cases": [{"inputs": [], "outputs": []}], "tolerance": {"rtoll": 1, "atol": 1}}',
      'unknown key rtoll',
      'tolerance.rtoll',
    ],
    ['{"cases": []}', '>=1', 'cases'],
    [
      '{"cases": [{"inputs": [{"name": "x", "datatype": "FLOAT", "shape": [], "data": []}]}]}',
      'FP32',
      'cases.0.inputs.0.datatype',
    ],
  ])('%s is refused with its place', (text, words, path) => {
    const parse = () => parseGolden(text, 'golden.json');
    expect(parse).toThrow(expect.objectContaining({ code: 'inference.golden-invalid', path }));
    expect(saidBy(parse)).toContain(words);
  });

  test.each([
    ['date', { date: '2026-11-30' }, 'date'],
    ['id', { cases: [{ inputs: [], outputs: [y()], id: 7 }] }, 'cases.0.id'],
    ['note', { cases: [{ inputs: [], outputs: [{ ...y(), note: 'by hand' }] }] }, 'cases.0.outputs.0.note'],
    ['prediction', { readings: [{ readings: [{ t: 1, values: {} }], prediction: [] }] }, 'readings.0.prediction'],
  ])('may hold no key of its maker’s own: %s', (key, changes, path) => {
    const golden = { cases: [{ inputs: [], outputs: [y()] }], ...changes };
    const parse = () => parseGolden(JSON.stringify(golden), 'golden.json');
    expect(parse).toThrow(expect.objectContaining({ code: 'inference.golden-invalid', path }));
    expect(parse).toThrow(`unknown key ${key}`);
  });

  test('holds tensors, readings, or both; a name for people and parameters of a tensor are passed over', () => {
    const readings = [{ readings: [{ t: 1, values: { a: 2 } }], predictions: [{ output: { label: 'ok' } }] }];
    const cases = [{ name: 'first', inputs: [], outputs: [{ ...y(), parameters: {} }] }];
    expect(parseGolden(JSON.stringify({ cases, readings }), 'f')).toEqual({ file: 'f', cases, readings });
    expect(parseGolden(JSON.stringify({ readings }), 'f')).toEqual({ file: 'f', cases: [], readings });
  });
});

/** What an error says, and what to do about it. */
function saidBy(failing: () => unknown): string {
  try {
    failing();
  } catch (error) {
    const { message, hint } = error as { message: string; hint: string };
    return `${message} ${hint}`;
  }
  return 'nothing';
}

function y() {
  return { name: 'y', datatype: 'FP32', shape: [1], data: [1] };
}
