import type { Message, PublishAck } from '../../common/link/index.ts';
import { CHANNELS, type ChannelTo, type DeviceAddress, topicOf } from '../../common/protocol/index.ts';
import type { LinkPort } from './ports.ts';

/** A way to the device: a channel of the protocol, and what becomes of its messages. */
export interface InboundChannel {
  readonly name: ChannelTo<'down'>;
  /** Most bytes of a payload. Of a longer message only the length is handed over, as `oversized`. */
  readonly maxBytes: number;
  /**
   * Takes a message; must not throw. A promise withholds the acknowledgement, and with it everything else: for moments
   * only.
   */
  handle(message: Message): void | Promise<void>;
  /** Called once where the broker does not let this client subscribe; the link has logged it. */
  onRefused?(topic: string, error: unknown): void;
}

/** A way from the device: a channel of the protocol. */
export interface OutboundChannel {
  readonly topic: string;
  /**
   * Publishes as the protocol says of the channel, its content type included unless another is given. Never queues:
   * rejects with `link.offline` without a connection, with `link.lost` where it ends before the acknowledgement.
   */
  publish(payload: Uint8Array, contentType?: string): Promise<PublishAck>;
}

/** The bytes of a PUBLISH around topic and payload. */
const PUBLISH_OVERHEAD = 32;

/** The channels of one device on its link: each is declared once, and every byte of a message is counted here. */
export class Channels {
  readonly #link: Pick<LinkPort, 'publish' | 'subscribe'>;
  readonly #address: DeviceAddress;
  readonly #onSent: (bytes: number) => void;
  readonly #declared = new Set<string>();
  #received = 0;

  /** @param onSent told of the bytes of each message before it is published */
  constructor(link: Pick<LinkPort, 'publish' | 'subscribe'>, address: DeviceAddress, onSent: (bytes: number) => void) {
    this.#link = link;
    this.#address = address;
    this.#onSent = onSent;
  }

  /** The bytes of all messages that came since the start, those that were too long included. */
  get received(): number {
    return this.#received;
  }

  /**
   * Declares a channel to the device, which is subscribed to at every connect. Throws a TypeError for one that is
   * declared.
   */
  inbound(channel: InboundChannel): void {
    this.#declare(channel.name);
    const topic = topicOf(this.#address, channel.name);
    const { qos } = CHANNELS[channel.name];
    const onMessage = (message: Message) => {
      this.#received += sizeOf(topic, message.oversized ?? message.payload.byteLength);
      return channel.handle(message);
    };
    this.#link
      .subscribe({ filter: topic, qos, maxBytes: channel.maxBytes, onMessage })
      .catch((error: unknown) => channel.onRefused?.(topic, error));
  }

  /** Declares a channel from the device. Throws a TypeError for one that is declared. */
  outbound(name: ChannelTo<'up'>): OutboundChannel {
    this.#declare(name);
    const topic = topicOf(this.#address, name);
    const { qos, retain, message } = CHANNELS[name];
    return {
      topic,
      publish: (payload, contentType = message.contentType) => {
        this.#onSent(sizeOf(topic, payload.byteLength));
        return this.#link.publish(topic, payload, { qos, retain, contentType });
      },
    };
  }

  #declare(name: string): void {
    if (this.#declared.has(name)) throw new TypeError(`the channel ${name} is declared twice`);
    this.#declared.add(name);
  }
}

function sizeOf(topic: string, payload: number): number {
  return PUBLISH_OVERHEAD + Buffer.byteLength(topic) + payload;
}
