import { randomBytes } from 'node:crypto';
import { type IConnackPacket, type IPublishPacket, MqttClient } from 'mqtt';
import type { EdgewrightError } from '../core/index.ts';
import { asBuffer } from './bytes.ts';
import { clientOptions, DEFAULT_CONNECT_TIMEOUT } from './client-options.ts';
import { ackTimeout, lost, protocolBroken, subscriptionRefused, unreachable } from './errors.ts';
import { type IncomingOptions, trimmedLength } from './incoming-filter.ts';
import { attemptFailure, codeOf, connectionFailure, isVersionRefusal, Reason, reasonName } from './reasons.ts';
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

interface Pending {
  readonly since: number;
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
  readonly #pending = new Set<Pending>();
  /** The reasons of acknowledgements on their way through mqtt.js, by message id; success is not kept. */
  readonly #reasons = new Map<number, number>();
  readonly #connectTimer: NodeJS.Timeout;
  #ackTimer: NodeJS.Timeout | undefined;
  #info: Connected | undefined;
  #error: EdgewrightError | undefined;
  #refusedVersion = false;
  #leaving = false;
  #down = false;

  constructor(target: Target, version: MqttVersion, options: LinkOptions, events: ConnectionEvents) {
    this.#broker = target.name;
    this.#options = options;
    this.#version = version;
    this.#events = events;
    const open = () => openSocket(target, this.#incoming(), (error) => this.fail(error));
    this.#client = new MqttClient(open, clientOptions(target, version, options));
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
      this.#error ??= connectionFailure(this.#broker, undefined, packet.reasonCode ?? 0);
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
    this.#info = {
      version: this.#version,
      sessionPresent: packet.sessionPresent,
      clientId: properties.assignedClientIdentifier ?? this.#options.clientId,
      receiveMaximum: properties.receiveMaximum ?? RECEIVE_MAXIMUM_UNSAID,
      maximumPacketSize: properties.maximumPacketSize,
    };
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
      this.fail(attemptFailure(this.#broker, error));
    } else {
      this.fail(connectionFailure(this.#broker, error, typeof code === 'number' ? code : undefined));
    }
  }

  #onClose(): void {
    if (this.#down) return;
    this.#down = true;
    clearTimeout(this.#connectTimer);
    clearInterval(this.#ackTimer);
    const asked = this.#leaving && this.#error === undefined;
    const error = asked ? undefined : (this.#error ?? connectionFailure(this.#broker, undefined, undefined));
    for (const pending of this.#pending) {
      pending.reject(lost(this.#broker, error?.message ?? 'closed before the acknowledgement'));
    }
    this.#pending.clear();
    const wasConnected = this.#info !== undefined;
    const silent = !wasConnected && (error?.code === lost.kind.code || error?.code === protocolBroken.kind.code);
    this.#events.down({
      error,
      wasConnected,
      version: this.#refusedVersion ? 'refused' : silent ? 'doubtful' : 'fine',
    });
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
   * Publishes without a queue. Resolves with the broker's reason, also for a packet that is larger than the broker
   * takes, which is not sent; rejects with `link.lost`.
   */
  publish(topic: string, payload: Uint8Array, options: PublishOptions): Promise<PublishAck> {
    const limit = this.#info?.maximumPacketSize;
    if (limit !== undefined && packetSize(topic, payload, options) > limit) {
      return Promise.resolve({ reasonCode: Reason.tooLarge });
    }
    const { qos, retain = false, contentType, messageExpiry } = options;
    const properties = {
      ...(contentType === undefined ? {} : { contentType }),
      ...(messageExpiry === undefined ? {} : { messageExpiryInterval: messageExpiry }),
    };
    return new Promise((resolve, reject) => {
      const pending: Pending = { since: performance.now(), reject };
      this.#pending.add(pending);
      this.#client.publish(topic, asBuffer(payload), { qos, retain, properties }, (error, packet) => {
        if (!this.#pending.delete(pending)) return;
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
    return new Promise((resolve, reject) => {
      this.#client.subscribe(filter, { qos }, (error, _granted, packet) => {
        const code = packet?.granted?.[0];
        if (typeof code === 'number' && code >= Reason.refused) {
          reject(subscriptionRefused(filter, `refused: ${reasonName(code)}`));
        } else if (error) reject(lost(this.#broker, error.message, { cause: error }));
        else resolve();
      });
    });
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
