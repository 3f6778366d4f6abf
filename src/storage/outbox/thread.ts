import type { MessagePort } from 'node:worker_threads';
import { type ClaimedBatch, EdgewrightError, reasonOf } from '../../common/core/index.ts';
import { OutboxCore } from './core.ts';
import { threadFailed, unknownAside } from './errors.ts';
import type { OutboxOptions } from './journal/options.ts';
import type { Asides, StoreParts } from './journal/ports.ts';
import { type ErrorData, type FromStore, packError, type ToStore } from './messages.ts';
import { ThreadClock } from './thread-clock.ts';

/** Confirmations go with the next commit, or after this; a crash before sends those batches again. */
const SETTLE_MS = 1000;
const MAINTAIN_MS = 1000;
/** Between two pieces of idle work, so that claims get their turn. */
const MAINTAIN_PAUSE_MS = 20;
/** A failed commit is tried again after 100 ms, 200 ms, ... 5 s. */
const RETRY_MIN_MS = 100;
const RETRY_MAX_MS = 5000;

/**
 * Opens the outbox in this thread and serves it over the port. The first message is `opened` or `refused`. `compose`
 * gives what belongs to the same thread; it runs once the outbox is locked.
 */
export function serveOutbox(
  port: MessagePort,
  options: OutboxOptions,
  compose: () => StoreParts = () => ({}),
  clock: ThreadClock = new ThreadClock(),
): void {
  let parts: StoreParts = {};
  try {
    const core = OutboxCore.open(options, clock.now(), () => {
      parts = compose();
      return parts;
    });
    new StoreThread(port, core, clock, parts.asides).start();
  } catch (error) {
    port.postMessage({ op: 'refused', error: packed(error) } satisfies FromStore);
    port.close();
  }
}

/** Drives the outbox in the store thread: timers, retries and the port. */
export class StoreThread {
  private readonly port: MessagePort;
  private readonly core: OutboxCore;
  private readonly clock: ThreadClock;
  private readonly asides: Asides;
  private maintenance: NodeJS.Timeout | undefined;
  /** What waits for everything before it to be committed. */
  private readonly waiting: { readonly call: number; readonly work: () => unknown }[] = [];
  private attempts = 0;
  private commitAt: NodeJS.Immediate | undefined;
  private settleAt: NodeJS.Timeout | undefined;
  private retryAt: NodeJS.Timeout | undefined;

  constructor(port: MessagePort, core: OutboxCore, clock: ThreadClock, asides: Asides = {}) {
    this.port = port;
    this.core = core;
    this.clock = clock;
    this.asides = asides;
  }

  start(): void {
    this.maintenance = setInterval(() => this.maintain(), MAINTAIN_MS);
    this.port.on('message', (message: ToStore) => this.receive(message));
    this.send({ op: 'opened', opened: this.core.opened });
    this.sendNotices();
  }

  private receive(message: ToStore): void {
    this.serve(message);
    this.tellOffered();
  }

  private serve(message: ToStore): void {
    switch (message.op) {
      case 'append':
        this.core.appendGroup(message.group);
        this.commitSoon();
        return;
      case 'flush':
        this.afterCommit(message.call, () => undefined);
        return;
      case 'aside':
        this.afterCommit(message.call, () => this.aside(message.name, message.payload));
        return;
      case 'clock':
        this.core.setClock(this.clock.set(message.now), message.trusted);
        return;
      case 'event':
        this.core.event(message.event, message.detail, message.at);
        this.commitSoon();
        return;
      case 'claim':
        this.answer(message.call, () => this.core.claim(message.lane, message.limits));
        // It may have come upon damage, which is to be written down.
        if (this.core.dirty) this.settleSoon();
        return;
      case 'committedSince':
        this.answer(message.call, () => this.core.committedSince(message.boot, message.seq));
        return;
      case 'stats':
        this.answer(message.call, () => this.core.stats(this.clock.now()));
        return;
      case 'confirm':
      case 'release':
      case 'reject':
        this.core[message.op](message.batch);
        this.settleSoon();
        return;
      case 'live':
        this.core.beginLive();
        return;
      case 'resend':
        this.answer(message.call, () => this.core.resend(message.request));
        return;
      case 'receipt':
        this.answer(message.call, () => this.core.noteReceipt(message.receipt));
        this.settleSoon();
        return;
      case 'close':
        this.close(message.call);
    }
  }

