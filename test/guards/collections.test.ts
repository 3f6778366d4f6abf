import { readFileSync } from 'node:fs';
import ts from 'typescript';
import { expect, it } from 'vitest';
import { tablesOf } from '../support/markdown.ts';
import { sourceOf, typescriptFiles } from '../support/source-tree.ts';

/** They look at one file, or serve one command. */
const LEFT_OUT = /^src\/(common\/onnx|tools)\//;

/** Every Map and Set that a class keeps, as `file.ts #name`. */
function collectionsOf(file: string): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (
      ts.isPropertyDeclaration(node) &&
      node.initializer !== undefined &&
      ts.isNewExpression(node.initializer) &&
      /^(Map|Set)$/.test(node.initializer.expression.getText())
    )
      found.push(`${file} ${node.name.getText()}`);
    ts.forEachChild(node, visit);
  };
  visit(sourceOf(file));
  return found;
}

/** `file.ts` `#one`, `#other` of the first column, each as `file.ts #name`. */
const listed = tablesOf(readFileSync('docs/limits.md', 'utf8'))
  .filter(({ header }) => header[0] === 'Map')
  .flatMap(({ rows }) => rows.map(([cell = '']) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name)))
  .flatMap(([file = '', ...names]) => names.map((name) => `/${file} ${name}`));

const kept = typescriptFiles('src')
  .filter((file) => !LEFT_OUT.test(file))
  .flatMap(collectionsOf);

it('each Map and Set that a class keeps stands in docs/limits.md, with what ends it', () => {
  expect(kept.filter((one) => !listed.some((end) => one.endsWith(end)))).toEqual([]);
  expect(kept.length).toBeGreaterThan(40);
});

it('docs/limits.md names no Map or Set that there is not, and none twice', () => {
  expect(listed.filter((end) => kept.filter((one) => one.endsWith(end)).length !== 1)).toEqual([]);
  expect(new Set(listed).size).toBe(listed.length);
});
