import { randomBytes } from 'node:crypto';
import { type IConnackPacket, type IPublishPacket, MqttClient } from 'mqtt';
import type { EdgewrightError } from '../core/index.ts';
import type { BrokerLimits } from './broker-limits.ts';
import { asBuffer } from './bytes.ts';
import { clientOptions, DEFAULT_CONNECT_TIMEOUT } from './client-options.ts';
import { ackTimeout, lost, protocolBroken, subscriptionRefused, unreachable } from './errors.ts';
import { type IncomingOptions, trimmedLength } from './incoming-filter.ts';
import { attemptFailure, codeOf, connectionFailure, isVersionRefusal, Reason, reasonName } from './reasons.ts';
import { SendQuota } from './send-quota.ts';
import { openSocket } from './socket.ts';
import type { Target } from './target.ts';
import type { Connected, LinkOptions, Message, MqttVersion, PublishAck, PublishOptions } from './types.ts';

const DEFAULT_ACK_TIMEOUT = 30_000;
/** The time, in ms, for the broker to close its end after our DISCONNECT; then we close ours. */
const GOODBYE = 250;
const RECEIVE_MAXIMUM_UNSAID = 65_535;
/**
 * Share of the keepalive for which an acknowledgement may be withheld. mqtt.js hands over one message at a time, so
 * that freezes the whole connection: a ping sent just before is answered too late after half of the keepalive.
 */
const HOLD_SHARE = 0.4;
/** DISCONNECT in MQTT 5: the broker forgets the session. */
const END_SESSION = { properties: { sessionExpiryInterval: 0 } } as const;

/** How a connection ended, or an attempt that never became one. */
export interface ConnectionDown {
  readonly error: EdgewrightError | undefined;
  readonly wasConnected: boolean;
  /** The broker may do better with the other version of MQTT: it said so, or hung up without a word. */
  readonly version: 'refused' | 'doubtful' | 'fine';
  /** The broker refused the CONNECT for something that the next one can do without. */
  readonly adaptable: boolean;
  /** Whether the broker closed a connection that stood, without a word. */
  readonly silent: boolean;
  /** What the broker had not answered at the end, in words. */
  readonly unanswered: string | undefined;
}

/** What a connection tells of, in the order in which it happens. */
export interface ConnectionEvents {
  /** The broker has accepted the connection. */
  up(info: Connected): void;
  /** The connection is at its end: told once, and last. */
  down(how: ConnectionDown): void;
  /** A message has come. A promise withholds its acknowledgement and everything behind it until it resolves. */
  message(message: Message): Promise<unknown> | undefined;
}

/** What was sent and is not answered. */
interface Pending {
  /** The thing in words, for a person. */
  readonly what: string;
  readonly since: number;
  readonly retain: boolean;
  readonly qos: 0 | 1;
  reject(error: Error): void;
}

/** One connection from the first byte to the last, which mqtt.js speaks; it is never used again. */
export class Connection {
  readonly #broker: string;
  readonly #options: LinkOptions;
  readonly #version: MqttVersion;
  readonly #events: ConnectionEvents;
  readonly #client: MqttClient;
  readonly #marker = randomBytes(16);
  readonly #limits: BrokerLimits;
  readonly #pending = new Set<Pending>();
  /** The filters that are asked for and not answered. */
  readonly #asked = new Set<string>();
  /** The reasons of acknowledgements on their way through mqtt.js, by message id; success is not kept. */
  readonly #reasons = new Map<number, number>();
  readonly #connectTimer: NodeJS.Timeout;
  #ackTimer: NodeJS.Timeout | undefined;
  #info: Connected | undefined;
  #quota = new SendQuota(0);
  #said: number | undefined;
  #adaptable = false;
  #error: EdgewrightError | undefined;
  #refusedVersion = false;
  #leaving = false;
  #down = false;

  constructor(
    target: Target,
    version: MqttVersion,
    options: LinkOptions,
    limits: BrokerLimits,
    events: ConnectionEvents,
  ) {
    this.#broker = target.name;
    this.#options = options;
    this.#version = version;
    this.#limits = limits;
    this.#events = events;
    const open = () => openSocket(target, this.#incoming(), (error) => this.fail(error));
    this.#client = new MqttClient(open, clientOptions(target, version, options, limits.will(version)));
    this.#attach();
    const limit = options.connectTimeout ?? DEFAULT_CONNECT_TIMEOUT;
    this.#connectTimer = setTimeout(() => this.fail(unreachable(target.name, `no answer within ${limit} ms`)), limit);
    this.#client.connect();
  }

  /** The longest time, in ms, for which an acknowledgement may be withheld. */
  get holdLimit(): number {
    return this.#client.keepalive * 1_000 * HOLD_SHARE;
  }

  #incoming(): IncomingOptions {
    return {
      limit: this.#options.maxIncomingBytes,
      marker: this.#marker,
      v5: this.#version === '5',
      onReason: (messageId, reason) => this.#reasons.set(messageId, reason),
    };
  }

