import { randomBytes } from 'node:crypto';
import type { EventRecord } from '../../common/core/index.ts';
import { SPARE_PAGES, type Transactions } from './capacity/transactions.ts';
import type { ClockTrust } from './journal/clock-trust.ts';
import { unpackNote } from './journal/commit-note.ts';
import type { Events } from './journal/events.ts';
import type { OpenedBoot, OutboxOptions, PreviousBoot } from './journal/options.ts';
import { newestSeq, type OutboxState } from './journal/outbox-state.ts';
import type { OutboxPorts } from './journal/ports.ts';
import type { Meta } from './journal/rows/meta.ts';
import type { SourcePositions } from './journal/rows/source-positions.ts';
import type { Repair } from './repair/repair.ts';
import type { Scrub } from './repair/scrub.ts';

/** Key of `meta`: bytes that this boot may have in memory without a commit, for the next one to report. */
const LOSS_BYTES = 'loss-bytes';

interface BootParts {
  readonly options: OutboxOptions;
  readonly ports: OutboxPorts;
  readonly trust: ClockTrust;
  readonly state: OutboxState;
  readonly meta: Meta;
  readonly positions: SourcePositions;
  readonly events: Events;
  readonly transactions: Transactions;
  readonly repair: Repair;
  readonly scrub: Scrub;
}

/** The beginning of a boot: on a full disk it waits for room, and the boot has its name already. */
export class BootStart {
  readonly boot = randomBytes(16).toString('hex');
  readonly #parts: BootParts;
  readonly #now: number;
  readonly #damage: string | undefined;
  #looked = false;
  #begun = false;

  /**
   * @param now time of the start, ms since the epoch
   * @param damage why the file that was there was set aside before
   */
  constructor(parts: BootParts, now: number, damage: string | undefined) {
    this.#parts = parts;
    this.#now = now;
    this.#damage = damage;
  }

  /** Whether the boot is in the file. */
  get begun(): boolean {
    return this.#begun;
  }

  /**
   * Looks at the file, repairs it where it is damaged, and begins the boot in it: the event `start` is its first record.
   * Throws store errors, and can then be called again.
   */
  begin(now: number): void {
    const { options, state, meta, events, transactions, repair, scrub, trust } = this.#parts;
    const { boots, records } = state;
    if (!this.#looked) {
      // What is in memory for want of room says nothing of the boots before.
      transactions.toDisk();
      this.#look();
    }
    const moment = trust.momentOf(now);
    transactions.write(SPARE_PAGES, moment, () => {
      boots.start(this.boot, records.newestId + 1);
      events.write(moment.trusted, true);
      repair.reportLosses(moment);
      if (options.lossBytes !== undefined) meta.set(LOSS_BYTES, String(options.lossBytes));
    });
    this.#begun = true;
    events.saved();
    repair.writeNote(now);
    transactions.read(() => scrub.begin());
  }

  /** What is known of this boot and the one before. */
  opened(): OpenedBoot {
    const { state, transactions, positions } = this.#parts;
    return transactions.read(() => ({
      boot: this.boot,
      seq: this.seq(),
      previous: this.#begun ? previousOf(state, 1) : previousOf(state, 0),
      positions: positions.read(),
    }));
  }

  /** Seq of the boot's newest committed record; 0 before it has begun. */
  seq(): number {
    return this.#begun ? newestSeq(this.#parts.state) : 0;
  }

  #look(): void {
    const { options, ports, state, events, transactions, repair } = this.#parts;
    const corruption = repair.begin(this.#now, this.#damage);
    const previous = transactions.read(() => previousOf(state, 0));
    const { boot = null, lastSeq = null, endedInOrder = null } = previous ?? {};
    const detail = {
      ...{ previousBoot: boot, previousLastSeq: lastSeq, endedInOrder },
      ...(endedInOrder === false && this.#lossAfter(previous)),
      ...options.detail,
    };
    transactions.read(() => events.begin(this.#now));
    for (const one of [ports.control?.damage, corruption]) {
      if (one !== undefined) repair.happened('store-corrupt', { ...one }, this.#now);
    }
    events.happened('start', detail, this.#now);
    this.#looked = true;
  }

  /**
   * What can be said of a boot that crashed: what it was given after its last commit is not there. How much that was
   * nobody knows, since a disk that took nothing kept no word of it either; its memory was bounded.
   */
  #lossAfter(previous: PreviousBoot | undefined): EventRecord['detail'] {
    const { ports, transactions, meta } = this.#parts;
    const note = unpackNote(ports.control?.last);
    const seq = ports.control?.last?.seq;
    const isOfLast = note !== undefined && note.boot === previous?.boot && seq === previous.lastSeq;
    const bytes = transactions.read(() => meta.get(LOSS_BYTES));
    return { lastCommitAt: isOfLast ? note.at : null, ...(bytes !== undefined && { lossBytesMax: Number(bytes) }) };
  }
}

/** The newest boot but so many. */
function previousOf(state: OutboxState, but: number): PreviousBoot | undefined {
  const { boots, records } = state;
  const last = boots.all.at(-1 - but);
  const span = last && boots.span(last.id, records.newestId);
  return last && span && { boot: last.id, lastSeq: span.lastId - span.firstId + 1, endedInOrder: last.ended };
}
