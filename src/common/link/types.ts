import type { EdgewrightError } from '../core/index.ts';
import type { BackoffLimits } from './backoff.ts';

/** A version of MQTT, as its name is written. */
export type MqttVersion = '5' | '3.1.1';

/** What TLS is made with: in PEM the CA of the broker, certificate of this client with its chain, private key of that. */
export interface TlsMaterial {
  readonly ca?: Uint8Array;
  readonly cert?: Uint8Array;
  readonly key?: Uint8Array;
  /** The name that the broker is asked for, and that its certificate must have; that of the address where absent. */
  readonly serverName?: string;
  /** The protocols that are asked for, the first one first. */
  readonly alpn?: readonly string[];
}

/** The message that the broker publishes for a client that is lost. */
export interface Will {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly qos: 0 | 1;
  readonly retain: boolean;
  /** Seconds between the loss of the connection and the will; MQTT 5 only. */
  readonly delay?: number;
}

/** Where a link connects to, as whom, and within which bounds. */
export interface LinkOptions {
  /** `mqtt://host:port`; `mqtts`, `ws` and `wss` as well. Credentials in it are used, and never shown. */
  readonly url: string;
  /** The version of MQTT; `auto` tries 5, then 3.1.1. */
  readonly version: 'auto' | MqttVersion;
  /** The name of this client at the broker; no two may have the same. */
  readonly clientId: string;
  /**
   * False: goes on with the session that the broker may keep. True: begins without one at every connect. `at-close`:
   * the session outlives connections that are lost, up to `sessionExpiry`, and is given up by `close`; for a client id
   * that nobody else will use. Under 3.1.1, where a session has no end, it is as true.
   */
  readonly clean: boolean | 'at-close';
  /** Seconds that the broker keeps the session after the connection; MQTT 5 only, a 3.1.1 broker has its own rule. */
  readonly sessionExpiry?: number;
  /** Seconds of silence after which the connection is checked; at least 1. */
  readonly keepalive: number;
  readonly username?: string;
  readonly password?: string;
  readonly tls?: TlsMaterial;
  /** Makes the will; asked at every connect. */
  readonly will?: () => Will | undefined;
  /** The time, in ms, until a connection must stand, CONNACK included; 10 s unless said. */
  readonly connectTimeout?: number;
  /** The time, in ms, without an acknowledgement after which the connection is given up; 30 s unless said. */
  readonly ackTimeout?: number;
  /** Most messages that the broker may send ahead of their acknowledgements; MQTT 5 only. */
  readonly receiveMaximum?: number;
  /**
   * Most bytes of a payload, for subscriptions that have no bound of their own. Longer payloads are dropped as they
   * come in, acknowledged, and told to the subscription as `oversized`.
   */
  readonly maxIncomingBytes: number;
  readonly backoff?: BackoffLimits;
  /**
   * Called for each connection that ended, and each attempt that failed; a number overrules the backoff, ms until the
   * next attempt.
   */
  readonly onEnd?: (ending: Ending) => number | undefined;
}

/** How a connection ended, or an attempt to make one. */
export interface Ending {
  readonly error: EdgewrightError | undefined;
  /** The time, in ms, that it stood; undefined where it never did. */
  readonly stood: number | undefined;
  /** Whether the other side closed a connection that stood, and did not say why. */
  readonly silent: boolean;
  /** What was sent and not answered, in words; undefined where nothing was. */
  readonly unanswered: string | undefined;
}

/** A connection that stands. */
export interface Connected {
  readonly version: MqttVersion;
  readonly sessionPresent: boolean;
  readonly clientId: string;
  /** Most messages in flight that the broker takes; 65,535 where it does not say. */
  readonly receiveMaximum: number;
  /** Most bytes of a whole packet that the broker takes; undefined where it does not say. */
  readonly maximumPacketSize: number | undefined;
  /** Whether the broker keeps retained messages; without, all are published unretained. */
  readonly retain: boolean;
  /** The highest QoS that the broker takes. With 0 it confirms nothing: an acknowledgement says that it was sent. */
  readonly maximumQos: 0 | 1;
  /** Whether the broker has wildcards in subscriptions. */
  readonly wildcards: boolean;
  /** Whether the broker has shared subscriptions. */
  readonly shared: boolean;
  /** Seconds of silence after which the connection is checked, as the broker may have set it. */
  readonly keepalive: number;
  /** Seconds that the broker keeps the session, where it says that it is not what was asked for. */
  readonly sessionExpiry: number | undefined;
}

