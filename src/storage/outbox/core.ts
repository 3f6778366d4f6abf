import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import {
  type ClaimedBatch,
  EdgewrightError,
  type EventName,
  type EventRecord,
  type Lane,
  type Moment,
} from '../../common/core/index.ts';
import { acquireLock, diskBytes, type FileLock, full, type Store } from '../../common/store/index.ts';
import { Ballast } from './capacity/ballast.ts';
import { type FileLimits, fileLimitsFor, pagesFor } from './capacity/file-limits.ts';
import { Housekeeper } from './capacity/housekeeper.ts';
import { ranksOf } from './capacity/ranks.ts';
import { RateMeter } from './capacity/rate-meter.ts';
import { SPARE_PAGES, type Transactions } from './capacity/transactions.ts';
import type { Receipt, ReceiptVerdict } from './journal/claims/receipts.ts';
import type { ResendAnswer, ResendRequest } from './journal/claims/resends.ts';
import { type ClaimLimits, Sealer } from './journal/claims/sealer.ts';
import { CommitQueue } from './journal/commit-queue.ts';
import { type EmittedWatermark, EmittedWatermarks } from './journal/emitted-watermarks.ts';
import { EntryBatcher } from './journal/entry-batcher.ts';
import { Events } from './journal/events.ts';
import type { CommitResult, Notice, OpenedBoot, OutboxOptions, OutboxStats, PreviousBoot } from './journal/options.ts';
import { createState, newestSeq, type OutboxState } from './journal/outbox-state.ts';
import type { OutboxPorts } from './journal/ports.ts';
import type { Entry, EntryGroup, SourcePosition } from './journal/rows/entry.ts';
import { Meta } from './journal/rows/meta.ts';
import { SourcePositions } from './journal/rows/source-positions.ts';
import { FILE, MIGRATIONS } from './journal/rows/tables.ts';
import { Writer } from './journal/writer.ts';
import { openSound } from './repair/integrity-check.ts';
import { Repair } from './repair/repair.ts';
import { Scrub } from './repair/scrub.ts';

/** Key of `meta`: what this boot may lose at most, for the next one to tell. */
const LOSS_WINDOW = 'loss-window';

/**
 * The durability line: what it has committed is kept until it is confirmed or a declared rule drops it, and then the
 * ledger says so. Synchronous, for the store thread; time is an argument (ms since the epoch). `append` only gathers;
 * `commit` writes, and throws store errors after which nothing is lost and it can be called again.
 */
export class OutboxCore {
  readonly opened: OpenedBoot;
  readonly #options: OutboxOptions;
  readonly #store: Store;
  readonly #lock: FileLock;
  readonly #ports: OutboxPorts;
  readonly #limits: FileLimits;
  readonly #state: OutboxState;
  readonly #positions: SourcePositions;
  readonly #meta: Meta;
  readonly #events: Events;
  readonly #watermarks: EmittedWatermarks;
  readonly #sealer: Sealer;
  readonly #writer: Writer;
  readonly #housekeeper: Housekeeper;
  readonly #transactions: Transactions;
  readonly #queue: CommitQueue;
  readonly #rate: RateMeter;
  readonly #repair: Repair;
  readonly #scrub: Scrub;
  /** Id of the newest record that a commit told of. */
  #reportedId = 0;
  /** Time of the newest call that had one. */
  #now: number;
  /** Once somebody told it. */
  #clockTrusted: boolean | undefined;

