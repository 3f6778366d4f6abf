import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { anchorsOf, brokenLinks, linksOf, markdownFiles } from '../support/markdown.ts';

const pages = [...markdownFiles('.', false), ...['docs', 'models', 'test'].flatMap((folder) => markdownFiles(folder))];

describe('links', () => {
  it.each(pages)('of %s lead to files and headings that are there', (page) => {
    expect(brokenLinks(page)).toEqual([]);
  });

  it('are there at all, so that this guard can fail', () => {
    const links = pages.flatMap((page) => linksOf(readFileSync(page, 'utf8')));
    expect(links.length).toBeGreaterThan(100);
    expect(pages).toEqual(expect.arrayContaining(['README.md', 'docs/promises.md', 'test/faults/RESULTS.md']));
  });

  it('are found to be broken where the file or the heading is missing, or lies outside', () => {
    const text = '# Here\n[a](README.md) [b](#here) [c](nowhere.md) [d](#there) [e](README.md#there) [f](../README.md)';
    expect(brokenLinks('docs/made-up.md', text)).toEqual(['nowhere.md', '#there', 'README.md#there']);
    expect(brokenLinks('docs/made-up.md', text, 'docs')).toContain('../README.md');
    expect(brokenLinks('made-up.md', '[a](../README.md)')).toEqual(['../README.md']);
  });

  it('in code are none', () => {
    expect(linksOf('```\n[a](b)\n```\n`[c](d)` [`e`](f "g")')).toEqual([{ target: 'f', title: 'g' }]);
  });

  it('know the anchors that GitHub gives to headings', () => {
    const text = '# On the gateway\n## `lag`, twice\n## lag twice\n```\n# no heading\n```\n## k of n: alarms';
    expect([...anchorsOf(text)]).toEqual(['on-the-gateway', 'lag-twice', 'lag-twice-1', 'k-of-n-alarms']);
  });
});

it('every page of docs is in its index', () => {
  const indexed = ['docs', 'docs/decisions'].flatMap((folder) =>
    linksOf(readFileSync(`${folder}/README.md`, 'utf8')).map(({ target }) => `${folder}/${target}`),
  );
  const missing = markdownFiles('docs').filter((page) => page !== 'docs/README.md' && !indexed.includes(page));
  expect(missing).toEqual([]);
});