/** The end of a connection, or of an attempt. */
export interface Closed {
  /** The reason; undefined when the end was asked for (`suspend`, `close`) or a commit is late. */
  readonly error: EdgewrightError | undefined;
  /** Whether the connection ever stood. */
  readonly wasConnected: boolean;
  /** The time, in ms, until the next attempt; undefined when none is planned. */
  readonly retryIn: number | undefined;
}

/** Called in the order in which things happen; must not throw. */
export interface LinkListener {
  connected?(info: Connected): void;
  closed?(info: Closed): void;
}

/** A message that came. */
export interface Message {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly qos: 0 | 1 | 2;
  readonly retain: boolean;
  readonly duplicate: boolean;
  /** Empty under 3.1.1. */
  readonly properties: { readonly contentType?: string };
  /** The length of a payload that was longer than the subscription takes; `payload` is then empty. */
  readonly oversized?: number;
}

/** A wish for messages, and who takes them. */
export interface Subscription {
  /** The topic filter, which may begin with `$share/<group>/`. */
  readonly filter: string;
  readonly qos: 0 | 1;
  /**
   * Most bytes of a payload, in place of `maxIncomingBytes`; what is larger than both counts from the next connect on.
   */
  readonly maxBytes?: number;
  /**
   * What makes a message of QoS 1 count as taken. `delivered`, unless said: that `onMessage` is through, whether it
   * succeeds or fails. `committed`: that its promise resolves. Where that rejects, or takes longer than a connection
   * can be held, the link disconnects in order without the acknowledgement, and the broker sends the message again in
   * the next connection, as long as it keeps the session (`clean`, `sessionExpiry`): after a pause as after any failure
   * (`link.not-committed`), or as soon as the promise settles. So a message may come twice, also one that was
   * committed.
   */
  readonly acknowledge?: 'delivered' | 'committed';
  /** Once aborted, the subscription is not renewed, and gets nothing more. */
  readonly until?: AbortSignal;
  /**
   * Called for one message after the other. A promise withholds the acknowledgement until it settles, and with it
   * everything else on this connection, pings included: only for pauses well below the keepalive, and only on a
   * connection of one's own.
   */
  onMessage(message: Message): void | Promise<void>;
}

/** How a message is published. */
export interface PublishOptions {
  readonly qos: 0 | 1;
  readonly retain?: boolean;
  /** The type of the payload; MQTT 5 only. */
  readonly contentType?: string;
  /** Seconds that the broker keeps the message for somebody; MQTT 5 only. */
  readonly messageExpiry?: number;
}

/** The answer of the broker to a message. */
export interface PublishAck {
  /** The reason code of MQTT 5: 0 taken, 0x10 nobody subscribed, from 0x80 on refused. Always 0 under 3.1.1. */
  readonly reasonCode: number;
}

/** `idle` before `start`; `waiting` for the next attempt; `suspended` until `resume`; `closed` for good. */
export type LinkState = 'idle' | 'connecting' | 'connected' | 'waiting' | 'suspended' | 'closed';

/** One connection to one broker, which comes back by itself with full jitter. */
export interface Link {
  readonly state: LinkState;
  /** The connection that stands. */
  readonly info: Connected | undefined;
  /** The time, in ms, until the next attempt; undefined where none is planned. */
  readonly retryIn: number | undefined;
  /** The last failure since the link stood. */
  readonly lastError: EdgewrightError | undefined;
  /** Begins to connect; never fails. */
  start(): void;
  /** Adds a listener; the function that is returned ends it. */
  listen(listener: LinkListener): () => void;
  /**
   * Adds a subscription, which is renewed at every connect. Settles with the broker's first answer; rejects with
   * `link.subscription-refused`, or with `link.lost` when the link is closed before.
   */
  subscribe(subscription: Subscription): Promise<void>;
  /**
   * Never queues over connections: rejects with `link.offline` without one, with `link.lost` when it ends before the
   * acknowledgement. Waits while as many are unanswered as the broker's Receive Maximum lets be. A refusal by the
   * broker resolves with its reason code.
   */
  publish(topic: string, payload: Uint8Array, options: PublishOptions): Promise<PublishAck>;
  /** Disconnects in order, without the will, and stays away until `resume`; the broker keeps the session. */
  suspend(): Promise<void>;
  resume(): void;
  /** Disconnects in order, without the will, for good. Bounded in time. */
  close(): Promise<void>;
}
