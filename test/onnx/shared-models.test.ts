import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { describeModel, type ValueInfo } from '../../src/common/onnx/index.ts';

const root = new URL('../../../shared/models/', import.meta.url);

interface Indexed {
  readonly file: string;
  readonly in: readonly string[] | null;
  readonly out: readonly string[] | null;
}

const index: Indexed[] = existsSync(root) ? JSON.parse(readFileSync(new URL('index.json', root), 'utf8')) : [];
const described = index.filter(({ file, in: inputs }) => inputs !== null && /\.(onnx|ort)$/.test(file));

/** The index gives the engine's names: `x:float32[batch,3]`; `non-tensor` where it cannot exchange the value. */
const engineType: Readonly<Record<string, string>> = { float: 'float32', double: 'float64' };

function written({ name, type, shape }: ValueInfo): string {
  const element = /^tensor\((\w+)\)$/.exec(type)?.[1];
  if (element === undefined) return `${name}:non-tensor`;
  const dimensions = (shape ?? []).map((size) => (size === -1 ? '?' : size));
  return `${name}:${engineType[element] ?? element}[${dimensions.join(',')}]`;
}

/** Names of free dimensions are not read. */
const unnamed = (text: string) => {
  const at = text.lastIndexOf('[');
  return at < 0
    ? text
    : text.slice(0, at) + text.slice(at).replaceAll(/[^[\],]+/g, (size) => (/^\d+$/.test(size) ? size : '?'));
};

describe.runIf(described.length > 0)('models that others made', () => {
  test.each(described)('$file is described as the engine sees it', ({ file, in: inputs, out: outputs }) => {
    const description = describeModel(readFileSync(new URL(encodeURI(file), root)));
    expect(description.inputs.map(written)).toEqual((inputs ?? []).map(unnamed));
    expect(description.outputs.map(written).map(withoutShape)).toEqual((outputs ?? []).map(unnamed).map(withoutShape));
  });
});

/** The engine infers output shapes that the file may leave open. */
const withoutShape = (text: string) => text.replace(/\[[^\]]*\]$/, '');
