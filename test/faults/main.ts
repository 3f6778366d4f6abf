import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import build from '../support/build.ts';
import { earlierResults, type Result, runCampaign, type Unit } from './campaign.ts';
import { type Options, parseOptions, USAGE, UsageError } from './options.ts';
import type { Scenario } from './scenario.ts';
import { SCENARIOS } from './scenarios/index.ts';
import { compileShim } from './shim.ts';
import { notesOf, rowsOf, tableOf, verdictOf } from './table.ts';

const RESULTS = resolve(import.meta.dirname, 'RESULTS.md');
const MEMORY = '/dev/shm';

function chosen({ only }: Options): Scenario[] {
  const unknown = only.find(({ name }) => !SCENARIOS.some((scenario) => scenario.name === name));
  if (unknown) {
    throw new UsageError(`--only: there is no ${unknown.name}; ${SCENARIOS.map(({ name }) => name).join(', ')} are`);
  }
  return SCENARIOS.filter(({ name }) => only.length === 0 || only.some((one) => one.name === name));
}

/** Trials of different scenarios take turns, so that a part of the whole has something of each. */
function unitsOf(scenarios: readonly Scenario[], { form, only, shard }: Options): Unit[] {
  const wanted = (name: string, index: number) =>
    only.length === 0 || only.some((one) => one.name === name && (one.index ?? index) === index);
  const all: { unit: Unit; place: number }[] = [];
  for (const scenario of scenarios) {
    const count = scenario.trials[form];
    for (let index = 0; index < count; index += 1) {
      if (wanted(scenario.name, index)) all.push({ unit: { scenario, index }, place: (index + 0.5) / count });
    }
  }
  all.sort((a, b) => a.place - b.place);
  return all.map(({ unit }) => unit).filter((_, at) => at % shard.of === shard.part - 1);
}

function commandFor({ scenario, index, seed, form }: Result): string {
  const short = form === 'long' ? '' : ` --${form}`;
  return `npm run faults --${short} --seed ${seed} --only ${scenario}:${index}`;
}

function report(options: Options, result: Result, done: number, all: number): void {
  if (options.json) process.stdout.write(`${JSON.stringify(result)}\n`);
  const { scenario, index, figures, failures, seconds } = result;
  const what = figures
    ? `${figures.faults} faults, ${figures.committed.toLocaleString('en-US')} records`
    : 'no figures';
  const width = String(all).length;
  const verdict = failures.length === 0 ? 'adds up' : 'FAILED';
  const place = `${String(done).padStart(width)}/${all}`;
  process.stderr.write(`${place} ${`${scenario}:${index}`.padEnd(16)} ${verdict}  ${what}, ${seconds.toFixed(1)} s\n`);
  for (const failure of failures) process.stderr.write(`    ${failure.split('\n').slice(0, 12).join('\n    ')}\n`);
  if (failures.length > 0) process.stderr.write(`    again: ${commandFor(result)}\n`);
}

function commit(): string {
  const { stdout } = spawnSync('git', ['describe', '--always', '--dirty'], { encoding: 'utf8' });
  return stdout?.trim() || 'an unknown commit';
}

async function appendResults(options: Options, table: string, notes: readonly string[], last: string): Promise<void> {
  const form = options.form === 'long' ? '' : ` --${options.form}`;
  const shard = options.shard.of === 1 ? '' : `, part ${options.shard.part} of ${options.shard.of}`;
  const date = new Date().toISOString().slice(0, 10);
  const title = `## ${date}, ${commit()}, \`npm run faults --${form} --seed ${options.seed}\`${shard}`;
  const lines = notes.map((note) => `- ${note}`).join('\n');
  await appendFile(RESULTS, `\n${title}\n\n${table}\n\n${lines}\n\n\`${last}\`\n`);
}

async function main(): Promise<number> {
  const options = parseOptions(process.argv.slice(2));
  if (options.help || options.list) {
    const list = SCENARIOS.map(({ name, title }) => `${name.padEnd(16)} ${title}`).join('\n');
    process.stdout.write(`${options.help ? USAGE : list}\n`);
    return 0;
  }
  await build();
  const skipped = new Map<string, string>();
  const scenarios = chosen(options);
  for (const { name, missing } of scenarios) {
    const reason = missing?.();
    if (reason !== undefined) skipped.set(name, reason);
  }
  for (const [name, reason] of skipped) process.stderr.write(`${name} is skipped: ${reason}\n`);
  const shim = compileShim();
  if (shim === undefined) process.stderr.write('no C compiler: kill -9 at random moments only\n');
  const earlier = options.resume ? await earlierResults(options.out, options.seed, options.form) : [];
  const all = unitsOf(
    scenarios.filter(({ name }) => !skipped.has(name)),
    options,
  );
  const isDone = ({ scenario, index }: Unit) =>
    earlier.some((one) => one.scenario === scenario.name && one.index === index && one.failures.length === 0);
  const units = all.filter((unit) => !isDone(unit));
  if (!options.resume) await rm(options.out, { recursive: true, force: true });
  const scratch = await mkdtemp(join(existsSync(MEMORY) ? MEMORY : tmpdir(), 'edgewright-faults-'));
  const onResult = (result: Result, done: number, of: number) => report(options, result, done, of);
  const { seed, form, jobs, out } = options;
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  try {
    const fresh = await runCampaign({ units, seed, form, jobs, out, scratch, shim, onResult, signal: stop.signal });
    if (stop.signal.aborted) {
      process.stderr.write(`stopped; it goes on with --resume --out ${out}\n`);
      return 1;
    }
    const results = [...earlier.filter((one) => all.some(sameAs(one)) && !fresh.some(isAgain(one))), ...fresh];
    const table = tableOf(rowsOf(scenarios, results, skipped));
    const notes = notesOf(results);
    const last = verdictOf(results);
    if (options.append) await appendResults(options, table, notes, last);
    const text = `${table}\n\n${notes.join('\n')}\n\n${last}\n`;
    process.stdout.write(options.json ? `${JSON.stringify({ verdict: last })}\n` : text);
    return last === 'ledger: adds up' ? 0 : 1;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

function sameAs(result: Result): (unit: Unit) => boolean {
  return ({ scenario, index }) => scenario.name === result.scenario && index === result.index;
}

function isAgain(result: Result): (fresh: Result) => boolean {
  return ({ scenario, index }) => scenario === result.scenario && index === result.index;
}

try {
  // Not only set: a trial that was stopped may still wait for something.
  process.exit(await main());
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  process.stderr.write(`${error.message}\n\n${USAGE}\n`);
  process.exitCode = 2;
}
