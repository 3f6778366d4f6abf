import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { Aedes, type PublishPacket } from 'aedes';
import type { Told } from './records.ts';

export interface Batch {
  readonly boot: string;
  readonly records: readonly Told['record'][];
}

export interface Message {
  readonly topic: string;
  readonly content: Readonly<Record<string, unknown>>;
}

export interface Behaviour {
  /** So many records are acknowledged, and those of the same batch; later batches are not. */
  readonly records?: number;
  /** Which records of a batch a consumer confirms; none without it. */
  readonly confirms?: (record: Told['record']) => boolean;
}

/** A broker in this process, with a consumer behind it, that acknowledges and confirms what it is told to. */
export class Broker {
  /** What it has acknowledged. */
  readonly messages: Message[] = [];
  readonly url: string;
  readonly #close: () => Promise<void>;

  private constructor(url: string, close: () => Promise<void>) {
    this.url = url;
    this.#close = close;
  }

  static async open({ records: most = Number.POSITIVE_INFINITY, confirms }: Behaviour = {}): Promise<Broker> {
    const sockets = new Set<Socket>();
    const aedes = await Aedes.createBroker();
    const server = createServer((socket) => {
      sockets.add(socket.on('close', () => sockets.delete(socket)));
      aedes.handle(socket);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const broker = new Broker(`mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`, async () => {
      const closed = once(server, 'close');
      for (const socket of sockets) socket.destroy();
      server.close();
      await new Promise<void>((done) => aedes.close(done));
      await closed;
    });
    aedes.authorizePublish = (_client, packet, acknowledge) => {
      const isBatch = packet.topic.endsWith('/records');
      // Without a word to the device the message stays unacknowledged.
      if (isBatch && broker.records.length >= most) return;
      const message = messageOf(packet);
      broker.messages.push(message);
      acknowledge();
      if (!isBatch || confirms === undefined) return;
      const { boot, records } = message.content as unknown as Batch;
      const ranges = records.filter(confirms).map(({ seq }) => [seq, seq]);
      if (ranges.length === 0) return;
      const topic = packet.topic.replace(/records$/, 'receipt');
      const payload = JSON.stringify({ boot, ranges });
      aedes.publish({ cmd: 'publish', topic, payload, qos: 1, retain: false, dup: false }, () => {});
    };
    return broker;
  }

  /** Records that came, each once. */
  get records(): Told[] {
    const batches = this.messages.filter(({ topic }) => topic.endsWith('/records'));
    const lines = batches.flatMap(({ content }) => {
      const { boot, records } = content as unknown as Batch;
      return records.map((record): [string, Told] => [`${boot} ${record.seq}`, { boot, record }]);
    });
    return [...new Map(lines).values()];
  }

  close(): Promise<void> {
    return this.#close();
  }
}

function messageOf({ topic, payload }: PublishPacket): Message {
  const bytes = Buffer.from(payload);
  const text = bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes;
  return { topic, content: text.length === 0 ? {} : JSON.parse(text.toString()) };
}
