import type { MessagePort } from 'node:worker_threads';
import { type ClaimedBatch, EdgewrightError, reasonOf } from '../../common/core/index.ts';
import { OutboxCore, type OutboxOptions, type OutboxPorts, threadFailed, unknownAside } from '../outbox/index.ts';
import { type ErrorData, type FromStorage, packError, type ToStorage } from './messages.ts';
import { ThreadClock } from './thread-clock.ts';

/** Calls of the main thread beside the outbox's own, by name. */
export type Calls = Readonly<Record<string, (...args: never[]) => unknown>>;

/** What belongs into the storage thread beside the outbox. */
export interface StorageParts extends OutboxPorts {
  readonly calls?: Calls;
}

/** Confirmations go with the next commit, or after this; a crash before sends those batches again. */
const SETTLE_MS = 1000;
const MAINTAIN_MS = 1000;
/** Pause between two pieces of idle work, so that claims get their turn. */
const MAINTAIN_PAUSE_MS = 20;
/** A failed commit is tried again after 100 ms, 200 ms, ... 5 s. */
const RETRY_MIN_MS = 100;
const RETRY_MAX_MS = 5000;

/**
 * Opens the outbox in this thread and serves it over the port. The first message is `opened` or `refused`. `compose`
 * gives what belongs to the same thread; it runs once the outbox is locked.
 */
export function serveStorage(
  port: MessagePort,
  options: OutboxOptions,
  compose: () => StorageParts = () => ({}),
  clock: ThreadClock = new ThreadClock(),
): void {
  let parts: StorageParts = {};
  try {
    const core = OutboxCore.open(options, clock.now(), () => {
      parts = compose();
      return parts;
    });
    new StorageThread(port, core, clock, parts.calls).start();
  } catch (error) {
    port.postMessage({ op: 'refused', error: packed(error) } satisfies FromStorage);
    port.close();
  }
}

/** A call that waits for everything before it to be committed. */
interface Waiting {
  readonly call: number;
  readonly work: () => unknown;
  /** Whether what it writes rests on records; undefined for a call that asks for the commit itself. */
  readonly restsOnRecords?: boolean;
}

/** Calls that write a checkpoint. */
const CHECKPOINT_CALLS: readonly string[] = ['addToCheckpoint', 'completeCheckpoint'];

/** Drives the outbox in the storage thread: timers, retries and the port. */
export class StorageThread {
  readonly #port: MessagePort;
  readonly #core: OutboxCore;
  readonly #clock: ThreadClock;
  readonly #calls: Calls;
  #maintenance: NodeJS.Timeout | undefined;
  /** Calls that wait for everything before them to be committed. */
  readonly #waiting: Waiting[] = [];
  #attempts = 0;
  #commitAt: NodeJS.Immediate | undefined;
  #settleAt: NodeJS.Timeout | undefined;
  #retryAt: NodeJS.Timeout | undefined;

  constructor(port: MessagePort, core: OutboxCore, clock: ThreadClock, calls: Calls = {}) {
    this.#port = port;
    this.#core = core;
    this.#clock = clock;
    this.#calls = calls;
  }

  start(): void {
    this.#maintenance = setInterval(() => this.#maintain(), MAINTAIN_MS);
    this.#port.on('message', (message: ToStorage) => this.#receive(message));
    this.#send({ op: 'opened', opened: this.#core.opened });
    this.#sendNotices();
    if (this.#core.dirty) this.#commitSoon();
  }

  #receive(message: ToStorage): void {
    this.#serve(message);
    this.#tellOffered();
  }

  #serve(message: ToStorage): void {
    switch (message.op) {
      case 'append':
        this.#core.appendGroup(message.group);
        this.#commitSoon();
        return;
      case 'flush':
        this.#afterCommit({ call: message.call, work: () => undefined });
        return;
      case 'control':
        this.#control(message.call, message.name, message.args);
        return;
      case 'clock':
        this.#core.setClock(this.#clock.set(message.now), message.trusted);
        return;
      case 'event':
        this.#core.event(message.event, message.detail, message.at);
        this.#commitSoon();
        return;
      case 'claim':
        this.#answer(message.call, () => this.#core.claim(message.lane, message.limits));
        // It may have come upon damage, which is to be written down.
        if (this.#core.dirty) this.#settleSoon();
        return;
      case 'emittedSince':
        this.#answer(message.call, () => this.#core.emittedSince(message.boot, message.seq));
        return;
      case 'stats':
        this.#answer(message.call, () => this.#core.stats(this.#clock.now()));
        return;
      case 'confirm':
      case 'release':
      case 'reject':
        this.#core[message.op](message.batch);
        this.#settleSoon();
        return;
      case 'live':
        this.#core.beginLive();
        return;
      case 'resend':
        this.#answer(message.call, () => this.#core.resend(message.request));
        return;
      case 'receipt':
        this.#answer(message.call, () => this.#core.noteReceipt(message.receipt));
        this.#settleSoon();
        return;
      case 'close':
        this.#close(message.call);
    }
  }

