import { grouped, type Loss, type Prediction, type Summary } from './records.ts';

export interface SummaryAudit {
  /** Those that were not made of what gave way. */
  readonly summaries: readonly Summary[];
  readonly predictions: readonly Prediction[];
  readonly losses: readonly Loss[];
  /** Event time of a period, ms, by pipeline. One that a stop ends early is shorter, and the next one begins there. */
  readonly every: Readonly<Record<string, number>>;
}

/**
 * What is wrong with the summaries that were told: each period (from, to] of an asset comes once; it counts the
 * predictions that came and at most those whose loss was said, or less where it says that it is incomplete.
 */
export function summaryFaults({ summaries, predictions, losses, every }: SummaryAudit): string[] {
  // One that is longer took in others, whose loss is said, or is of all periods of which a kill took predictions.
  const plain = summaries.filter((one) => one.incomplete || one.to - one.from <= (every[one.pipeline] ?? 0));
  const told = grouped(plain, nameOf);
  const known = grouped(
    predictions.filter(({ pipeline }) => every[pipeline] !== undefined),
    nameOf,
  );
  const faults: string[] = [];
  for (const [name, all] of told) {
    faults.push(...overlapFaults(name, all), ...countFaults(name, all, known.get(name) ?? [], losses));
  }
  for (const [name, all] of known) faults.push(...absentFaults(name, all, told.get(name) ?? [], { losses, every }));
  return faults;
}

function overlapFaults(name: string, all: readonly Summary[]): string[] {
  const sorted = [...all].sort((a, b) => a.from - b.from || a.to - b.to);
  return sorted.flatMap((one, index) => {
    const before = sorted[index - 1];
    if (!before || one.from >= before.to) return [];
    return [`${name} up to ${one.to} is summed up twice: ${before.predictions}, ${one.predictions} predictions`];
  });
}

function countFaults(
  name: string,
  all: readonly Summary[],
  known: readonly Prediction[],
  losses: readonly Loss[],
): string[] {
  const times = Float64Array.from(known, ({ to }) => to).sort();
  return all.flatMap(({ from, to, predictions, incomplete }) => {
    const came = countUpTo(times, to) - countUpTo(times, from);
    const least = incomplete ? 0 : came;
    const most = came + saidOf(losses, 'prediction', from, to);
    if (predictions >= least && predictions <= most) return [];
    const range = most === least ? `${came}` : `${least} to ${most}`;
    return [`${name} up to ${to} is summed up as ${predictions} predictions, and there are ${range}`];
  });
}

/** Each period that has predictions is summed up once a later one has begun. */
function absentFaults(
  name: string,
  known: readonly Prediction[],
  told: readonly Summary[],
  { losses, every }: Pick<SummaryAudit, 'losses' | 'every'>,
): string[] {
  const absent = new Set<number>();
  let newest = Number.NEGATIVE_INFINITY;
  for (const { pipeline, to } of known) newest = Math.max(newest, periodOf(to, every[pipeline] ?? 0));
  const [froms, tos] = [told.map(({ from }) => from), told.map(({ to }) => to)].map((all) =>
    Float64Array.from(all).sort(),
  );
  for (const { pipeline, to } of known) {
    const end = periodOf(to, every[pipeline] ?? 0);
    if (end === newest || absent.has(end)) continue;
    // Told are those that began before it and have not ended before it.
    if (countUpTo(froms, to, false) > countUpTo(tos, to, false)) continue;
    if (saidOf(losses, 'summary', end - (every[pipeline] ?? 0), end) === 0) absent.add(end);
  }
  return Array.from(absent, (end) => `${name} up to ${end} is not summed up`);
}

/** How many of sorted numbers are at most `limit`, or less than it. */
function countUpTo(sorted: Float64Array = new Float64Array(), limit: number, inclusive = true): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const value = sorted[middle] as number;
    if (value < limit || (inclusive && value === limit)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Where the period ends to which a window belongs that ends at `to`. */
function periodOf(to: number, every: number): number {
  return (Math.floor((to - 1) / every) + 1) * every;
}

function saidOf(losses: readonly Loss[], type: string, from: number, to: number): number {
  let said = 0;
  for (const loss of losses) if (loss.to > from && loss.from <= to) said += loss.counts.get(type) ?? 0;
  return said;
}

function nameOf({ pipeline, asset }: { readonly pipeline: string; readonly asset: string }): string {
  return `${pipeline} ${asset}`;
}
