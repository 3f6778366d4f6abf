import { cp, mkdtemp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { goOn, toTheEnd } from '../answers.ts';
import { DATA, type Gateway, type Program } from '../program.ts';
import {
  appendNumbers,
  atOnce,
  configure,
  must,
  NUMBERS,
  numbering,
  numbers,
  type Scenario,
  writeIn,
} from '../scenario.ts';
import { killAfter, runOnce } from './stops.ts';

const FILE = `${DATA}/telemetry.db`;
const PAGE = 4_096;
/** First byte of a page that holds rows of a table. */
const LEAF = 0x0d;
/** The last of them changes no alarm: one that is not brought over yet would be told again, or not, as it happens. */
const RECORDS = 1_510;
const TRIES = 20;

/** Puts a byte wrong in the head of a page of records in the middle of the file. */
async function damage(folder: string): Promise<void> {
  const file = join(folder, FILE);
  const bytes = await readFile(file);
  const pages = Array.from({ length: Math.floor(bytes.length / PAGE) }, (_, page) => page * PAGE);
  const leaves = pages.filter((at) => bytes[at] === LEAF && bytes.indexOf('"prediction"', at) < at + PAGE);
  const at = leaves[Math.floor(leaves.length / 2)];
  if (at === undefined) throw new Error('there is no page of records');
  bytes[at] = LEAF ^ 0x41;
  await writeFile(file, bytes);
}

interface Agenda {
  readonly file?: string;
  readonly reached: number;
  readonly upTo: number;
  readonly salvaged: number;
}

/** What a copy of the file says is still to be brought over. */
async function agendaOf(folder: string): Promise<Agenda | undefined> {
  const copy = await mkdtemp(join(tmpdir(), 'frozen-'));
  try {
    await cp(join(folder, DATA), copy, { recursive: true });
    const database = new Database(join(copy, 'telemetry.db'));
    try {
      const value = database.prepare<[], string>("SELECT value FROM meta WHERE key = 'recovery'").pluck().get();
      return value === undefined ? undefined : JSON.parse(value);
    } finally {
      database.close();
    }
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}

async function sizeOf(folder: string): Promise<number> {
  const sizes = ['', '-wal'].map((suffix) =>
    stat(join(folder, FILE + suffix)).then(
      ({ size }) => size,
      () => 0,
    ),
  );
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

/** Ends it as soon as its files have grown by so many bytes, or when it is through. */
async function killWhenGrown(folder: string, gateway: Gateway, bytes: number): Promise<void> {
  const before = await sizeOf(folder);
  let through = false;
  const end = gateway
    .until('the end of it', ({ ledger }) => ledger.some(({ type }) => type === 'loss'))
    // Nobody answers once it is gone.
    .catch(() => undefined)
    .finally(() => {
      through = true;
    });
  while (!through && (await sizeOf(folder)) < before + bytes);
  await gateway.kill();
  await end;
}

/** Starts on the damaged file again and again, from the same place, until it is ended in the middle. */
async function recoverHalf(program: Program, folder: string): Promise<void> {
  const damaged = await mkdtemp(join(tmpdir(), 'frozen-'));
  try {
    await cp(join(folder, DATA), damaged, { recursive: true });
    for (let tries = 1; tries <= TRIES; tries += 1) {
      await killWhenGrown(folder, await program.start(folder), 20_000 * tries);
      const agenda = await agendaOf(folder);
      if (agenda?.file !== undefined && agenda.salvaged > 0 && agenda.reached < agenda.upTo) return;
      await rm(join(folder, DATA), { recursive: true });
      await cp(damaged, join(folder, DATA), { recursive: true });
    }
    throw new Error('it was never ended in the middle');
  } finally {
    await rm(damaged, { recursive: true, force: true });
  }
}

export const cutOff: Scenario = {
  name: 'cut-off',
  about: 'kill -9, and half of the log is gone: control.db knows of more than telemetry.db has.',
  async make(program, folder) {
    await configure(folder, numbering(50));
    await writeIn(folder, NUMBERS, numbers(150, 60));
    await killAfter(program, folder, 70);
    const log = join(folder, `${FILE}-wal`);
    await truncate(log, Math.floor((await stat(log)).size / 2));
  },
  check({ waiting }) {
    const left = waiting.types['prediction'] ?? 0;
    must(left > 0 && left < 70, 'some records are left, and some are gone');
  },
  goOn: (program, folder) => goOn(program, folder, atOnce('plant'), toTheEnd),
};

export const recovering: Scenario = {
  name: 'recovering',
  about: 'A damaged telemetry.db is set aside; kill -9 while what can be read of it is brought over.',
  async make(program, folder) {
    await configure(folder, numbering('max'), { max: '2MiB' });
    await writeIn(folder, NUMBERS, numbers(RECORDS));
    await runOnce(program, folder);
    await appendNumbers(folder, 3, RECORDS);
    await killAfter(program, folder, RECORDS + 3);
    await damage(folder);
    await recoverHalf(program, folder);
  },
  check({ waiting, ledger }) {
    const pending = ledger.reduce((sum, row) => sum + row.pending, 0);
    must(waiting.lines > 0 && waiting.lines < pending, 'some is brought over and some is not');
  },
  async goOn(program, folder) {
    await appendNumbers(folder, 5, RECORDS + 3);
    return goOn(program, folder, {}, async (gateway) => {
      await gateway.until('the end of it', ({ ledger }) => ledger.some(({ type }) => type === 'loss'));
      return toTheEnd(gateway);
    });
  },
};
