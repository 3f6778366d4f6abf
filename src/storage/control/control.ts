import { join } from 'node:path';
import {
  acquireLock,
  type FileLock,
  openOrReplace,
  readStore,
  type Statement,
  type Store,
} from '../../common/store/index.ts';
import { MIGRATIONS } from './tables.ts';

export const FILE = 'control.db';
/** A commit changes one page: a small log is written back often enough and keeps its place on a full disk. */
const WAL_PAGES = 64;
/** 64 MiB. */
const MAX_PAGES = 16_384;

export interface ControlOptions {
  /** Folder of control.db, created if need be. */
  readonly path: string;
  readonly nativeBinding?: string | undefined;
}

/** The newest record that telemetry.db had committed, and its books as of then. */
export interface CommitNote {
  readonly boot: string;
  readonly seq: number;
  /** ms since the epoch. */
  readonly at: number;
  /** In the outbox's own form. */
  readonly ledger: string;
}

export interface ControlDamage {
  readonly file: string;
  readonly reason: string;
  /** Where its files are now. */
  readonly setAside: string;
}

/** control.db: small, exclusive, synchronous=FULL. Belongs to the store thread, like telemetry.db. */
export class Control {
  /** For the rooms that keep tables of theirs here; statements throw raw errors, see `Store`. */
  readonly store: Store;
  /** What became of the file that was there, where it was damaged. */
  readonly damage: ControlDamage | undefined;
  /** What the file said when it was opened. */
  readonly last: CommitNote | undefined;
  readonly #lock: FileLock;
  readonly #putCounter: Statement<[string, string]>;
  readonly #getCounter: Statement<[string], string>;
  readonly #upsert: Statement<[string, number, number, string]>;

  constructor(store: Store, lock: FileLock, last: CommitNote | undefined, damage?: ControlDamage) {
    this.store = store;
    this.#lock = lock;
    this.last = last;
    this.damage = damage;
    this.#upsert = store.prepare<[string, number, number, string]>(
      `INSERT INTO note (id, boot, seq, at, ledger) VALUES (1, ?, ?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET boot = excluded.boot, seq = excluded.seq, at = excluded.at, ledger = excluded.ledger`,
    );
    this.#putCounter = store.prepare<[string, string]>(
      'INSERT INTO counter (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
    );
    this.#getCounter = store.prepare<[string], string>('SELECT value FROM counter WHERE key = ?', 'value');
  }

  /** Throws store errors. */
  note({ boot, seq, at, ledger }: CommitNote): void {
    this.store.transaction(() => this.#upsert.run(boot, seq, at, ledger));
  }

  /** A small value of some other room's, by name. Throws store errors. */
  remember(key: string, value: unknown): void {
    this.store.transaction(() => this.write(key, value));
  }

  /** As `remember`, within a transaction of the caller. */
  write(key: string, value: unknown): void {
    this.#putCounter.run(key, JSON.stringify(value));
  }

  /** Undefined where nothing was remembered, or what was there is no JSON. */
  recall(key: string): unknown {
    const text = this.store.guard(() => this.#getCounter.get(key));
    try {
      return text === undefined ? undefined : JSON.parse(text);
    } catch {
      return undefined;
    }
  }

  close(): void {
    this.store.close();
    this.#lock.release();
  }
}

/** Looks into control.db while no gateway has it; undefined where there is none. Throws store errors. */
export function readControl<T>({ path, nativeBinding }: ControlOptions, work: (store: Store) => T): T | undefined {
  return readStore(join(path, FILE), { known: MIGRATIONS.length, nativeBinding }, work);
}

/** Takes the lock and opens control.db, creating it if need be; a damaged one is set aside and another begun. */
export function openControl({ path, nativeBinding }: ControlOptions): Control {
  const file = join(path, FILE);
  const lock = acquireLock(file, { nativeBinding });
  const options = { migrations: MIGRATIONS, nativeBinding, walPages: WAL_PAGES, maxPages: MAX_PAGES };
  try {
    return openOrReplace(file, options, (store, replaced) => {
      // Small enough to look at every page, whatever the stop was like.
      store.requireSound();
      const last = store.prepare<[], CommitNote>('SELECT boot, seq, at, ledger FROM note').get();
      return new Control(store, lock, last, replaced && { file: FILE, ...replaced });
    });
  } catch (error) {
    lock.release();
    throw error;
  }
}