  /** `damage`: why the file that was there was set aside before. */
  constructor(
    options: OutboxOptions,
    store: Store,
    lock: FileLock,
    now: number,
    ports: OutboxPorts = {},
    damage?: string,
  ) {
    this.#options = options;
    this.#store = store;
    this.#lock = lock;
    this.#ports = ports;
    this.#limits = fileLimitsFor(Math.min(options.max, store.diskBytes()));
    const ranks = ranksOf(options.priorities ?? {});
    this.#state = createState(store, ranks.count, options.retain ?? Number.POSITIVE_INFINITY);
    this.#positions = new SourcePositions(store);
    this.#meta = new Meta(store);
    this.#events = new Events(store, this.#state.records, this.#state.ledger, ports.audit);
    this.#watermarks = new EmittedWatermarks(store, this.#state);
    this.#sealer = new Sealer(this.#state.records, this.#state.claims, options.site, options.device);
    const [limits, state] = [this.#limits, this.#state];
    this.#writer = new Writer(state, this.#positions, options.keepAcked);
    this.#housekeeper = new Housekeeper({ store, options, limits, state, writer: this.#writer, ranks });
    this.#transactions = this.#housekeeper.transactions;
    this.#queue = new CommitQueue(this.#limits.recordBytes);
    this.#rate = new RateMeter(now);
    this.#repair = new Repair({
      ...{
        store,
        state: this.#state,
        positions: this.#positions,
        events: this.#events,
        housekeeper: this.#housekeeper,
      },
      ...{ transactions: this.#transactions, limits: this.#limits, nativeBinding: options.nativeBinding },
      ...{ control: ports.control, momentOf: (at) => this.#momentOf(at) },
    });
    this.#scrub = new Scrub(store, this.#state);
    this.#now = now;
    this.opened = this.#start(now, damage);
  }

  /** Takes the lock, opens or creates the file and begins a boot. The work does not depend on how much is queued. */
  static open(options: OutboxOptions, now: number, compose: () => OutboxPorts = () => ({})): OutboxCore {
    try {
      return OutboxCore.#tryOpen(options, now, compose);
    } catch (error) {
      const isFull = error instanceof EdgewrightError && error.kind === full.kind;
      if (!isFull || !new Ballast(options.path).giveUp()) throw error;
      return OutboxCore.#tryOpen(options, now, compose);
    }
  }

  static #tryOpen(options: OutboxOptions, now: number, compose: () => OutboxPorts): OutboxCore {
    const path = join(options.path, FILE);
    const { nativeBinding } = options;
    const lock = acquireLock(path, { nativeBinding });
    let store: Store | undefined;
    let ports: OutboxPorts = {};
    try {
      ports = compose();
      const { walPages, maxPages } = fileLimitsFor(Math.min(options.max, diskBytes(options.path)));
      const storeOptions = { migrations: MIGRATIONS, nativeBinding, walPages, maxPages };
      return openSound(path, storeOptions, (opened, damage) => {
        store = opened;
        return new OutboxCore(options, opened, lock, now, ports, damage);
      });
    } catch (error) {
      store?.close();
      ports.close?.();
      lock.release();
      throw error;
    }
  }

  append(entries: readonly Entry[], position?: SourcePosition): void {
    const batcher = new EntryBatcher();
    for (const entry of entries) batcher.add(entry);
    if (position !== undefined) batcher.addPosition(position);
    this.appendGroup(batcher.take());
  }

  appendGroup(group: EntryGroup): void {
    this.#queue.push(group);
  }

  /** The clock was set by so many ms, and is trusted from now on or not. */
  setClock(by: number, trusted: boolean): void {
    this.#clockTrusted = trusted;
    this.#rate.shift(by);
  }

  /** Into the audit chain now, and with the next commit a record. */
  event(event: EventName, detail: EventRecord['detail'], now: number): void {
    this.#events.happened(event, detail, now);
  }

  /** Whether there is something for `commit` to write. */
  get dirty(): boolean {
    const { claims, receipts, records } = this.#state;
    const untold = !receipts.empty || records.newestId > this.#reportedId;
    return !this.#queue.empty || this.#events.waiting || claims.answered || untold;
  }

  /** One transaction: confirmations, entries up to a bounded size with their source positions and ledger, and some pruning. */
  commit(now: number): CommitResult {
    return this.#repairing(now, () => this.#write(now));
  }

