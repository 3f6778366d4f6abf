import { readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { expect, it } from 'vitest';
import { linksOf } from '../support/markdown.ts';

const PAGE = 'docs/promises.md';

/** `[words](../test/some.test.ts "name of the test")`. */
const links = linksOf(readFileSync(PAGE, 'utf8'))
  .filter(({ target }) => target.endsWith('.test.ts'))
  .map(({ target, title = '' }) => ({ file: posix.join(posix.dirname(PAGE), target), name: title }));

it('the page of promises names the tests that try them', () => {
  expect(links.length).toBeGreaterThanOrEqual(30);
  expect(links.filter(({ name }) => name === '')).toEqual([]);
});

it.each(links)('$file has the test that the page names: $name', ({ file, name }) => {
  expect(readFileSync(file, 'utf8')).toContain(name);
});
