import type { KindRow } from '../journal/rows/ledger.ts';

/**
 * States that a record which waits again may have had, likeliest first: the end of a log mostly holds confirmations.
 */
const SETTLED = ['acked', 'folded', 'dropped', 'dead', 'unreadable'] as const;

/**
 * Puts the noted ledger right over a file that ends before the note. What was settled since the file's own ledger may
 * have been what waits in the file, which will be settled a second time: so many are pending again. The rest was
 * settled among the records that are gone.
 */
export function reconcileLedger(noted: readonly KindRow[], own: readonly KindRow[]): KindRow[] {
  const byKind = new Map(own.map((row) => [row.kind, row]));
  return noted.map((row) => {
    const before = byKind.get(row.kind);
    const next = { ...row };
    let again = before?.pending ?? 0;
    for (const state of SETTLED) {
      const since = Math.max(0, row[state] - (before?.[state] ?? 0));
      const some = Math.min(again, since);
      next[state] -= some;
      next.pending += some;
      again -= some;
    }
    return next;
  });
}
