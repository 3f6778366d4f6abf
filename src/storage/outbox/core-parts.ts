import type { FileLock, Store } from '../../common/store/index.ts';
import { type FileLimits, fileLimitsFor } from './capacity/file-limits.ts';
import { Housekeeper } from './capacity/housekeeper.ts';
import { ranksOf } from './capacity/ranks.ts';
import { RateMeter } from './capacity/rate-meter.ts';
import type { Transactions } from './capacity/transactions.ts';
import { Sealer } from './journal/claims/sealer.ts';
import { ClockTrust } from './journal/clock-trust.ts';
import { CommitQueue } from './journal/commit-queue.ts';
import { EmittedReader } from './journal/emitted.ts';
import { Events } from './journal/events.ts';
import type { OutboxOptions } from './journal/options.ts';
import { createState, type OutboxState } from './journal/outbox-state.ts';
import type { OutboxPorts } from './journal/ports.ts';
import { Meta } from './journal/rows/meta.ts';
import { SourcePositions } from './journal/rows/source-positions.ts';
import { Writer } from './journal/writer.ts';
import { Repair } from './repair/repair.ts';
import { Scrub } from './repair/scrub.ts';

/** What an outbox is given: its options, the open file with its lock, and the ports to others. */
export interface CoreResources {
  readonly options: OutboxOptions;
  readonly store: Store;
  readonly lock: FileLock;
  readonly ports: OutboxPorts;
}

/** Everything that an outbox is composed of. */
export interface CoreParts extends CoreResources {
  readonly limits: FileLimits;
  readonly trust: ClockTrust;
  readonly state: OutboxState;
  readonly positions: SourcePositions;
  readonly meta: Meta;
  readonly events: Events;
  readonly emitted: EmittedReader;
  readonly sealer: Sealer;
  readonly writer: Writer;
  readonly housekeeper: Housekeeper;
  readonly transactions: Transactions;
  readonly queue: CommitQueue;
  readonly rate: RateMeter;
  readonly repair: Repair;
  readonly scrub: Scrub;
}

/** Composes an outbox on an open file. Prepares statements, and reads and writes nothing. */
export function createParts(resources: CoreResources, now: number): CoreParts {
  const { options, store, ports } = resources;
  const { site, device, keepAcked, nativeBinding } = options;
  const limits = fileLimitsFor(Math.min(options.max, store.diskBytes()));
  const trust = new ClockTrust(Math.max(options.trustedSince ?? 0, ports.trustedSince ?? 0));
  const ranks = ranksOf(options.priorities ?? {});
  const state = createState(store, ranks.count, options.retain ?? Number.POSITIVE_INFINITY);
  const positions = new SourcePositions(store);
  const events = new Events(store, state.records, state.ledger, ports.audit);
  const writer = new Writer(state, positions, keepAcked);
  const housekeeper = new Housekeeper({ store, options, limits, state, writer, ranks });
  const { transactions } = housekeeper;
  const repair = new Repair({
    ...{ store, state, positions, events, housekeeper, transactions, limits, nativeBinding },
    ...{ control: ports.control, momentOf: (at) => trust.momentOf(at) },
  });
  return {
    ...{ ...resources, limits, trust, state, positions, events, writer, housekeeper, transactions, repair },
    meta: new Meta(store),
    emitted: new EmittedReader(store, state),
    sealer: new Sealer(state.records, state.claims, site, device),
    queue: new CommitQueue(limits.recordBytes),
    rate: new RateMeter(now),
    scrub: new Scrub(store, state),
  };
}
