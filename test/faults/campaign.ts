import { appendFile, cp, mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Figures, Form, Scenario } from './scenario.ts';
import { Trial } from './trial.ts';

const RESULTS = 'results.jsonl';

export interface Unit {
  readonly scenario: Scenario;
  readonly index: number;
}

export interface Result {
  readonly scenario: string;
  readonly index: number;
  readonly seed: number;
  readonly form: Form;
  readonly figures: Figures | undefined;
  readonly failures: readonly string[];
  readonly notes: Readonly<Record<string, number>>;
  readonly seconds: number;
}

export interface CampaignOptions {
  readonly units: readonly Unit[];
  readonly seed: number;
  readonly form: Form;
  /** Trials at a time. */
  readonly jobs: number;
  /** Where the results are kept, and the state of what failed. */
  readonly out: string;
  /** Where the trials work: fast, and emptied after them. */
  readonly scratch: string;
  readonly shim: string | undefined;
  readonly onResult: (result: Result, done: number, all: number) => void;
  /** Ends what is under way, whose results are not kept. */
  readonly signal: AbortSignal;
}

/** Runs the trials, some at a time, and keeps each result as soon as it is there. */
export async function runCampaign(options: CampaignOptions): Promise<Result[]> {
  const { units, jobs, out, onResult, signal } = options;
  await mkdir(out, { recursive: true });
  const waiting = [...units];
  const results: Result[] = [];
  const work = async () => {
    for (let unit = waiting.shift(); unit !== undefined; unit = waiting.shift()) {
      const result = await runUnit(unit, options);
      if (signal.aborted) return;
      results.push(result);
      await appendFile(join(out, RESULTS), `${JSON.stringify(result)}\n`);
      onResult(result, results.length, units.length);
    }
  };
  await Promise.all(Array.from({ length: jobs }, work));
  return results;
}

/** What an earlier run left, of the same seed and form. */
export async function earlierResults(out: string, seed: number, form: Form): Promise<Result[]> {
  const text = await readFile(join(out, RESULTS), 'utf8').catch(() => '');
  const all = text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Result]));
  return all.filter((result) => result.seed === seed && result.form === form);
}

async function runUnit({ scenario, index }: Unit, options: CampaignOptions): Promise<Result> {
  const { seed, form, out, scratch, shim, signal } = options;
  const began = performance.now();
  const folder = join(scratch, `${scenario.name}-${index}`);
  await mkdir(folder, { recursive: true });
  const trial = new Trial({ scenario: scenario.name, index, seed, form, folder, shim });
  let figures: Figures | undefined;
  let stop = () => {};
  const stopped = new Promise<never>((_, reject) => {
    stop = () => reject(new Error('stopped'));
  });
  signal.addEventListener('abort', stop, { once: true });
  try {
    figures = await Promise.race([scenario.run(trial), stopped]);
  } catch (error) {
    trial.failures.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
  } finally {
    // By hand: of several listeners that a signal is to remove, Node keeps only the last one's removal.
    signal.removeEventListener('abort', stop);
  }
  if (trial.failures.length > 0 && !signal.aborted) {
    const kept = join(out, 'failed', `${scenario.name}-${index}`);
    await rm(kept, { recursive: true, force: true });
    await cp(folder, kept, { recursive: true }).catch(() => undefined);
    await appendFile(join(kept, 'log'), `${trial.failures.join('\n')}\n\n${trial.log}`).catch(() => undefined);
  }
  await trial.close();
  await rm(folder, { recursive: true, force: true });
  const seconds = (performance.now() - began) / 1000;
  const { failures, notes } = trial;
  return { scenario: scenario.name, index, seed, form, figures, failures, notes, seconds };
}
