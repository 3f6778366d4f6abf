import type { OutboxStats } from '../../storage/outbox/index.ts';
import type { OutboxClient } from '../../storage/thread/index.ts';

/** The newest figures of the outbox, for those who cannot wait for its answer. */
export class OutboxFigures {
  readonly #outbox: Pick<OutboxClient, 'stats'>;
  #stats: OutboxStats | undefined;

  constructor(outbox: Pick<OutboxClient, 'stats'>) {
    this.#outbox = outbox;
  }

  get queue(): { readonly pending: number; readonly bytes: number; readonly level: number } {
    const { pending = 0, bytes = 0, level = 0 } = this.#stats ?? {};
    return { pending, bytes, level };
  }

  get audit(): OutboxStats['audit'] {
    return this.#stats?.audit;
  }

  /**
   * Asks the outbox, and takes its last answer where it does not answer within so many ms: while one commit hangs on the
   * disk, its thread answers nobody. Rejects where the outbox is gone.
   */
  async newest(within: number): Promise<OutboxStats> {
    const answer = this.refresh();
    const last = this.#stats;
    if (last === undefined) return answer;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<OutboxStats>((resolve) => {
      timer = setTimeout(() => resolve(last), within).unref();
    });
    // Nobody waits any more for an answer that comes too late, or as an error.
    answer.catch(() => undefined);
    try {
      return await Promise.race([answer, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Asks the outbox; rejects where it is gone. */
  async refresh(): Promise<OutboxStats> {
    this.#stats = await this.#outbox.stats();
    return this.#stats;
  }
}
