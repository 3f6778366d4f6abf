import { randomBytes } from 'node:crypto';
import { EdgewrightError, type Logger, MAX_BATCH_BYTES } from '../../common/core/index.ts';
import { type BackoffLimits, createLink, type Link, type Message, subscribedWithin } from '../../common/link/index.ts';
import {
  decodeBatch,
  decodeStatus,
  type RecordBatch,
  type StatusMessage,
  tooLong,
  topicOf,
} from '../../common/protocol/index.ts';
import { unreachable } from './errors.ts';
import { ReceiptSender } from './receipt-sender.ts';
import { type Delivery, RecordAccount, type WatchedBook } from './record-account.ts';

/** The device that is followed, and the broker where it is to be had. */
export interface FollowTarget {
  /** `mqtt://host:port` or `mqtts://host:port`. */
  readonly url: string;
  readonly version?: 'auto' | '5' | '3.1.1';
  readonly username?: string;
  readonly password?: string;
  readonly prefix: string;
  readonly site: string;
  readonly device: string;
  /**
   * Confirms to the device what the listener has taken. The broker is then told of a batch, too, only once the listener
   * has taken it, and keeps what comes meanwhile where the listener is slow (with MQTT 5).
   */
  readonly receipts?: boolean;
}

/** Whoever wants to hear of the messages, in the order in which they come; must not throw. */
export interface FollowListener {
  /**
   * Called with each batch. A promise holds the broker back until it settles; with receipts, a batch for which it
   * rejects comes again. It resolves with what of it is kept, unless that is all: nothing else is confirmed.
   */
  // biome-ignore lint/suspicious/noConfusingVoidType: most listeners have nothing to say.
  records?(deliveries: readonly Delivery[], batch: RecordBatch): void | Promise<void | readonly Delivery[]>;
  status?(status: StatusMessage): void;
  /** Called for a message that is none of ours. */
  refused?(topic: string, error: EdgewrightError): void;
  /** Called when our own connection stands or is lost; `reason` tells why. */
  connection?(online: boolean, reason: string | undefined): void;
}

/** What a follower works with. */
export interface FollowDeps {
  readonly logger: Logger;
  readonly backoff?: BackoffLimits;
  /** Seconds of silence after which the connection is checked. */
  readonly keepalive?: number;
}

const KEEPALIVE_S = 30;
/** Seconds that the broker keeps what comes while the listener is busy; the device has it until the receipt. */
const SESSION_S = 60;
/** The waits of a watcher, which is one client and in a hurry. */
const BACKOFF: BackoffLimits = { first: 500, longest: 10_000, stable: 30_000 };

/** A consumer of one device: subscribes to its status and records, unpacks them and keeps the books. */
export class Follower {
  readonly #target: FollowTarget;
  readonly #listener: FollowListener;
  readonly #link: Link;
  readonly #books = new RecordAccount();
  readonly #receipts: ReceiptSender | undefined;

  /** Throws `link.bad-url`. Nothing happens before `start`. */
  constructor(
    target: FollowTarget,
    listener: FollowListener,
    { logger, backoff = BACKOFF, keepalive = KEEPALIVE_S }: FollowDeps,
  ) {
    this.#target = target;
    this.#listener = listener;
    const { url, version = 'auto', username, password } = target;
    this.#link = createLink(
      {
        url,
        version,
        clientId: `edgewright-watch-${randomBytes(6).toString('hex')}`,
        ...(target.receipts ? { clean: 'at-close', sessionExpiry: SESSION_S } : { clean: true }),
        keepalive,
        maxIncomingBytes: MAX_BATCH_BYTES,
        backoff,
        ...(username === undefined ? {} : { username }),
        ...(password === undefined ? {} : { password }),
      },
      { logger },
    );
    const topic = topicOf(target, 'receipt');
    this.#receipts = target.receipts
      ? new ReceiptSender((payload) => this.#link.publish(topic, payload, { qos: 1, contentType: 'application/json' }))
      : undefined;
  }

  /**
   * Resolves when both topics are subscribed; rejects with `operator.broker-unreachable` after `deadline` ms, or when
   * refused.
   */
  async start(deadline: number): Promise<void> {
    this.#link.listen({
      connected: () => this.#listener.connection?.(true, undefined),
      // An end without an error was asked for.
      closed: ({ error }) => error && this.#listener.connection?.(false, error.message),
    });
    // The status comes first: what it retains says where the watching began.
    const subscribed = Promise.all(
      (['status', 'records'] as const).map((channel) =>
        this.#link.subscribe({
          filter: topicOf(this.#target, channel),
          qos: 1,
          acknowledge: channel === 'records' && this.#receipts !== undefined ? 'committed' : 'delivered',
          onMessage: (message) => this.#take(channel, message),
        }),
      ),
    );
    this.#link.start();
    await subscribedWithin(
      subscribed,
      deadline,
      () => this.#late(deadline),
      () => this.#link.close(),
    );
  }

  /** The books by boot, the latest heard of last. */
  books(): WatchedBook[] {
    return this.#books.books();
  }

  /** Sends the last receipts and disconnects in order. Bounded in time. */
  async close(): Promise<void> {
    await this.#receipts?.close();
    await this.#link.close();
  }

  #late(deadline: number): EdgewrightError {
    const { lastError } = this.#link;
    const reason = lastError?.message ?? 'no answer';
    const detail = lastError === undefined ? {} : { cause: lastError, hint: lastError.hint };
    return unreachable(`${this.#target.site}/${this.#target.device}`, `${reason} (tried for ${deadline} ms)`, detail);
  }

  /** Hands a batch to the listener. A receipt says that the listener has it, not that it has come. */
  #hand(batch: RecordBatch): void | Promise<void> {
    // The books are kept also where nobody listens.
    const deliveries = this.#books.batch(batch);
    const taken = this.#listener.records?.(deliveries, batch);
    const confirm = (kept: readonly Delivery[]) => this.#receipts?.add(batch.boot, kept);
    if (taken === undefined) confirm(deliveries);
    else return taken.then((kept) => confirm(kept ?? deliveries));
  }

  #take(channel: 'status' | 'records', message: Message): void | Promise<void> {
    const { topic, payload, retain, oversized } = message;
    // An empty payload deletes what was retained.
    if (payload.byteLength === 0 && oversized === undefined) return undefined;
    try {
      if (oversized !== undefined) throw tooLong(topic, `${oversized} bytes`);
      if (channel === 'records') {
        const batch = decodeBatch(payload);
        return this.#hand(batch);
      }
      const status = decodeStatus(payload);
      this.#books.status(status, retain);
      this.#listener.status?.(status);
    } catch (error) {
      if (!(error instanceof EdgewrightError)) throw error;
      this.#listener.refused?.(topic, error);
    }
    return undefined;
  }
}
