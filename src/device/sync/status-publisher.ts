import { type Logger, reasonOf } from '../../common/core/index.ts';
import { encodeStatus, type StatusMessage } from '../../common/protocol/index.ts';
import type { OutboundChannel } from './channels.ts';
import type { LinkPort } from './ports.ts';
import type { StatusMessages } from './status-messages.ts';

/** ms between two status messages while nothing changes. */
const HEARTBEAT = 60_000;
/** Least ms between two status messages. */
const GAP = 1_000;

/** Says how the device is: at every connect, soon after a change, else once a minute, and goodbye. */
export class StatusPublisher {
  readonly #channel: OutboundChannel;
  readonly #link: Pick<LinkPort, 'info'>;
  readonly #messages: StatusMessages;
  readonly #logger: Logger;
  #timer: NodeJS.Timeout | undefined;
  #saidAt = Number.NEGATIVE_INFINITY;
  #over = false;

  constructor(channel: OutboundChannel, link: Pick<LinkPort, 'info'>, messages: StatusMessages, logger: Logger) {
    this.#channel = channel;
    this.#link = link;
    this.#messages = messages;
    this.#logger = logger;
  }

  /** Settles when the broker has it, or never will. */
  async publish(): Promise<void> {
    if (this.#over) return;
    this.#saidAt = performance.now();
    this.#next(HEARTBEAT);
    await this.#send(this.#messages.online());
  }

  changed(): void {
    if (this.#link.info !== undefined && !this.#over) this.#next(Math.max(0, this.#saidAt + GAP - performance.now()));
  }

  /** The connection is gone; the next one begins with `publish`. */
  pause(): void {
    clearTimeout(this.#timer);
  }

  async goodbye(): Promise<void> {
    this.#over = true;
    clearTimeout(this.#timer);
    if (this.#link.info !== undefined) await this.#send(this.#messages.offline('stopped'));
  }

  #next(wait: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.publish(), wait);
  }

  /** Never rejects: the next message tells it better. */
  async #send(message: StatusMessage): Promise<void> {
    try {
      await this.#channel.publish(encodeStatus(message));
    } catch (error) {
      this.#logger.debug('status not sent', { reason: reasonOf(error) });
    }
  }
}
