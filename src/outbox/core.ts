import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { type ClaimedBatch, EdgewrightError, type EventRecord, type Lane } from '../core/index.ts';
import { acquireLock, type FileLock, full, openStore, PAGE_BYTES, type Store } from '../store/index.ts';
import { Boots } from './boots.ts';
import { type Batch, Claims } from './claims.ts';
import { type Entry, type EntryGroup, Gathering, Intake, type Mark, type Slice } from './entry.ts';
import { Ledger } from './ledger.ts';
import { type Limits, limitsOf, pagesFor } from './limits.ts';
import { Losses, NO_PIPELINE } from './losses.ts';
import { Marks } from './marks.ts';
import type { CommitResult, Opened, OutboxOptions, OutboxStats, PreviousBoot } from './options.ts';
import { RateMeter } from './rate.ts';
import { Records } from './records.ts';
import { type ClaimLimits, Sealer } from './sealer.ts';
import { Settled } from './settled.ts';
import { type Books, Space } from './space.ts';
import { MIGRATIONS } from './tables.ts';

const FILE = 'telemetry.db';
/** Settled times are rounded up to this share of `keepAcked`, so that neighbours become one range. */
const SETTLED_STEPS = 16;
/** Deleted at a commit: enough to keep up with twice what comes in, and with the rest of a second. */
const PRUNE_PER_RECORD = 2;
const MIN_PRUNE = 256;
const MAINTAIN_PRUNE = 2000;
/** Room for what a transaction writes beside its records. */
const SPARE_PAGES = 16;
/** Tries of one transaction on a full disk, each with older rows gone. */
const FULL_TRIES = 3;

/**
 * The durability line: what it has committed is kept until it is confirmed or a declared rule drops it, and then the
 * ledger says so. Synchronous, for the store thread; time is an argument (ms since the epoch). `append` only gathers;
 * `commit` writes, and throws store errors after which nothing is lost and it can be called again.
 */
export class OutboxCore {
  readonly opened: Opened;
  private readonly options: OutboxOptions;
  private readonly store: Store;
  private readonly lock: FileLock;
  private readonly limits: Limits;
  private readonly marks: Marks;
  private readonly books: Books;
  private readonly sealer: Sealer;
  private readonly space: Space;
  private readonly intake: Intake;
  private readonly rate: RateMeter;
  /** A transaction failed: what memory says about the file may be wrong. */
  private stale = false;

  constructor(options: OutboxOptions, store: Store, lock: FileLock, now: number) {
    this.options = options;
    this.store = store;
    this.lock = lock;
    this.limits = limitsOf(options.max);
    this.marks = new Marks(store);
    const records = new Records(store);
    const boots = new Boots(store);
    const ledger = new Ledger(store);
    const settled = new Settled(store);
    const losses = new Losses(records, ledger);
    const claims = new Claims(records, boots, settled, losses);
    this.books = { records, boots, ledger, settled, losses, claims };
    this.sealer = new Sealer(records, claims, options.site, options.device);
    this.space = new Space(store, this.limits, this.books);
    this.intake = new Intake(this.limits.recordBytes);
    this.rate = new RateMeter(now);
    store.guard(() => this.reload());
    this.opened = this.start(now);
  }

  /** Takes the lock, opens or creates the file and begins a boot. The work does not depend on how much is queued. */
  static open(options: OutboxOptions, now: number): OutboxCore {
    const path = join(options.path, FILE);
    const { nativeBinding } = options;
    const lock = acquireLock(path, { nativeBinding });
    let store: Store | undefined;
    try {
      const { walPages, maxPages } = limitsOf(options.max);
      store = openStore(path, { migrations: MIGRATIONS, nativeBinding, walPages, maxPages });
      return new OutboxCore(options, store, lock, now);
    } catch (error) {
      store?.close();
      lock.release();
      throw error;
    }
  }

  append(entries: readonly Entry[], mark?: Mark): void {
    const gathering = new Gathering();
    for (const entry of entries) gathering.add(entry);
    if (mark !== undefined) gathering.mark(mark);
    this.appendGroup(gathering.take());
  }

  appendGroup(group: EntryGroup): void {
    this.intake.push(group);
  }

  /** Whether there is something for `commit` to write. */
  get dirty(): boolean {
    const { confirmed, rejected } = this.books.claims;
    return !this.intake.empty || confirmed.length > 0 || rejected.length > 0;
  }

