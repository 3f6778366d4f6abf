import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ask, make, pack, unpack, within } from './folders.ts';
import { Program } from './program.ts';
import { REPLAYS, replay } from './replays.ts';
import { SCENARIOS } from './scenarios/index.ts';

/*
 * Has a program make the evidence, and says each answer twice before it is written:
 *
 *   npx tsx test/frozen/make.ts PROGRAM [--out FOLDER] [--only NAME]... [--keep]
 *
 * PROGRAM is the folder of an unpacked artifact, or of a clone that is built. With --keep the folders stay, and it only
 * says anew what it makes of them.
 */

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    out: { type: 'string', default: 'test/frozen' },
    only: { type: 'string', multiple: true },
    keep: { type: 'boolean', default: false },
  },
});
const [root] = positionals;
if (root === undefined) throw new Error('which program? npx tsx test/frozen/make.ts PROGRAM');
const program = new Program(root);
const out = resolve(values.out);
const isWanted = ({ name }: { readonly name: string }) => values.only?.includes(name) ?? true;

async function twice<T>(name: string, work: () => Promise<T>): Promise<string> {
  const [first, second] = [await work(), await work()].map((answer) => JSON.stringify(answer, undefined, 1));
  if (first === undefined || first !== second) throw new Error(`${name}: the program does not say the same twice`);
  return `${first}\n`;
}

async function writeStates(): Promise<void> {
  const folder = join(out, 'fixtures/states');
  await mkdir(folder, { recursive: true });
  for (const scenario of SCENARIOS.filter(isWanted)) {
    await within(async (place) => {
      const file = join(folder, `${scenario.name}.tar.gz`);
      if (!values.keep) {
        await make(program, scenario, place);
        await pack(place, file);
      } else await unpack(file, place);
      const answers = await twice(scenario.name, () => ask(program, scenario, place));
      await writeFile(join(folder, `${scenario.name}.json`), answers);
    });
    console.log(`${scenario.name}: ${scenario.about}`);
  }
}

async function writeReplays(): Promise<void> {
  const answers: Record<string, unknown> = {};
  for (const one of REPLAYS) {
    answers[one.name] = JSON.parse(await twice(one.name, () => within((place) => replay(program, one, place))));
    console.log(`replay of ${one.name}`);
  }
  await writeFile(join(out, 'replay.json'), `${JSON.stringify(answers, undefined, 1)}\n`);
}

await writeStates();
if (isWanted({ name: 'replays' })) await writeReplays();
