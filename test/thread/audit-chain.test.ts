import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import type { EventRecord, WireRecord } from '../../src/common/core/index.ts';
import { canonicalJson, entryHash, NO_HASH } from '../../src/storage/audit/index.ts';
import { type Control, openControl } from '../../src/storage/control/index.ts';
import { OutboxCore, type OutboxOptions } from '../../src/storage/outbox/index.ts';
import { AuditChain } from '../../src/storage/thread/audit-chain.ts';

const NOW = Date.UTC(2027, 0, 1);

type Told = EventRecord & WireRecord;

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'edgewright-chain-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** An outbox with its chain, as the store thread composes them. */
class Device {
  readonly core: OutboxCore;
  control: Control | undefined;

  constructor(path: string) {
    const options: OutboxOptions = { path, site: 'plant', device: 'gw', max: 64 << 20, keepAcked: 60_000 };
    this.core = OutboxCore.open(options, NOW, () => {
      const control = openControl({ path });
      this.control = control;
      return { control, audit: new AuditChain(control), close: () => control.close() };
    });
    onTestFinished(() => this.core.abandon());
  }

  /** Events that wait, in the order in which they were told, confirmed with it. */
  drain(): Told[] {
    const boots = new Map<string, Told[]>();
    const limits = { maxBytes: 1 << 20, maxRecords: 1000, gzip: false };
    for (let batch = this.core.claim('urgent', limits); batch; batch = this.core.claim('urgent', limits)) {
      const { boot, records }: { boot: string; records: WireRecord[] } = JSON.parse(`${Buffer.from(batch.payload)}`);
      const told = records.flatMap((record) => (record.type === 'event' ? [record] : []));
      boots.set(boot, [...told, ...(boots.get(boot) ?? [])]);
      this.core.confirm(batch.id);
    }
    this.core.commit(NOW);
    // The newest boot comes first.
    return [...boots.values()].reverse().flatMap((told) => told.sort((a, b) => a.seq - b.seq));
  }
}

const places = (told: readonly Told[]) => told.map(({ event, audit }) => [event, audit?.n]);

it('tells each entry of the chain once; what a record carries gives its hash', () => {
  const path = temporaryFolder();
  const first = new Device(path);
  first.core.event('config', { digest: 'abc', changed: [] }, NOW + 1.5);
  first.core.commit(NOW + 2);
  const told = first.drain();
  expect(told.map(({ seq }) => seq)).toEqual([1, 2, 3]);
  expect(places(told)).toEqual([
    ['start', 2],
    ['genesis', 1],
    ['config', 3],
  ]);
  first.core.close(NOW + 3);
  const second = new Device(path);
  told.push(...second.drain());
  expect(places(told.slice(3))).toEqual([
    ['stop', 4],
    ['start', 5],
  ]);
  let prev = NO_HASH;
  for (const { t, event, detail, audit } of told.sort((a, b) => (a.audit?.n ?? 0) - (b.audit?.n ?? 0))) {
    const { n = 0 } = audit ?? {};
    const hash = entryHash(prev, { n, at: t, event, body: canonicalJson(detail) });
    expect(audit).toEqual({ n, prev, hash });
    prev = hash;
  }
  expect(second.core.stats(NOW).audit).toEqual({ n: 5, head: prev });
});

it('goes on without a hole where it fell between the two files', () => {
  const path = temporaryFolder();
  const first = new Device(path);
  const before = first.drain();
  // In the chain, and the power goes before the record is committed.
  first.core.event('config', { digest: 'abc' }, NOW + 1);
  first.core.abandon();
  const after = new Device(path).drain();
  expect(places(before)).toEqual([
    ['start', 2],
    ['genesis', 1],
  ]);
  expect(places(after)).toEqual([
    ['start', 4],
    ['config', 3],
  ]);
});

it('goes on where telemetry.db is lost: no entry is told twice', () => {
  const path = temporaryFolder();
  const first = new Device(path);
  first.core.event('config', { digest: 'abc' }, NOW + 1);
  first.core.abandon();
  for (const suffix of ['', '-wal']) rmSync(join(path, `telemetry.db${suffix}`), { force: true });
  expect(places(new Device(path).drain())).toEqual([
    ['start', 5],
    ['config', 3],
    ['store-corrupt', 4],
  ]);
});

it('begins a new chain where control.db is lost, which names the last known entry', () => {
  const path = temporaryFolder();
  const first = new Device(path);
  const lost = first.core.stats(NOW).audit;
  first.core.close(NOW + 1);
  for (const suffix of ['', '-wal']) rmSync(join(path, `control.db${suffix}`), { force: true });
  const told = new Device(path).drain();
  expect(places(told)).toEqual([
    ['start', 2],
    ['genesis', 1],
    ['stop', 3],
    ['start', 2],
    ['genesis', 1],
  ]);
  const genesis = told.filter(({ event }) => event === 'genesis').at(-1);
  expect(genesis?.detail['lastKnown']).toMatchObject({ n: (lost?.n ?? 0) + 1 });
});

it('tells what happens where the chain cannot take it, and says so by leaving its place out', () => {
  const device = new Device(temporaryFolder());
  device.drain();
  device.control?.store
    .prepare(`CREATE TRIGGER broken BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'broken'); END`)
    .run();
  device.core.event('model-failed', { pipeline: 'pump' }, NOW + 1);
  device.core.commit(NOW + 1);
  expect(device.drain()).toMatchObject([{ event: 'model-failed', detail: { pipeline: 'pump' } }]);
  device.control?.store.prepare('DROP TRIGGER broken').run();
  device.core.event('config', {}, NOW + 2);
  device.core.commit(NOW + 2);
  expect(places(device.drain())).toEqual([['config', 3]]);
});
