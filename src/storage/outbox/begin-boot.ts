import { randomBytes } from 'node:crypto';
import { SPARE_PAGES, type Transactions } from './capacity/transactions.ts';
import type { ClockTrust } from './journal/clock-trust.ts';
import type { Events } from './journal/events.ts';
import type { OpenedBoot, OutboxOptions, PreviousBoot } from './journal/options.ts';
import { newestSeq, type OutboxState } from './journal/outbox-state.ts';
import type { OutboxPorts } from './journal/ports.ts';
import type { Meta } from './journal/rows/meta.ts';
import type { SourcePositions } from './journal/rows/source-positions.ts';
import type { Repair } from './repair/repair.ts';
import type { Scrub } from './repair/scrub.ts';

/** Key of `meta`: the loss window of this boot, for the next one to report. */
const LOSS_WINDOW = 'loss-window';

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

/**
 * Looks at the file, repairs it where it is damaged, and begins a boot in it: the event `start` is its first record.
 * @param damage why the file that was there was set aside before
 */
export function beginBoot(parts: BootParts, now: number, damage: string | undefined): OpenedBoot {
  const { options, ports, state, meta, events, transactions, repair, scrub } = parts;
  const { boots, records } = state;
  const corruption = repair.begin(now, damage);
  const previous = transactions.read(() => previousBoot(state));
  const boot = randomBytes(16).toString('hex');
  const moment = parts.trust.momentOf(now);
  const { boot: previousId = null, lastSeq = null, endedInOrder = null } = previous ?? {};
  // A boot that crashed may have lost what was in memory; the loss window is all that is known of it.
  const window = endedInOrder === false ? transactions.read(() => meta.get(LOSS_WINDOW)) : undefined;
  const lossWindow = window === undefined ? {} : { lossWindowMs: Number(window) };
  const detail = {
    ...{ previousBoot: previousId, previousLastSeq: lastSeq, endedInOrder },
    ...{ ...lossWindow, ...options.detail },
  };
  transactions.read(() => events.begin(now));
  for (const one of [ports.control?.damage, corruption]) {
    if (one !== undefined) repair.happened('store-corrupt', { ...one }, now);
  }
  events.happened('start', detail, now);
  transactions.write(SPARE_PAGES, moment, () => {
    boots.start(boot, records.newestId + 1);
    events.write(moment.trusted, true);
    repair.reportLosses(moment);
    if (options.lossWindow !== undefined) meta.set(LOSS_WINDOW, String(options.lossWindow));
  });
  events.saved();
  repair.writeNote(now);
  transactions.read(() => scrub.begin());
  const positions = transactions.read(() => parts.positions.read());
  return { boot, seq: newestSeq(state), previous, positions };
}

function previousBoot(state: OutboxState): PreviousBoot | undefined {
  const { last } = state.boots;
  return last && { boot: last.id, lastSeq: newestSeq(state), endedInOrder: last.ended };
}
