import { appendFile, mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Gone, Still } from './answers.ts';
import { CONFIG, DATA, type Program } from './program.ts';

/** Where the bundles are that the fixtures were made with. */
const MODELS = resolve(import.meta.dirname, 'fixtures/models');
/** ms since the epoch, long before any clock here. */
export const START = Date.UTC(2020, 0, 1);

/** A state folder of a kind: how a program comes to it, and how one goes on from there. */
export interface Scenario {
  readonly name: string;
  /** What is in the folder. */
  readonly about: string;
  /** Makes it in an empty folder. */
  make(program: Program, folder: string): Promise<void>;
  /** Throws where the folder is not what it should be. */
  check(said: Still): void;
  /** What a program makes of a copy, which is changed by that; absent where another scenario shows it. */
  goOn?(program: Program, folder: string): Promise<Gone>;
}

/** Writes a configuration; paths in it are from the folder on, and the same wherever that is. */
export async function configure(folder: string, parts: object, outbox: object = {}): Promise<void> {
  const config = {
    ...{ site: 'plant', device: 'frozen', http: { port: 0 } },
    inference: { engine: 'wasm', warmup: '0ms' },
    outbox: { path: DATA, keepAcked: '36500d', lossWindow: '100ms', ...outbox },
    ...parts,
  };
  await writeIn(folder, CONFIG, JSON.stringify(config, undefined, 1));
}

/** Puts the bundles of the fixtures where configurations have them. */
export async function linkModels(folder: string): Promise<void> {
  await symlink(MODELS, join(folder, 'models'));
}

export async function writeIn(folder: string, name: string, content: string | Uint8Array): Promise<void> {
  const file = join(folder, name);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, content);
}

export const jsonLines = (all: readonly unknown[]): string => all.map((one) => `${JSON.stringify(one)}\n`).join('');

/** Readings of one asset that are answered with themselves, numbered from `from` on. */
export function numbers(count: number, from = 0): string {
  return jsonLines(
    Array.from({ length: count }, (_, i) => ({
      asset: 'press',
      t: START + (from + i) * 1_000,
      values: { n: from + i },
    })),
  );
}

export const NUMBERS = 'numbers.jsonl';

/** A source and a pipeline that answer numbers; one of them in a hundred is an alarm. */
export function numbering(speed: number | 'max', pipeline: object = {}): { sources: object; pipelines: object } {
  const alarms = { high: { when: 'output.outputs.phase.score > 97.0' } };
  return {
    sources: { plant: { type: 'file', path: NUMBERS, speed } },
    pipelines: { numbers: { source: 'plant', model: 'models/numbers', alarms, ...pipeline } },
  };
}

export async function appendNumbers(folder: string, count: number, from: number): Promise<void> {
  await appendFile(join(folder, NUMBERS), numbers(count, from));
}

/** Speeds of sources from the environment, for who need not wait. */
export const atOnce = (...sources: readonly string[]) =>
  Object.fromEntries(sources.map((name) => [`EDGEWRIGHT__SOURCES__${name.toUpperCase()}__SPEED`, 'max']));

export function must(holds: boolean, what: string): void {
  if (!holds) throw new Error(`the folder is not what it should be: ${what}`);
}
