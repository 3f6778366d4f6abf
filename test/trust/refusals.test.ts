import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { REFUSALS } from '../../src/common/trust/index.ts';
import { tablesOf } from '../support/markdown.ts';

const page = tablesOf(readFileSync('docs/trust.md', 'utf8')).find(({ header }) => header[0] === 'Code');

it('docs/trust.md has every code for which something is refused, with what to do, and no other', () => {
  expect(page?.rows).toEqual(Object.entries(REFUSALS).map(([code, hint]) => [`\`${code}\``, hint]));
});

it('each code has its form, and each hint says what to do', () => {
  for (const [code, hint] of Object.entries(REFUSALS)) {
    expect(code).toMatch(/^(order|trust|bundle|blob|disk|memory|trial)\.[a-z]+(-[a-z]+)*$/);
    expect(hint).toMatch(/^[A-Z].{20,}\.$/);
  }
});
