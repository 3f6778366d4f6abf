import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { Ajv, type ValidateFunction } from 'ajv';
import formats from 'ajv-formats';
import { connectAsync, type IPublishPacket, type MqttClient } from 'mqtt';
import type { RecordType, WireRecord } from '../../src/common/core/index.ts';
import {
  type Book,
  Bookkeeper,
  CHANNELS,
  type Channel,
  DEFAULT_PREFIX,
  type DeviceAddress,
  decodeBatch,
  decodeStatus,
  encodeReceipts,
  isGzip,
  parseTopic,
  RangeSet,
  type RecordBatch,
  type Reply,
  type StatusMessage,
  topicOf,
} from '../../src/common/protocol/index.ts';
import { DEADLINE } from './gateway.ts';

export interface Delivery {
  readonly device: string;
  readonly boot: string;
  readonly record: WireRecord;
}

export interface RecordsMessage {
  readonly device: string;
  readonly gzip: boolean;
  readonly contentType: string | undefined;
  readonly records: number;
}

type Of<T extends RecordType> = Extract<WireRecord, { type: T }>;

/**
 * A consumer of every device at a broker, as a stranger would write one: subscribes, unpacks, counts each record once
 * by (boot, seq), keeps the books. Every message is held against the published AsyncAPI document.
 */
export class Consumer {
  /** Each record once, in the order in which it came. */
  readonly deliveries: Delivery[] = [];
  readonly statuses: StatusMessage[] = [];
  readonly replies: Reply[] = [];
  readonly messages: RecordsMessage[] = [];
  /** What the document does not describe, or what broke a promise of the protocol. */
  readonly faults: string[] = [];
  readonly channels = new Set<Channel>();
  readonly #counts = new Map<string, number>();
  readonly #keeper = new Bookkeeper();
  readonly #schemas = schemasOfDocument();
  readonly #waiting = new Set<() => void>();
  readonly #client: MqttClient;
  readonly #receipts: boolean;

  private constructor(client: MqttClient, receipts: boolean) {
    this.#client = client;
    this.#receipts = receipts;
    client.on('message', (topic, payload, packet) => {
      try {
        this.#take(topic, payload, packet);
      } catch (error) {
        this.faults.push(`${topic}: ${error}`);
      }
      for (const look of this.#waiting) look();
    });
  }

  /** With `receipts` it confirms each batch to its device as soon as it is in the books. */
  static async open(url: string, { receipts = false } = {}): Promise<Consumer> {
    const consumer = new Consumer(await connectAsync(url, { protocolVersion: 5 }), receipts);
    await consumer.#client.subscribeAsync(`${DEFAULT_PREFIX}/#`, { qos: 1 });
    return consumer;
  }

  async close(): Promise<void> {
    await this.#client.endAsync(true);
  }

  /** Records of a type in the order of their seqs, boot after boot as they were first heard of. */
  records<T extends RecordType>(device: string, type: T, boot?: string): Of<T>[] {
    const mine = this.deliveries.filter((one) => one.device === device && (boot ?? one.boot) === one.boot);
    const boots = [...new Set(mine.map((one) => one.boot))];
    return boots.flatMap((id) =>
      mine
        .filter((one) => one.boot === id && one.record.type === type)
        .map(({ record }) => record as Of<T>)
        .sort((a, b) => a.seq - b.seq),
    );
  }

  /** How many different records of a type came. */
  count(device: string, type: RecordType): number {
    return this.#counts.get(`${device} ${type}`) ?? 0;
  }

  books(device: string): Book[] {
    return this.#keeper.books().filter((book) => book.device === device);
  }

  book(device: string, boot: string): Book | undefined {
    return this.books(device).find((book) => book.boot === boot);
  }

  /** Looks after every message until it is as wanted; a message that is not described ends the waiting. */
  async until(what: string, wanted: (consumer: this) => boolean, deadline: number = DEADLINE): Promise<void> {
    let look = () => {};
    let timer: NodeJS.Timeout | undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        look = () => {
          if (this.faults.length > 0) reject(new Error(this.faults[0]));
          else if (wanted(this)) resolve();
        };
        timer = setTimeout(() => reject(new Error(`waited ${deadline} ms for ${what}; ${this.#heard()}`)), deadline);
        this.#waiting.add(look);
        look();
      });
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(look);
    }
  }

  #heard(): string {
    const { deliveries, statuses } = this;
    const books = this.#keeper.books().map(({ device, received, missing }) => ({ device, received, missing }));
    return `${deliveries.length} records and ${statuses.length} status messages came, books ${JSON.stringify(books)}`;
  }

  #take(topic: string, payload: Buffer, packet: IPublishPacket): void {
    // Its deletion.
    if (payload.length === 0) return;
    const address = parseTopic(DEFAULT_PREFIX, topic);
    const validate = address && this.#schemas.get(address.channel);
    if (address === undefined || validate === undefined) throw new Error('no such topic is described');
    const gzip = isGzip(payload);
    const content: unknown = JSON.parse((gzip ? gunzipSync(payload) : payload).toString('utf8'));
    if (!validate(content)) throw new Error(`not as described: ${JSON.stringify(validate.errors?.slice(0, 3))}`);
    this.channels.add(address.channel);
    if (packet.qos !== 1) throw new Error(`sent with QoS ${packet.qos}`);
    const { device } = address;
    if (CHANNELS[address.channel].direction === 'down') return;
    if (address.channel === 'status') {
      const status = decodeStatus(payload);
      this.statuses.push(status);
      this.#keeper.status(status);
      return;
    }
    if (address.channel === 'reply') {
      this.replies.push(content as Reply);
      return;
    }
    const batch = decodeBatch(payload);
    if (batch.device !== device || batch.unknown.length > 0) throw new Error('not a batch of this device');
    const { contentType } = packet.properties ?? {};
    this.messages.push({ device, gzip, contentType, records: batch.records.length });
    for (const record of this.#keeper.batch(batch)) {
      this.deliveries.push({ device, boot: batch.boot, record });
      this.#counts.set(`${device} ${record.type}`, this.count(device, record.type) + 1);
    }
    if (this.#receipts) this.#confirm(address, batch);
  }

  /** A command to a device, as somebody at a desk sends it. */
  async command(device: string, command: object, site = 'plant'): Promise<void> {
    const topic = topicOf({ prefix: DEFAULT_PREFIX, site, device }, 'command');
    await this.#client.publishAsync(topic, JSON.stringify(command), { qos: 1 });
  }

  #confirm(address: DeviceAddress, { boot, records }: RecordBatch): void {
    const had = new RangeSet();
    for (const { seq } of records) had.add(seq);
    // Where the connection ends first, the device sends the batch again.
    for (const message of encodeReceipts(boot, had.ranges)) {
      this.#client.publish(topicOf(address, 'receipt'), Buffer.from(message), { qos: 1 });
    }
  }
}

/** Validators of the published document, by the last level of the topic. */
function schemasOfDocument(): ReadonlyMap<string, ValidateFunction> {
  const { channels, components } = JSON.parse(readFileSync('src/common/protocol/asyncapi.json', 'utf8'));
  const ajv = new Ajv({ strict: false });
  // NodeNext sees the module, not its default.
  (formats as unknown as (target: Ajv) => void)(ajv);
  const described: Record<string, { messages: Record<string, unknown> }> = channels;
  return new Map(
    Object.entries(described).map(([channel, { messages }]) => {
      const [name = ''] = Object.keys(messages);
      const { payload } = components.messages[name];
      return [channel, ajv.compile({ ...payload, components })];
    }),
  );
}