  #write(now: number): CommitResult {
    const slices = this.#queue.peek(this.#limits.transactionBytes);
    const entries = slices.reduce((sum, { from, to }) => sum + to - from, 0);
    const bytes = slices.reduce((sum, slice) => sum + slice.bytes, 0);
    const moment = this.#momentOf(now);
    const { records, receipts, claims } = this.#state;
    const receivedIds = receipts.peek();
    let received = 0;
    const before = this.#reportedId;
    this.#repair.reportDamagedRows(claims.damaged.length, now);
    this.#housekeeper.shedLoad(pagesFor(bytes) + SPARE_PAGES, moment);
    this.#transactions.write(pagesFor(bytes), moment, () => {
      this.#writer.settle(moment);
      received = this.#writer.receive(receivedIds, now);
      this.#housekeeper.makeRoom(pagesFor(bytes) + SPARE_PAGES, moment);
      this.#events.write(moment.trusted);
      for (const slice of slices) this.#writer.insert(slice, moment);
      this.#housekeeper.prune(now, entries);
    });
    claims.saved();
    this.#events.saved();
    receipts.done(receivedIds);
    const over = claims.finish(receivedIds);
    this.#queue.done(slices);
    if (entries > 0) this.#rate.add(entries, bytes, now);
    const urgent = this.#transactions.read(() => records.urgent.countAfter(before));
    this.#repair.writeNote(now);
    const seq = newestSeq(this.#state);
    this.#reportedId = records.newestId;
    return {
      entries,
      records: records.newestId - before,
      urgent,
      bytes,
      seq,
      received: { records: received, batches: over },
      more: !this.#queue.empty || !receipts.empty,
    };
  }

  /** What is committed of predictions and alarms after a seq of a boot: per asset, up to when. */
  committedSince(boot: string, seq: number): EmittedWatermark[] {
    return this.#transactions.read(() => this.#watermarks.since(boot, seq));
  }

  claim(lane: Lane, limits: ClaimLimits): ClaimedBatch | undefined {
    return this.#repairing(this.#now, () => this.#transactions.read(() => this.#sealer.claim(lane, limits)));
  }

  /** Whether a lane that had nothing may have something again, other than by a commit; once. */
  takeOffered(): boolean {
    return this.#state.claims.takeRewound();
  }

  confirm(batch: number): void {
    this.#state.claims.confirm(batch);
  }

  release(batch: number): void {
    this.#state.claims.release(batch);
  }

  /** A consumer says what it has: written down with the next commit. Tells what of it cannot be. */
  noteReceipt(receipt: Receipt): ReceiptVerdict {
    return this.#transactions.read(() => this.#state.receipts.take(receipt));
  }

  /** What is committed from now on is live, for whom the link begins to stand. */
  beginLive(): void {
    this.#state.claims.beginLive();
  }

  /** Offers what was confirmed and is still kept once more, in the lane `again`. */
  resend(request: ResendRequest): ResendAnswer {
    return this.#transactions.read(() => this.#state.resends.request(request));
  }

  /** Nobody takes a message of this size: its halves are offered; a single record is dead. */
  reject(batch: number): void {
    this.#state.claims.reject(batch);
  }

  /** Idle work, a bounded piece of it. Tells whether there may be more. */
  maintain(now: number): boolean {
    return this.#repairing(now, () => this.#tidy(now));
  }

  #tidy(now: number): boolean {
    const { boots, records } = this.#state;
    const more = this.#repair.salvageSome(now) || this.#transactions.read(() => this.#scrub.step());
    const forget = () => {
      if (!this.#repair.busy) boots.forgetBefore(records.oldestId() ?? 0);
    };
    return this.#housekeeper.tidy(this.#momentOf(now), forget) || more;
  }

  stats(now: number): OutboxStats {
    return this.#repairing(now, () => this.#figures(now));
  }

  #figures(now: number): OutboxStats {
    return this.#transactions.read(() => {
      const { boots, ledger, claims } = this.#state;
      const { head } = this.#events;
      return {
        boot: boots.current.id,
        seq: newestSeq(this.#state),
        bytes: this.#store.bytes(),
        cap: this.#options.max,
        ...this.#housekeeper.figures(this.#rate, now),
        pending: ledger.pending,
        oldestPending: claims.oldestTime() ?? null,
        ledger: ledger.list(),
        ...(head && { audit: { n: head.n, head: head.hash } }),
      };
    });
  }

  /** Commits what is there, ends the boot in order and closes the file. What cannot be written is left out. */
  close(now: number): { readonly pending: number; readonly failure: EdgewrightError | undefined } {
    let failure: EdgewrightError | undefined;
    try {
      while (this.dirty) this.commit(now);
      const moment = this.#momentOf(now);
      this.#events.happened('stop', {}, now);
      this.#transactions.write(SPARE_PAGES, moment, () => {
        this.#events.write(moment.trusted);
        this.#state.boots.end();
      });
      this.#events.saved();
      this.#repair.writeNote(now);
      this.#store.checkpoint('truncate');
    } catch (error) {
      if (!(error instanceof EdgewrightError)) throw error;
      failure = error;
    }
    const { pending } = this.#state.ledger;
    this.abandon();
    return { pending, failure };
  }

  /** Closes the file as a crash would leave it. */
  abandon(): void {
    this.#repair.close();
    this.#store.close();
    this.#ports.close?.();
    this.#lock.release();
  }

  #start(now: number, damage: string | undefined): OpenedBoot {
    const { boots, records } = this.#state;
    const corruption = this.#repair.begin(now, damage);
    const previous = this.#transactions.read(() => this.#previousBoot());
    const boot = randomBytes(16).toString('hex');
    const moment = this.#momentOf(now);
    const { boot: previousBoot = null, lastSeq = null, endedInOrder = null } = previous ?? {};
    // What was in memory when it stopped, at most: nobody can tell more of it.
    const window = endedInOrder === false ? this.#transactions.read(() => this.#meta.get(LOSS_WINDOW)) : undefined;
    const lossWindow = window === undefined ? {} : { lossWindowMs: Number(window) };
    const detail = { previousBoot, previousLastSeq: lastSeq, endedInOrder, ...lossWindow, ...this.#options.detail };
    this.#transactions.read(() => this.#events.begin(now));
    for (const one of [this.#ports.control?.damage, corruption]) {
      if (one !== undefined) this.#repair.happened('store-corrupt', { ...one }, now);
    }
    this.#events.happened('start', detail, now);
    this.#transactions.write(SPARE_PAGES, moment, () => {
      boots.start(boot, records.newestId + 1);
      this.#events.write(moment.trusted, true);
      this.#repair.reportLosses(moment);
      if (this.#options.lossWindow !== undefined) this.#meta.set(LOSS_WINDOW, String(this.#options.lossWindow));
    });
    this.#events.saved();
    this.#reportedId = records.newestId;
    this.#repair.writeNote(now);
    this.#transactions.read(() => this.#scrub.begin());
    const positions = this.#transactions.read(() => this.#positions.read());
    return { boot, seq: newestSeq(this.#state), previous, positions };
  }

  /** What the log should have of damage since the last call. */
  takeNotices(): Notice[] {
    return this.#repair.notices.splice(0);
  }

  #repairing<T>(now: number, work: () => T): T {
    this.#now = now;
    return this.#repair.repairing(now, work);
  }

  #previousBoot(): PreviousBoot | undefined {
    const { last } = this.#state.boots;
    return last && { boot: last.id, lastSeq: newestSeq(this.#state), endedInOrder: last.ended };
  }

  #momentOf(now: number): Moment {
    const since = Math.max(this.#options.trustedSince ?? 0, this.#ports.trustedSince ?? 0);
    return { at: now, trusted: this.#clockTrusted ?? now >= since };
  }
}
