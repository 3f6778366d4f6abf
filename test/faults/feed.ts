import { writeFile } from 'node:fs/promises';

/** Event time of number 0. */
export const FIRST_TIME = Date.UTC(2026, 0, 1);
export const PERIOD_MS = 1_000;
const ASSETS = 3;

/** Readings are numbered from 0, and each carries its number as its value: what arrives tells what it was made of. */
export interface Reading {
  readonly asset: string;
  readonly t: number;
  readonly values: { readonly n: number };
}

export function reading(n: number): Reading {
  return { asset: assetOf(n), t: timeOf(n), values: { n } };
}

export function assetOf(n: number): string {
  return `machine-${n % ASSETS}`;
}

export function timeOf(n: number): number {
  return FIRST_TIME + n * PERIOD_MS;
}

/** What a prediction must say that closes at `t`; undefined where no reading has this time. */
export function numberAt(t: number): number | undefined {
  const n = (t - FIRST_TIME) / PERIOD_MS;
  return Number.isInteger(n) && n >= 0 ? n : undefined;
}

export async function writeFeed(file: string, count: number): Promise<void> {
  const lines = Array.from({ length: count }, (_, n) => `${JSON.stringify(reading(n))}\n`);
  await writeFile(file, lines.join(''));
}

/** The number that a prediction is about; undefined where it says another thing than what was fed. */
export function numberOf(record: Readonly<Record<string, unknown>>): number | undefined {
  const { outputs } = record['output'] as { outputs: { number: { value: number }; phase: { score: number } } };
  const n = numberAt(Number(record['t']));
  if (n === undefined || record['asset'] !== assetOf(n) || record['to'] !== record['t']) return undefined;
  return outputs.number.value === n && outputs.phase.score === n % 100 ? n : undefined;
}
