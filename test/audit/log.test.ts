import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { full, openStore, type Store } from '../../src/common/store/index.ts';
import { AuditLog, entryHash, NO_HASH } from '../../src/storage/audit/index.ts';

const AT = Date.UTC(2027, 0, 1);
const TABLE = `CREATE TABLE audit (n INTEGER PRIMARY KEY, at REAL NOT NULL, event TEXT NOT NULL, body TEXT NOT NULL,
  hash TEXT NOT NULL)`;

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'edgewright-audit-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function open(folder = temporaryFolder()): Store {
  const store = openStore(join(folder, 'control.db'), { migrations: [TABLE] });
  onTestFinished(() => store.close());
  return store;
}

function begun(store: Store, keep?: number): AuditLog {
  const log = new AuditLog(store, keep);
  log.begin(undefined, AT);
  return log;
}

it('begins with a genesis that names a random chain, and no known place', () => {
  const names = [open(), open()].map((store) => begun(store).head?.chain);
  expect(new Set(names).size).toBe(2);
  const log = begun(open());
  const [genesis] = log.entries();
  expect(genesis).toMatchObject({ n: 1, event: 'genesis', at: AT });
  expect(JSON.parse(genesis?.body ?? '')).toEqual({ chain: log.head?.chain, lastKnown: null });
});

it('goes on after it was closed: the same chain, each entry built on the one before', () => {
  const folder = temporaryFolder();
  const first = openStore(join(folder, 'control.db'), { migrations: [TABLE] });
  const before = begun(first);
  before.append('start', { b: 1, a: 2 }, AT + 0.4);
  const { head } = before;
  first.close();
  const log = begun(open(folder));
  expect(log.head).toEqual(head);
  const entry = log.append('stop', {}, AT + 1);
  expect(entry).toMatchObject({ n: 3, prev: head?.hash, hash: log.head?.hash });
  expect(log.entries().map(({ body }) => body)[1]).toBe('{"a":2,"b":1}');
  expect(log.verify()).toMatchObject({ ok: true, n: 3, head: entry.hash });
});

it('gives what follows a place, each with the hash before it', () => {
  const log = begun(open());
  const added = ['start', 'config', 'stop'].map((event, index) => log.append(event, { index }, AT + index));
  expect(log.following(2, 10)).toEqual(added.slice(1));
  expect(log.following(0, 2).map(({ n, prev }) => [n, prev])).toEqual([
    [1, NO_HASH],
    [2, log.entries()[0]?.hash],
  ]);
  expect(log.following(4, 10)).toEqual([]);
});

it('says in a new chain which place was the last known one of the old', () => {
  const known = { chain: 'old', n: 41, hash: 'abc' };
  const log = new AuditLog(open());
  log.begin(known, AT);
  expect(log.last('genesis')).toEqual({ chain: log.head?.chain, lastKnown: known });
});

it('says when the chain is not the one that was known: its end is gone, or an older copy was put back', () => {
  const store = open();
  const log = begun(store);
  for (let index = 0; index < 4; index += 1) log.append('config', { index }, AT);
  const known = log.head;
  store.prepare('DELETE FROM audit WHERE n > 3').run();
  const again = new AuditLog(store);
  again.begin(known, AT);
  expect(again.last('chain-lost')).toMatchObject({ lastKnown: known, found: { n: 3 } });
  expect(again.head?.n).toBe(4);
  const other = new AuditLog(store);
  other.begin(again.head, AT);
  expect(other.head).toEqual(again.head);
});

it('says so, too, where only its very last entry is gone', () => {
  const store = open();
  const log = begun(store);
  log.append('stop', {}, AT);
  const known = log.head;
  store.prepare('DELETE FROM audit WHERE n = 2').run();
  const again = new AuditLog(store);
  again.begin(known, AT);
  expect(again.last('chain-lost')).toMatchObject({ lastKnown: known, found: { n: 1 } });
});

it('goes on behind the entry before, where a commit failed', () => {
  const store = open();
  const log = begun(store);
  const { head } = log;
  const transaction = store.transaction.bind(store);
  store.transaction = (work) =>
    transaction(() => {
      work();
      throw full('control.db', 'made to fail');
    });
  expect(() => log.append('stop', {}, AT)).toThrow('made to fail');
  expect(log.head).toEqual(head);
  store.transaction = transaction;
  expect(log.append('stop', {}, AT).prev).toBe(head?.hash);
  expect(log.verify()).toMatchObject({ ok: true, n: 2 });
});

it('a chain that could not begin has no place, and begins with the next try', () => {
  const store = open();
  store.prepare(`CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'full'); END`).run();
  const log = new AuditLog(store);
  expect(() => log.begin(undefined, AT)).toThrow('full');
  expect(log.head).toBeUndefined();
  store.prepare('DROP TRIGGER full').run();
  log.begin(undefined, AT);
  expect(log.verify()).toMatchObject({ ok: true, n: 1 });
});

it('keeps the newest entries alone, and can still be verified', () => {
  const store = open();
  const log = begun(store, 50);
  for (let index = 0; index < 1_100; index += 1) log.append('config', { index }, AT + index);
  const entries = log.entries();
  expect(entries.length).toBeLessThanOrEqual(50 + 1_001);
  expect(entries[0]?.n).toBeGreaterThan(1);
  expect(entries.some(({ event }) => event === 'pruned')).toBe(true);
  expect(log.verify()).toEqual({ ok: true, n: log.head?.n, head: log.head?.hash, entries: entries.length });
  const chain = log.head?.chain;
  expect(begun(store, 50).head).toEqual({ chain, n: log.head?.n, hash: log.head?.hash });
  store.prepare('DELETE FROM audit WHERE n = (SELECT min(n) FROM audit)').run();
  expect(log.verify()).toMatchObject({ ok: false, n: entries[0]?.n });
});

it('an append that fails leaves file and head as they were', () => {
  const store = open();
  const log = begun(store);
  const { head } = log;
  store.prepare(`CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'full'); END`).run();
  expect(() => log.append('stop', {}, AT)).toThrow('full');
  expect(log.head).toEqual(head);
  store.prepare('DROP TRIGGER full').run();
  expect(log.append('stop', {}, AT).prev).toBe(head?.hash);
  expect(log.verify()).toMatchObject({ ok: true, n: 2 });
});

it('a row that was edited is named, and its content would give another hash', () => {
  const store = open();
  const log = begun(store);
  for (let index = 0; index < 5; index += 1) log.append('config', { index }, AT);
  store.prepare(`UPDATE audit SET body = '{"index":9}' WHERE n = 4`).run();
  expect(log.verify()).toMatchObject({ ok: false, n: 4, event: 'config' });
  const [, , before, changed] = log.entries();
  expect(entryHash(before?.hash ?? '', changed ?? { n: 0, at: 0, event: '', body: '' })).not.toBe(changed?.hash);
});
