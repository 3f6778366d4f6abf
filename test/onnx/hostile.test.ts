import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EdgewrightError } from '../../src/common/core/index.ts';
import { describeModel, type ReadLimits } from '../../src/common/onnx/index.ts';
import { bytes, model, node, number, value } from './protobuf.ts';

const mlp = new Uint8Array(readFileSync(new URL('../inference/fixtures/mlp.onnx', import.meta.url)));
const ascii = (content: string) => new TextEncoder().encode(content);

function codeOf(input: Uint8Array, limits?: Partial<ReadLimits>): string {
  try {
    describeModel(input, limits);
    return 'described';
  } catch (error) {
    if (error instanceof EdgewrightError) return error.code;
    throw error;
  }
}

describe('what is no model is refused with what it looks like', () => {
  test.each([
    ['an HTML page', ascii('<!DOCTYPE html><html></html>'), 'HTML'],
    ['an XML document', ascii('\n<?xml version="1.0"?>'), 'XML'],
    ['a Git LFS pointer', ascii('version https://git-lfs.github.com/spec/v1\noid'), 'git lfs pull'],
    ['JSON', ascii('{"cases": []}'), 'JSON'],
    ['nothing', new Uint8Array(), 'empty'],
    ['a pickle', Uint8Array.of(0x80, 4, 0x95, 0), 'pickle'],
    ['a ZIP archive', ascii('PK\x03\x04....'), 'ZIP'],
    ['a TensorFlow Lite model', ascii('\x1c\x00\x00\x00TFL3....'), 'TensorFlow Lite'],
    ['random bytes', Uint8Array.from({ length: 1000 }, (_, i) => (i * 37 + 11) & 255), 'protobuf'],
  ])('%s', (_name, input, words) => {
    expect(codeOf(input)).toBe('onnx.not-a-model');
    expect(() => describeModel(input)).toThrow(words);
  });
});

test('a model cut anywhere is refused, never half described', () => {
  const codes = Array.from({ length: mlp.length - 1 }, (_, length) => codeOf(mlp.slice(0, length + 1)));
  expect(new Set(codes)).not.toContain('described');
  expect(codes.slice(mlp.length / 2)).toContain('onnx.truncated');
});

test('a model cut in half says that it was cut', () => {
  expect(codeOf(mlp.slice(0, mlp.length / 2))).toBe('onnx.truncated');
});

test('a field that reaches beyond the message around it is damage, not a cut', () => {
  const graph = [...bytes(1, [4 * 8 + 2, 100, 65])];
  expect(codeOf(model(graph))).toBe('onnx.malformed');
});

test('any bytes give a description or an error with a code', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (input) => {
      codeOf(input);
    }),
  );
});

test('any damage to a model gives a description or an error with a code', () => {
  const damage = fc.array(fc.tuple(fc.nat(mlp.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(damage, (changes) => {
      const copy = mlp.slice();
      for (const [at, byte] of changes) copy[at] = byte;
      codeOf(copy);
    }),
  );
});

describe('bounds', () => {
  const manyNodes = model(Array.from({ length: 20 }, () => bytes(1, node('Relu'))).flat());
  const manyInputs = model(Array.from({ length: 20 }, (_, i) => bytes(11, value(`x${i}`, [1]))).flat());
  const nested = Array.from({ length: 20 }).reduce<number[]>((graph) => bytes(1, node('If', bytes(6, graph))), []);

  test.each<[string, Uint8Array, Partial<ReadLimits>]>([
    ['nodes', manyNodes, { nodes: 19 }],
    ['inputs', manyInputs, { values: 19 }],
    ['nested subgraphs', model(nested), { depth: 19 }],
    ['fields', manyNodes, { fields: 39 }],
    ['bytes', manyNodes, { bytes: manyNodes.length - 1 }],
    ['the length of a name', model(bytes(1, node('x'.repeat(100)))), { name: 99 }],
  ])('one more than the bound of %s is refused, the bound itself is not', (_name, input, limits) => {
    expect(codeOf(input, limits)).toBe('onnx.too-large');
    const wider = Object.fromEntries(Object.entries(limits).map(([key, bound]) => [key, bound + 100]));
    expect(codeOf(input, wider)).toBe('described');
  });

  test('a name with NUL is refused', () => {
    expect(codeOf(model(bytes(11, value('x\0y', [1]))))).toBe('onnx.bad-name');
  });

  test('a varint without an end is refused', () => {
    expect(codeOf(Uint8Array.from([...number(1, 8), 0x08, ...Array(11).fill(0xff), 1]))).toBe('onnx.malformed');
  });

  test('a type that nests without an end is cut short', () => {
    const type = Array.from({ length: 50 }).reduce<number[]>((inner) => bytes(4, bytes(1, inner)), []);
    expect(codeOf(model(bytes(11, bytes(2, type))))).toBe('described');
  });
});
