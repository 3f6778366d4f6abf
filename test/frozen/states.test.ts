import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ask, unpack, within } from './folders.ts';
import { Program } from './program.ts';
import { withoutEnds } from './records.ts';
import { SCENARIOS } from './scenarios/index.ts';

const STATES = join(import.meta.dirname, 'fixtures/states');
/** What a start said of a crash before it said when the last commit was. */
const RETIRED = /\\"lossWindowMs\\":\d+,/g;
const DEADLINE = 120_000;

const program = new Program('.');

describe('a state folder of an earlier program is opened, answered and gone on with as by that one', () => {
  it.each(SCENARIOS)(
    '$name: $about',
    async (scenario) => {
      const text = await readFile(join(STATES, `${scenario.name}.json`), 'utf8');
      const expected = JSON.parse(text.replaceAll(RETIRED, ''));
      await within(async (folder) => {
        await unpack(join(STATES, `${scenario.name}.tar.gz`), folder);
        expect(withoutEnds(await ask(program, scenario, folder))).toEqual(withoutEnds(expected));
      });
    },
    DEADLINE,
  );
});
