import { describe, expect, test } from 'vitest';
import { parseGolden } from '../../src/common/onnx/index.ts';

describe('golden.json', () => {
  test.each([
    ['{', 'not JSON', undefined],
    ['{}', 'is required and missing', 'cases'],
    ['{"cases": [], "tolerence": {}}', 'did you mean tolerance?', 'tolerence'],
    ['{"cases": [{"inpust": []}]}', 'did you mean inputs?', 'cases.0.inpust'],
    ['{"cases": [{"outputs": [{"dtaa": []}]}]}', 'did you mean data?', 'cases.0.outputs.0.dtaa'],
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
    expect(parse).toThrow(words);
  });

  test('may hold keys of its maker’s own', () => {
    const tensor = { name: 'y', datatype: 'FP32', shape: [1], data: [1], note: 'by hand', parameters: {} };
    const golden = { cases: [{ inputs: [], outputs: [tensor], id: 7, comment: 'first' }], date: '2026-11-30' };
    expect(parseGolden(JSON.stringify(golden), 'golden.json')).toEqual({ ...golden, file: 'golden.json' });
  });
});
