import { join } from 'node:path';
import {
  type ClaimedBatch,
  EdgewrightError,
  type EventName,
  type EventRecord,
  type Lane,
} from '../../common/core/index.ts';
import { acquireLock, diskBytes, isFull, openOrReplace, type Replaced, type Store } from '../../common/store/index.ts';
import { BootStart } from './begin-boot.ts';
import { Ballast } from './capacity/ballast.ts';
import { fileLimitsFor, pagesFor } from './capacity/file-limits.ts';
import { SPARE_PAGES } from './capacity/transactions.ts';
import { type CoreParts, type CoreResources, createParts } from './core-parts.ts';
import type { Receipt, ReceiptVerdict } from './journal/claims/receipts.ts';
import type { ResendAnswer, ResendRequest } from './journal/claims/resends.ts';
import type { ClaimLimits } from './journal/claims/sealer.ts';
import type { Emitted } from './journal/emitted.ts';
import { EntryBatcher } from './journal/entry-batcher.ts';
import type { CommitResult, Notice, OpenedBoot, OutboxOptions, OutboxStats } from './journal/options.ts';
import { newestSeq } from './journal/outbox-state.ts';
import type { OutboxPorts } from './journal/ports.ts';
import type { Entry, EntryGroup, SourcePosition } from './journal/rows/entry.ts';
import { FILE, MIGRATIONS } from './journal/rows/tables.ts';
import { isUnusable } from './repair/integrity-check.ts';

/**
 * The outbox in the thread that has its file. All calls are synchronous; time is an argument, ms since the epoch.
 * `append` only queues; `commit` writes, and throws store errors after which nothing is lost and it can be called
 * again.
 */
export class OutboxCore {
  readonly opened: OpenedBoot;
  readonly #parts: CoreParts;
  readonly #start: BootStart;
  /** Id of the newest record that a commit reported. */
  #reportedId: number;
  /** Time of the newest call that had one, for calls that have none. */
  #now: number;

  constructor(parts: CoreParts, start: BootStart, now: number) {
    this.#parts = parts;
    this.#start = start;
    this.opened = start.opened();
    this.#reportedId = parts.state.records.newestId;
    this.#now = now;
  }

  /**
   * Takes the lock, opens or creates the file and begins a boot. On a full disk the boot begins with the first commit for
   * which there is room; until then everything waits in memory. The work does not depend on how much is queued.
   */
  static open(options: OutboxOptions, now: number, compose: () => OutboxPorts = () => ({})): OutboxCore {
    try {
      return OutboxCore.#tryOpen(options, now, compose);
    } catch (error) {
      if (!isFull(error) || !new Ballast(options.path).giveUp()) throw error;
      return OutboxCore.#tryOpen(options, now, compose);
    }
  }

