import { type EdgewrightError, LONGEST_TIMER_MS, type Logger, reasonOf } from '../core/index.ts';
import { Backoff, DEFAULT_BACKOFF } from './backoff.ts';
import { BrokerLimits } from './broker-limits.ts';
import { Connection, type ConnectionDown } from './connection.ts';
import { lost, notCommitted, offline } from './errors.ts';
import { Subscriptions, type Uncommitted } from './subscriptions.ts';
import { parseTarget, type Target } from './target.ts';
import type {
  Connected,
  Link,
  LinkListener,
  LinkOptions,
  LinkState,
  MqttVersion,
  PublishAck,
  PublishOptions,
  Subscription,
} from './types.ts';

/** What a link is given beside its options. */
export interface LinkDeps {
  readonly logger: Logger;
  /** Uniform in [0, 1); for tests. */
  readonly random?: () => number;
}

/** Makes a link, which does nothing before `start`. Throws `link.bad-url` and `link.bad-tls`. */
export function createLink(options: LinkOptions, deps: LinkDeps): Link {
  return new MqttLink(options, deps);
}

class MqttLink implements Link {
  readonly #options: LinkOptions;
  readonly #logger: Logger;
  readonly #target: Target;
  readonly #backoff: Backoff;
  readonly #listeners = new Set<LinkListener>();
  readonly #subscriptions: Subscriptions;
  readonly #limits = new BrokerLimits();
  #version: MqttVersion;
  #refused5 = false;
  #connection: Connection | undefined;
  #retry: NodeJS.Timeout | undefined;
  #retryAt: number | undefined;
  /** Whether the link is between leaving on purpose and the next attempt. */
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
    this.#subscriptions = new Subscriptions({
      broker: this.#target.name,
      maxBytes: options.maxIncomingBytes,
      logger,
      onUncommitted: (uncommitted, connection) => this.#onUncommitted(uncommitted, connection),
    });
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

  get retryIn(): number | undefined {
    if (this.#state !== 'waiting' || this.#retryAt === undefined) return undefined;
    return Math.max(0, this.#retryAt - performance.now());
  }

  start(): void {
    if (this.#state === 'idle') this.#attempt();
  }

  listen(listener: LinkListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  subscribe(subscription: Subscription): Promise<void> {
    return this.#subscriptions.add(subscription, this.#info === undefined ? undefined : this.#connection);
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
    this.#comeBack();
  }

  #comeBack(): void {
    // Two connections with one client id would throw each other out.
    void (this.#leaving ?? Promise.resolve()).then(() => {
      if (this.#state !== 'waiting' || this.#connection !== undefined) return;
      clearTimeout(this.#retry);
      this.#attempt();
    });
  }

  async close(): Promise<void> {
    await this.#leave('closed');
    this.#subscriptions.end(lost(this.#target.name, 'closed'));
  }

  async #leave(state: LinkState): Promise<void> {
    this.#state = state;
    this.#away = true;
    clearTimeout(this.#retry);
    const endSession = state === 'closed' && this.#options.clean === 'at-close';
    this.#leaving ??= this.#connection?.leave({ endSession }).finally(() => {
      this.#leaving = undefined;
    });
    await this.#leaving;
  }

  #attempt(): void {
    this.#state = 'connecting';
    this.#retryAt = undefined;
    this.#away = false;
    const options = { ...this.#options, maxIncomingBytes: this.#subscriptions.maxBytes };
    const connection: Connection = new Connection(this.#target, this.#version, options, this.#limits, {
      up: (info) => this.#up(info, connection),
      down: (how) => this.#down(how),
      message: (message) => this.#subscriptions.deliver(message, connection),
    });
    this.#connection = connection;
  }

  #up(info: Connected, connection: Connection): void {
    this.#state = 'connected';
    this.#info = info;
    this.#lastError = undefined;
    this.#upSince = performance.now();
    this.#backoff.connected(this.#upSince);
    this.#subscriptions.renew(connection);
    for (const listener of this.#listeners) listener.connected?.(info);
  }

  #down(how: ConnectionDown): void {
    const { error, wasConnected, version } = how;
    this.#connection = undefined;
    this.#info = undefined;
    // A version or a will that is refused is no failure of the link: another one at once, and nobody need know.
    if (version === 'doubtful' && this.#version === '3.1.1') this.#limits.hungUp();
    if (!this.#away && (how.adaptable || this.#chooseVersion(version))) {
      this.#retryIn(0);
      return;
    }
    if (error !== undefined) this.#lastError = error;
    const now = performance.now();
    const overruled = this.#options.onEnd?.({ ...how, stood: wasConnected ? now - this.#upSince : undefined });
    const backoff = this.#backoff.failed(now);
    const retryIn = this.#away ? undefined : (overruled ?? backoff);
    if (retryIn !== undefined) this.#retryIn(retryIn);
    for (const listener of this.#listeners) listener.closed?.({ error, wasConnected, retryIn });
  }

  #retryIn(ms: number): void {
    this.#state = 'waiting';
    this.#retryAt = performance.now() + ms;
    this.#retry = setTimeout(() => this.#attempt(), Math.min(LONGEST_TIMER_MS, ms));
  }

  /** Settles the version of the next attempt; returns true when the broker asked for another one. */
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

  /** Ends the connection without the acknowledgement, so that the broker sends the message again. */
  #onUncommitted({ topic, failure, commit }: Uncommitted, connection: Connection): void {
    // The message of a connection that was lost meanwhile comes again in any case.
    if (connection !== this.#connection) return;
    const broker = this.#target.name;
    if (failure !== undefined) {
      void connection.leave({ error: notCommitted(broker, `${topic}: ${reasonOf(failure.reason)}`) });
      return;
    }
    this.#logger.info('link left its broker until what came is committed', { broker, topic });
    void this.#leave('waiting');
    void commit.catch(() => undefined).then(() => this.#comeBack());
  }
}
