import type { MessagePort, Worker } from 'node:worker_threads';
import type { ClaimedBatch, EdgewrightError, EventName, EventRecord, Lane } from '../../common/core/index.ts';
import { closed, threadStopped } from './errors.ts';
import type { Receipt, ReceiptVerdict } from './journal/claims/receipts.ts';
import type { ResendAnswer, ResendRequest } from './journal/claims/resends.ts';
import type { ClaimLimits } from './journal/claims/sealer.ts';
import type { EmittedWatermark } from './journal/emitted-watermarks.ts';
import { EntryBatcher } from './journal/entry-batcher.ts';
import { StallFold } from './journal/losses/stall-fold.ts';
import type { CommitResult, Notice, OpenedBoot, OutboxStats } from './journal/options.ts';
import { type Entry, entryBytes, type SourcePosition, stalledBytes, stalledGroup } from './journal/rows/entry.ts';
import { type FromStore, type ToStore, unpackError } from './messages.ts';

export interface OutboxHandlers {
  /** After each commit: there may be something to claim. */
  readonly onCommitted?: (commit: { readonly records: number; readonly urgent: number; readonly seq: number }) => void;
  /** A file turned out to be damaged, or what was in it is brought over. */
  readonly onNotice?: (notice: Notice) => void;
  /** Receipts are on disk: how many records they settled, and the batches that are over with it. */
  readonly onReceived?: (received: CommitResult['received']) => void;
  /** Records may be claimed again that could not be: there may be something where there was nothing. */
  readonly onOffered?: () => void;
  /** A commit failed and is tried again; the records wait in memory. */
  readonly onTrouble?: (error: EdgewrightError, attempts: number) => void;
  readonly onRecovered?: () => void;
  /** The store thread is gone; nothing is stored any more. */
  readonly onFailure?: (error: EdgewrightError) => void;
}

export interface ClientOptions {
  /** Most time, ms, that a power cut may take of what is not urgent. */
  readonly lossWindow: number;
  /** Uncommitted bytes above which there is no credit. */
  readonly creditBytes?: number;
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

/** Who asks for credit: one that loses nothing while it waits, or one whose data would not wait with it. */
export type Patience = 'waits' | 'live';

interface Call {
  resolve(value: unknown): void;
  reject(error: EdgewrightError): void;
}

/** The outbox as the main thread sees it: nothing here waits for the disk or throws because of it. */
export class OutboxClient {
  readonly opened: OpenedBoot;
  /** Entries that memory had no room for: folded, or gone with the store thread. */
  stalled = 0;
  /** Why nothing can be committed at present. */
  trouble: EdgewrightError | undefined;
  private readonly port: MessagePort | Worker;
  private readonly handlers: OutboxHandlers;
  private readonly gatherMs: number;
  private readonly creditBytes: number;
  private readonly batcher = new EntryBatcher();
  private readonly calls = new Map<number, Call>();
  private nextCall = 1;
  private sentBytes = 0;
  private postAt: NodeJS.Timeout | undefined;
  private posting = false;
  private waiting: { readonly promise: Promise<void>; readonly resolve: () => void } | undefined;
  /** The disk takes nothing: what is live goes on without it. */
  private stalling = false;
  private stallAt: NodeJS.Timeout | undefined;
  private readonly stallFold = new StallFold();
  private gone: EdgewrightError | undefined;

  constructor(port: MessagePort | Worker, opened: OpenedBoot, options: ClientOptions, handlers: OutboxHandlers = {}) {
    this.port = port;
    this.opened = opened;
    this.handlers = handlers;
    this.gatherMs = options.lossWindow * GATHERING_SHARE;
    this.creditBytes = options.creditBytes ?? CREDIT_BYTES;
    port.on('message', (message: FromStore) => this.receive(message));
    const stopped = (reason: string) => this.fail(threadStopped('the store thread', reason));
    port.on('error', (error: Error) => stopped(error.message));
    port.on('exit', (code: number) => stopped(`it ended with status ${code}`));
    port.on('close', () => stopped('its port closed'));
  }

  /** Positions of the sources that the records cover which were committed before this boot. */
  positions(): Readonly<Record<string, string>> {
    return this.opened.positions;
  }

  /** Memory that entries take until they are committed. */
  get uncommittedBytes(): number {
    return this.sentBytes + this.batcher.bytes;
  }

