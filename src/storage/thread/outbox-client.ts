import {
  type ClaimedBatch,
  type EdgewrightError,
  type EventName,
  type EventRecord,
  type Lane,
  Listeners,
  recordKindOf,
} from '../../common/core/index.ts';
import {
  type ClaimLimits,
  type CommitResult,
  type Emitted,
  type Entry,
  EntryBatcher,
  entryBytes,
  type Notice,
  type OpenedBoot,
  type OutboxStats,
  type Receipt,
  type ReceiptVerdict,
  type ResendAnswer,
  type ResendRequest,
  type SourcePosition,
  StallFold,
  stalledBytes,
  stalledGroup,
} from '../outbox/index.ts';
import { InMemory } from './in-memory.ts';
import { type ToStorage, unpackError } from './messages.ts';
import type { StorageNews, StoragePort } from './storage-port.ts';

/** What the storage thread has to tell of itself, for the log and for who has to end the gateway. */
export interface OutboxHandlers {
  /** A file turned out to be damaged, or what was in it is brought over. */
  readonly onNotice?: (notice: Notice) => void;
  /** A commit failed and is tried again; the records wait in memory. */
  readonly onTrouble?: (error: EdgewrightError, attempts: number) => void;
  readonly onRecovered?: () => void;
  /** The storage thread is gone; nothing is stored any more. */
  readonly onFailure?: (error: EdgewrightError) => void;
}

/** A commit: how many records it added, how many of them are urgent, and the seq of the newest one. */
export type Committed = Pick<CommitResult, 'records' | 'urgent' | 'seq'>;

export interface ClientOptions {
  /** Most time, ms, that a power cut may take of what is not urgent. */
  readonly lossWindow: number;
  /** Uncommitted bytes above which there is no credit. */
  readonly creditBytes?: number;
  /** Monotonic ms. */
  readonly monotonic?: () => number;
}

/** The part of the loss window that goes into gathering a group; the rest is for the way to the disk. */
const GATHERING_SHARE = 0.8;
/** A group of some hundred records: larger ones save little more. */
const GROUP_BYTES = 256 * 1024;
const CREDIT_BYTES = 8 * 1024 * 1024;
/** Without a commit for so long the disk is taken as stalled; a flash that tidies up takes half a second. */
const STALL_MS = 2000;
/** Times the credit: what comes in spite of it is folded beyond this; what cannot be folded has some more. */
const HARD_LIMIT = 2;
const UNFOLDABLE_HARD_LIMIT = 3;
/** A stop must not wait for a stalled disk for ever. */
const CLOSE_MS = 3000;

/** Bytes of records that memory holds at most before they are committed. */
export function mostUncommittedBytes(creditBytes = CREDIT_BYTES): number {
  return creditBytes * UNFOLDABLE_HARD_LIMIT;
}

/** What was given and is in memory alone: a crash takes it. */
export interface Uncommitted {
  /** Records, those included that are folded into summaries already. */
  readonly records: number;
  readonly bytes: number;
  /** ms since the oldest of them was given; 0 where there are none. */
  readonly forMs: number;
}

/** Who asks for credit: one that loses nothing while it waits, or one whose data would not wait with it. */
export type Patience = 'waits' | 'live';

/** The outbox as the main thread sees it: nothing here waits for the disk or throws because of it. */
export class OutboxClient {
  readonly opened: OpenedBoot;
  /** Entries that memory had no room for: folded, or gone with the storage thread. */
  stalled = 0;
  /** Why nothing can be committed at present. */
  trouble: EdgewrightError | undefined;
  /** Seq of the newest record that is known to be committed. */
  seq: number;
  readonly #port: StoragePort;
  readonly #handlers: OutboxHandlers;
  readonly #gatherMs: number;
  readonly #creditBytes: number;
  readonly #batcher = new EntryBatcher();
  readonly #committed = new Listeners<Committed>();
  readonly #received = new Listeners<CommitResult['received']>();
  readonly #offered = new Listeners<void>();
  readonly #inMemory: InMemory;
  #sentBytes = 0;
  #postAt: NodeJS.Timeout | undefined;
  #posting = false;
  #waiting: { readonly promise: Promise<void>; readonly resolve: () => void } | undefined;
  /** The disk takes nothing: what is live goes on without it. */
  #stalling = false;
  #stallAt: NodeJS.Timeout | undefined;
  readonly #stallFold = new StallFold();
  #closed: Promise<{ readonly pending: number | undefined }> | undefined;

