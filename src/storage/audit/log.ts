import { randomBytes } from 'node:crypto';
import type { Statement, Store } from '../../common/store/index.ts';
import {
  type AuditEntry,
  CHAIN_LOST,
  type ChainedEntry,
  type ChainHead,
  canonicalJson,
  entryHash,
  GENESIS,
  NO_HASH,
  PRUNED,
  parseBody,
} from './chain.ts';
import { type ChainVerdict, type KnownPlace, verifyChain } from './verify.ts';

/** Entries that are kept, some 3 MB: the last two thousand starts and stops. */
const KEEP = 10_000;
/** Entries that are deleted at once, so that a chain at its bound does not get a `pruned` entry for each new one. */
const PRUNE_STEP = 1_000;

type Columns = [number, number, string, string, string];

/**
 * The chain of audit events in the table `audit` of a store. Entries are appended and never changed; what an append
 * returned is on disk. All calls throw store errors.
 */
export class AuditLog {
  readonly #store: Store;
  readonly #keep: number;
  readonly #insert: Statement<Columns>;
  readonly #newest: Statement<[], Columns>;
  readonly #after: Statement<[number, number], Columns>;
  readonly #ofEvent: Statement<[string], string>;
  readonly #removeBelow: Statement<[number]>;
  readonly #range: Statement<[], [number, number]>;
  #present: ChainHead | undefined;

  constructor(store: Store, keep = KEEP) {
    this.#store = store;
    this.#keep = keep;
    const columns = 'n, at, event, body, hash';
    this.#insert = store.prepare<Columns>(`INSERT INTO audit (${columns}) VALUES (?, ?, ?, ?, ?)`);
    this.#newest = store.prepare<[], Columns>(`SELECT ${columns} FROM audit ORDER BY n DESC LIMIT 1`, 'array');
    this.#after = store.prepare<[number, number], Columns>(
      `SELECT ${columns} FROM audit WHERE n >= ? ORDER BY n LIMIT ?`,
      'array',
    );
    this.#ofEvent = store.prepare<[string], string>(
      'SELECT body FROM audit WHERE event = ? ORDER BY n DESC LIMIT 1',
      'value',
    );
    this.#removeBelow = store.prepare<[number]>('DELETE FROM audit WHERE n < ?');
    this.#range = store.prepare<[], [number, number]>('SELECT min(n), count(*) FROM audit', 'array');
  }

  /** Place of the newest entry; undefined before `begin`. */
  get head(): ChainHead | undefined {
    return this.#present;
  }

  /**
   * Resumes the chain that is there, or begins one. `known` is the newest place of it that telemetry.db has: where that
   * is not in the chain, an entry says so, in a new chain its first. Returns whether an entry had to be added.
   */
  begin(known: ChainHead | undefined, at: number): boolean {
    const chain = this.#store.guard(() => this.#chainName());
    if (chain === undefined) {
      const detail = { chain: randomBytes(16).toString('hex'), lastKnown: known ?? null };
      this.#present = { chain: detail.chain, n: 0, hash: NO_HASH };
      try {
        this.append(GENESIS, detail, at);
      } catch (error) {
        this.#present = undefined;
        throw error;
      }
      return true;
    }
    const [n, , , , hash] = this.#store.guard(() => this.#newest.get()) ?? [0, 0, '', '', NO_HASH];
    this.#present = { chain, n, hash };
    if (known === undefined || this.#has(known)) return false;
    this.append(CHAIN_LOST, { lastKnown: known, found: { chain, n, hash } }, at);
    return true;
  }

  /** Appends an entry, in a transaction of its own. `at` is in ms since the epoch. */
  append(event: string, detail: unknown, at: number): ChainedEntry {
    const before = this.#present;
    try {
      return this.#store.transaction(() => {
        const entry = this.#add(event, detail, at);
        this.#prune(at);
        return entry;
      });
    } catch (error) {
      this.#present = before;
      throw error;
    }
  }

  /** Entries after `n`, oldest first, at most `limit`. */
  following(n: number, limit: number): ChainedEntry[] {
    return this.#store.guard(() => {
      // The entry before the first one has the hash that it builds on.
      const [before, ...rest] = this.#after.all(n, limit + 1).map(toEntry);
      const list = before?.n === n ? rest : before === undefined ? [] : [before, ...rest].slice(0, limit);
      let prev = before?.n === n ? before.hash : NO_HASH;
      return list.map((entry) => {
        const chained = { ...entry, prev };
        prev = entry.hash;
        return chained;
      });
    });
  }

  /** Detail of the newest entry of an event; empty where there is none. */
  last(event: string): Readonly<Record<string, unknown>> {
    return parseBody(this.#store.guard(() => this.#ofEvent.get(event)));
  }

  /** Verifies the whole chain, see `verifyChain`. */
  verify(known?: KnownPlace): ChainVerdict {
    return verifyChain(this.entries(), known);
  }

  /** All entries, oldest first. */
  entries(): AuditEntry[] {
    return this.#store.guard(() => this.#after.all(0, Number.MAX_SAFE_INTEGER).map(toEntry));
  }

  #add(event: string, detail: unknown, at: number): ChainedEntry {
    const { chain, n, hash: prev } = this.#present ?? { chain: '', n: 0, hash: NO_HASH };
    const entry = { n: n + 1, at: Math.round(at), event, body: canonicalJson(detail) };
    const hash = entryHash(prev, entry);
    this.#insert.run(entry.n, entry.at, event, entry.body, hash);
    this.#present = { chain, n: entry.n, hash };
    return { ...entry, hash, prev };
  }

  /** Whether the chain has that place. An entry that was pruned is taken for one that it had. */
  #has({ chain, n, hash }: ChainHead): boolean {
    if (chain !== this.#present?.chain || n > this.#present.n) return false;
    const entry = this.#store.guard(() => this.#after.get(n, 1));
    return entry === undefined || entry[0] !== n || entry[4] === hash;
  }

  /**
   * Name of the chain, from its first entry, or, once that is pruned, from the entry that says so. Undefined for an
   * empty chain.
   */
  #chainName(): string | undefined {
    if (this.#newest.get() === undefined) return undefined;
    const body = this.#ofEvent.get(PRUNED) ?? this.#ofEvent.get(GENESIS);
    const { chain } = parseBody(body);
    return typeof chain === 'string' ? chain : '';
  }

  #prune(at: number): void {
    const [first, count] = this.#range.get() ?? [1, 0];
    if (count <= this.#keep + PRUNE_STEP) return;
    const kept = first + count - this.#keep;
    const [entry] = this.following(kept - 1, 1);
    this.#add(PRUNED, { chain: this.#present?.chain, first: kept, prev: entry?.prev }, at);
    this.#removeBelow.run(kept);
  }
}

function toEntry([n, at, event, body, hash]: Columns): AuditEntry {
  return { n, at, event, body, hash };
}
