import { Reason } from './reasons.ts';
import type { MqttVersion } from './types.ts';

/** Whether a broker keeps retained messages, and the highest QoS that it takes. */
export interface Taken {
  readonly retain: boolean;
  readonly maximumQos: 0 | 1;
}

/** How a connection that stood came to its end, as far as it says something of what the broker takes. */
export interface Hint {
  /** The reason of the broker's DISCONNECT. */
  readonly reasonCode: number | undefined;
  /** What was unanswered when the broker hung up without a word. */
  readonly unanswered: { readonly retained: boolean; readonly qos1: boolean } | undefined;
}

/** Connects in a row without an answer after which a poorer will is tried: a broker that just starts hangs up, too. */
const TRIES = 2;
/** The wills that are tried in turn where the broker hangs up on a CONNECT without a word. */
const FORMS: readonly Taken[] = [
  { retain: true, maximumQos: 1 },
  { retain: false, maximumQos: 1 },
  { retain: false, maximumQos: 0 },
];

/**
 * What is known of what a broker takes. Under MQTT 5 it says so, at the latest when it refuses. Under 3.1.1 a broker
 * that does not take a will hangs up without a word: then poorer ones are tried, and what it takes of other messages is
 * believed to be less only when it hangs up on one of them, too.
 */
export class BrokerLimits {
  /** What was refused or hung up on while a connection stood: true for all connections. */
  #learned: Taken = { retain: true, maximumQos: 1 };
  /** What the answer to the last CONNECT said. */
  #told: Taken = { retain: true, maximumQos: 1 };
  #silent = 0;

  /** What the will of the next connection may be. */
  will(version: MqttVersion): Taken {
    const form = FORMS[version === '5' ? 0 : Math.floor(this.#silent / TRIES) % FORMS.length];
    return least(least(this.#learned, this.#told), form ?? this.#learned);
  }

  /** What a message on the connection that stands may be. */
  get taken(): Taken {
    return least(this.#learned, this.#told);
  }

  /** Takes the reason with which a CONNECT was refused; returns true where another one may do better. */
  refused(reasonCode: number): boolean {
    const before = this.#told;
    this.#told = least(before, withoutRefused(reasonCode));
    return this.#told.retain !== before.retain || this.#told.maximumQos !== before.maximumQos;
  }

  /** Notes that the broker hung up on a CONNECT under 3.1.1 without a word. */
  hungUp(): void {
    this.#silent += 1;
  }

  /** Takes what an answer to a CONNECT says, which stays true of what it had refused before. */
  connected({ retain, maximumQos }: Partial<Taken>): void {
    this.#told = least(this.#told, { retain: retain ?? true, maximumQos: maximumQos ?? 1 });
  }

  /** Notes the end of a connection that stood. The next broker at that address may be another one. */
  ended({ reasonCode, unanswered }: Hint): void {
    if (reasonCode !== undefined) this.#learned = least(this.#learned, withoutRefused(reasonCode));
    const form = this.#silent === 0 ? undefined : FORMS[Math.floor(this.#silent / TRIES) % FORMS.length];
    if (form !== undefined && unanswered !== undefined) {
      this.#learned = least(this.#learned, {
        retain: form.retain || !unanswered.retained,
        maximumQos: form.maximumQos === 0 && unanswered.qos1 && !unanswered.retained ? 0 : 1,
      });
    }
    this.#told = { retain: true, maximumQos: 1 };
    this.#silent = 0;
  }
}

function withoutRefused(reasonCode: number): Taken {
  return { retain: reasonCode !== Reason.noRetain, maximumQos: reasonCode === Reason.noQos ? 0 : 1 };
}

function least(a: Taken, b: Taken): Taken {
  return { retain: a.retain && b.retain, maximumQos: a.maximumQos === 0 || b.maximumQos === 0 ? 0 : 1 };
}
