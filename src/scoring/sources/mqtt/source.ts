import { createHash } from 'node:crypto';
import { reasonOf } from '../../../common/core/index.ts';
import {
  createLink,
  type Link,
  type LinkDeps,
  type LinkOptions,
  type Message,
  readTls,
} from '../../../common/link/index.ts';
import { noBroker } from '../errors.ts';
import { type Outlet, PayloadDecoder, shorten } from '../payload/decoder.ts';
import { textOf } from '../payload/text.ts';
import { untilCredit } from '../playback.ts';
import { shapeOf } from '../shapes/catalogue.ts';
import { ShapeReader } from '../shapes/reader.ts';
import type { Source, SourceDeps, SourceSink } from '../source.ts';
import { type MqttConfig, topicOf } from './schema.ts';
import { TopicTemplate } from './topic.ts';

/**
 * Share of the keepalive for which an acknowledgement may be withheld: that freezes the whole connection, pings
 * included, and the broker gives up after one and a half intervals.
 */
const HOLD_SHARE = 0.4;
/**
 * Messages that the broker may send ahead of their acknowledgements. A burst waits on the connection, where TCP holds
 * it back and it costs no memory here: beyond this the broker queues, and Mosquitto drops what is more than 1,000
 * messages.
 */
const RECEIVE_MAXIMUM = 10_000;
const MAX_CLIENT_ID = 64;
/**
 * Waits between attempts to connect, ms: what machines send meanwhile lies at a broker that may not keep much of it.
 */
const BACKOFF = { first: 500, longest: 15_000, stable: 60_000 } as const;

/** Reason of windows that may lack readings: without its session a broker has kept none. */
const NOT_KEPT = 'link: the broker kept no readings while the gateway was away';

/** Opens a connection to a broker; tests open another. */
export type OpenLink = (options: LinkOptions, deps: LinkDeps) => Link;

/**
 * Makes a client id that differs between gateways and sources and stays the same from start to start. Another filter
 * gives another id: the broker would go on filling the old session with the old topics.
 */
export function deriveClientId(identity: SourceDeps['identity'], source: string, filter: string): string {
  const { site = 'site', device = 'device' } = identity ?? {};
  const digest = createHash('sha256')
    .update(JSON.stringify([site, device, source, filter]))
    .digest('hex');
  const name = `${site}-${device}-${source}`.replace(/[^A-Za-z0-9._-]/g, '');
  return `${name.slice(0, MAX_CLIENT_ID - 9)}-${digest.slice(0, 8)}`;
}

/**
 * Live readings from a broker. What is not taken yet stays with the broker: its acknowledgement is withheld while there
 * is no credit.
 */
export class MqttSource implements Source {
  readonly #config: MqttConfig;
  readonly #deps: SourceDeps;
  readonly #openLink: OpenLink;
  readonly #template: TopicTemplate;
  readonly #decoder: PayloadDecoder;
  /** Reads messages of a ready shape, in place of the decoder. */
  readonly #shape: ShapeReader | undefined;
  readonly #stop = new AbortController();
  #started: Promise<void> | undefined;
  #link: Link | undefined;
  /** Ends the wait for credit of the message at hand, with the reason. */
  #hold: AbortController | undefined;

  constructor(config: MqttConfig, deps: SourceDeps, openLink: OpenLink = createLink) {
    this.#config = config;
    this.#deps = deps;
    this.#openLink = openLink;
    const topic = topicOf(config);
    this.#template = new TopicTemplate(topic);
    this.#decoder = new PayloadDecoder(config);
    const shape = shapeOf(config.shape);
    const { assetTag, decimal } = config;
    this.#shape = shape && new ShapeReader(shape, config.time, { topic, assetTag, decimal });
  }

  start(sink: SourceSink): Promise<void> {
    this.#started ??= this.#open(sink);
    return this.#started;
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    this.#hold?.abort('stopped');
    await this.#link?.close();
    await this.#started?.catch(() => undefined);
  }

