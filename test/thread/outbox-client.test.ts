import { EventEmitter, once } from 'node:events';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { EdgewrightError } from '../../src/common/core/index.ts';
import { full, io, PAGE_BYTES } from '../../src/common/store/index.ts';
import type { OutboxCore } from '../../src/storage/outbox/index.ts';
import { OutboxClient, type OutboxHandlers, openStorage, type StorageOptions } from '../../src/storage/thread/index.ts';
import { StoragePort } from '../../src/storage/thread/storage-port.ts';
import { type Calls, StorageThread } from '../../src/storage/thread/storage-thread.ts';
import { ThreadClock } from '../../src/storage/thread/thread-clock.ts';
import { flipAt } from '../outbox/support/damage.ts';
import { STORE_WORKER } from '../outbox/support/feeder.ts';
import {
  entries,
  entry,
  lossesIn,
  NO_LIMITS,
  NOW,
  numbers,
  openCore,
  openFlaky,
  optionsFor,
  prediction,
  summariesIn,
  temporaryFolder,
  unpack,
} from '../outbox/support/outbox.ts';

const HOUR = 3600e3;
/** Records of the first boot's own beginning: its start, and that the audit chain begins. */
const OWN = 2;

async function open(
  path: string,
  options: Partial<StorageOptions> = {},
  handlers: OutboxHandlers = {},
): Promise<OutboxClient> {
  const { outbox: client } = await openStorage(
    { ...optionsFor(path), workerUrl: STORE_WORKER, lossWindow: HOUR, ...options },
    handlers,
  );
  onTestFinished(async () => {
    await client.close();
  });
  return client;
}

/** Serves an outbox over a port, in this thread, at a time that stands still. */
function serve(port: MessagePort, core: OutboxCore, calls: Calls = {}): void {
  const clock = new ThreadClock(
    () => NOW,
    () => 0,
  );
  new StorageThread(port, core, clock, calls).start();
}

