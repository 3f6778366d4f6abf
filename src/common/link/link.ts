import { type EdgewrightError, type Logger, reasonOf } from '../core/index.ts';
import { Backoff, DEFAULT_BACKOFF } from './backoff.ts';
import { Connection, type ConnectionDown } from './connection.ts';
import { lost, offline, subscriptionRefused } from './errors.ts';
import { parseTarget, type Target } from './target.ts';
import { topicMatches } from './topic-filter.ts';
import type {
  Connected,
  Link,
  LinkListener,
  LinkOptions,
  LinkState,
  Message,
  MqttVersion,
  PublishAck,
  PublishOptions,
  Subscription,
} from './types.ts';

export interface LinkDeps {
  readonly logger: Logger;
  /** Uniform in [0, 1); for tests. */
  readonly random?: () => number;
}

interface Subscribed extends Subscription {
  readonly maxBytes: number;
  resolve(): void;
  reject(error: unknown): void;
}

/** Throws `link.bad-url` and `link.bad-tls`. Nothing happens before `start`. */
export function createLink(options: LinkOptions, deps: LinkDeps): Link {
  return new MqttLink(options, deps);
}

class MqttLink implements Link {
  readonly #options: LinkOptions;
  readonly #logger: Logger;
  readonly #target: Target;
  readonly #backoff: Backoff;
  readonly #listeners = new Set<LinkListener>();
  readonly #subscriptions: Subscribed[] = [];
  #version: MqttVersion;
  #refused5 = false;
  #connection: Connection | undefined;
  #retry: NodeJS.Timeout | undefined;
  /** From leaving on purpose to the next attempt. */
  #away = false;
  #leaving: Promise<void> | undefined;
  #state: LinkState = 'idle';
  #info: Connected | undefined;
  #upSince = 0;
  #lastError: EdgewrightError | undefined;

  constructor(options: LinkOptions, { logger, random = Math.random }: LinkDeps) {
    this.#options = options;
    this.#logger = logger;
    this.#target = parseTarget(options.url, options.tls);
    this.#backoff = new Backoff(options.backoff ?? DEFAULT_BACKOFF, random);
    this.#version = options.version === '3.1.1' ? '3.1.1' : '5';
  }

  get state(): LinkState {
    return this.#state;
  }

  get info(): Connected | undefined {
    return this.#info;
  }

  get lastError(): EdgewrightError | undefined {
    return this.#lastError;
  }

