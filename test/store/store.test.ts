import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { acquireLock, openStore, PAGE_BYTES, type Store, type StoreOptions } from '../../src/common/store/index.ts';
import { toStoreError } from '../../src/common/store/sqlite.ts';
import { fillUp, isRoot, smallDisk } from '../outbox/support/disk.ts';

const MIGRATIONS = ['CREATE TABLE item (id INTEGER PRIMARY KEY, body TEXT NOT NULL)'];

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'edgewright-store-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function open(path: string, options: Partial<StoreOptions> = {}): Store {
  const store = openStore(path, { migrations: MIGRATIONS, ...options });
  onTestFinished(() => store.close());
  return store;
}

function fill(store: Store, rows: number, bytes = 1000): void {
  const insert = store.prepare<[string]>('INSERT INTO item (body) VALUES (?)');
  store.transaction(() => {
    for (let row = 0; row < rows; row += 1) insert.run('x'.repeat(bytes));
  });
}

const count = (store: Store) => store.prepare<[], number>('SELECT count(*) FROM item', 'value').get();
const pragma = (store: Store, name: string) => store.prepare<[], string | number>(`PRAGMA ${name}`, 'value').get();
const code = (text: string) => expect.objectContaining({ code: text });

describe('a store', () => {
  it('is set so that a commit survives a power cut', () => {
    const store = open(join(temporaryFolder(), 'new', 'a.db'));
    expect(pragma(store, 'journal_mode')).toBe('wal');
    expect(pragma(store, 'synchronous')).toBe(2);
    expect(pragma(store, 'page_size')).toBe(PAGE_BYTES);
    expect(pragma(store, 'busy_timeout')).toBe(0);
  });

  it('runs on an SQLite without the WAL-reset corruption of 3.7.0 to 3.51.2', () => {
    const store = open(join(temporaryFolder(), 'a.db'));
    const version = String(store.prepare<[], string>('SELECT sqlite_version()', 'value').get());
    const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number);
    expect(major * 1e6 + minor * 1e3 + patch).toBeGreaterThanOrEqual(3_051_003);
  });

  it('commits all of a transaction or nothing of it', () => {
    const store = open(join(temporaryFolder(), 'a.db'));
    expect(() =>
      store.transaction(() => {
        store.prepare<[string]>('INSERT INTO item (body) VALUES (?)').run('gone');
        throw new Error('in the middle');
      }),
    ).toThrow(code('store.failed'));
    expect(count(store)).toBe(0);
    fill(store, 3);
    expect(count(store)).toBe(3);
  });

  it('brings an older file to the newest schema and keeps its rows', () => {
    const path = join(temporaryFolder(), 'a.db');
    const older = openStore(path, { migrations: MIGRATIONS });
    fill(older, 2);
    older.close();
    const newer = open(path, { migrations: [...MIGRATIONS, 'ALTER TABLE item ADD COLUMN crc INTEGER'] });
    expect(newer.prepare<[], [string, null]>('SELECT length(body), crc FROM item', 'array').all()).toEqual([
      [1000, null],
      [1000, null],
    ]);
  });

  it('refuses a file that a newer version wrote, and leaves it alone', () => {
    const path = join(temporaryFolder(), 'a.db');
    openStore(path, { migrations: [...MIGRATIONS, 'CREATE TABLE other (id INTEGER)'] }).close();
    const before = readFileSync(path);
    expect(() => open(path)).toThrow(code('store.newer-schema'));
    expect(readFileSync(path)).toEqual(before);
  });

  it('undoes a migration that fails half way', () => {
    const path = join(temporaryFolder(), 'a.db');
    const migrations = [...MIGRATIONS, 'CREATE TABLE other (id INTEGER); CREATE TABLE item (id INTEGER)'];
    expect(() => open(path, { migrations })).toThrow(code('store.failed'));
    expect(pragma(open(path), 'user_version')).toBe(1);
  });

  it('never grows beyond its pages, says so, and takes writes again when rows are gone', () => {
    const path = join(temporaryFolder(), 'a.db');
    const store = open(path, { maxPages: 64 });
    expect(() => {
      for (;;) fill(store, 10);
    }).toThrow(code('store.full'));
    expect(store.pages().total).toBeLessThanOrEqual(64);
    const rows = count(store);
    expect(rows).toBeGreaterThan(100);
    store.transaction(() => store.prepare('DELETE FROM item WHERE id <= 50').run());
    fill(store, 10);
    store.checkpoint('passive');
    expect(statSync(path).size).toBeLessThanOrEqual(64 * PAGE_BYTES);
  });

  it('counts what it takes on disk, the log included, and gives free pages back', () => {
    const path = join(temporaryFolder(), 'a.db');
    const store = open(path, { walPages: 100_000 });
    fill(store, 1000);
    expect(store.bytes()).toBe(statSync(path).size + statSync(`${path}-wal`).size);
    store.checkpoint('truncate');
    expect(statSync(`${path}-wal`).size).toBe(0);
    const before = store.bytes();
    store.transaction(() => store.prepare('DELETE FROM item').run());
    store.shrink(1000);
    store.checkpoint('truncate');
    expect(store.bytes()).toBeLessThan(before / 10);
  });

  it('finds damage in its structure', () => {
    const path = join(temporaryFolder(), 'a.db');
    const store = openStore(path, { migrations: MIGRATIONS });
    fill(store, 200);
    expect(store.quickCheck()).toEqual([]);
    store.close();
    const bytes = readFileSync(path);
    // These bytes are cell pointers of a page in the middle.
    bytes.fill(0xff, 20 * PAGE_BYTES, 20 * PAGE_BYTES + 64);
    writeFileSync(path, bytes);
    expect(open(path).quickCheck()).not.toEqual([]);
  });
});

