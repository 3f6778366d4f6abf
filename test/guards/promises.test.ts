import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

/** `[words](test/some.test.ts "name of the test")` in the README: the name is there where it points to one test. */
const links = [...readFileSync('README.md', 'utf8').matchAll(/\]\((test\/[^\s)]+\.test\.ts)(?:\s+"([^"]+)")?\)/g)].map(
  ([, file = '', name]) => ({ file, name }),
);

it('the README names the tests of what it promises', () => {
  expect(links.length).toBeGreaterThan(20);
});

it.each(links)('$file has the test that the README names: $name', ({ file, name = '' }) => {
  expect(readFileSync(file, 'utf8')).toContain(name);
});
