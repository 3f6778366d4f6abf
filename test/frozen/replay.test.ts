import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { WHOLE } from '../support/whole.ts';
import { within } from './folders.ts';
import { Program } from './program.ts';
import { REPLAYS, replay } from './replays.ts';

const DEADLINE = 300_000;

const program = new Program('.');
const expected = JSON.parse(await readFile(join(import.meta.dirname, 'replay.json'), 'utf8'));
const here = REPLAYS.filter(({ needs }) => needs === undefined);
const ofData = REPLAYS.filter(({ needs, long }) => needs !== undefined && (WHOLE || long !== true));

async function expectSameBytes(one: (typeof REPLAYS)[number]): Promise<void> {
  expect(await within((folder) => replay(program, one, folder))).toEqual(expected[one.name]);
}

describe('a replay writes the bytes that an earlier program wrote', () => {
  it.each(here)('$name', expectSameBytes, DEADLINE);

  describe.each(ofData)('$name (skipped without shared data)', (one) => {
    it.skipIf(!existsSync(one.needs ?? ''))('as it ships', () => expectSameBytes(one), DEADLINE);
  });

  it('of each of them there is a digest, and of nothing else', () => {
    expect(Object.keys(expected).sort()).toEqual(REPLAYS.map(({ name }) => name).sort());
  });
});