  constructor(port: StoragePort, opened: OpenedBoot, options: ClientOptions, handlers: OutboxHandlers = {}) {
    this.#port = port;
    this.opened = opened;
    this.seq = opened.seq;
    this.#handlers = handlers;
    this.#gatherMs = options.lossWindow * GATHERING_SHARE;
    this.#creditBytes = options.creditBytes ?? CREDIT_BYTES;
    this.#inMemory = new InMemory(options.monotonic ?? (() => performance.now()));
    port.listen({ onNews: (news) => this.#take(news), onGone: (error) => this.#end(error) });
  }

  /** Tells after each commit: there may be something to claim. Returns what ends it. */
  onCommitted(listener: (committed: Committed) => void): () => void {
    return this.#committed.add(listener);
  }

  /** Tells when receipts are on disk: how many records they settled, and the batches that are over with it. */
  onReceived(listener: (received: CommitResult['received']) => void): () => void {
    return this.#received.add(listener);
  }

  /** Tells when records may be claimed again that could not be, other than by a commit. */
  onOffered(listener: () => void): () => void {
    return this.#offered.add(listener);
  }

  /** Positions of the sources that the records cover which were committed before this boot. */
  positions(): Readonly<Record<string, string>> {
    return this.opened.positions;
  }

  /** Memory that entries take until they are committed. */
  get uncommittedBytes(): number {
    return this.#sentBytes + this.#batcher.bytes;
  }

  /** What a crash would take at this moment. */
  get uncommitted(): Uncommitted {
    return { ...this.#inMemory.figures(), bytes: this.uncommittedBytes };
  }

  /**
   * Undefined: go on. Else resolves when there is room again, or, for what is live, when the disk turns out to be
   * stalled: what comes then is folded beyond the bound of memory.
   */
  credit(patience: Patience = 'waits'): Promise<void> | undefined {
    if (this.uncommittedBytes <= this.#creditBytes || this.#port.gone !== undefined) return undefined;
    if (patience === 'live' && this.#stalling) return undefined;
    if (this.#waiting === undefined) {
      let resolve = () => {};
      const promise = new Promise<void>((done) => {
        resolve = done;
      });
      this.#waiting = { promise, resolve };
      // What is gathered must be on its way, or the room would never come.
      this.#postSoon();
      this.#watchForStall();
    }
    return this.#waiting.promise;
  }

  /** Takes entries in order. The position is stored with them: it may claim only what they and earlier ones cover. */
  append(entries: readonly Entry[], position?: SourcePosition): void {
    let urgent = false;
    for (const entry of entries) {
      const foldable = recordKindOf(entry.type).givesWay === 'thinned' && !entry.urgent;
      const limit = this.#creditBytes * (foldable ? HARD_LIMIT : UNFOLDABLE_HARD_LIMIT);
      if (this.#port.gone !== undefined || this.uncommittedBytes + entryBytes(entry.body) > limit) {
        this.stalled += 1;
        if (this.#port.gone !== undefined) continue;
        this.#stallFold.add(entry);
        this.#inMemory.folded();
        continue;
      }
      urgent ||= entry.urgent;
      this.#batcher.add(entry);
      this.#inMemory.given();
    }
    if (position !== undefined) this.#batcher.addPosition(position);
    if (urgent || this.#batcher.bytes >= GROUP_BYTES) this.#postSoon();
    else if (!this.#batcher.empty) this.#postAt ??= setTimeout(() => this.#post(), this.#gatherMs);
  }

  /** The clock was set to this time, and is trusted from now on or not. */
  setClock(now: number, trusted: boolean): void {
    this.#port.send({ op: 'clock', now, trusted });
  }

  /** Something happened to the gateway: into the audit chain, and as a record behind what was appended so far. */
  event(event: EventName, detail: EventRecord['detail'], at: number): void {
    this.#post();
    this.#port.send({ op: 'event', event, detail, at });
  }

  /** The next records of a lane, sealed; undefined if none wait. They are the caller's until it confirms, releases or rejects. */
  claim(lane: Lane, limits: ClaimLimits): Promise<ClaimedBatch | undefined> {
    return this.#port.ask<ClaimedBatch | undefined>((call) => ({ op: 'claim', call, lane, limits }));
  }

  /** The receiver has it. */
  confirm(batch: number): void {
    this.#port.send({ op: 'confirm', batch });
  }

  /** It was not sent, or nobody knows: its records are offered again. */
  release(batch: number): void {
    this.#port.send({ op: 'release', batch });
  }

  /** The receiver takes no message of this size: smaller batches are offered; a single record is dead, with a loss record. */
  reject(batch: number): void {
    this.#port.send({ op: 'reject', batch });
  }

  /** The link stands: what is committed from now on is live, what waits is backlog. */
  beginLive(): void {
    this.#port.send({ op: 'live' });
  }

  /** Offers what was confirmed and is still kept once more. */
  resend(request: ResendRequest): Promise<ResendAnswer> {
    return this.#port.ask<ResendAnswer>((call) => ({ op: 'resend', call, request }));
  }

  /** A consumer says what it has. Resolves with what of it cannot be; the rest is settled soon, see `onReceived`. */
  noteReceipt(receipt: Receipt): Promise<ReceiptVerdict> {
    return this.#port.ask<ReceiptVerdict>((call) => ({ op: 'receipt', call, receipt }));
  }

  /** Resolves with what is committed behind a seq of a boot: up to which event times, and how alarms stand, per asset. */
  emittedSince(boot: string, seq: number): Promise<Emitted> {
    return this.#port.ask<Emitted>((call) => ({ op: 'emittedSince', call, boot, seq }));
  }

  stats(): Promise<OutboxStats> {
    return this.#port.ask<OutboxStats>((call) => ({ op: 'stats', call }));
  }

  /** Resolves when everything appended, confirmed and rejected so far is on disk. */
  flush(): Promise<void> {
    this.#post();
    this.#postStalled();
    return this.#port.ask<void>((call) => ({ op: 'flush', call }));
  }

  /** Asks the storage thread for something that has to wait until everything appended so far is on disk. */
  afterAppended<T>(message: (call: number) => ToStorage): Promise<T> {
    this.#post();
    return this.#port.ask<T>(message);
  }

  /** Commits what is there and ends the boot in order; gives up waiting after `within` ms. Never rejects; again, it says the same. */
  close(within = CLOSE_MS): Promise<{ readonly pending: number | undefined }> {
    this.#closed ??= this.#close(within);
    return this.#closed;
  }

  async #close(within: number): Promise<{ readonly pending: number | undefined }> {
    this.#post();
    this.#postStalled();
    clearTimeout(this.#stallAt);
    const result = await this.#port.close(within);
    this.#grant();
    return { pending: result?.pending };
  }

  /** Posts at the end of this turn, so that what is appended in one go makes one group. */
  #postSoon(): void {
    if (this.#posting) return;
    this.#posting = true;
    queueMicrotask(() => this.#post());
  }

  #post(): void {
    this.#posting = false;
    clearTimeout(this.#postAt);
    this.#postAt = undefined;
    if (this.#batcher.empty) return;
    this.#sentBytes += this.#batcher.bytes;
    this.#inMemory.sent();
    const group = this.#batcher.take();
    this.#port.send({ op: 'append', group }, [group.meta.buffer as ArrayBuffer, group.t.buffer as ArrayBuffer]);
  }

  /** Posts what memory had no room for, once what was in memory is on its way to the disk. */
  #postStalled(): void {
    if (this.#stallFold.empty) return;
    const stalled = this.#stallFold.take();
    this.#sentBytes += stalledBytes(stalled);
    this.#inMemory.sentFolded();
    this.#port.send({ op: 'append', group: stalledGroup(stalled) });
  }

  #watchForStall(): void {
    clearTimeout(this.#stallAt);
    if (this.#waiting !== undefined && !this.#stalling)
      this.#stallAt = setTimeout(() => this.#stall(), STALL_MS).unref();
  }

  #stall(): void {
    this.#stalling = true;
    this.#grant();
  }

  #take(news: StorageNews): void {
    switch (news.op) {
      case 'committed': {
        const { records, entries, urgent, bytes, seq } = news;
        this.seq = seq;
        this.#sentBytes -= bytes;
        this.#inMemory.committed(entries, this.#sentBytes);
        this.#stalling = false;
        if (this.uncommittedBytes <= this.#creditBytes) {
          this.#postStalled();
          this.#grant();
        }
        this.#watchForStall();
        this.#committed.tell({ records, urgent, seq });
        return;
      }
      case 'received':
        this.#received.tell({ records: news.records, batches: news.batches });
        return;
      case 'notice':
        this.#handlers.onNotice?.({ event: news.event, detail: news.detail });
        return;
      case 'trouble':
        this.trouble = unpackError(news.error);
        this.#stall();
        this.#handlers.onTrouble?.(this.trouble, news.attempts);
        return;
      case 'recovered':
        this.trouble = undefined;
        this.#handlers.onRecovered?.();
        return;
      case 'offered':
        this.#offered.tell();
    }
  }

  #grant(): void {
    this.#waiting?.resolve();
    this.#waiting = undefined;
  }

  #end(error: EdgewrightError): void {
    clearTimeout(this.#postAt);
    clearTimeout(this.#stallAt);
    this.#grant();
    this.#handlers.onFailure?.(error);
  }
}
