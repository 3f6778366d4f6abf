import type { Result } from './campaign.ts';
import type { Figures, Scenario } from './scenario.ts';

export interface Row extends Figures {
  readonly scenario: string;
  readonly trials: number;
  readonly verdict: string;
}

const COLUMNS = [
  ['scenario', 'scenario'],
  ['trials', 'trials'],
  ['faults', 'faults'],
  ['boots', 'boots'],
  ['committed', 'committed'],
  ['delivered', 'delivered'],
  ['copies', 'came again'],
  ['twice', 'twice after de-duplication'],
  ['folded', 'folded'],
  ['dropped', 'dropped'],
  ['dead', 'dead'],
  ['unreadable', 'unreadable'],
  ['pending', 'pending'],
  ['verdict', 'verdict'],
] as const satisfies readonly (readonly [keyof Row, string])[];

const NONE: Figures = {
  faults: 0,
  boots: 0,
  committed: 0,
  delivered: 0,
  copies: 0,
  twice: 0,
  folded: 0,
  dropped: 0,
  dead: 0,
  unreadable: 0,
  pending: 0,
};

function add(a: Figures, b: Figures): Figures {
  const sums = Object.keys(NONE).map((key) => [key, a[key as keyof Figures] + b[key as keyof Figures]]);
  return Object.fromEntries(sums) as unknown as Figures;
}

/** One row a scenario, in their order; those that could not be done say why. */
export function rowsOf(
  scenarios: readonly Scenario[],
  results: readonly Result[],
  skipped: ReadonlyMap<string, string>,
): Row[] {
  return scenarios.flatMap(({ name }) => {
    const mine = results.filter(({ scenario }) => scenario === name);
    const reason = skipped.get(name);
    if (reason !== undefined) return [{ scenario: name, trials: 0, ...NONE, verdict: `skipped: ${reason}` }];
    if (mine.length === 0) return [];
    const figures = mine.reduce((sum, result) => add(sum, result.figures ?? NONE), NONE);
    const failed = mine.filter(({ failures }) => failures.length > 0).length;
    const verdict = failed === 0 ? 'adds up' : `${failed} of ${mine.length} FAILED`;
    return [{ scenario: name, trials: mine.length, ...figures, verdict }];
  });
}

/** A table in Markdown, which a terminal shows well enough. */
export function tableOf(rows: readonly Row[]): string {
  const cells = [
    COLUMNS.map(([, title]) => title as string),
    ...rows.map((row) => COLUMNS.map(([key]) => shown(row[key]))),
  ];
  const widths = COLUMNS.map((_, column) => Math.max(...cells.map((line) => line[column]?.length ?? 0)));
  const numeric = COLUMNS.map(([key]) => key !== 'scenario' && key !== 'verdict');
  const line = (texts: readonly string[]) =>
    `| ${texts.map((text, i) => (numeric[i] ? text.padStart(widths[i] ?? 0) : text.padEnd(widths[i] ?? 0))).join(' | ')} |`;
  const rule = `| ${widths.map((width, i) => (numeric[i] ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width))).join(' | ')} |`;
  const [head = [], ...body] = cells;
  return [line(head), rule, ...body.map(line)].join('\n');
}

/** Counts of the notes, added up by scenario. */
export function notesOf(results: readonly Result[]): string[] {
  const byScenario = new Map<string, Map<string, number>>();
  for (const { scenario, notes } of results) {
    const sums = byScenario.get(scenario) ?? new Map<string, number>();
    byScenario.set(scenario, sums);
    for (const [name, count] of Object.entries(notes)) {
      const peak = name.startsWith('most ') || name.startsWith('longest ');
      sums.set(name, peak ? Math.max(sums.get(name) ?? 0, count) : (sums.get(name) ?? 0) + count);
    }
  }
  return [...byScenario].flatMap(([scenario, sums]) => {
    if (sums.size === 0) return [];
    const texts = [...sums].sort(([a], [b]) => a.localeCompare(b)).map(([name, count]) => `${name} ${shown(count)}`);
    return [`${scenario}: ${texts.join(', ')}`];
  });
}

/** The last line of a campaign. */
export function verdictOf(results: readonly Result[]): string {
  const failed = results.filter(({ failures }) => failures.length > 0);
  if (results.length === 0) return 'ledger: nothing was tried';
  if (failed.length === 0) return 'ledger: adds up';
  return `ledger: does not add up in ${failed.map(({ scenario, index }) => `${scenario}:${index}`).join(', ')}`;
}

function shown(value: string | number): string {
  return typeof value === 'number' ? value.toLocaleString('en-US') : value;
}