describe('the outbox seen from the main thread', () => {
  it('runs the work of others once what was appended before is committed', async () => {
    const core = openCore();
    const { port1, port2 } = new MessageChannel();
    const seen: unknown[] = [];
    const calls = { look: (how: string) => seen.push(how, core.stats(NOW).seq) };
    serve(port1, core, calls);
    const client = new OutboxClient(new StoragePort(port2), core.opened, { lossWindow: HOUR });
    const call = (name: string, ...args: unknown[]) =>
      client.afterAppended<number>((id) => ({ op: 'control', call: id, name, args }));
    client.append(entries(0, 5));
    expect(await call('look', 'closely')).toBe(2);
    expect(seen).toEqual(['closely', 6]);
    await expect(call('unknown')).rejects.toMatchObject({ code: 'outbox.unknown-aside' });
    const last = call('look', 'once more');
    client.append(entries(5, 7));
    await client.close();
    expect(await last).toBe(4);
    expect(seen.slice(2)).toEqual(['once more', 8]);
  });

  it('runs it no earlier than after the last of several transactions', async () => {
    const core = openCore({ max: 1 << 20 });
    const { port1, port2 } = new MessageChannel();
    serve(port1, core, { seq: () => core.stats(NOW).seq });
    const client = new OutboxClient(new StoragePort(port2), core.opened, { lossWindow: HOUR });
    client.append(entries(0, 5_000));
    const seq = await client.afterAppended<number>((call) => ({ op: 'control', call, name: 'seq', args: [] }));
    expect(seq).toBeGreaterThanOrEqual(core.opened.seq + 5_000);
    await client.close();
  });

  it('commits at the end of the loss window, everything gathered in it at once', async () => {
    const commits = new EventEmitter();
    const client = await open(temporaryFolder(), { lossWindow: 50 });
    client.onCommitted((committed) => commits.emit('commit', committed));
    const committed = once(commits, 'commit');
    client.append(entries(0, 10));
    client.append(entries(10, 20));
    expect(client.uncommittedBytes).toBeGreaterThan(0);
    expect(await committed).toEqual([{ records: 20, urgent: 0, seq: OWN + 20 }]);
    expect(client.uncommittedBytes).toBe(0);
  });

  it('commits an urgent entry at once, with what was gathered before it', async () => {
    const commits = new EventEmitter();
    const client = await open(temporaryFolder());
    client.onCommitted((committed) => commits.emit('commit', committed));
    const committed = once(commits, 'commit');
    client.append(entries(0, 3));
    client.append([entry(3, { type: 'alarm', urgent: true })]);
    expect(await committed).toEqual([{ records: 4, urgent: 1, seq: OWN + 4 }]);
  });

  it('does not wait for the loss window when a group is large', async () => {
    const commits = new EventEmitter();
    const client = await open(temporaryFolder());
    client.onCommitted(() => commits.emit('commit'));
    const committed = once(commits, 'commit');
    client.append(entries(0, 10_000));
    await committed;
  });

  it('tells when records of a damaged file may be claimed again, after a claim that found none', async () => {
    const folder = temporaryFolder();
    const before = openCore({ path: folder });
    before.append(entries(0, 3_000));
    while (before.dirty) before.commit(NOW);
    before.close(NOW);
    const file = join(folder, 'telemetry.db');
    // The kind of a page in the middle: found by whoever reads it.
    flipAt(file, Math.floor(statSync(file).size / 2 / PAGE_BYTES) * PAGE_BYTES, 0x55);
    const offers = new EventEmitter();
    const client = await open(folder);
    client.onOffered(() => offers.emit('offer'));
    let got = 0;
    for (let offer = once(offers, 'offer'); got < 2_500; offer = once(offers, 'offer')) {
      for (
        let batch = await client.claim('backlog', NO_LIMITS);
        batch;
        batch = await client.claim('backlog', NO_LIMITS)
      )
        got += batch.records;
      if (got < 2_500) await offer;
    }
    expect(got).toBeLessThan(3_000);
  });

  it('claims, confirms, releases and counts as the core does', async () => {
    const client = await open(temporaryFolder());
    client.append(entries(0, 6));
    await client.flush();
    const three = { ...NO_LIMITS, maxRecords: 3 };
    const [first, second] = [await client.claim('backlog', three), await client.claim('backlog', three)];
    if (first !== undefined) client.release(first.id);
    if (second !== undefined) client.confirm(second.id);
    await client.flush();
    const stats = await client.stats();
    expect(stats).toMatchObject({
      boot: client.opened.boot,
      seq: OWN + 6,
      level: 0,
      pending: OWN + 3,
      oldestPending: expect.any(Number),
    });
    const again = await client.claim('backlog', { ...three, gzip: true });
    expect(again?.contentType).toBe('application/gzip');
    expect(again && numbers([unpack(again)])).toEqual([0, 1, 2]);
    expect(await client.claim('backlog', three)).toBeUndefined();
  });

  it('takes the payload over instead of copying it', async () => {
    const client = await open(temporaryFolder());
    client.append(entries(0, 1000));
    await client.flush();
    const claimed = await client.claim('backlog', NO_LIMITS);
    expect(claimed?.payload.byteLength).toBeGreaterThan(8192);
    expect(claimed?.payload.buffer.byteLength).toBe(claimed?.payload.byteLength);
  });

  it('withholds credit above its bound and gives it back when there is room', async () => {
    const client = await open(temporaryFolder(), { creditBytes: 20_000 });
    expect(client.credit()).toBeUndefined();
    while (client.uncommittedBytes <= 20_000) client.append(entries(0, 10));
    const credit = client.credit();
    expect(credit).toBeInstanceOf(Promise);
    await credit;
    expect(client.uncommittedBytes).toBeLessThanOrEqual(20_000);
    expect(client.stalled).toBe(0);
  });

  it('bounds its memory against who does not heed the credit, and counts what it had no room for', async () => {
    const client = await open(temporaryFolder(), { creditBytes: 20_000 });
    client.append(entries(0, 2000));
    expect(client.uncommittedBytes).toBeLessThanOrEqual(60_000);
    const { stalled } = client;
    expect(stalled).toBeGreaterThan(0);
    await client.flush();
    const { ledger } = await client.stats();
    // These are no predictions as a pipeline writes them: they cannot be folded.
    expect(ledger.find(({ type }) => type === 'prediction')).toMatchObject({ committed: 2000, dropped: stalled });
  });

  it('stops in order: what was gathered is committed and the next boot knows', async () => {
    const path = temporaryFolder();
    const client = await open(path);
    client.append(entries(0, 5), { source: 'rig', position: 'row 5' });
    // The stop waits as well.
    expect(await client.close()).toEqual({ pending: OWN + 6 });
    const next = await open(path);
    expect(next.opened.previous).toEqual({ boot: client.opened.boot, lastSeq: OWN + 6, endedInOrder: true });
    expect(next.positions()).toEqual({ rig: 'row 5' });
  });

  it('refuses questions after its end, and takes appends without a word', async () => {
    const client = await open(temporaryFolder());
    await client.close();
    await expect(client.stats()).rejects.toMatchObject({ code: 'outbox.closed' });
    expect(() => client.append(entries(0, 2))).not.toThrow();
    expect(client.stalled).toBe(2);
  });

  it('rejects with what keeps it from opening', async () => {
    const path = temporaryFolder();
    const core = openCore({ path });
    await expect(open(path)).rejects.toMatchObject({
      code: 'store.locked',
      subject: expect.stringContaining('telemetry.db'),
      hint: expect.stringContaining('outbox.path'),
    });
    core.abandon();
  });

  it('rejects when the thread cannot even begin', async () => {
    const workerUrl = scriptUrl('throw new Error("no")');
    await expect(open(temporaryFolder(), { workerUrl })).rejects.toMatchObject({ code: 'outbox.thread-stopped' });
  });

  it('tells that the store thread ended, and leaves nobody waiting', async () => {
    const failures: EdgewrightError[] = [];
    const workerUrl = scriptUrl(`
      import { parentPort } from 'node:worker_threads';
      parentPort.postMessage({ op: 'opened', opened: { boot: 'b', seq: 1, positions: {} } });
      parentPort.on('message', ({ op }) => { if (op === 'stats') throw new Error('a defect'); });
    `);
    const onFailure = (error: EdgewrightError) => failures.push(error);
    const client = await open(temporaryFolder(), { workerUrl, creditBytes: 1000 }, { onFailure });
    client.append(entries(0, 20));
    const credit = client.credit();
    const stopped = { code: 'outbox.thread-stopped', message: expect.stringContaining('a defect') };
    await expect(Promise.all([client.claim('backlog', NO_LIMITS), client.stats()])).rejects.toMatchObject(stopped);
    await credit;
    expect(failures).toEqual([expect.objectContaining(stopped)]);
    await expect(client.stats()).rejects.toMatchObject(stopped);
    expect(await client.close()).toEqual({ pending: undefined });
  });
});

