import type { Message } from '../../common/link/index.ts';
import { decodeStatus } from '../../common/protocol/index.ts';
import type { LinkPort } from './ports.ts';

/** Connections that end before the broker has answered the subscription, after which it is given up for good. */
const MOST_FAILURES = 3;

/** What a probe works with. */
export interface TwinProbeDeps {
  readonly link: Pick<LinkPort, 'subscribe'>;
  /** The topic on which this device, and nobody else, tells its status. */
  readonly topic: string;
  /** The boot of this device. */
  readonly boot: string;
  readonly maxBytes: number;
  /** Called when another has spoken as this device. */
  readonly onSeen: () => void;
}

/**
 * Listens on the device's own status topic for another that has its name: whoever is taken over by its twin finds the
 * twin's status there. Only while there is reason to, since a broker may forbid it.
 */
export class TwinProbe {
  readonly #deps: TwinProbeDeps;
  #ending: AbortController | undefined;
  #answered = false;
  #failures = 0;
  #told = false;

  constructor(deps: TwinProbeDeps) {
    this.#deps = deps;
  }

  /** Notes that the broker has the status of this boot: what another boot says from now on is another device's. */
  told(): void {
    this.#told = true;
  }

  /** Begins to listen, unless it does. */
  begin(): void {
    if (this.#ending !== undefined || this.#failures >= MOST_FAILURES) return;
    this.#ending = new AbortController();
    const { link, topic, maxBytes } = this.#deps;
    const onMessage = (message: Message) => this.#take(message);
    link.subscribe({ filter: topic, qos: 1, maxBytes, onMessage, until: this.#ending.signal }).then(
      () => {
        this.#answered = true;
      },
      () => {
        this.#failures = MOST_FAILURES;
        this.end();
      },
    );
  }

  /** Notes that the connection is gone. */
  closed(): void {
    if (this.#ending === undefined || this.#answered) return;
    this.#failures += 1;
    if (this.#failures >= MOST_FAILURES) this.end();
  }

  /** Listens no more. */
  end(): void {
    this.#ending?.abort();
    this.#ending = undefined;
    this.#answered = false;
  }

  #take({ payload, oversized }: Message): void {
    if (!this.#told || oversized !== undefined || payload.byteLength === 0) return;
    try {
      if (decodeStatus(payload).boot !== this.#deps.boot) this.#deps.onSeen();
    } catch {
      // Nonsense on the topic is no device.
    }
  }
}
