import { recordKindOf } from '../../../common/core/index.ts';
import { PAGE_BYTES } from '../../../common/store/index.ts';
import { type GivesWay, givesWay } from '../journal/degradation.ts';
import type { OutboxStats } from '../journal/options.ts';
import type { OutboxState } from '../journal/outbox-state.ts';
import type { DiskRoom } from './disk-room.ts';
import type { Eviction } from './eviction.ts';
import type { RateMeter } from './rate-meter.ts';

const HOUR_MS = 3600e3;

/** Forecasts how long the present rate can go on without an uplink, and which bound ends it. */
export function forecast(
  { claims, ledger, retention }: OutboxState,
  diskRoom: DiskRoom,
  rate: RateMeter,
  now: number,
): Pick<OutboxStats, 'hoursLeft' | 'limit'> {
  const { limit, by } = diskRoom.pages();
  const oldest = claims.oldestBacklog();
  const retained = oldest === undefined ? retention.retain : retention.left(oldest);
  const perMs = rate.bytesPerMs(now);
  // Confirmed rows are in the file, too, but they give way.
  const waiting = Math.min(diskRoom.taken() * PAGE_BYTES, ledger.pending * rate.bytesPerRecord);
  const untilFull = perMs > 0 ? Math.max(0, limit * PAGE_BYTES - waiting) / perMs : Number.POSITIVE_INFINITY;
  if (perMs <= 0) return { hoursLeft: null, limit: by };
  if (retained < untilFull) return { hoursLeft: retained / HOUR_MS, limit: 'retain' };
  return { hoursLeft: untilFull / HOUR_MS, limit: by };
}

/** What gives way next, by what waits; null where nothing is there. */
export function nextToGo({ ledger }: OutboxState, eviction: Eviction): GivesWay | null {
  const waiting = { thinned: 0, coarsened: 0, dropped: 0 };
  for (const { type, pending } of ledger.list()) waiting[recordKindOf(type).givesWay] += pending;
  const { thinned, coarsened, dropped } = waiting;
  return givesWay({ confirmed: eviction.hasSettled, predictions: thinned, summaries: coarsened, others: dropped });
}