  /**
   * Undefined: go on. Else resolves when there is room again, or, for what is live, when the disk turns out to be
   * stalled: what comes then is folded beyond the bound of memory.
   */
  credit(patience: Patience = 'waits'): Promise<void> | undefined {
    if (this.uncommittedBytes <= this.creditBytes || this.gone !== undefined) return undefined;
    if (patience === 'live' && this.stalling) return undefined;
    if (this.waiting === undefined) {
      let resolve = () => {};
      const promise = new Promise<void>((done) => {
        resolve = done;
      });
      this.waiting = { promise, resolve };
      // What is gathered must be on its way, or the room would never come.
      this.postSoon();
      this.watchForStall();
    }
    return this.waiting.promise;
  }

  /** Takes entries in order. The position is stored with them: it may claim only what they and earlier ones cover. */
  append(entries: readonly Entry[], position?: SourcePosition): void {
    let urgent = false;
    for (const entry of entries) {
      const foldable = entry.type === 'prediction' && !entry.urgent;
      const limit = this.creditBytes * (foldable ? HARD_LIMIT : UNFOLDABLE_HARD_LIMIT);
      if (this.gone !== undefined || this.uncommittedBytes + entryBytes(entry.body) > limit) {
        this.stalled += 1;
        if (this.gone === undefined) this.stallFold.add(entry);
        continue;
      }
      urgent ||= entry.urgent;
      this.batcher.add(entry);
    }
    if (position !== undefined) this.batcher.addPosition(position);
    if (urgent || this.batcher.bytes >= GROUP_BYTES) this.postSoon();
    else if (!this.batcher.empty) this.postAt ??= setTimeout(() => this.post(), this.gatherMs);
  }

  /** The clock was set to this time, and is trusted from now on or not. */
  setClock(now: number, trusted: boolean): void {
    this.send({ op: 'clock', now, trusted });
  }

  /** Something happened to the gateway: into the audit chain, and as a record behind what was appended so far. */
  event(event: EventName, detail: EventRecord['detail'], at: number): void {
    this.post();
    this.send({ op: 'event', event, detail, at });
  }

  /** The next records of a lane, sealed; undefined if none wait. They are the caller's until it confirms, releases or rejects. */
  claim(lane: Lane, limits: ClaimLimits): Promise<ClaimedBatch | undefined> {
    return this.ask<ClaimedBatch | undefined>((call) => ({ op: 'claim', call, lane, limits }));
  }

  /** The receiver has it. */
  confirm(batch: number): void {
    this.send({ op: 'confirm', batch });
  }

  /** It was not sent, or nobody knows: its records are offered again. */
  release(batch: number): void {
    this.send({ op: 'release', batch });
  }

  /** The receiver takes no message of this size: smaller batches are offered; a single record is dead, with a loss record. */
  reject(batch: number): void {
    this.send({ op: 'reject', batch });
  }

  /** The link stands: what is committed from now on is live, what waits is backlog. */
  beginLive(): void {
    this.send({ op: 'live' });
  }

  /** Offers what was confirmed and is still kept once more. */
  resend(request: ResendRequest): Promise<ResendAnswer> {
    return this.ask<ResendAnswer>((call) => ({ op: 'resend', call, request }));
  }

  /** A consumer says what it has. Resolves with what of it cannot be; the rest is settled soon, see `onReceived`. */
  noteReceipt(receipt: Receipt): Promise<ReceiptVerdict> {
    return this.ask<ReceiptVerdict>((call) => ({ op: 'receipt', call, receipt }));
  }

  /** What is committed of predictions and alarms after a seq of a boot: per asset, up to when. */
  committedSince(boot: string, seq: number): Promise<EmittedWatermark[]> {
    return this.ask<EmittedWatermark[]>((call) => ({ op: 'committedSince', call, boot, seq }));
  }

  stats(): Promise<OutboxStats> {
    return this.ask<OutboxStats>((call) => ({ op: 'stats', call }));
  }

  /** Resolves when everything appended, confirmed and rejected so far is on disk. */
  flush(): Promise<void> {
    this.post();
    this.postStalled();
    return this.ask<void>((call) => ({ op: 'flush', call }));
  }

  /** Runs what the composition of the store thread calls `name`, once everything appended so far is on disk. */
  aside<T>(name: string, payload?: unknown): Promise<T> {
    this.post();
    return this.ask<T>((call) => ({ op: 'aside', call, name, payload }));
  }

