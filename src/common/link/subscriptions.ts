import { type Logger, reasonOf } from '../core/index.ts';
import type { Connection } from './connection.ts';
import { subscriptionRefused } from './errors.ts';
import { topicMatches } from './topic-filter.ts';
import type { Message, Subscription } from './types.ts';

interface Subscribed extends Required<Omit<Subscription, 'until'>> {
  resolve(): void;
  reject(error: unknown): void;
}

/** A message that must not be acknowledged, since what was to become of it did not. */
export interface Uncommitted {
  readonly topic: string;
  /** The reason why its commit failed; undefined where it takes longer than the connection can be held. */
  readonly failure: { readonly reason: unknown } | undefined;
  readonly commit: Promise<void>;
}

/** What subscriptions need of the link that they belong to. */
export interface SubscriptionDeps {
  /** The name of the broker, for the log. */
  readonly broker: string;
  /** Most bytes of a payload, for subscriptions that have no bound of their own. */
  readonly maxBytes: number;
  readonly logger: Logger;
  /** Called where a connection is to end without the acknowledgement. */
  readonly onUncommitted: (uncommitted: Uncommitted, connection: Connection) => void;
}

/** The subscriptions of a link, over all its connections: they say who gets a message, and when it counts as taken. */
export class Subscriptions {
  readonly #deps: SubscriptionDeps;
  #all: Subscribed[] = [];

  constructor(deps: SubscriptionDeps) {
    this.#deps = deps;
  }

  /** Most bytes of a payload that any subscription takes. */
  get maxBytes(): number {
    const bounds = this.#all.map(({ maxBytes }) => maxBytes);
    return bounds.length === 0 ? this.#deps.maxBytes : Math.max(...bounds);
  }

  /** Adds a subscription, and asks for it at once where a connection stands. Settles with the broker's first answer. */
  add(subscription: Subscription, connection: Connection | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const { filter, qos, maxBytes = this.#deps.maxBytes, acknowledge = 'delivered' } = subscription;
      const onMessage = (message: Message) => subscription.onMessage(message);
      const entry = { filter, qos, maxBytes, acknowledge, onMessage, resolve, reject };
      this.#all.push(entry);
      subscription.until?.addEventListener('abort', () => {
        this.#all = this.#all.filter((one) => one !== entry);
      });
      if (connection !== undefined) this.#request(entry, connection);
    });
  }

  /** Asks for everything on a new connection. */
  renew(connection: Connection): void {
    for (const subscribed of this.#all) this.#request(subscribed, connection);
  }

  /** Hands a message to whom it concerns. A promise withholds its acknowledgement. */
  deliver(message: Message, connection: Connection): Promise<unknown> | undefined {
    const concerned = this.#all.filter(({ filter }) => topicMatches(filter, message.topic));
    const held = concerned.map((subscribed) => this.#hand(subscribed, message, connection));
    return held.some((one) => one !== undefined) ? Promise.all(held) : undefined;
  }

  /** Rejects what the broker has not answered yet. */
  end(error: unknown): void {
    for (const { reject } of this.#all) reject(error);
  }

  #request({ filter, qos, resolve, reject }: Subscribed, connection: Connection): void {
    connection.subscribe(filter, qos).then(resolve, (error: unknown) => {
      // Lost with the connection: the next one asks again.
      if (!isRefusal(error)) return;
      this.#deps.logger.warn('subscription refused', { broker: this.#deps.broker, reason: reasonOf(error) });
      reject(error);
    });
  }

  #hand(subscribed: Subscribed, message: Message, connection: Connection): Promise<void> | undefined {
    const { maxBytes, acknowledge, onMessage } = subscribed;
    const { topic } = message;
    let taken: void | Promise<void>;
    try {
      taken = onMessage(bounded(message, maxBytes));
    } catch (error) {
      taken = Promise.reject(error);
    }
    if (taken === undefined) return undefined;
    if (acknowledge === 'committed') return this.#whenCommitted(topic, taken, connection);
    // A handler that fails must not keep the broker from going on: its message counts as taken.
    return taken.catch((error: unknown) => this.#complain(topic, error));
  }

  /**
   * Resolves once the message may be acknowledged; never where it must not be, since its connection is at its end then.
   */
  async #whenCommitted(topic: string, commit: Promise<void>, connection: Connection): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<'late'>((resolve) => {
      timer = setTimeout(() => resolve('late'), connection.holdLimit);
    });
    let failure: Uncommitted['failure'];
    try {
      if ((await Promise.race([commit, late])) !== 'late') return;
    } catch (reason) {
      this.#complain(topic, reason);
      failure = { reason };
    } finally {
      clearTimeout(timer);
    }
    this.#deps.onUncommitted({ topic, failure, commit }, connection);
    return new Promise(() => undefined);
  }

  #complain(topic: string, error: unknown): void {
    this.#deps.logger.error('message handler failed', { topic, reason: reasonOf(error) });
  }
}

/** Returns the message as a subscription of that bound gets it. */
function bounded(message: Message, maxBytes: number): Message {
  const { payload } = message;
  if (payload.byteLength <= maxBytes) return message;
  return { ...message, payload: payload.subarray(0, 0), oversized: payload.byteLength };
}

function isRefusal(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === subscriptionRefused.kind.code;
}
