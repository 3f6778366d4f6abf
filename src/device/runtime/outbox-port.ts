import type { OutboxClient, OutboxHandlers, OutboxStats } from '../../storage/outbox/index.ts';
import type { OutboxPort, Received } from '../sync/index.ts';

type Committed = Parameters<Parameters<OutboxPort['onCommitted']>[0]>[0];

/** Adapts the outbox's offer to what the uplink needs, and remembers the newest figures for those who cannot wait. */
export class OutboxView {
  seq: number;
  #stats: OutboxStats | undefined;
  readonly #listeners = new Set<(added: Committed) => void>();
  readonly #receiving = new Set<(received: Received) => void>();
  readonly #offered = new Set<() => void>();

  constructor(seq = 0) {
    this.seq = seq;
  }

  /** For `openOutbox`. */
  readonly onCommitted: NonNullable<OutboxHandlers['onCommitted']> = (committed) => {
    this.seq = committed.seq;
    for (const listener of this.#listeners) listener(committed);
  };

  /** For `openOutbox`. */
  readonly onReceived: NonNullable<OutboxHandlers['onReceived']> = (received) => {
    for (const listener of this.#receiving) listener(received);
  };

  /** For `openOutbox`. */
  readonly onOffered = (): void => {
    for (const listener of this.#offered) listener();
  };

  get queue(): { pending: number; bytes: number; level: number } {
    const { pending = 0, bytes = 0, level = 0 } = this.#stats ?? {};
    return { pending, bytes, level };
  }

  get audit(): OutboxStats['audit'] {
    return this.#stats?.audit;
  }

  async refresh(outbox: OutboxClient): Promise<OutboxStats> {
    this.#stats = await outbox.stats();
    return this.#stats;
  }

  port(outbox: OutboxClient): OutboxPort {
    return {
      claim: (lane, limits) => outbox.claim(lane, limits),
      beginLive: () => outbox.beginLive(),
      confirm: (id) => outbox.confirm(id),
      release: (id) => outbox.release(id),
      reject: (id) => outbox.reject(id),
      resend: (range) => outbox.resend(range),
      noteReceipt: (receipt) => outbox.noteReceipt(receipt),
      onReceived: (listener) => {
        this.#receiving.add(listener);
        return () => this.#receiving.delete(listener);
      },
      onOffered: (listener) => {
        this.#offered.add(listener);
        return () => this.#offered.delete(listener);
      },
      onCommitted: (listener) => {
        this.#listeners.add(listener);
        return () => this.#listeners.delete(listener);
      },
    };
  }
}