  static #tryOpen(options: OutboxOptions, now: number, compose: () => OutboxPorts): OutboxCore {
    const path = join(options.path, FILE);
    const { nativeBinding } = options;
    const lock = acquireLock(path, { nativeBinding });
    let ports: OutboxPorts = {};
    try {
      ports = compose();
      const { walPages, maxPages } = fileLimitsFor(Math.min(options.max, diskBytes(options.path)));
      const storeOptions = { migrations: MIGRATIONS, nativeBinding, walPages, maxPages, waitsForRoom: true };
      const begin = (store: Store, replaced?: Replaced) =>
        OutboxCore.begin({ options, store, lock, ports }, now, replaced?.reason);
      return openOrReplace(path, storeOptions, begin, isUnusable);
    } catch (error) {
      ports.close?.();
      lock.release();
      throw error;
    }
  }

  /** Begins a boot in an open file; `damage` says why the file that was there was set aside before. */
  static begin(resources: CoreResources, now: number, damage?: string): OutboxCore {
    const parts = createParts(resources, now);
    const start = new BootStart(parts, now, damage);
    try {
      start.begin(now);
    } catch (error) {
      if (!isFull(error)) throw error;
    }
    return new OutboxCore(parts, start, now);
  }

  /** Queues entries, and a source position that they and earlier ones cover. */
  append(entries: readonly Entry[], position?: SourcePosition): void {
    const batcher = new EntryBatcher();
    for (const entry of entries) batcher.add(entry);
    if (position !== undefined) batcher.addPosition(position);
    this.appendGroup(batcher.take());
  }

  /** Queues a group of entries. */
  appendGroup(group: EntryGroup): void {
    this.#parts.queue.push(group);
  }

  /** Notes that the clock was set by so many ms, and whether it is trusted from now on. */
  setClock(by: number, trusted: boolean): void {
    this.#parts.trust.set(trusted);
    this.#parts.rate.shift(by);
  }

  /** Takes an event into the audit chain now; with the next commit it is a record. */
  event(event: EventName, detail: EventRecord['detail'], now: number): void {
    this.#parts.events.happened(event, detail, now);
  }

  /** Whether the boot is in the file. */
  get begun(): boolean {
    return this.#start.begun;
  }

  /** Whether entries wait for their commit. */
  get holds(): boolean {
    return !this.#parts.queue.empty;
  }

  /** Whether there is something for `commit` to write. */
  get dirty(): boolean {
    const { queue, events, state } = this.#parts;
    const { claims, receipts, records } = state;
    const unreported = !receipts.empty || records.newestId > this.#reportedId;
    return !this.#start.begun || !queue.empty || events.waiting || claims.answered || unreported;
  }

  /**
   * Runs one transaction: confirmations, entries up to a bounded size with their source positions and ledger, some
   * pruning.
   */
  commit(now: number): CommitResult {
    this.#beginLate(now);
    return this.#repairing(now, () => this.#write(now));
  }

  /** Begins the boot, where the disk had no room for that so far. Its first records count to this commit. */
  #beginLate(now: number): void {
    if (this.#start.begun) return;
    this.#start.begin(now);
    this.#reportedId = this.#parts.state.boots.current.firstId - 1;
  }

  #write(now: number): CommitResult {
    const { queue, limits, trust, state, repair, housekeeper, transactions, writer, events, rate } = this.#parts;
    const { records, receipts, claims } = state;
    const slices = queue.peek(limits.transactionBytes);
    const entries = slices.reduce((sum, { from, to }) => sum + to - from, 0);
    const bytes = slices.reduce((sum, slice) => sum + slice.bytes, 0);
    const moment = trust.momentOf(now);
    const receivedIds = receipts.peek();
    let received = 0;
    const before = this.#reportedId;
    repair.reportDamagedRows(claims.damaged.length, now);
    housekeeper.shedLoad(pagesFor(bytes) + SPARE_PAGES, moment);
    transactions.write(pagesFor(bytes), moment, () => {
      writer.settle(moment);
      received = writer.receive(receivedIds, now);
      housekeeper.makeRoom(pagesFor(bytes) + SPARE_PAGES, moment);
      events.write(moment.trusted);
      for (const slice of slices) writer.insert(slice, moment);
      housekeeper.prune(now, entries);
    });
    claims.saved();
    events.saved();
    receipts.done(receivedIds);
    const over = claims.finish(receivedIds);
    queue.done(slices);
    if (entries > 0) rate.add(entries, bytes, now);
    const urgent = transactions.read(() => records.urgent.countAfter(before));
    repair.writeNote(now);
    const seq = newestSeq(state);
    this.#reportedId = records.newestId;
    return {
      entries,
      records: records.newestId - before,
      urgent,
      bytes,
      seq,
      received: { records: received, batches: over },
      more: !queue.empty || !receipts.empty,
    };
  }

  /** What of each asset is committed after a seq of a boot: up to which event times, and how its alarms stand. */
  emittedSince(boot: string, seq: number): Emitted {
    const { transactions, emitted } = this.#parts;
    return this.#repairing(this.#now, () => transactions.read(() => emitted.since(boot, seq)));
  }

  /** Claims the next records of a lane, sealed; undefined where none wait. Throws store errors. */
  claim(lane: Lane, limits: ClaimLimits): ClaimedBatch | undefined {
    const { transactions, sealer } = this.#parts;
    return this.#repairing(this.#now, () => transactions.read(() => sealer.claim(lane, limits)));
  }

  /** Whether, since this was last asked, a lane that had nothing may have something again, other than by a commit. */
  takeOffered(): boolean {
    return this.#parts.state.claims.takeRewound();
  }

  /** Notes that the receiver has a batch; the next commit settles it. */
  confirm(batch: number): void {
    this.#parts.state.claims.confirm(batch);
  }

  /** Offers the records of a batch again, which was not sent, or nobody knows. */
  release(batch: number): void {
    this.#parts.state.claims.release(batch);
  }

  /** Takes a consumer's receipt, which the next commit settles. Returns which ranges are refused. */
  noteReceipt(receipt: Receipt): ReceiptVerdict {
    return this.#parts.transactions.read(() => this.#parts.state.receipts.take(receipt));
  }

  /** Notes that the link stands: what is committed from now on is live, what waits is backlog. */
  beginLive(): void {
    this.#parts.state.claims.beginLive();
  }

  /** Offers what was confirmed and is still kept once more, in the lane `again`. */
  resend(request: ResendRequest): ResendAnswer {
    return this.#parts.transactions.read(() => this.#parts.state.resends.request(request));
  }

  /**
   * Notes that the receiver takes no message of this size: the batch's halves are offered next; a single record is
   * dead.
   */
  reject(batch: number): void {
    this.#parts.state.claims.reject(batch);
  }

  /** Does a bounded piece of idle work. Returns whether there may be more. */
  maintain(now: number): boolean {
    return this.#start.begun && this.#repairing(now, () => this.#tidy(now));
  }

  #tidy(now: number): boolean {
    const { state, repair, transactions, scrub, housekeeper, trust } = this.#parts;
    const { boots, records } = state;
    const more = repair.salvageSome(now) || transactions.read(() => scrub.step());
    const forget = () => {
      if (!repair.busy) boots.forgetBefore(records.oldestId() ?? 0);
    };
    return housekeeper.tidy(trust.momentOf(now), forget) || more;
  }

  /** State of the outbox as `status` shows it. Throws store errors. */
  stats(now: number): OutboxStats {
    return this.#repairing(now, () => this.#figures(now));
  }

  #figures(now: number): OutboxStats {
    const { transactions, state, events, store, options, housekeeper, rate } = this.#parts;
    return transactions.read(() => {
      const { ledger, claims } = state;
      const { head } = events;
      return {
        boot: this.#start.boot,
        seq: this.#start.seq(),
        bytes: store.bytes(),
        cap: options.max,
        ...housekeeper.figures(rate, now),
        pending: ledger.pending,
        oldestPending: claims.oldestTime() ?? null,
        ledger: ledger.list(),
        ...(head && { audit: { n: head.n, head: head.hash } }),
      };
    });
  }

  /** Commits what is there, ends the boot in order and closes the file. What cannot be written is left out. */
  close(now: number): { readonly pending: number; readonly failure: EdgewrightError | undefined } {
    const { trust, events, transactions, state, repair, store } = this.#parts;
    let failure: EdgewrightError | undefined;
    try {
      while (this.dirty) this.commit(now);
      const moment = trust.momentOf(now);
      events.happened('stop', {}, now);
      transactions.write(SPARE_PAGES, moment, () => {
        events.write(moment.trusted);
        state.boots.end();
      });
      events.saved();
      repair.writeNote(now);
      store.checkpoint('truncate');
    } catch (error) {
      if (!(error instanceof EdgewrightError)) throw error;
      failure = error;
    }
    const { pending } = state.ledger;
    this.abandon();
    return { pending, failure };
  }

  /** Closes the file as a crash would leave it. */
  abandon(): void {
    const { repair, store, ports, lock } = this.#parts;
    repair.close();
    store.close();
    ports.close?.();
    lock.release();
  }

  /** Takes the notices of damage since the last call, for the log. */
  takeNotices(): Notice[] {
    return this.#parts.repair.notices.splice(0);
  }

  #repairing<T>(now: number, work: () => T): T {
    this.#now = now;
    // Before the boot has begun, a damaged file waits for the room that its repair takes.
    return this.#start.begun ? this.#parts.repair.repairing(now, work) : work();
  }
}
