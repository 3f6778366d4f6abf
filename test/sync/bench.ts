import type { Lane } from '../../src/common/core/index.ts';
import { Drain } from '../../src/device/sync/drain.ts';
import type { DrainAction, DrainEvent, DrainOptions } from '../../src/device/sync/drain-events.ts';

export const OPTIONS: DrainOptions = {
  batch: { maxBytes: 100_000, maxRecords: 100 },
  topicBytes: 40,
  window: 4,
  windowBytes: 1_000_000,
  linger: 250,
  rate: 1e9,
  backoff: { first: 1_000, longest: 30_000, stable: Number.POSITIVE_INFINITY },
  random: () => 0.999_999,
};

export const CONNECTED: DrainEvent = { type: 'connected', receiveMaximum: 20, maximumPacketSize: undefined };

/** A drain on the bench: events by name, time by hand. */
export class Bench {
  readonly drain: Drain;
  now = 1_000_000;
  /** Lanes in which nothing ever waits: claims from them are answered at once, and not shown. */
  readonly #empty: ReadonlySet<Lane>;
  #nextId = 1;
  #claiming: Lane | undefined;

  constructor(options: Partial<DrainOptions> = {}, empty: readonly Lane[] = ['backlog', 'again']) {
    this.#empty = new Set(empty);
    this.drain = new Drain({ ...OPTIONS, ...options });
  }

  on(event: DrainEvent): string[] {
    const actions = this.drain.handle(event, this.now);
    const last = actions.at(-1);
    if (last?.type === 'claim' && this.#empty.has(last.lane)) {
      const after = this.on({ type: 'claimed', lane: last.lane, batch: undefined });
      return [...actions.slice(0, -1).map(describe), ...after];
    }
    for (const action of actions) if (action.type === 'claim') this.#claiming = action.lane;
    return actions.map(describe);
  }

  /** Events of all kinds give their actions in short: `claim live 100/100000`, `confirm 1`. */
  connect(receiveMaximum = 20, maximumPacketSize?: number): string[] {
    return this.on({ type: 'connected', receiveMaximum, maximumPacketSize });
  }

  close(tooLarge = false): string[] {
    return this.on({ type: 'closed', tooLarge });
  }

  commit(records: number, urgent = 0): string[] {
    return this.on({ type: 'committed', records, urgent });
  }

  /** The claim that is under way gives a batch, whose ids count from 1, or nothing. */
  give(records: number, bytes = records * 100): string[] {
    const lane = this.#claiming;
    if (lane === undefined) throw new Error('nothing was claimed');
    this.#claiming = undefined;
    if (records === 0) return this.on({ type: 'claimed', lane, batch: undefined });
    const id = this.#nextId;
    this.#nextId += 1;
    return this.on({ type: 'claimed', lane, batch: { id, records, bytes } });
  }

  ack(id: number, reasonCode = 0): string[] {
    return this.on({ type: 'acked', id, reasonCode });
  }

  wait(ms: number): string[] {
    this.now += ms;
    return this.on({ type: 'tick' });
  }

  /** ms until the drain wants its tick. */
  get wakeIn(): number | undefined {
    return this.drain.wakeAt === undefined ? undefined : Math.round(this.drain.wakeAt - this.now);
  }

  /** Connected, and all lanes found empty. */
  static live(options: Partial<DrainOptions> = {}): Bench {
    const bench = Bench.withoutAlarms(options);
    bench.give(0);
    return bench;
  }

  /** The same, after batch 1 was sent just now. */
  static lingering(options: Partial<DrainOptions> = {}): Bench {
    const bench = Bench.live(options);
    bench.commit(1);
    bench.give(1);
    bench.ack(1);
    return bench;
  }

  /** Connected, the urgent lane found empty, the live one claimed from. */
  static withoutAlarms(options: Partial<DrainOptions> = {}, receiveMaximum = 20): Bench {
    const bench = new Bench(options);
    bench.connect(receiveMaximum);
    bench.give(0);
    return bench;
  }
}

function describe(action: DrainAction): string {
  switch (action.type) {
    case 'claim':
      return `claim ${action.lane} ${action.limits.maxRecords}/${action.limits.maxBytes}`;
    case 'reject':
      return `reject ${action.id} for ${action.reasonCode}`;
    default:
      return `${action.type} ${action.id}`;
  }
}
