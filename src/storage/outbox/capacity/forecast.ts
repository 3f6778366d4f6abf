import { PAGE_BYTES } from '../../../common/store/index.ts';
import { type GivesWay, givesWay } from '../journal/degradation.ts';
import type { OutboxStats } from '../journal/options.ts';
import type { Books } from '../journal/outbox-state.ts';
import type { Room } from './disk-room.ts';
import type { Space } from './eviction.ts';
import type { RateMeter } from './rate-meter.ts';

const HOUR_MS = 3600e3;

/** How long the present rate can go on without an uplink, and what ends it. */
export function capacityOf(
  { claims, ledger, retention }: Books,
  room: Room,
  rate: RateMeter,
  now: number,
): Pick<OutboxStats, 'hoursLeft' | 'limit'> {
  const { limit, by } = room.pages();
  const oldest = claims.oldestBacklog();
  const retained = oldest === undefined ? retention.retain : retention.left(oldest);
  const perMs = rate.bytesPerMs(now);
  // Confirmed rows are in the file, too, but they give way.
  const waiting = Math.min(room.taken() * PAGE_BYTES, ledger.pending * rate.bytesPerRecord);
  const untilFull = perMs > 0 ? Math.max(0, limit * PAGE_BYTES - waiting) / perMs : Number.POSITIVE_INFINITY;
  if (perMs <= 0) return { hoursLeft: null, limit: by };
  if (retained < untilFull) return { hoursLeft: retained / HOUR_MS, limit: 'retain' };
  return { hoursLeft: untilFull / HOUR_MS, limit: by };
}

export function nextToGo({ ledger }: Books, space: Space): GivesWay | null {
  const waiting = { predictions: 0, summaries: 0, others: 0 };
  for (const { type, pending } of ledger.list()) {
    if (type === 'prediction') waiting.predictions += pending;
    else if (type === 'summary') waiting.summaries += pending;
    else waiting.others += pending;
  }
  return givesWay({ confirmed: space.hasSettled, ...waiting });
}
