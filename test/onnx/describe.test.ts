import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { describeModel } from '../../src/common/onnx/index.ts';
import { bytes, model, node, number, text, value } from './protobuf.ts';

const fixture = (name: string) => readFileSync(new URL(`../inference/fixtures/${name}.onnx`, import.meta.url));

describe('a model that onnx.helper wrote', () => {
  test('is described with its version, producer, operators, inputs and outputs', () => {
    const { inputs, outputs, ...rest } = describeModel(fixture('mlp'));
    expect(rest).toMatchObject({
      format: 'onnx',
      irVersion: 8,
      opsets: { 'ai.onnx': 17 },
      producer: 'edgewright-tests',
      ops: { Gemm: 1, Tanh: 1, MatMul: 1 },
      nodes: 3,
      externalData: false,
      quantization: 'none',
      batchInvariant: true,
    });
    expect(inputs).toEqual([{ name: 'x', type: 'tensor(float)', datatype: 'FP32', shape: [-1, 8] }]);
    expect(outputs).toEqual([{ name: 'y', type: 'tensor(float)', datatype: 'FP32', shape: [-1, 4] }]);
  });

  test('counts the operators inside a loop', () => {
    expect(describeModel(fixture('endless')).ops).toMatchObject({ Loop: 1, Add: 1, Identity: 1 });
  });

  test('shows weights that lie in another file', () => {
    expect(describeModel(fixture('external')).externalData).toBe(true);
  });

  test('shows a sequence as such and an unknown rank as no shape', () => {
    expect(describeModel(fixture('sequence_output')).outputs[0]).toMatchObject({ type: 'seq(tensor(float))' });
    expect(describeModel(fixture('any_rank')).inputs[0]?.shape).toBeUndefined();
  });
});

describe('batching', () => {
  test('dynamic quantization speaks against it, with the operator named', () => {
    const { quantization, batchInvariant, batchHazards } = describeModel(fixture('mlp_dynamic'));
    expect({ quantization, batchInvariant }).toEqual({ quantization: 'dynamic', batchInvariant: false });
    expect(batchHazards[0]).toContain('DynamicQuantizeLinear');
  });

  test('a fixed first dimension speaks against it', () => {
    expect(describeModel(fixture('mlp_fixed_batch')).batchHazards).toEqual([expect.stringContaining('is 1, not free')]);
  });

  test('chance speaks against it', () => {
    const graph = [...bytes(1, node('RandomNormalLike')), ...bytes(11, value('x', ['N', 2]))];
    expect(describeModel(model(graph)).batchInvariant).toBe(false);
  });
});

describe('quantization', () => {
  test.each([
    ['none', ['Conv', 'Relu']],
    ['qdq', ['QuantizeLinear', 'DequantizeLinear', 'Conv']],
    ['qoperator', ['QLinearConv', 'QuantizeLinear', 'DequantizeLinear']],
    ['dynamic', ['DynamicQuantizeLinear', 'MatMulInteger', 'DequantizeLinear']],
    ['weight-only', ['DequantizeLinear', 'MatMul']],
    ['weight-only', ['MatMulNBits']],
  ])('is %s for %j', (expected, ops) => {
    const graph = ops.flatMap((op) => bytes(1, node(op)));
    expect(describeModel(model(graph)).quantization).toBe(expected);
  });
});

describe('depthwise convolutions', () => {
  test.each(['qdq', 'qoperator', 'dynamic'])('in 8 bits are counted: %s', (way) => {
    expect(describeModel(fixture(`depthwise_${way}`)).integerDepthwise).toBe(1);
  });

  test('are counted where their weights are those of a Constant node', () => {
    const conv = [...text(1, 'x'), ...text(1, 'w'), ...node('Conv', [...text(1, 'group'), ...number(3, 8)])];
    const dequantize = (from: string, to: string) => [...text(1, from), ...text(2, to), ...node('DequantizeLinear')];
    const weights = [...text(1, 'value'), ...bytes(5, [...bytes(1, [8, 1, 3]), ...number(2, 3)])];
    const graph = [
      ...bytes(1, [...text(2, 'q'), ...node('Constant', weights)]),
      ...bytes(1, dequantize('q', 'w')),
      ...bytes(1, dequantize('d', 'x')),
      ...bytes(1, conv),
      ...bytes(11, value('d', ['N', 8, 16], 3)),
    ];
    expect(describeModel(model(graph))).toMatchObject({ integerDepthwise: 1, parameters: 24 });
  });

  test('in float are not, nor are those whose weights alone are integers', () => {
    expect(describeModel(fixture('depthwise')).integerDepthwise).toBe(0);
    const conv = [...text(1, 'x'), ...text(1, 'w'), ...node('Conv', [...text(1, 'group'), ...number(3, 8)])];
    const dequantize = [...text(1, 'q'), ...text(2, 'w'), ...node('DequantizeLinear')];
    const weights = [...bytes(1, [8, 1, 3]), ...number(2, 3), ...text(8, 'q')];
    const graph = [
      ...bytes(1, dequantize),
      ...bytes(1, conv),
      ...bytes(5, weights),
      ...bytes(11, value('x', ['N', 8, 16])),
    ];
    expect(describeModel(model(graph)).integerDepthwise).toBe(0);
    const quantized = [...text(1, 'z'), ...text(2, 'x'), ...node('DequantizeLinear')];
    expect(describeModel(model([...bytes(1, quantized), ...graph])).integerDepthwise).toBe(1);
  });

  test.each(['grouped', 'grouped_qdq', 'grouped_qoperator', 'grouped_dynamic'])('are none in %s', (name) => {
    expect(describeModel(fixture(name)).integerDepthwise).toBe(0);
  });
});

test('an input that an initializer fills is no input', () => {
  const tensor = [...number(1, 2), ...number(2, 1), ...text(8, 'w')];
  const graph = [...bytes(11, value('x', ['N', 2])), ...bytes(11, value('w', [2])), ...bytes(5, tensor)];
  expect(describeModel(model(graph)).inputs.map(({ name }) => name)).toEqual(['x']);
});

test('operators with hostile names are counted as any other', () => {
  const graph = ['__proto__', 'constructor'].flatMap((op) => bytes(1, node(op)));
  expect(Object.entries(describeModel(model(graph)).ops)).toEqual([
    ['__proto__', 1],
    ['constructor', 1],
  ]);
});
