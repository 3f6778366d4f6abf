import { EdgewrightError } from '../../common/core/index.ts';
import type { Message } from '../../common/link/index.ts';
import { type BlobGet, decodeBlobData, encodeBlobGet, MAX_BLOB_DATA_BYTES } from '../../common/protocol/index.ts';
import type { OutboundChannel, Uplink } from '../sync/index.ts';
import type { BlobListener, BlobWay } from './blob-way.ts';

/** From this reason code on the broker has refused a message; below it, it may have nobody who hears it yet. */
const REFUSED = 0x80;

/** Pieces over the uplink, by the channels `blob/get` and `blob/data`. To be made before the uplink is started. */
export class MqttWay implements BlobWay {
  readonly #uplink: Pick<Uplink, 'traffic'>;
  readonly #requests: OutboundChannel;
  #listener: BlobListener | undefined;

  constructor(uplink: Pick<Uplink, 'inbound' | 'outbound' | 'traffic'>) {
    this.#uplink = uplink;
    this.#requests = uplink.outbound('blob/get');
    uplink.inbound({ name: 'blob/data', maxBytes: MAX_BLOB_DATA_BYTES, handle: (message) => this.#take(message) });
  }

  get connected(): boolean {
    return this.#uplink.traffic.connected;
  }

  listen(listener: BlobListener): () => void {
    this.#listener = listener;
    const end = this.#uplink.traffic.listen({
      connected: () => listener.connected(),
      closed: () => listener.closed(),
    });
    return () => {
      end();
      if (this.#listener === listener) this.#listener = undefined;
    };
  }

  async ask(request: BlobGet): Promise<void> {
    const { reasonCode } = await this.#requests.publish(encodeBlobGet(request));
    if (reasonCode >= REFUSED) throw new Error(`the broker refuses blob/get: 0x${reasonCode.toString(16)}`);
  }

  #take({ payload, oversized }: Message): void {
    if (this.#listener === undefined) return;
    if (oversized !== undefined) {
      this.#listener.malformed();
      return;
    }
    try {
      this.#listener.data(decodeBlobData(payload));
    } catch (error) {
      if (!(error instanceof EdgewrightError)) throw error;
      this.#listener.malformed();
    }
  }
}