describe('opening', () => {
  it('refuses a file that is not a database', () => {
    const path = join(temporaryFolder(), 'a.db');
    writeFileSync(path, 'not a database at all, but long enough to be read as one'.repeat(20));
    expect(() => open(path)).toThrow(code('store.not-a-database'));
  });

  it('says when the place cannot be written', () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'file'), '');
    expect(() => open(join(folder, 'file', 'a.db'))).toThrow(code('store.unwritable'));
    mkdirSync(join(folder, 'a.db'));
    expect(() => open(join(folder, 'a.db'))).toThrow(code('store.unwritable'));
  });

  it('says when the addon is not there, or is made for something else', () => {
    const folder = temporaryFolder();
    const nativeBinding = join(folder, 'better_sqlite3.node');
    expect(() => open(join(folder, 'a.db'), { nativeBinding })).toThrow(code('store.addon-missing'));
    writeFileSync(nativeBinding, 'built for another machine');
    const abi = `ABI ${process.versions.modules}`;
    expect(() => open(join(folder, 'a.db'), { nativeBinding })).toThrow(
      expect.objectContaining({ code: 'store.addon-refused', message: expect.stringContaining(abi) }),
    );
  });
});

describe('the lock', () => {
  it('is one process’s, named to the second, and free after its release', () => {
    const path = join(temporaryFolder(), 'telemetry.db');
    const lock = acquireLock(path);
    expect(() => acquireLock(path)).toThrow(
      expect.objectContaining({ code: 'store.locked', message: expect.stringContaining(`process ${process.pid} `) }),
    );
    lock.release();
    acquireLock(path).release();
  });

  it('is not held by a pid file that somebody left', () => {
    const path = join(temporaryFolder(), 'telemetry.db');
    writeFileSync(`${path}.pid`, '1\n');
    acquireLock(path).release();
  });
});

describe.skipIf(!isRoot)('a disk without room (skipped where mounting is not allowed)', () => {
  const failure = (name: string) => Object.assign(new Error('disk I/O error'), { code: name });

  it.each(['SQLITE_IOERR_WRITE', 'SQLITE_IOERR_FSYNC', 'SQLITE_CANTOPEN', 'EDQUOT', 'ENOSPC'])(
    'is told as full, where SQLite or the system says %s',
    (name) => {
      const file = join(smallDisk('1m'), 'a.db');
      fillUp(dirname(file));
      expect(toStoreError(file, failure(name)).code).toBe('store.full');
      expect(readdirSync(dirname(file))).toEqual(['filler']);
    },
  );

  it('is not blamed for a disk that fails though there is room, which leaves no trace of having been tried', () => {
    const file = join(temporaryFolder(), 'a.db');
    expect(toStoreError(file, failure('SQLITE_IOERR_WRITE')).code).toBe('store.io');
    expect(readdirSync(dirname(file))).toEqual([]);
  });

  it('is waited for in memory: a store that waits can be read, and each transaction tries for the file', () => {
    const disk = smallDisk('1m');
    fillUp(disk);
    const file = join(disk, 'a.db');
    expect(() => openStore(file, { migrations: MIGRATIONS })).toThrow(code('store.full'));
    const store = open(file, { waitsForRoom: true });
    expect(count(store)).toBe(0);
    expect(() => fill(store, 1)).toThrow(code('store.full'));
    expect(count(store)).toBe(0);
    rmSync(join(disk, 'filler'));
    fill(store, 2);
    store.close();
    expect(count(open(file))).toBe(2);
  });
});

describe('files and folders that are made', () => {
  it('are this user’s alone from the first moment, whatever the mask', () => {
    const before = process.umask(0);
    onTestFinished(() => void process.umask(before));
    const folder = join(temporaryFolder(), 'new');
    const lock = acquireLock(join(folder, 'a.db'));
    const store = open(join(folder, 'a.db'));
    fill(store, 10);
    const modes = readdirSync(folder).map((name) => [name, statSync(join(folder, name)).mode & 0o777]);
    expect(Object.fromEntries(modes)).toMatchObject({ 'a.db': 0o600, 'a.db-wal': 0o600, 'a.db.lock': 0o600 });
    expect(modes.filter(([, mode]) => mode !== 0o600)).toEqual([]);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    lock.release();
  });
});
