import mqtt from 'mqtt';
import { Books, type Truth } from './books.ts';

const RECONNECT_MS = 100;

export interface ConsumerOptions {
  readonly url: string;
  readonly device: string;
  /** Confirms what came on the receipt topic. */
  readonly receipts?: boolean;
  /** Keeps its session at the broker while it is away. */
  readonly session?: boolean;
  /** What predictions may be about; the numbers of the file where it is absent. */
  readonly truth?: Truth;
}

/** A consumer of one device's records. It comes back by itself when its broker does. */
export class Consumer {
  readonly books: Books;
  /** Messages with records that came. */
  messages = 0;
  readonly #client: mqtt.MqttClient;
  readonly #topic: string;
  readonly #receipts: boolean;
  #subscribed: Promise<unknown> = Promise.resolve();

  constructor({ url, device, receipts = false, session = false, truth }: ConsumerOptions) {
    this.books = new Books(truth);
    this.#topic = `edgewright/v1/faults/${device}`;
    this.#receipts = receipts;
    this.#client = mqtt.connect(url, {
      protocolVersion: 5,
      reconnectPeriod: RECONNECT_MS,
      connectTimeout: 2_000,
      resubscribe: false,
      ...(session && { clientId: `consumer-${device}`, clean: false, properties: { sessionExpiryInterval: 3600 } }),
    });
    this.#client.on('connect', () => {
      this.#subscribed = this.#client.subscribeAsync([`${this.#topic}/records`, `${this.#topic}/status`], { qos: 1 });
      this.#subscribed.catch(() => undefined);
    });
    this.#client.on('error', () => undefined);
    this.#client.on('message', (topic, payload) => this.#take(topic, payload));
  }

  /** Resolves when it hears its device. */
  async listening(): Promise<void> {
    if (!this.#client.connected) await new Promise<void>((resolve) => this.#client.once('connect', () => resolve()));
    await this.#subscribed;
  }

  async publish(channel: string, payload: object): Promise<void> {
    await this.#client.publishAsync(`${this.#topic}/${channel}`, JSON.stringify(payload), { qos: 1 });
  }

  async close(): Promise<void> {
    await this.#client.endAsync(true);
  }

  #take(topic: string, payload: Buffer): void {
    // A retained message that was deleted.
    if (payload.length === 0) return;
    if (topic.endsWith('/status')) {
      this.books.status(payload);
      return;
    }
    this.messages += 1;
    const batch = this.books.records(payload);
    if (!this.#receipts || batch === undefined) return;
    const ranges = batch.seqs.map((seq) => [seq, seq]);
    this.publish('receipt', { boot: batch.boot, ranges }).catch(() => undefined);
  }
}
