import { createHash } from 'node:crypto';

/** Hash before a chain's first entry. */
export const NO_HASH = '0'.repeat(64);

/** Event of a chain's first entry, which names the chain. */
export const GENESIS = 'genesis';
/**
 * Event of an entry that says which entry is now the first, and which hash comes before it: older ones were deleted.
 */
export const PRUNED = 'pruned';
/** Event of an entry that says what the chain should have had and has not. */
export const CHAIN_LOST = 'chain-lost';

/** One row of the chain, as control.db keeps it. */
export interface AuditEntry {
  /** Number of the entry, from 1 without a hole within a chain. */
  readonly n: number;
  /** Whole ms since the epoch. */
  readonly at: number;
  readonly event: string;
  /** The event's detail as canonical JSON. */
  readonly body: string;
  /** SHA-256 in hex, see `entryHash`. */
  readonly hash: string;
}

/** An entry with the hash that it builds on. */
export interface ChainedEntry extends AuditEntry {
  readonly prev: string;
}

/** A place in a chain. */
export interface ChainHead {
  /** Random name of the chain, from its first entry. */
  readonly chain: string;
  readonly n: number;
  readonly hash: string;
}

/**
 * SHA-256, in lower case hex, over the UTF-8 bytes of five lines joined by single line feeds, without one at the end:
 * the hash before (64 hex digits; zeros for the first entry), n in decimal, the time in whole ms since the epoch in
 * decimal, the event's name, the detail as canonical JSON. No line can hold a line feed, so no two entries give the
 * same bytes.
 */
export function entryHash(prev: string, { n, at, event, body }: Omit<AuditEntry, 'hash'>): string {
  return createHash('sha256').update(`${prev}\n${n}\n${at}\n${event}\n${body}`, 'utf8').digest('hex');
}

/** JSON with sorted keys and without blanks (RFC 8785): the same value gives the same bytes whoever writes it. */
export function canonicalJson(value: unknown): string {
  return write(JSON.parse(JSON.stringify(value ?? null)));
}

function write(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(write).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  // The RFC sorts by UTF-16 units, which is what `sort` does.
  const keys = Object.keys(value).sort();
  return `{${keys.map((key) => `${JSON.stringify(key)}:${write((value as Record<string, unknown>)[key])}`).join(',')}}`;
}

/** Reads an entry's detail. Empty where the text is damaged. */
export function parseBody(body: string | undefined): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(body ?? '{}');
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
