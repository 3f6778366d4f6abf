import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { markdownFiles, withoutTables, wordsOf } from '../support/markdown.ts';

const README_WORDS = 900;
const ARCHITECTURE_WORDS = 1500;

it(`README.md has at most ${README_WORDS} words`, () => {
  const words = wordsOf(readFileSync('README.md', 'utf8'));
  expect(words).toBeLessThanOrEqual(README_WORDS);
  expect(words).toBeGreaterThan(100);
});

it(`ARCHITECTURE.md has at most ${ARCHITECTURE_WORDS} words beside its tables`, () => {
  const words = wordsOf(withoutTables(readFileSync('ARCHITECTURE.md', 'utf8')));
  expect(words).toBeLessThanOrEqual(ARCHITECTURE_WORDS);
  expect(words).toBeGreaterThan(100);
});

it('each decision has its date, what was decided in bold, and what it costs', () => {
  const paragraphs = markdownFiles('docs/decisions').flatMap((page) => readFileSync(page, 'utf8').split(/\n{2,}/));
  const decisions = paragraphs.filter((paragraph) => /^\d{4}-/.test(paragraph));
  expect(decisions.length).toBeGreaterThan(50);
  const odd = decisions.filter((one) => !/^\d{4}-\d\d-\d\d, \*\*[^*]+\*\*[\s\S]*\bCosts\b/.test(one));
  expect(odd).toEqual([]);
});
