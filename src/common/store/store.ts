import { statfsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { EdgewrightError } from '../core/index.ts';
import { corrupt, newerSchema } from './errors.ts';
import { makePrivateFile, makePrivateFolder } from './private-files.ts';
import { storeBytes } from './set-aside.ts';
import { connect, type Database, isFull, toStoreError } from './sqlite.ts';

/** Bytes of a page, the unit of the file. */
export const PAGE_BYTES = 4096;
/** Bytes that a page takes in the write-ahead log, with its header. */
export const FRAME_BYTES = PAGE_BYTES + 24;

/** How a file is opened. */
export interface StoreOptions {
  /**
   * SQL scripts that make the schema. The file's `user_version` counts those that it has seen; only ever append to the
   * list.
   */
  readonly migrations: readonly string[];
  /** Path of better_sqlite3.node, where it is not found by itself. */
  readonly nativeBinding?: string | undefined;
  /** Pages of the log at which it is written back into the file; 256 where absent. */
  readonly walPages?: number;
  /** Reads a damaged file as it stands: neither settings nor schema are touched. */
  readonly asItStands?: boolean;
  /**
   * Where a full disk has no room to open or create the file: begins in memory, with nothing in it. It can be read then,
   * and each transaction first tries to get to the file.
   */
  readonly waitsForRoom?: boolean;
  /** Most pages of the file; a write beyond fails with `store.full`. */
  readonly maxPages?: number;
}

/** A prepared statement with parameters P and rows R. It throws raw errors, see `Store.guard`. */
export interface Statement<P extends readonly unknown[], R = unknown> {
  /** Runs it and returns how many rows it changed. */
  run(...parameters: P): { readonly changes: number };
  /** The first row; undefined where there is none. */
  get(...parameters: P): R | undefined;
  /** All rows. */
  all(...parameters: P): R[];
}

/** Form of a row: an array of its columns, or its first column alone. An object by column name is the default. */
export type RowForm = 'array' | 'value';

const DEFAULT_WAL_PAGES = 256;
/** Memory for pages. A queue reads each page once, so SQLite's own 16 MB would be memory for nothing. */
const CACHE_KIB = 2000;

/**
 * One SQLite file with one connection. Commits survive a power cut (WAL, synchronous=FULL). Locking is exclusive: no
 * shared memory file, and no reader elsewhere can hold back the checkpoint that keeps the log small.
 * Statements throw raw errors; `guard` and `transaction` turn them into errors of this room.
 */
export class Store {
  readonly path: string;
  readonly #options: StoreOptions;
  #database: Database.Database;
  /** Why there is no file yet. */
  #noRoom: EdgewrightError | undefined;
  /** Functions that were made on the connection, and statements, to be made again on another. */
  readonly #functions: [name: string, work: (...parameters: unknown[]) => unknown][] = [];
  readonly #statements: Prepared<unknown[], unknown>[] = [];
  readonly #pageCount: Statement<[], number>;
  readonly #freePages: Statement<[], number>;
  readonly #begin: Statement<[]>;
  readonly #commit: Statement<[]>;

  constructor(
    path: string,
    database: Database.Database,
    options: StoreOptions = { migrations: [] },
    noRoom?: EdgewrightError,
  ) {
    this.path = path;
    this.#database = database;
    this.#noRoom = noRoom;
    this.#options = options;
    this.#pageCount = this.prepare<[], number>('PRAGMA page_count', 'value');
    this.#freePages = this.prepare<[], number>('PRAGMA freelist_count', 'value');
    this.#begin = this.prepare<[]>('BEGIN IMMEDIATE');
    this.#commit = this.prepare<[]>('COMMIT');
  }

  /**
   * Prepares a statement, which lives as long as the store. Throws raw errors where the SQL does not fit the schema.
   */
  prepare<P extends unknown[], R = unknown>(sql: string, form?: RowForm): Statement<P, R> {
    const statement = new Prepared<P, R>(this.#database, sql, form);
    this.#statements.push(statement as unknown as Prepared<unknown[], unknown>);
    return statement;
  }

  /**
   * Closes the file, lets `replace` put another in its place, and opens that. Statements go on with the new one. Throws
   * store errors; the file is closed then, and it can be called again.
   */
  renew(replace: () => void): void {
    this.guard(() => {
      this.close();
      replace();
      this.#goOnWith(openOrWait(this.path, this.#options));
    });
  }

  /**
   * Goes from memory to the file, where there was no room for one. Returns whether it did: what was read before is not
   * what the file says. Throws `store.full` as long as there is none, and other store errors.
   */
  toDisk(): boolean {
    if (this.#noRoom === undefined) return false;
    const database = openDatabase(this.path, this.#options);
    this.#database.close();
    this.#goOnWith({ database });
    return true;
  }

  #goOnWith({ database, noRoom }: Opened): void {
    this.#database = database;
    this.#noRoom = noRoom;
    for (const [name, work] of this.#functions) database.function(name, { deterministic: true }, work);
    for (const statement of this.#statements) statement.renew(database);
  }

  /** Makes a function known to SQL by a name. It must be pure, of plain values. */
  define<P extends unknown[]>(name: string, work: (...parameters: P) => unknown): void {
    const pure = work as (...parameters: unknown[]) => unknown;
    this.#functions.push([name, pure]);
    this.#database.function(name, { deterministic: true }, pure);
  }

  /** Runs `work` in a transaction: all of it is in the file, or nothing. Throws store errors. It cannot be nested. */
  transaction<T>(work: () => T): T {
    return this.guard(() => {
      this.toDisk();
      this.#begin.run();
      try {
        const result = work();
        this.#commit.run();
        return result;
      } catch (error) {
        // Some failures (a full disk) have rolled back already.
        if (this.#database.inTransaction) this.#database.exec('ROLLBACK');
        throw error;
      }
    });
  }

  /** Runs `work`, and throws what it throws as an error of this room. */
  guard<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw toStoreError(this.path, error);
    }
  }

  /** Bytes on disk of the file, its log and its shared memory. */
  bytes(): number {
    return storeBytes(this.path);
  }

  /**
   * Bytes by which the file can still grow on its disk, when the log has grown to `logBytes` and what is in it already
   * has been written back. Negative when even that does not fit.
   */
  diskRoom(logBytes: number): number {
    const { bavail, bsize } = statfsSync(dirname(this.path));
    const log = Math.max(0, logBytes - fileBytes(`${this.path}-wal`));
    const unwritten = this.pages().total * PAGE_BYTES - fileBytes(this.path);
    return bavail * bsize - log - Math.max(0, unwritten);
  }

  /** Bytes of the whole file system that the file is on. */
  diskBytes(): number {
    return diskBytes(dirname(this.path));
  }

  /** Pages of the file, and those of them that are free for reuse. */
  pages(): { readonly total: number; readonly free: number } {
    return { total: this.#pageCount.get() ?? 0, free: this.#freePages.get() ?? 0 };
  }

  /** Writes the log back into the file; `truncate` also gives the log's space back. Throws store errors. */
  checkpoint(mode: 'passive' | 'truncate'): void {
    if (this.#noRoom === undefined) this.guard(() => this.#database.pragma(`wal_checkpoint(${mode})`));
  }

  /** Gives up to so many free pages back to the file system. Throws store errors. */
  shrink(pages: number): void {
    this.guard(() => this.#database.pragma(`incremental_vacuum(${pages})`));
    // The file itself becomes shorter when the log is written back.
    this.checkpoint('passive');
  }

  /** Problems of the structure of the file, or of one table; empty where there are none. Reads every page of it. */
  quickCheck(table?: string): string[] {
    try {
      const check = `quick_check(${table ?? '20'})`;
      const rows = this.guard(() => this.#database.pragma(check)) as { readonly quick_check: string }[];
      return rows.map((row) => row.quick_check).filter((text) => text !== 'ok');
    } catch (error) {
      if (error instanceof EdgewrightError && error.kind === corrupt.kind) return [error.message];
      throw error;
    }
  }

  /** Throws `store.corrupt` with the first problem that `quickCheck` finds in the file, or in one of the tables. */
  requireSound(tables?: readonly string[]): void {
    const [first] = tables === undefined ? this.quickCheck() : tables.flatMap((table) => this.quickCheck(table));
    if (first !== undefined) throw corrupt(this.path, first.replaceAll(/\s+/g, ' '));
  }

  /** Closes the file; a second call does nothing. */
  close(): void {
    this.#database.close();
  }
}

/** A statement that outlives its connection. */
class Prepared<P extends readonly unknown[], R> implements Statement<P, R> {
  readonly #sql: string;
  readonly #form: RowForm | undefined;
  #statement: Database.Statement<unknown[], R>;

  constructor(database: Database.Database, sql: string, form: RowForm | undefined) {
    this.#sql = sql;
    this.#form = form;
    this.#statement = this.#make(database);
  }

  renew(database: Database.Database): void {
    this.#statement = this.#make(database);
  }

  run(...parameters: P): { readonly changes: number } {
    return this.#statement.run(...parameters);
  }

  get(...parameters: P): R | undefined {
    return this.#statement.get(...parameters);
  }

  all(...parameters: P): R[] {
    return this.#statement.all(...parameters);
  }

  #make(database: Database.Database): Database.Statement<unknown[], R> {
    const statement = database.prepare<unknown[], R>(this.#sql);
    if (this.#form === 'array') statement.raw();
    if (this.#form === 'value') statement.pluck();
    return statement;
  }
}

/** Bytes of the whole file system that a folder is on. Throws raw errors where there is no such folder. */
export function diskBytes(folder: string): number {
  const { blocks, bsize } = statfsSync(folder);
  return blocks * bsize;
}

function fileBytes(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

/**
 * Number of migrations that the file has seen. Locking is exclusive before the first access, or SQLite makes shared
 * memory.
 */
function versionOf(path: string, database: Database.Database, known: number): number {
  database.pragma('locking_mode = EXCLUSIVE');
  const version = Number(database.pragma('user_version', { simple: true }));
  if (version <= known) return version;
  throw newerSchema(path, `its schema is version ${version}, this program knows up to ${known}`);
}

function configure(database: Database.Database, options: StoreOptions, isNew: boolean): void {
  const walPages = options.walPages ?? DEFAULT_WAL_PAGES;
  // A file takes these two settings only while it has no tables; later they would be a write, for which there may be no room.
  if (isNew) database.pragma(`page_size = ${PAGE_BYTES}`);
  if (isNew) database.pragma('auto_vacuum = INCREMENTAL');
  database.pragma('journal_mode = WAL');
  // better-sqlite3 is built so that WAL alone would mean NORMAL: a power cut could take back committed rows.
  database.pragma('synchronous = FULL');
  database.pragma(`cache_size = -${CACHE_KIB}`);
  database.pragma(`wal_autocheckpoint = ${walPages}`);
  database.pragma(`journal_size_limit = ${walPages * FRAME_BYTES}`);
  if (options.maxPages !== undefined) database.pragma(`max_page_count = ${options.maxPages}`);
}

function migrate(database: Database.Database, migrations: readonly string[], version: number): void {
  for (const [index, script] of migrations.entries()) {
    if (index < version) continue;
    database.exec(`BEGIN IMMEDIATE; ${script}; PRAGMA user_version = ${index + 1}; COMMIT`);
  }
}

function openDatabase(path: string, options: StoreOptions): Database.Database {
  let database: Database.Database | undefined;
  try {
    makePrivateFolder(dirname(path));
    makePrivateFile(path);
    database = connect(path, options.nativeBinding);
    if (options.asItStands === true) {
      database.pragma('locking_mode = EXCLUSIVE');
      return database;
    }
    const version = versionOf(path, database, options.migrations.length);
    configure(database, options, version === 0);
    migrate(database, options.migrations, version);
    return database;
  } catch (error) {
    database?.close();
    throw toStoreError(path, error);
  }
}

interface Opened {
  readonly database: Database.Database;
  /** Why it is in memory, where it is. */
  readonly noRoom?: EdgewrightError;
}

function openOrWait(path: string, options: StoreOptions): Opened {
  try {
    return { database: openDatabase(path, options) };
  } catch (error) {
    if (options.waitsForRoom !== true || !isFull(error)) throw error;
    const database = connect(':memory:', options.nativeBinding);
    migrate(database, options.migrations, 0);
    return { database, noRoom: error };
  }
}

/**
 * Opens the file, creating it and its folder for this user alone if need be, and brings it to the newest schema.
 * @throws `store.newer-schema`, `store.corrupt`, `store.not-a-database`, `store.full` and other store errors
 */
export function openStore(path: string, options: StoreOptions): Store {
  const { database, noRoom } = openOrWait(path, options);
  try {
    return new Store(path, database, options, noRoom);
  } catch (error) {
    database.close();
    throw toStoreError(path, error);
  }
}
