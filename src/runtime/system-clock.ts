import type { Clock } from '../core/index.ts';

/**
 * Wall time at the start, moved on by monotonic time: a step of the system's clock does not reach the pipelines.
 * Trusted once the wall clock is later than the build, as a device without a battery starts in 1970.
 */
export function createSystemClock(builtAt: number, wall = Date.now, monotonic = () => performance.now()): Clock {
  const anchor = wall() - monotonic();
  return {
    now: () => anchor + monotonic(),
    monotonic,
    trusted: () => anchor + monotonic() >= builtAt,
  };
}