  /** One transaction: confirmations, entries up to a bounded size with their marks and ledger, and some pruning. */
  commit(now: number): CommitResult {
    const slices = this.intake.peek(this.limits.transactionBytes);
    const records = slices.reduce((sum, { from, to }) => sum + to - from, 0);
    const bytes = slices.reduce((sum, slice) => sum + slice.bytes, 0);
    this.writing(pagesFor(bytes), now, () => {
      this.settle(now);
      this.space.makeRoom(pagesFor(bytes) + SPARE_PAGES, now, this.trusted(now));
      for (const slice of slices) this.insert(slice, now);
      this.prune(now, Math.max(MIN_PRUNE, records * PRUNE_PER_RECORD));
    });
    this.books.claims.saved();
    this.intake.done(slices);
    if (records > 0) this.rate.add(records, bytes, now);
    return { records, bytes, seq: this.seq, more: !this.intake.empty };
  }

  claim(lane: Lane, limits: ClaimLimits): ClaimedBatch | undefined {
    return this.store.guard(() => {
      this.refresh();
      return this.sealer.claim(lane, limits);
    });
  }

  confirm(batch: number): void {
    this.books.claims.confirm(batch);
  }

  release(batch: number): void {
    this.books.claims.release(batch);
  }

  /** Nobody takes a message of this size: its halves are offered; a single record is dead. */
  reject(batch: number): void {
    this.books.claims.reject(batch);
  }

  /** Idle work, a bounded piece of it. Tells whether there may be more. */
  maintain(now: number): boolean {
    const { boots, records } = this.books;
    const { due, future } = this.keepUntil(now);
    let more = false;
    if (this.space.isDue(due, future)) {
      this.writing(0, now, () => {
        more = this.prune(now, MAINTAIN_PRUNE);
        boots.forgetBefore(records.oldestId() ?? 0);
      });
    }
    return more || this.store.guard(() => this.space.shrink());
  }

  stats(now: number): OutboxStats {
    return this.store.guard(() => {
      this.refresh();
      const { boots, ledger } = this.books;
      return {
        boot: boots.current.id,
        seq: this.seq,
        bytes: this.store.bytes(),
        cap: this.options.max,
        hoursLeft: this.hoursLeft(now),
        level: 0,
        pending: ledger.pending,
        oldestPending: this.oldestPending(),
        ledger: ledger.list(),
      };
    });
  }

  /** Commits what is there, ends the boot in order and closes the file. What cannot be written is left out. */
  close(now: number): { readonly pending: number; readonly failure: EdgewrightError | undefined } {
    let failure: EdgewrightError | undefined;
    try {
      while (this.dirty) this.commit(now);
      this.writing(SPARE_PAGES, now, () => {
        this.addEvent('stop', {}, now);
        this.books.boots.end();
      });
      this.store.checkpoint('truncate');
    } catch (error) {
      if (!(error instanceof EdgewrightError)) throw error;
      failure = error;
    }
    const { pending } = this.books.ledger;
    this.abandon();
    return { pending, failure };
  }

  /** Closes the file as a crash would leave it. */
  abandon(): void {
    this.store.close();
    this.lock.release();
  }

  private get seq(): number {
    return this.books.records.newestId - this.books.boots.current.firstId + 1;
  }

  private start(now: number): Opened {
    const { boots, records } = this.books;
    const previous = this.previousBoot();
    const boot = randomBytes(16).toString('hex');
    this.writing(SPARE_PAGES, now, () => {
      boots.start(boot, records.newestId + 1);
      const { boot: previousBoot, lastSeq, endedInOrder } = previous ?? {};
      const told = { previousBoot: previousBoot ?? null, previousLastSeq: lastSeq ?? null };
      this.addEvent('start', { ...told, endedInOrder: endedInOrder ?? null, ...this.options.detail }, now);
    });
    return { boot, seq: this.seq, previous, marks: this.store.guard(() => this.marks.read()) };
  }

  private previousBoot(): PreviousBoot | undefined {
    const { boots, records } = this.books;
    const { last } = boots;
    if (last === undefined) return undefined;
    return { boot: last.id, lastSeq: records.newestId - last.firstId + 1, endedInOrder: last.ended };
  }

  /** A transaction that leaves memory and file in step, whatever happens, and gives old rows away on a full disk. */
  private writing(pages: number, now: number, work: () => void): void {
    for (let tries = 1; ; tries += 1) {
      try {
        this.store.guard(() => this.refresh());
        this.transaction(work);
        return;
      } catch (error) {
        if (!(error instanceof EdgewrightError) || error.kind !== full.kind || tries >= FULL_TRIES) throw error;
        this.store.checkpoint('passive');
        this.store.guard(() => this.refresh());
        this.transaction(() => this.space.freeOnFullDisk(tries * (pages + SPARE_PAGES), now, this.trusted(now)));
      }
    }
  }

