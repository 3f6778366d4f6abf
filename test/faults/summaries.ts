import { grouped, type Loss, type Prediction, type Summary } from './records.ts';

export interface SummaryAudit {
  /** Those that were not made of what gave way. */
  readonly summaries: readonly Summary[];
  readonly predictions: readonly Prediction[];
  readonly losses: readonly Loss[];
  /** Event time of a period, ms, by pipeline. */
  readonly every: Readonly<Record<string, number>>;
}

/**
 * What is wrong with the summaries that were told: each period of an asset comes once, and counts the predictions that
 * came, and of those whose loss was said at most so many more.
 */
export function summaryFaults({ summaries, predictions, losses, every }: SummaryAudit): string[] {
  const faults: string[] = [];
  const periods = grouped(
    predictions.filter(({ pipeline }) => every[pipeline] !== undefined),
    ({ pipeline, asset, to }) => nameOf(pipeline, asset, periodOf(to, every[pipeline] ?? 0)),
  );
  const told = grouped(
    // One that is wider took in others, whose loss is said.
    summaries.filter(({ pipeline, from, to }) => to - from === every[pipeline]),
    ({ pipeline, asset, to }) => nameOf(pipeline, asset, to),
  );
  for (const [name, all] of told) {
    const [first] = all;
    if (!first) continue;
    const counts = all.map((one) => one.predictions);
    if (all.length > 1) faults.push(`${name} is summed up ${all.length} times: ${counts.join(', ')} predictions`);
    const known = periods.get(name)?.length ?? 0;
    const most = known + saidOf(losses, 'prediction', first.from, first.to);
    const wrong = counts.find((count) => count < known || count > most);
    if (wrong === undefined) continue;
    const range = most === known ? `${known}` : `${known} to ${most}`;
    faults.push(`${name} is summed up as ${wrong} predictions, and there are ${range}`);
  }
  faults.push(...absentFaults([...periods.entries()], told, { losses, every }));
  return faults;
}

/** Where the period ends to which a window belongs that ends at `to`. */
function periodOf(to: number, every: number): number {
  return (Math.floor((to - 1) / every) + 1) * every;
}

/** Each period is summed up once a later one has begun. */
function absentFaults(
  periods: readonly (readonly [string, readonly Prediction[]])[],
  told: ReadonlyMap<string, unknown>,
  { losses, every }: Pick<SummaryAudit, 'losses' | 'every'>,
): string[] {
  const ends = periods.flatMap(([name, [first]]) => {
    if (!first) return [];
    const { pipeline, asset, to } = first;
    return [{ name, of: `${pipeline} ${asset}`, end: periodOf(to, every[pipeline] ?? 0), every: every[pipeline] ?? 0 }];
  });
  const newest = new Map<string, number>();
  for (const { of, end } of ends) newest.set(of, Math.max(end, newest.get(of) ?? 0));
  return ends
    .filter(({ name, of, end }) => end !== newest.get(of) && !told.has(name))
    .filter(({ end, every: length }) => saidOf(losses, 'summary', end - length, end) === 0)
    .map(({ name }) => `${name} is not summed up`);
}

function saidOf(losses: readonly Loss[], type: string, from: number, to: number): number {
  let said = 0;
  for (const loss of losses) if (loss.to > from && loss.from <= to) said += loss.counts.get(type) ?? 0;
  return said;
}

function nameOf(pipeline: string, asset: string, end: number): string {
  return `${pipeline} ${asset} up to ${end}`;
}
