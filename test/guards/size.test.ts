import { readFileSync } from 'node:fs';
import ts from 'typescript';
import { expect, it } from 'vitest';
import { nodesOf, sourceOf, typescriptFiles } from '../support/source-tree.ts';

const MEDIAN_LINES = 150;
const MOST_LINES = 450;

const lines = new Map(
  [...typescriptFiles('src'), ...typescriptFiles('test')].map((file) => [
    file,
    readFileSync(file, 'utf8').trimEnd().split('\n').length,
  ]),
);

it(`no file is longer than ${MOST_LINES} lines`, () => {
  expect([...lines].filter(([, count]) => count > MOST_LINES)).toEqual([]);
});

it.each(['src', 'test'])(`the median file of %s is not longer than ${MEDIAN_LINES} lines`, (folder) => {
  const counts = [...lines].filter(([file]) => file.startsWith(`${folder}/`)).map(([, count]) => count);
  const middle = counts.sort((a, b) => a - b)[Math.floor(counts.length / 2)];
  expect(middle).toBeLessThanOrEqual(MEDIAN_LINES);
});

it('nothing in src is typed any', () => {
  const found = typescriptFiles('src').flatMap((file) => {
    const source = sourceOf(file);
    return [...nodesOf(source)]
      .filter((node) => node.kind === ts.SyntaxKind.AnyKeyword)
      .map((node) => `${file}:${source.getLineAndCharacterOfPosition(node.getStart()).line + 1}`);
  });
  expect(found).toEqual([]);
});

it('no check is switched off in src', () => {
  const silenced = typescriptFiles('src').filter((file) =>
    /@ts-(ignore|nocheck|expect-error)/.test(readFileSync(file, 'utf8')),
  );
  expect(silenced).toEqual([]);
});
