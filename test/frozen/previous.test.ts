import { beforeAll, describe, expect, it } from 'vitest';
import { ask, make, within } from './folders.ts';
import { Program } from './program.ts';
import { withoutEnds } from './records.ts';
import { SCENARIOS } from './scenarios/index.ts';

/** Folder of an unpacked earlier artifact, or of a clone of it that is built. */
const PREVIOUS = process.env['EDGEWRIGHT_PREVIOUS'];
const DEADLINE = 300_000;

describe.skipIf(PREVIOUS === undefined)('an earlier program (skipped without EDGEWRIGHT_PREVIOUS)', () => {
  const program = new Program('.');
  let previous: Program;

  beforeAll(async () => {
    previous = new Program(PREVIOUS ?? '');
    expect((await previous.run('.', ['--version'])).status).toBe(0);
  });

  it.each(SCENARIOS)(
    'opens, answers and goes on with what this one wrote as this one does, $name: $about',
    async (scenario) => {
      await within(async (folder) => {
        await make(program, scenario, folder);
        const expected = await ask(program, scenario, folder);
        expect(withoutEnds(await ask(previous, scenario, folder))).toEqual(withoutEnds(expected));
      });
    },
    DEADLINE,
  );
});