  async #open(sink: SourceSink): Promise<void> {
    if (this.#stop.signal.aborted) return;
    const link = this.#openLink(this.#linkOptions(), { logger: this.#deps.logger });
    this.#link = link;
    const subscribed = link.subscribe({
      filter: this.#template.filter,
      qos: this.#config.qos,
      onMessage: (message) => this.#receive(message, sink),
    });
    const { onAway, onGap } = this.#deps;
    link.listen({
      connected: ({ sessionPresent }) => {
        onAway?.(undefined);
        if (!sessionPresent) onGap?.(NOT_KEPT);
      },
      closed: ({ error }) => {
        this.#hold?.abort('lost');
        if (error !== undefined) onAway?.(error);
      },
    });
    link.start();
    try {
      await subscribed;
    } catch (error) {
      if (!this.#stop.signal.aborted) throw error;
    }
  }

  #linkOptions(): LinkOptions {
    const { version, clientId, qos, session, keepalive, maxPayload } = this.#config;
    return {
      ...this.#broker(),
      version,
      clientId: clientId ?? deriveClientId(this.#deps.identity, this.#deps.name, this.#template.filter),
      // A broker has nothing to keep where nothing is acknowledged.
      clean: qos === 0,
      ...(qos === 0 ? {} : { sessionExpiry: Math.round(session / 1000) }),
      receiveMaximum: RECEIVE_MAXIMUM,
      backoff: BACKOFF,
      keepalive: Math.max(1, Math.round(keepalive / 1000)),
      maxIncomingBytes: maxPayload,
    };
  }

  /** Finds the broker to connect to: credentials of the default one do not go to another. */
  #broker(): NonNullable<SourceDeps['broker']> {
    const { url, tls, username, password } = this.#config;
    const base = url === undefined ? this.#deps.broker : { url };
    if (base === undefined) throw noBroker(this.#deps.name, 'no broker is configured', { path: 'url' });
    return {
      ...base,
      ...(tls === undefined ? {} : { tls: readTls(tls) }),
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password }),
    };
  }

  /** Takes a message; a promise withholds its acknowledgement. */
  #receive(message: Message, sink: SourceSink): Promise<void> | undefined {
    if (this.#stop.signal.aborted) return never();
    const credit = sink.credit();
    if (credit !== undefined) return this.#withhold(message, credit, sink);
    this.#take(message, sink);
    return undefined;
  }

  /**
   * Waits for credit; where that takes too long for an open connection, leaves the broker and comes back with credit.
   */
  async #withhold(message: Message, credit: Promise<void>, sink: SourceSink): Promise<void> {
    const hold = new AbortController();
    this.#hold = hold;
    const limit = setTimeout(() => hold.abort('limit'), this.#config.keepalive * HOLD_SHARE);
    await untilCredit(credit, sink, hold.signal);
    clearTimeout(limit);
    this.#hold = undefined;
    if (this.#stop.signal.aborted) return never();
    if (!hold.signal.aborted) {
      this.#take(message, sink);
      return;
    }
    // The broker sends a message of QoS 1 again in the next connection.
    if (message.qos === 0) sink.reject('not-held', shorten(message.topic));
    if (hold.signal.reason === 'lost') return;
    this.#deps.logger.info('source left its broker until the pipeline takes more', { source: this.#deps.name });
    await this.#link?.suspend();
    void this.#comeBack(sink);
  }

  async #comeBack(sink: SourceSink): Promise<void> {
    const { signal } = this.#stop;
    const credit = signal.aborted ? undefined : sink.credit();
    if (credit !== undefined) await untilCredit(credit, sink, signal);
    if (!signal.aborted) this.#link?.resume();
  }

  #take(message: Message, sink: SourceSink): void {
    try {
      this.#decode(message, sink);
    } catch (error) {
      sink.reject('failed', `${shorten(message.topic)}: ${reasonOf(error)}`);
    }
  }

  #decode({ topic, payload, oversized, retain, duplicate }: Message, sink: SourceSink): void {
    if (oversized !== undefined) {
      sink.reject('payload-too-large', `${shorten(topic)}: ${oversized} bytes, at most ${this.#config.maxPayload}`);
      return;
    }
    const names = this.#template.match(topic);
    if (names === undefined) {
      sink.reject('unknown-topic', shorten(topic));
      return;
    }
    // A retained message is of some earlier time: without a time of its own it says nothing. One that the broker sends
    // again was not acknowledged, or its acknowledgement was lost.
    const arrival = retain ? undefined : this.#deps.clock.now();
    const out: Outlet = {
      push: duplicate ? (reading) => sink.push({ ...reading, again: true }) : (reading) => sink.push(reading),
      reject: (reason, detail) => sink.reject(reason, `${shorten(topic)}: ${detail}`),
    };
    if (this.#shape === undefined) this.#decoder.read(textOf(payload), names, arrival, out);
    else this.#shape.read(textOf(payload), topic, names, arrival, out);
  }
}

/** Withholds the acknowledgement of a message for good: its connection is about to end. */
function never(): Promise<never> {
  return new Promise(() => undefined);
}
