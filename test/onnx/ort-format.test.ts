import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EdgewrightError } from '../../src/common/core/index.ts';
import { describeModel, type ReadLimits } from '../../src/common/onnx/index.ts';
import { ortFile, Table } from './flatbuffer.ts';

const read = (path: string) => new Uint8Array(readFileSync(new URL(path, import.meta.url)));
const fixture = (name: string) => read(`fixtures/${name}.ort`);
const branches = fixture('two_branches');

function codeOf(input: Uint8Array, limits?: Partial<ReadLimits>): string {
  try {
    describeModel(input, limits);
    return 'described';
  } catch (error) {
    if (error instanceof EdgewrightError) return error.code;
    throw error;
  }
}

describe('a model in ORT format', () => {
  test.each(['mlp', 'depthwise_qdq', 'two_inputs', 'any_rank', 'sequence_output', 'optional_input'])(
    '%s is described as its source in ONNX',
    (name) => {
      const { format, opsets, ...description } = describeModel(fixture(name));
      const { format: _, opsets: declared, ...source } = describeModel(read(`../inference/fixtures/${name}.onnx`));
      expect(format).toBe('ort');
      expect(description).toEqual(source);
      // ONNX Runtime writes every domain that it knows.
      expect(opsets).toMatchObject(declared);
    },
  );

  test('is described with what its subgraphs hold, which are no inputs and outputs of it', () => {
    const { ops, nodes, parameters, parameterBytes, elements, inputs, outputs } = describeModel(branches);
    // The runtime keeps a constant as an initializer.
    expect({ ops, nodes }).toEqual({ ops: { If: 1, Add: 1, Cast: 1 }, nodes: 3 });
    expect({ parameters, parameterBytes, elements }).toEqual({
      parameters: 2,
      parameterBytes: 12,
      elements: ['double', 'float'],
    });
    expect(inputs.map(({ name, datatype, shape }) => [name, datatype, shape])).toEqual([
      ['x', 'FP32', [-1]],
      ['condition', 'BOOL', []],
    ]);
    expect(outputs.map(({ name }) => name)).toEqual(['y']);
  });
});

describe('a hostile file in ORT format', () => {
  test('cut anywhere, it is refused or described, and cut in half it says so', () => {
    const codes = Array.from({ length: branches.length - 8 }, (_, length) => codeOf(branches.slice(0, length + 8)));
    expect(codes[Math.floor(branches.length / 2)]).toBe('onnx.truncated');
  });

  test('any damage gives a description or an error with a code', () => {
    const damage = fc.array(fc.tuple(fc.integer({ min: 8, max: branches.length - 1 }), fc.nat(255)), {
      minLength: 1,
      maxLength: 8,
    });
    fc.assert(
      fc.property(damage, (changes) => {
        const copy = branches.slice();
        for (const [at, byte] of changes) copy[at] = byte;
        codeOf(copy);
      }),
    );
  });

  test.each<[string, Partial<ReadLimits>]>([
    ['nodes', { nodes: 2 }],
    ['inputs', { values: 1 }],
    ['nested subgraphs', { depth: 0 }],
    ['tables and texts', { fields: 50 }],
    ['the length of a name', { name: 3 }],
    ['bytes', { bytes: branches.length - 1 }],
  ])('beyond the bound of %s, it is refused', (_, limits) => {
    expect(codeOf(branches, limits)).toBe('onnx.too-large');
  });

  test('of whose subgraphs each holds the next a hundred times costs bounded work', () => {
    const [attributes, nodes, graph] = [10, 2, 7];
    const innermost = new Table({});
    const nested = Array.from({ length: 15 }).reduce<Table>((inner) => {
      const node = new Table({ [attributes]: [new Table({ [graph]: inner })] });
      return new Table({ [nodes]: Array.from({ length: 100 }, () => node) });
    }, innermost);
    expect(codeOf(ortFile(new Table({ 1: new Table({ [graph]: nested }) })))).toBe('onnx.too-large');
    expect(codeOf(ortFile(new Table({ 1: new Table({ [graph]: innermost }) })))).toBe('described');
  });

  test('without a graph is refused', () => {
    expect(codeOf(ortFile(new Table({ 1: new Table({}) })))).toBe('onnx.malformed');
  });

  test.each([
    ['NUL', 'condit\0on'],
    ['__proto__', '__proto__'],
  ])('with the name %s is refused', (_, name) => {
    const renamed = Buffer.from(Buffer.from(branches).toString('latin1').replaceAll('condition', name), 'latin1');
    expect(codeOf(renamed)).toBe('onnx.bad-name');
  });
});