  /** Only a checkpoint rests on records. While the disk takes nothing, everything else must not wait, or no start ends. */
  #control(call: number, name: string, args: readonly unknown[]): void {
    const waiting = { call, work: () => this.#call(name, args), restsOnRecords: CHECKPOINT_CALLS.includes(name) };
    if (this.#attempts > 0 && !this.#mustWait(waiting)) this.#answer(call, waiting.work);
    else this.#afterCommit(waiting);
  }

  #mustWait({ restsOnRecords }: Waiting): boolean {
    return restsOnRecords === undefined || (restsOnRecords && this.#core.holds);
  }

  #afterCommit(waiting: Waiting): void {
    const { call, work } = waiting;
    // A boot that waits for room has nothing that the call would have to wait for until it is given something.
    if (!this.#core.begun && !this.#core.holds) {
      this.#answer(call, work);
      return;
    }
    this.#waiting.push(waiting);
    this.#commitSoon();
  }

  #call(name: string, args: readonly unknown[]): unknown {
    const handler = this.#calls[name];
    if (handler === undefined) throw unknownAside(name, 'the storage thread has no such call');
    return handler(...(args as never[]));
  }

  #tellOffered(): void {
    if (this.#core.takeOffered()) this.#send({ op: 'offered' });
  }

  #sendNotices(): void {
    for (const notice of this.#core.takeNotices()) this.#send({ op: 'notice', ...notice });
  }

  #settleSoon(): void {
    this.#settleAt ??= setTimeout(() => this.#commitSoon(), SETTLE_MS);
  }

  /** Commits after the messages that have arrived, so that their entries share one transaction. */
  #commitSoon(): void {
    if (this.#retryAt === undefined) this.#commitAt ??= setImmediate(() => this.#commit());
  }

  #commit(): void {
    this.#commitAt = undefined;
    clearTimeout(this.#settleAt);
    this.#settleAt = undefined;
    try {
      if (this.#core.dirty) {
        const { more, received, ...commit } = this.#core.commit(this.#clock.now());
        if (commit.records > 0) this.#send({ op: 'committed', ...commit });
        this.#sendNotices();
        if (received.records > 0 || received.batches.length > 0) this.#send({ op: 'received', ...received });
        if (more) this.#commitSoon();
      }
      if (this.#attempts > 0) this.#send({ op: 'recovered' });
      this.#attempts = 0;
      if (!this.#core.dirty) for (const { call, work } of this.#waiting.splice(0)) this.#answer(call, work);
      this.#tellOffered();
    } catch (error) {
      this.#retry(packed(error));
    }
  }

  #retry(error: ErrorData): void {
    this.#attempts += 1;
    this.#send({ op: 'trouble', error, attempts: this.#attempts });
    for (const waiting of this.#waiting.splice(0)) {
      if (this.#mustWait(waiting)) this.#waiting.push(waiting);
      else this.#answer(waiting.call, waiting.work);
    }
    const wait = Math.min(RETRY_MAX_MS, RETRY_MIN_MS * 2 ** Math.min(this.#attempts - 1, 16));
    this.#retryAt = setTimeout(() => {
      this.#retryAt = undefined;
      this.#commit();
    }, wait);
  }

  #maintain(): void {
    if (this.#retryAt !== undefined) return;
    try {
      if (this.#core.maintain(this.#clock.now())) setTimeout(() => this.#maintain(), MAINTAIN_PAUSE_MS).unref();
      // It may have come upon damage, or have something to tell.
      if (this.#core.dirty) this.#settleSoon();
      this.#tellOffered();
    } catch (error) {
      this.#retry(packed(error));
    }
  }

  #answer(call: number, work: () => unknown): void {
    try {
      const value = work();
      this.#send({ op: 'answer', call, value }, transferable(value));
    } catch (error) {
      this.#send({ op: 'failed', call, error: packed(error) });
    }
  }

  #close(call: number): void {
    clearInterval(this.#maintenance);
    clearImmediate(this.#commitAt);
    clearTimeout(this.#settleAt);
    clearTimeout(this.#retryAt);
    this.#finishWaiting();
    this.#answer(call, () => {
      const { pending, failure } = this.#core.close(this.#clock.now());
      if (failure !== undefined) this.#send({ op: 'trouble', error: packError(failure), attempts: this.#attempts + 1 });
      return { pending };
    });
    this.#port.close();
  }

  /** Answers what was asked for just before the end, as soon as what it waits for is committed. */
  #finishWaiting(): void {
    try {
      while (this.#waiting.length > 0 && this.#core.dirty) this.#core.commit(this.#clock.now());
      for (const { call, work } of this.#waiting.splice(0)) this.#answer(call, work);
    } catch (error) {
      for (const { call } of this.#waiting.splice(0)) this.#send({ op: 'failed', call, error: packed(error) });
    }
  }

  #send(message: FromStorage, transfer: readonly ArrayBuffer[] = []): void {
    this.#port.postMessage(message, transfer);
  }
}

function packed(error: unknown): ErrorData {
  if (error instanceof EdgewrightError) return packError(error);
  return packError(threadFailed('the store thread', reasonOf(error), { cause: error }));
}

/** The payload of a batch moves to the other thread; a small one shares its memory with others and is copied. */
function transferable(value: unknown): ArrayBuffer[] {
  const payload = (value as Partial<ClaimedBatch> | undefined)?.payload;
  if (payload === undefined || payload.byteLength !== payload.buffer.byteLength) return [];
  return payload.buffer instanceof ArrayBuffer ? [payload.buffer] : [];
}