  start(): void {
    if (this.#state === 'idle') this.#attempt();
  }

  listen(listener: LinkListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  subscribe(subscription: Subscription): Promise<void> {
    return new Promise((resolve, reject) => {
      const { filter, qos, maxBytes = this.#options.maxIncomingBytes } = subscription;
      const onMessage = (message: Message) => subscription.onMessage(message);
      const entry = { filter, qos, maxBytes, onMessage, resolve, reject };
      this.#subscriptions.push(entry);
      if (this.#info !== undefined) this.#request(entry);
    });
  }

  publish(topic: string, payload: Uint8Array, options: PublishOptions): Promise<PublishAck> {
    if (this.#info === undefined || this.#connection === undefined) {
      return Promise.reject(offline(this.#target.name, 'not connected'));
    }
    return this.#connection.publish(topic, payload, options);
  }

  async suspend(): Promise<void> {
    if (this.#state === 'idle' || this.#state === 'closed') return;
    await this.#leave('suspended');
  }

  resume(): void {
    if (this.#state !== 'suspended') return;
    this.#state = 'waiting';
    // Two connections with one client id would throw each other out.
    void (this.#leaving ?? Promise.resolve()).then(() => {
      if (this.#state === 'waiting' && this.#connection === undefined) this.#attempt();
    });
  }

  async close(): Promise<void> {
    await this.#leave('closed');
    for (const { reject } of this.#subscriptions) reject(lost(this.#target.name, 'closed'));
  }

  async #leave(state: LinkState): Promise<void> {
    this.#state = state;
    this.#away = true;
    clearTimeout(this.#retry);
    this.#leaving ??= this.#connection?.leave().finally(() => {
      this.#leaving = undefined;
    });
    await this.#leaving;
  }

  #attempt(): void {
    this.#state = 'connecting';
    this.#away = false;
    const bounds = this.#subscriptions.map(({ maxBytes }) => maxBytes);
    const maxIncomingBytes = bounds.length === 0 ? this.#options.maxIncomingBytes : Math.max(...bounds);
    this.#connection = new Connection(
      this.#target,
      this.#version,
      { ...this.#options, maxIncomingBytes },
      {
        up: (info) => this.#up(info),
        down: (how) => this.#down(how),
        message: (message) => this.#deliver(message),
      },
    );
  }

  #up(info: Connected): void {
    this.#state = 'connected';
    this.#info = info;
    this.#lastError = undefined;
    this.#upSince = performance.now();
    this.#backoff.connected(this.#upSince);
    for (const subscription of this.#subscriptions) this.#request(subscription);
    for (const listener of this.#listeners) listener.connected?.(info);
  }

  #down({ error, wasConnected, version }: ConnectionDown): void {
    this.#connection = undefined;
    this.#info = undefined;
    // A version that is refused is no failure of the link: the other one at once, and nobody need know.
    if (!this.#away && this.#chooseVersion(version)) {
      this.#retryIn(0);
      return;
    }
    if (error !== undefined) this.#lastError = error;
    const now = performance.now();
    const overruled = wasConnected ? this.#options.onEnd?.(error, now - this.#upSince) : undefined;
    const backoff = this.#backoff.failed(now);
    const retryIn = this.#away ? undefined : (overruled ?? backoff);
    if (retryIn !== undefined) this.#retryIn(retryIn);
    for (const listener of this.#listeners) listener.closed?.({ error, wasConnected, retryIn });
  }

  #retryIn(ms: number): void {
    this.#state = 'waiting';
    this.#retry = setTimeout(() => this.#attempt(), ms);
  }

  /** Settles the version of the next attempt; true when the broker asked for another one. */
  #chooseVersion(verdict: ConnectionDown['version']): boolean {
    if (this.#options.version !== 'auto' || this.#refused5) return false;
    if (verdict === 'refused' && this.#version === '5') {
      this.#refused5 = true;
      this.#version = '3.1.1';
      return true;
    }
    // A broker that hangs up without a word may be too old to know 5, or just be starting: take turns.
    this.#version = verdict === 'doubtful' && this.#version === '5' ? '3.1.1' : '5';
    return false;
  }

  #request(subscription: Subscribed): void {
    this.#connection?.subscribe(subscription.filter, subscription.qos).then(subscription.resolve, (error: unknown) => {
      // Lost with the connection: the next one asks again.
      if (!isRefusal(error)) return;
      this.#logger.warn('subscription refused', { broker: this.#target.name, filter: subscription.filter });
      subscription.reject(error);
    });
  }

  /** A handler that fails must not keep the broker from going on: its message counts as taken. */
  #deliver(message: Message): Promise<void> | undefined {
    let held: Promise<unknown> | undefined;
    for (const { filter, maxBytes, onMessage } of this.#subscriptions) {
      if (!topicMatches(filter, message.topic)) continue;
      try {
        const taken = onMessage(bounded(message, maxBytes));
        if (taken !== undefined) held = held === undefined ? taken : Promise.all([held, taken]);
      } catch (error) {
        this.#complain(message.topic, error);
      }
    }
    return held?.then(
      () => undefined,
      (error: unknown) => this.#complain(message.topic, error),
    );
  }

  #complain(topic: string, error: unknown): void {
    this.#logger.error('message handler failed', { topic, reason: reasonOf(error) });
  }
}

/** The message as a subscription of that bound gets it. */
function bounded(message: Message, maxBytes: number): Message {
  const { payload } = message;
  if (payload.byteLength <= maxBytes) return message;
  return { ...message, payload: payload.subarray(0, 0), oversized: payload.byteLength };
}

function isRefusal(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === subscriptionRefused.kind.code;
}