  private afterCommit(call: number, work: () => unknown): void {
    this.waiting.push({ call, work });
    this.commitSoon();
  }

  private aside(name: string, payload: unknown): unknown {
    const handler = this.asides[name];
    if (handler === undefined) throw unknownAside(name, 'the store thread has no such handler');
    return handler(payload, this.clock.now());
  }

  private tellOffered(): void {
    if (this.core.takeOffered()) this.send({ op: 'offered' });
  }

  private sendNotices(): void {
    for (const notice of this.core.takeNotices()) this.send({ op: 'notice', ...notice });
  }

  private settleSoon(): void {
    this.settleAt ??= setTimeout(() => this.commitSoon(), SETTLE_MS);
  }

  /** After the messages that have arrived: their entries share one transaction. */
  private commitSoon(): void {
    if (this.retryAt === undefined) this.commitAt ??= setImmediate(() => this.commit());
  }

  private commit(): void {
    this.commitAt = undefined;
    clearTimeout(this.settleAt);
    this.settleAt = undefined;
    try {
      if (this.core.dirty) {
        const { more, received, ...commit } = this.core.commit(this.clock.now());
        if (commit.records > 0) this.send({ op: 'committed', ...commit });
        this.sendNotices();
        if (received.records > 0 || received.batches.length > 0) this.send({ op: 'received', ...received });
        if (more) this.commitSoon();
      }
      if (this.attempts > 0) this.send({ op: 'recovered' });
      this.attempts = 0;
      if (!this.core.dirty) for (const { call, work } of this.waiting.splice(0)) this.answer(call, work);
      this.tellOffered();
    } catch (error) {
      this.retry(packed(error));
    }
  }

  private retry(error: ErrorData): void {
    this.attempts += 1;
    this.send({ op: 'trouble', error, attempts: this.attempts });
    const wait = Math.min(RETRY_MAX_MS, RETRY_MIN_MS * 2 ** Math.min(this.attempts - 1, 16));
    this.retryAt = setTimeout(() => {
      this.retryAt = undefined;
      this.commit();
    }, wait);
  }

  private maintain(): void {
    if (this.retryAt !== undefined) return;
    try {
      if (this.core.maintain(this.clock.now())) setTimeout(() => this.maintain(), MAINTAIN_PAUSE_MS).unref();
      // It may have come upon damage, or have something to tell.
      if (this.core.dirty) this.settleSoon();
      this.tellOffered();
    } catch (error) {
      this.retry(packed(error));
    }
  }

  private answer(call: number, work: () => unknown): void {
    try {
      const value = work();
      this.send({ op: 'answer', call, value }, transferable(value));
    } catch (error) {
      this.send({ op: 'failed', call, error: packed(error) });
    }
  }

  private close(call: number): void {
    clearInterval(this.maintenance);
    clearImmediate(this.commitAt);
    clearTimeout(this.settleAt);
    clearTimeout(this.retryAt);
    this.finishWaiting();
    this.answer(call, () => {
      const { pending, failure } = this.core.close(this.clock.now());
      if (failure !== undefined) this.send({ op: 'trouble', error: packError(failure), attempts: this.attempts + 1 });
      return { pending };
    });
    this.port.close();
  }

  /** What was asked for just before the end still happens, as soon as what it waits for is committed. */
  private finishWaiting(): void {
    try {
      while (this.waiting.length > 0 && this.core.dirty) this.core.commit(this.clock.now());
      for (const { call, work } of this.waiting.splice(0)) this.answer(call, work);
    } catch (error) {
      for (const { call } of this.waiting.splice(0)) this.send({ op: 'failed', call, error: packed(error) });
    }
  }

  private send(message: FromStore, transfer: readonly ArrayBuffer[] = []): void {
    this.port.postMessage(message, transfer);
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