describe('a failing disk', () => {
  it('is told and tried again until the records are committed', async () => {
    const failures: EdgewrightError[] = [];
    const { port1, port2 } = new MessageChannel();
    const [, core] = openFlaky(optionsFor(temporaryFolder()), failures);
    failures.push(io('telemetry.db', 'made to fail'));
    serve(port1, core);
    const told: string[] = [];
    const ended = new EventEmitter();
    const client = new OutboxClient(
      new StoragePort(port2),
      core.opened,
      { lossWindow: 0 },
      {
        onTrouble: ({ code }, attempts) => told.push(`${code} ${attempts}`),
        onRecovered: () => told.push('recovered'),
      },
    );
    client.onCommitted(({ records }) => ended.emit('commit', records));
    const committed = once(ended, 'commit');
    client.append(entries(0, 3));
    expect(await committed).toEqual([3]);
    await client.flush();
    expect(told).toEqual(['store.io 1', 'recovered']);
    expect(await client.close()).toEqual({ pending: 5 });
  });

  it('leaves what was given in memory, and says how much of it there is and since when', async () => {
    const failures: EdgewrightError[] = [];
    const { port1, port2 } = new MessageChannel();
    const [, core] = openFlaky(optionsFor(temporaryFolder()), failures);
    failures.push(io('telemetry.db', 'made to fail'));
    serve(port1, core);
    const heard = new EventEmitter();
    let monotonic = 1000;
    const client = new OutboxClient(
      new StoragePort(port2),
      core.opened,
      { lossWindow: 0, creditBytes: 20_000, monotonic: () => monotonic },
      { onTrouble: () => heard.emit('trouble') },
    );
    expect(client.uncommitted).toEqual({ records: 0, bytes: 0, forMs: 0 });
    const troubled = once(heard, 'trouble');
    client.append(entries(0, 3));
    monotonic = 5000;
    await troubled;
    client.append(entries(3, 5));
    expect(client.uncommitted).toEqual({ records: 5, bytes: client.uncommittedBytes, forMs: 4000 });
    // What memory has no room for is folded, and as much at risk.
    client.append(Array.from({ length: 500 }, (_, n) => prediction(n)));
    expect(client.stalled).toBeGreaterThan(0);
    expect(client.uncommitted.records).toBe(505);
    await client.flush();
    expect(client.uncommitted).toEqual({ records: 0, bytes: 0, forMs: 0 });
    monotonic = 9000;
    client.append(entries(5, 6));
    monotonic = 9500;
    expect(client.uncommitted).toMatchObject({ records: 1, forMs: 500 });
    // The disk works again: what is live waits for it as before.
    client.append(entries(6, 250));
    expect(client.credit('live')).toBeInstanceOf(Promise);
    await client.close();
  });

  it('keeps no work of others waiting, but for a checkpoint of records that wait for the disk themselves', async () => {
    const failures: EdgewrightError[] = [];
    const { port1, port2 } = new MessageChannel();
    const [, core] = openFlaky(optionsFor(temporaryFolder()), failures);
    failures.push(...Array.from({ length: 4 }, () => full('telemetry.db', 'made to fail')));
    const seqs: Record<string, number> = {};
    const look = (name: string) => () => {
      seqs[name] = core.stats(NOW).seq;
    };
    serve(port1, core, { exchangeConfig: look('exchangeConfig'), completeCheckpoint: look('completeCheckpoint') });
    const client = new OutboxClient(new StoragePort(port2), core.opened, { lossWindow: 0 });
    const call = (name: string) => client.afterAppended<void>((id) => ({ op: 'control', call: id, name, args: [] }));
    const { seq } = core.stats(NOW);
    client.append(entries(0, 5));
    await Promise.all([call('exchangeConfig'), call('completeCheckpoint')]);
    expect(seqs).toEqual({ exchangeConfig: seq, completeCheckpoint: seq + 5 });
    await client.close();
  });

  it('holds up nobody whose data does not wait; what memory has no room for is folded, and told when it is over', async () => {
    const failures: EdgewrightError[] = [];
    const { port1, port2 } = new MessageChannel();
    const [, core] = openFlaky(optionsFor(temporaryFolder()), failures);
    failures.push(...Array.from({ length: 5 }, () => full('telemetry.db', 'made to fail')));
    serve(port1, core);
    const heard = new EventEmitter();
    const client = new OutboxClient(
      new StoragePort(port2),
      core.opened,
      { lossWindow: 0, creditBytes: 20_000 },
      { onTrouble: () => heard.emit('trouble'), onRecovered: () => heard.emit('recovered') },
    );
    const troubled = once(heard, 'trouble');
    const recovered = once(heard, 'recovered');
    const total = 1000;
    client.append(Array.from({ length: total }, (_, n) => prediction(n, { asset: `p-${n % 40}` })));
    const patient = client.credit('waits');
    await client.credit('live');
    await troubled;
    expect(client.trouble).toMatchObject({ code: 'store.full' });
    expect(client.credit('live')).toBeUndefined();
    expect(client.uncommittedBytes).toBeLessThanOrEqual(40_000);
    const { stalled } = client;
    await recovered;
    await patient;
    await client.flush();
    expect(client.trouble).toBeUndefined();
    const { ledger, seq } = await client.stats();
    const row = ledger.find(({ type }) => type === 'prediction');
    expect(row).toMatchObject({ committed: total, folded: stalled, pending: total - stalled });
    const batches = await Promise.all(
      (['urgent', 'backlog'] as const).map(async (lane) => {
        const claimed = await client.claim(lane, { ...NO_LIMITS, maxRecords: 5000 });
        return claimed ? unpack(claimed) : undefined;
      }),
    );
    const all = batches.flatMap((batch) => batch ?? []);
    const [loss, ...others] = lossesIn(all);
    expect(others).toEqual([]);
    expect(loss).toMatchObject({
      cause: 'disk-stalled',
      counts: [{ pipeline: 'pump', type: 'prediction', folded: stalled }],
    });
    const summaries = summariesIn(all);
    // Sixteen assets of their own, and the rest together.
    expect(summaries.map(({ asset }) => asset).filter((asset) => asset === '*')).toHaveLength(1);
    expect(summaries.reduce((sum, { predictions }) => sum + predictions, 0)).toBe(stalled);
    const seen = new Set(all.flatMap(({ records }) => records.map((record) => record.seq)));
    for (let one = 1; one <= seq; one += 1) {
      const told = loss !== undefined && loss.first <= one && one <= loss.last;
      expect([one, seen.has(one) || told]).toEqual([one, true]);
    }
    await client.close();
  });
});

function scriptUrl(script: string): URL {
  return new URL(`data:text/javascript,${encodeURIComponent(script)}`);
}