  private transaction(work: () => void): void {
    try {
      this.store.transaction(() => {
        work();
        this.books.ledger.save();
      });
    } catch (error) {
      this.stale = true;
      throw error;
    }
  }

  private refresh(): void {
    if (!this.stale) return;
    this.reload();
    this.stale = false;
  }

  private reload(): void {
    const { records, boots, ledger, settled, losses, claims } = this.books;
    records.load();
    boots.load();
    ledger.load();
    settled.load();
    losses.freezeAll();
    claims.rewind();
  }

  private settle(now: number): void {
    const { claims } = this.books;
    for (const batch of claims.confirmed) this.settleBatch(batch, 'acked', now);
    for (const batch of claims.rejected) {
      this.settleBatch(batch, 'dead', now);
      const { boot, selection, from, to, counts } = batch;
      const first = selection.first - boot.firstId + 1;
      this.addTooLarge({ first, last: first, from, to, counts, boot: boot.id }, now);
    }
  }

  private settleBatch({ selection, counts }: Batch, state: 'acked' | 'dead', now: number): void {
    const { records, settled, ledger } = this.books;
    const step = Math.max(1, Math.ceil(this.options.keepAcked / SETTLED_STEPS));
    const at = Math.ceil(now / step) * step;
    ledger.settle(counts, state);
    if (selection.ids === undefined) settled.add(selection.first, selection.last, at);
    else {
      records.unlistUrgent(selection.ids);
      for (const id of selection.ids) settled.add(id, id, at);
    }
  }

  private insert({ group, from, to, tooLarge }: Slice, now: number): void {
    const { records, ledger, boots } = this.books;
    const kinds = group.kinds.map(({ pipeline, type }) => ledger.kindOf(pipeline, type));
    const counts = new Map<number, number>();
    for (let index = from; index < to; index += 1) {
      const kind = kinds[(group.meta[index] ?? 0) >>> 2] ?? 0;
      counts.set(kind, (counts.get(kind) ?? 0) + 1);
    }
    for (const [kind, count] of counts) ledger.commit(kind, count);
    if (tooLarge) {
      // It has its seq, so that its loss can be told, but never a row.
      records.newestId += 1;
      ledger.settle(counts, 'dead');
      const t = group.t[from] ?? now;
      this.addTooLarge({ first: this.seq, last: this.seq, from: t, to: t, counts, boot: boots.current.id }, now);
    } else records.insert(group, from, to, kinds);
    if (to === group.bodies.length) this.marks.write(group.marks);
  }

  private addTooLarge(loss: Omit<Parameters<Losses['add']>[0], 'cause'>, now: number): void {
    this.books.losses.add({ ...loss, cause: 'too-large' }, now, this.trusted(now));
  }

  private addEvent(event: EventRecord['event'], detail: EventRecord['detail'], now: number): void {
    const { ledger, records } = this.books;
    const kind = ledger.kindOf(NO_PIPELINE, 'event');
    const record: EventRecord = { type: 'event', t: now, event, detail };
    ledger.commit(kind, 1);
    records.add(kind, now, this.trusted(now), JSON.stringify(record));
  }

  private prune(now: number, maxIds: number): boolean {
    const { due, future } = this.keepUntil(now);
    return this.space.prune(due, future, maxIds);
  }

  private keepUntil(now: number): { readonly due: number; readonly future: number } {
    return { due: now - this.options.keepAcked, future: now + this.options.keepAcked };
  }

  private trusted(now: number): boolean {
    return now >= (this.options.trustedSince ?? 0);
  }

  private hoursLeft(now: number): number | null {
    const rate = this.rate.bytesPerMs(now);
    if (rate <= 0) return null;
    const taken = this.books.ledger.pending * this.rate.bytesPerRecord;
    return Math.max(0, this.limits.maxPages * PAGE_BYTES - taken) / rate / 3600e3;
  }

  private oldestPending(): number | null {
    const { records, claims } = this.books;
    const urgent = records.oldestUrgent();
    const times = [claims.oldestBacklogTime(), urgent === undefined ? undefined : records.timeOf(urgent)];
    const known = times.filter((time) => time !== undefined);
    return known.length === 0 ? null : Math.min(...known);
  }
}