  /** Commits what is there and ends the boot in order; gives up waiting after `within` ms. Never rejects. */
  async close(within = CLOSE_MS): Promise<{ readonly pending: number | undefined }> {
    this.post();
    this.postStalled();
    clearTimeout(this.stallAt);
    const answer = this.ask<{ pending: number }>((call) => ({ op: 'close', call }));
    this.gone ??= closed('the outbox', 'it is closed');
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => resolve(undefined), within);
    });
    const result = await Promise.race([answer.catch(() => undefined), deadline]);
    clearTimeout(timer);
    this.settleCalls(this.gone);
    await this.end();
    return { pending: result?.pending };
  }

  private async end(): Promise<void> {
    if ('terminate' in this.port) await this.port.terminate();
    else this.port.close();
  }

  /** At the end of this turn, so that what is appended in one go makes one group. */
  private postSoon(): void {
    if (this.posting) return;
    this.posting = true;
    queueMicrotask(() => this.post());
  }

  private post(): void {
    this.posting = false;
    clearTimeout(this.postAt);
    this.postAt = undefined;
    if (this.batcher.empty) return;
    this.sentBytes += this.batcher.bytes;
    const group = this.batcher.take();
    this.send({ op: 'append', group }, [group.meta.buffer as ArrayBuffer, group.t.buffer as ArrayBuffer]);
  }

  /** Once what was in memory is on its way to the disk: what there was no room for. */
  private postStalled(): void {
    if (this.stallFold.empty) return;
    const stalled = this.stallFold.take();
    this.sentBytes += stalledBytes(stalled);
    this.send({ op: 'append', group: stalledGroup(stalled) });
  }

  private watchForStall(): void {
    clearTimeout(this.stallAt);
    if (this.waiting !== undefined && !this.stalling) this.stallAt = setTimeout(() => this.stall(), STALL_MS).unref();
  }

  private stall(): void {
    this.stalling = true;
    this.grant();
  }

  private receive(message: FromStore): void {
    switch (message.op) {
      case 'committed': {
        const { records, urgent, bytes, seq } = message;
        this.sentBytes -= bytes;
        this.stalling = false;
        if (this.uncommittedBytes <= this.creditBytes) {
          this.postStalled();
          this.grant();
        }
        this.watchForStall();
        this.handlers.onCommitted?.({ records, urgent, seq });
        return;
      }
      case 'received':
        this.handlers.onReceived?.({ records: message.records, batches: message.batches });
        return;
      case 'notice':
        this.handlers.onNotice?.({ event: message.event, detail: message.detail });
        return;
      case 'trouble':
        this.trouble = unpackError(message.error);
        this.stall();
        this.handlers.onTrouble?.(this.trouble, message.attempts);
        return;
      case 'recovered':
        this.trouble = undefined;
        this.handlers.onRecovered?.();
        return;
      case 'offered':
        this.handlers.onOffered?.();
        return;
      case 'answer':
        this.take(message.call)?.resolve(message.value);
        return;
      case 'failed':
        this.take(message.call)?.reject(unpackError(message.error));
    }
  }

  private grant(): void {
    this.waiting?.resolve();
    this.waiting = undefined;
  }

  private take(call: number): Call | undefined {
    const known = this.calls.get(call);
    this.calls.delete(call);
    return known;
  }

  private ask<T>(message: (call: number) => ToStore): Promise<T> {
    if (this.gone !== undefined) return Promise.reject(this.gone);
    const call = this.nextCall;
    this.nextCall += 1;
    return new Promise<T>((resolve, reject) => {
      this.calls.set(call, { resolve: resolve as (value: unknown) => void, reject });
      this.send(message(call));
    });
  }

  private send(message: ToStore, transfer: readonly ArrayBuffer[] = []): void {
    if (this.gone === undefined) this.port.postMessage(message, transfer);
  }

  private fail(error: EdgewrightError): void {
    if (this.gone !== undefined) return;
    this.gone = error;
    clearTimeout(this.postAt);
    clearTimeout(this.stallAt);
    this.settleCalls(error);
    this.handlers.onFailure?.(error);
  }

  /** Nobody waits for a thread that is gone. */
  private settleCalls(error: EdgewrightError): void {
    for (const call of this.calls.values()) call.reject(error);
    this.calls.clear();
    this.grant();
  }
}
