import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Reading } from '../../../src/common/core/index.ts';

/** Public data sets beside the repository; what needs them says that it is skipped where they are not. */
const DATA = resolve('../shared/data');
export const FD001 = join(DATA, 'cmapss/train_FD001.txt.gz');
export const HYDRAULIC = join(DATA, 'hydraulic');
export const AI4I = join(DATA, 'ai4i2020/ai4i2020.csv');

export const hasTurbofans = existsSync(FD001) && existsSync('models/turbofan-rul/manifest.json');
export const hasHydraulic = existsSync(HYDRAULIC) && existsSync('models/hydraulic-condition/manifest.json');
export const hasMilling = existsSync(AI4I) && existsSync('models/machine-failure/manifest.json');
export const BEARINGS = join(DATA, 'cwru');

export const hasBearings = existsSync(BEARINGS) && existsSync('models/bearing-envelope/manifest.json');

const FIRST_TIME = Date.UTC(2000, 0, 1);
const CYCLE_MS = 3_600_000;

async function linesOf(file: string): Promise<string[]> {
  const bytes = await readFile(file);
  const text = (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
  return text.split('\n').filter((line) => line.trim() !== '');
}

export interface Fleet {
  /** The recording of these engines alone, as it was published. */
  readonly text: string;
  /** Some flights of an engine, then of the next one: they take turns. */
  readonly flights: readonly { readonly asset: string; readonly readings: readonly Omit<Reading, 'asset'>[] }[];
}

/** A broker keeps no more than some thousand messages for a gateway that is slower than who publishes. */
const FLIGHTS_A_MESSAGE = 5;

/** The first engines of FD001. */
export async function turbofans(engines: number): Promise<Fleet> {
  const lines = (await linesOf(FD001)).filter((line) => Number(line.split(' ')[0]) <= engines);
  const rows = lines.map((line) => line.trim().split(/\s+/).map(Number));
  const messages = new Map<string, { asset: string; part: number; readings: Omit<Reading, 'asset'>[] }>();
  for (const [unit, cycle = 0, ...values] of rows) {
    const names = values.map((_, index) => (index < 3 ? `setting${index + 1}` : `s${index - 2}`));
    const byTag = Object.fromEntries(names.map((name, index) => [name, values[index] ?? null]));
    const part = Math.floor(cycle / FLIGHTS_A_MESSAGE);
    const message = messages.get(`${unit} ${part}`) ?? { asset: `engine-${unit}`, part, readings: [] };
    messages.set(`${unit} ${part}`, message);
    message.readings.push({ t: FIRST_TIME + cycle * CYCLE_MS, values: byTag });
  }
  return { text: `${lines.join('\n')}\n`, flights: [...messages.values()].sort((a, b) => a.part - b.part) };
}

/** Writes the first cycles of the hydraulic rig into a folder of the same layout. */
export async function hydraulicCycles(folder: string, cycles: number): Promise<void> {
  await mkdir(folder, { recursive: true });
  const files = (await readdir(HYDRAULIC)).filter((name) => name.endsWith('.txt.gz') || name === 'profile.txt');
  for (const name of files) {
    const lines = (await linesOf(join(HYDRAULIC, name))).slice(0, cycles);
    await writeFile(join(folder, name.replace(/\.gz$/, '')), `${lines.join('\n')}\n`);
  }
}

/** True condition by cycle: cooler, valve, pump, accumulator, in that order. */
export async function hydraulicLabels(): Promise<string[][]> {
  return (await linesOf(join(HYDRAULIC, 'profile.txt'))).map((line) => line.split('\t'));
}
