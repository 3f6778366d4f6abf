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

/** Name of the file in its folder. */
export const FILE = 'control.db';
/**
 * Pages of the log. A commit changes one page, so a small log is written back often enough, and it keeps its place on a
 * full disk.
 */
const WAL_PAGES = 64;
/** Most pages of the file: 64 MiB. */
const MAX_PAGES = 16_384;

/** Where control.db is. */
export interface ControlOptions {
  /** Folder of control.db, created if need be. */
  readonly path: string;
  readonly nativeBinding?: string | undefined;
}

/** What telemetry.db had after its newest commit. */
export interface CommitNote {
  readonly boot: string;
  readonly seq: number;
  /** ms since the epoch. */
  readonly at: number;
  /** Ledger and boots, in a form that only the outbox knows. */
  readonly ledger: string;
}

/** What became of a damaged control.db. */
export interface ControlDamage {
  readonly file: string;
  readonly reason: string;
  /** Path that the damaged file has now. */
  readonly setAside: string;
}

/** The open control.db: small, exclusive, synchronous=FULL. It belongs to the storage thread, like telemetry.db. */
export class Control {
  /** The file, for rooms that keep a table of theirs in it. Its statements throw raw errors, see `Store`. */
  readonly store: Store;
  /** What became of the file that was found, where it was damaged. */
  readonly damage: ControlDamage | undefined;
  /** The commit note as it was found; undefined where there was none. */
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

  /** Writes the commit note in a transaction of its own. Throws store errors. */
  note({ boot, seq, at, ledger }: CommitNote): void {
    this.store.transaction(() => this.#upsert.run(boot, seq, at, ledger));
  }

  /** Stores a small value of another room by name, as JSON, in a transaction of its own. Throws store errors. */
  remember(key: string, value: unknown): void {
    this.store.transaction(() => this.write(key, value));
  }

  /** Stores a value as `remember` does, within a transaction of the caller. */
  write(key: string, value: unknown): void {
    this.#putCounter.run(key, JSON.stringify(value));
  }

  /** Reads a value that was remembered. Undefined where there is none, or it is no JSON. Throws store errors. */
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

/** Runs `work` on control.db while no gateway has it. Undefined where there is no file. Throws store errors. */
export function readControl<T>({ path, nativeBinding }: ControlOptions, work: (store: Store) => T): T | undefined {
  return readStore(join(path, FILE), { known: MIGRATIONS.length, nativeBinding }, work);
}

/**
 * Takes the lock and opens control.db, creating it if need be. A damaged one is set aside and another begun. Throws
 * store errors.
 */
export function openControl({ path, nativeBinding }: ControlOptions): Control {
  const file = join(path, FILE);
  const lock = acquireLock(file, { nativeBinding });
  const options = {
    migrations: MIGRATIONS,
    nativeBinding,
    walPages: WAL_PAGES,
    maxPages: MAX_PAGES,
    waitsForRoom: true,
  };
  try {
    return openOrReplace(file, options, (store, replaced) => {
      // The file is small enough to check every page, whatever the stop was like.
      store.requireSound();
      const last = store.prepare<[], CommitNote>('SELECT boot, seq, at, ledger FROM note').get();
      return new Control(store, lock, last, replaced && { file: FILE, ...replaced });
    });
  } catch (error) {
    lock.release();
    throw error;
  }
}