  #attach(): void {
    const client = this.#client;
    client.on('connect', (packet) => this.#onConnect(packet));
    client.on('error', (error) => this.#onError(error));
    client.on('close', () => this.#onClose());
    client.on('disconnect', (packet) => {
      this.#said = packet.reasonCode ?? 0;
      // Some brokers leave it to us to close.
      this.#error ??= this.#failure(undefined);
      client.stream.destroy();
    });
    client.handleMessage = (packet, done) => {
      const held = this.#leaving ? undefined : this.#events.message(this.#toMessage(packet));
      if (held === undefined) done();
      else void held.then(() => this.#down || done());
    };
  }

  #onConnect(packet: IConnackPacket): void {
    clearTimeout(this.#connectTimer);
    const properties = packet.properties ?? {};
    // mqtt-packet gives the byte as a boolean.
    const maximumQos = properties.maximumQoS === undefined || Number(properties.maximumQoS) > 0 ? 1 : 0;
    this.#limits.connected({ retain: properties.retainAvailable !== false, maximumQos });
    this.#info = {
      version: this.#version,
      sessionPresent: packet.sessionPresent,
      clientId: properties.assignedClientIdentifier ?? this.#options.clientId,
      receiveMaximum: properties.receiveMaximum ?? RECEIVE_MAXIMUM_UNSAID,
      maximumPacketSize: properties.maximumPacketSize,
      ...this.#limits.taken,
      wildcards: properties.wildcardSubscriptionAvailable !== false,
      shared: properties.sharedSubscriptionAvailable !== false,
      keepalive: this.#client.keepalive,
      sessionExpiry: properties.sessionExpiryInterval,
    };
    this.#quota = new SendQuota(this.#info.receiveMaximum);
    const limit = this.#options.ackTimeout ?? DEFAULT_ACK_TIMEOUT;
    this.#ackTimer = setInterval(() => this.#checkAcks(limit), Math.max(10, limit / 4));
    this.#events.up(this.#info);
  }

  #checkAcks(limit: number): void {
    // A set keeps the order of insertion: the oldest comes first.
    const [oldest] = this.#pending;
    if (oldest !== undefined && performance.now() - oldest.since > limit) {
      this.fail(ackTimeout(this.#broker, `no acknowledgement within ${limit} ms`));
    }
  }

  #onError(error: unknown): void {
    const code = codeOf(error);
    if (this.#info === undefined) {
      this.#refusedVersion = typeof code === 'number' && isVersionRefusal(code);
      this.#adaptable = typeof code === 'number' && this.#limits.refused(code);
      this.fail(attemptFailure(this.#broker, error, this.#client.options.will?.topic));
    } else {
      if (typeof code === 'number') this.#said = code;
      this.fail(this.#failure(error));
    }
  }

  #failure(error: unknown): EdgewrightError {
    return connectionFailure(this.#broker, { error, reasonCode: this.#said, unanswered: this.#unanswered });
  }

  /** What the broker has not answered, the oldest first, in words. */
  get #unanswered(): string | undefined {
    const [first, ...others] = [
      ...Array.from(this.#asked, (filter) => `a subscription to ${filter}`),
      ...Array.from(this.#pending, ({ what }) => what),
    ];
    return first === undefined || others.length === 0 ? first : `${first} and ${others.length} more`;
  }

  #onClose(): void {
    if (this.#down) return;
    this.#down = true;
    clearTimeout(this.#connectTimer);
    clearInterval(this.#ackTimer);
    const asked = this.#leaving && this.#error === undefined;
    const silent = this.#error === undefined && !asked && this.#info !== undefined;
    const unanswered = this.#unanswered;
    const error = asked ? undefined : (this.#error ?? this.#failure(undefined));
    this.#noteLimits(silent);
    this.#quota.end(lost(this.#broker, error?.message ?? 'closed before it was sent'));
    for (const pending of this.#pending) {
      pending.reject(lost(this.#broker, error?.message ?? 'closed before the acknowledgement'));
    }
    this.#pending.clear();
    const wasConnected = this.#info !== undefined;
    const mute = !wasConnected && (error?.code === lost.kind.code || error?.code === protocolBroken.kind.code);
    this.#events.down({
      error,
      wasConnected,
      version: this.#refusedVersion ? 'refused' : mute ? 'doubtful' : 'fine',
      adaptable: this.#adaptable,
      silent,
      unanswered,
    });
  }

  /** Notes what this end says of what the broker takes. */
  #noteLimits(silent: boolean): void {
    if (this.#info === undefined) return;
    const pending = [...this.#pending];
    const retained = pending.some(({ retain }) => retain);
    const unanswered = silent ? { retained, qos1: pending.some(({ qos }) => qos === 1) } : undefined;
    this.#limits.ended({ reasonCode: this.#said, unanswered });
  }

  /** Ends the connection at once, as a failure. */
  fail(error: EdgewrightError): void {
    if (this.#down) return;
    this.#error ??= error;
    this.#client.end(true);
    // Not every path in mqtt.js ends in its `close` event.
    setImmediate(() => this.#onClose());
  }

  /**
   * Sends DISCONNECT, which cancels the will; settles when both ends are closed, soon in any case. With an error the
   * end counts as a failure; with `endSession` the broker forgets the session (MQTT 5).
   */
  async leave({ endSession = false, error }: { endSession?: boolean; error?: EdgewrightError } = {}): Promise<void> {
    if (this.#down) return;
    this.#leaving = true;
    this.#error ??= error;
    if (this.#info === undefined) {
      this.#client.end(true);
      this.#onClose();
      return;
    }
    await new Promise<void>((resolve) => {
      const force = setTimeout(() => {
        this.#client.stream.destroy();
        resolve();
      }, GOODBYE);
      this.#client.stream.once('close', () => {
        clearTimeout(force);
        resolve();
      });
      // mqtt.js waits without a bound for acknowledgements; whoever needs them has waited already.
      for (const id of Object.keys(this.#client.outgoing)) this.#client.removeOutgoingMessage(Number(id));
      this.#client.end(false, endSession && this.#version === '5' ? END_SESSION : {});
    });
    this.#onClose();
  }

  /**
   * Publishes as soon as the broker's Receive Maximum has a place, unretained or with QoS 0 where the broker takes no
   * more. Resolves with the broker's reason, also for a packet that is larger than the broker takes, which is not sent;
   * rejects with `link.lost`.
   */
  publish(topic: string, payload: Uint8Array, options: PublishOptions): Promise<PublishAck> {
    const limit = this.#info?.maximumPacketSize;
    if (limit !== undefined && packetSize(topic, payload, options) > limit) {
      return Promise.resolve({ reasonCode: Reason.tooLarge });
    }
    const taken = this.#limits.taken;
    const form = {
      qos: options.qos === 1 ? taken.maximumQos : 0,
      retain: options.retain === true && taken.retain,
    } as const;
    const turn = form.qos === 0 ? undefined : this.#quota.take();
    if (turn === undefined) return this.#send(topic, payload, { ...options, ...form });
    return turn.then(() => this.#send(topic, payload, { ...options, ...form }));
  }

  #send(topic: string, payload: Uint8Array, options: PublishOptions): Promise<PublishAck> {
    if (this.#down || this.#leaving) return Promise.reject(lost(this.#broker, 'closed before it was sent'));
    const { qos, retain = false, contentType, messageExpiry } = options;
    const properties = {
      ...(contentType === undefined ? {} : { contentType }),
      ...(messageExpiry === undefined ? {} : { messageExpiryInterval: messageExpiry }),
    };
    return new Promise((resolve, reject) => {
      const pending: Pending = { what: `a message to ${topic}`, since: performance.now(), retain, qos, reject };
      this.#pending.add(pending);
      this.#client.publish(topic, asBuffer(payload), { qos, retain, properties }, (error, packet) => {
        if (!this.#pending.delete(pending)) return;
        if (qos === 1) this.#quota.give();
        if (error) reject(lost(this.#broker, error.message, { cause: error }));
        else resolve({ reasonCode: qos === 1 ? this.#takeReason(packet?.messageId ?? 0) : Reason.success });
      });
    });
  }

  #takeReason(messageId: number): number {
    const reason = this.#reasons.get(messageId) ?? Reason.success;
    this.#reasons.delete(messageId);
    return reason;
  }

  /** Subscribes; rejects with `link.subscription-refused`, or with `link.lost` when the connection ended first. */
  subscribe(filter: string, qos: 0 | 1): Promise<void> {
    const problem = this.#missing(filter);
    if (problem !== undefined) return Promise.reject(subscriptionRefused(filter, problem));
    return new Promise((resolve, reject) => {
      this.#asked.add(filter);
      this.#client.subscribe(filter, { qos }, (error, _granted, packet) => {
        this.#asked.delete(filter);
        const code = packet?.granted?.[0];
        if (typeof code === 'number' && code >= Reason.refused) {
          reject(subscriptionRefused(filter, `refused: ${reasonName(code)}`));
        } else if (error) reject(lost(this.#broker, error.message, { cause: error }));
        else resolve();
      });
    });
  }

  /** The reason why the broker would throw us out for asking, in words. */
  #missing(filter: string): string | undefined {
    if (this.#info?.shared === false && filter.startsWith('$share/')) return 'the broker has no shared subscriptions';
    const wild = filter.split('/').some((level) => level === '+' || level === '#');
    return wild && this.#info?.wildcards === false ? 'the broker has no wildcard subscriptions' : undefined;
  }

  #toMessage(packet: IPublishPacket): Message {
    const payload = asBuffer(packet.payload);
    const oversized = trimmedLength(payload, this.#marker);
    const contentType = packet.properties?.contentType;
    return {
      topic: packet.topic,
      payload: oversized === undefined ? payload : payload.subarray(0, 0),
      qos: packet.qos,
      retain: packet.retain,
      duplicate: packet.dup,
      properties: contentType === undefined ? {} : { contentType },
      ...(oversized === undefined ? {} : { oversized }),
    };
  }
}

/** The bytes of a PUBLISH, never too few: fixed header 5, packet id 2, lengths and property ids. */
function packetSize(topic: string, payload: Uint8Array, { contentType = '' }: PublishOptions): number {
  return 32 + Buffer.byteLength(topic) + Buffer.byteLength(contentType) + payload.byteLength;
}
