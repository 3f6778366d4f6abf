import type { KindRow } from '../journal/rows/ledger.ts';

/** In this order a record that waits again may have been settled: a confirmation is what is lost with the end of a log. */
const SETTLED = ['acked', 'folded', 'dropped', 'dead', 'unreadable'] as const;

/**
 * The noted books over a file that ends before the note. What was settled since the file's own books may have been what
 * waits in the file, which will be settled a second time: so many are pending again. What is left was settled among the
 * records that are gone.
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
