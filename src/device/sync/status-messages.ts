import type { Clock } from '../../common/core/index.ts';
import { type BatchIdentity, STATUS_SCHEMA, type StatusMessage } from '../../common/protocol/index.ts';
import type { DeviceState } from './ports.ts';

/** Makes the status messages of one boot from what the gateway tells of itself. */
export class StatusMessages {
  readonly #identity: BatchIdentity;
  readonly #state: () => DeviceState;
  readonly #clock: Clock;

  constructor(identity: BatchIdentity, state: () => DeviceState, clock: Clock) {
    this.#identity = identity;
    this.#state = state;
    this.#clock = clock;
  }

  /** The message of a device that is there. */
  online(): StatusMessage {
    return this.#message({ online: true });
  }

  /** The message of a device that is gone: a goodbye, or the will. */
  offline(reason: 'stopped' | 'lost'): StatusMessage {
    return this.#message({ online: false, reason });
  }

  #message(presence: Pick<StatusMessage, 'online' | 'reason'>): StatusMessage {
    const { site, device, boot } = this.#identity;
    const when = { at: Math.round(this.#clock.now()), clock: this.#clock.trusted() };
    return { schema: STATUS_SCHEMA, site, device, ...presence, boot, ...when, ...this.#state() };
  }
}
