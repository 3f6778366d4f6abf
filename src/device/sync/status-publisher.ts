import { type Logger, reasonOf } from '../../common/core/index.ts';
import { encodeStatus, type StatusMessage } from '../../common/protocol/index.ts';
import type { OutboundChannel } from './channels.ts';
import { isRefusal, refusalText } from './outcome.ts';
import type { LinkPort } from './ports.ts';
import type { StatusMessages } from './status-messages.ts';

/** The time, in ms, between two status messages while nothing changes. */
const HEARTBEAT = 60_000;
/** The least time, in ms, between two status messages. */
const GAP = 1_000;

/** Publishes how the device is: at every connect, soon after a change, else once a minute, and at its end. */
export class StatusPublisher {
  readonly #channel: OutboundChannel;
  readonly #link: Pick<LinkPort, 'info'>;
  readonly #messages: StatusMessages;
  readonly #logger: Logger;
  #timer: NodeJS.Timeout | undefined;
  #saidAt = Number.NEGATIVE_INFINITY;
  #refusal: number | undefined;
  #over = false;

  constructor(channel: OutboundChannel, link: Pick<LinkPort, 'info'>, messages: StatusMessages, logger: Logger) {
    this.#channel = channel;
    this.#link = link;
    this.#messages = messages;
    this.#logger = logger;
  }

  /** The reason why the broker took no status when it was last given one. */
  get refusal(): string | undefined {
    return this.#refusal === undefined ? undefined : `the broker takes no status: ${refusalText(this.#refusal)}`;
  }

  /** Publishes the status now. Resolves when the broker has it (true), or never will. */
  async publish(): Promise<boolean> {
    if (this.#over) return false;
    this.#saidAt = performance.now();
    this.#next(HEARTBEAT);
    return this.#send(this.#messages.online());
  }

  /** Publishes the status soon: something in it has changed. */
  changed(): void {
    if (this.#link.info !== undefined && !this.#over) this.#next(Math.max(0, this.#saidAt + GAP - performance.now()));
  }

  /** Stops publishing: the connection is gone, and the next one begins with `publish`. */
  pause(): void {
    clearTimeout(this.#timer);
  }

  /** Publishes that the device stops, where a connection stands; nothing is published any more. Never rejects. */
  async goodbye(): Promise<void> {
    this.#over = true;
    clearTimeout(this.#timer);
    if (this.#link.info !== undefined) await this.#send(this.#messages.offline('stopped'));
  }

  #next(wait: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.publish(), wait);
  }

  /** Sends a message; resolves with whether the broker took it. Never rejects: the next one tells it better. */
  async #send(message: StatusMessage): Promise<boolean> {
    try {
      const { reasonCode } = await this.#channel.publish(encodeStatus(message));
      const refused = isRefusal(reasonCode) ? reasonCode : undefined;
      if (refused !== undefined && refused !== this.#refusal) {
        this.#logger.warn('broker does not take the status', {
          topic: this.#channel.topic,
          reason: refusalText(refused),
        });
      }
      this.#refusal = refused;
      return refused === undefined;
    } catch (error) {
      this.#logger.debug('status not sent', { reason: reasonOf(error) });
      return false;
    }
  }
}
