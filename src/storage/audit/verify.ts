import { type AuditEntry, entryHash, NO_HASH, PRUNED, parseBody } from './chain.ts';

/** Outcome of a walk over a chain. */
export type ChainVerdict =
  | { readonly ok: true; readonly n: number; readonly head: string; readonly entries: number }
  | {
      readonly ok: false;
      /** Number of the first entry that is bad or missing. */
      readonly n: number;
      readonly event: string | null;
      readonly what: string;
    };

/** A place that the chain is known to have had, from the outbox or a status message. */
export interface KnownPlace {
  readonly n: number;
  readonly hash: string;
}

/**
 * Walks a chain, oldest entry first. What is older than its first entry was pruned: then the newest `pruned` entry
 * names the first that stayed and the hash before it. `known` finds what hashes alone cannot: an end that was cut off,
 * or a chain that was made anew as a whole. Pure.
 */
export function verifyChain(entries: readonly AuditEntry[], known?: KnownPlace): ChainVerdict {
  const [first] = entries;
  if (first === undefined) return bad(1, null, 'the chain is empty');
  const reason = entries.findLastIndex(({ event }) => event === PRUNED);
  // The entry that names the hash before the first one must itself be right, or the first would be blamed for it.
  const forged = first.n > 1 && reason > 0 ? misfit(entries, reason) : undefined;
  if (forged !== undefined) return forged;
  let prev = first.n === 1 ? NO_HASH : hashBefore(first, entries[reason]);
  if (prev === undefined) return bad(first.n - 1, null, 'it is missing, and no later entry says that it was pruned');
  let n = first.n;
  for (const [index, entry] of entries.entries()) {
    if (entry.n !== n) return bad(n, null, `it is missing: entry ${entry.n} follows ${n - 1}`);
    const hash = entryHash(prev, entry);
    if (hash !== entry.hash) return bad(n, entry.event, difference(prev, hash, entries[index + 1]));
    if (known?.n === n && known.hash !== hash) return bad(n, entry.event, 'its hash is not the one that was sent');
    prev = hash;
    n += 1;
  }
  if (known !== undefined && known.n >= n) return bad(n, null, `it is missing: ${known.n} entries were sent`);
  return { ok: true, n: n - 1, head: prev, entries: entries.length };
}

/** Hash before the first entry; undefined where nothing says it. */
function hashBefore(first: AuditEntry, pruned: AuditEntry | undefined): string | undefined {
  const { first: kept, prev } = parseBody(pruned?.body);
  return kept === first.n && typeof prev === 'string' ? prev : undefined;
}

/** Problem of one entry, given that the one before it is right; undefined where there is none. */
function misfit(entries: readonly AuditEntry[], index: number): ChainVerdict | undefined {
  const [before, entry, next] = [entries[index - 1], entries[index], entries[index + 1]];
  if (before === undefined || entry === undefined || before.n !== entry.n - 1) return undefined;
  const hash = entryHash(before.hash, entry);
  return hash === entry.hash ? undefined : bad(entry.n, entry.event, difference(before.hash, hash, next));
}

/** Says whether an entry's content or its hash was changed, which the entry after it shows where that is unchanged. */
function difference(prev: string, made: string, next: AuditEntry | undefined): string {
  if (next !== undefined && entryHash(made, next) === next.hash) return 'its stored hash was changed';
  return `its time, event or body was changed, or the hash before it (${prev.slice(0, 12)}...): they do not give its stored hash`;
}

function bad(n: number, event: string | null, what: string): ChainVerdict {
  return { ok: false, n, event, what };
}
