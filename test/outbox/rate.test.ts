import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RateMeter } from '../../src/storage/outbox/capacity/rate-meter.ts';
import { commitAll, entries, NOW, openCore } from './support/outbox.ts';

const MINUTE = 60_000;

describe('the rate', () => {
  it('of a steady stream is that stream’s, however long it has run', () => {
    const args = [fc.integer({ min: 1, max: 60 }), fc.integer({ min: 100, max: 1000 })] as const;
    fc.assert(
      fc.property(...args, (minutes, bytes) => {
        const meter = new RateMeter(NOW);
        for (let second = 1; second <= minutes * 60; second += 1) meter.add(10, bytes, NOW + second * 1000);
        const now = NOW + minutes * MINUTE;
        expect(meter.bytesPerMs(now) / (bytes / 1000)).toBeCloseTo(1, 1);
        expect(meter.bytesPerRecord).toBeCloseTo(bytes / 10, 6);
      }),
    );
  });

  it('forgets what is long past', () => {
    const meter = new RateMeter(NOW);
    meter.add(1000, 1e9, NOW + 1);
    expect(meter.bytesPerMs(NOW + 10 * 60 * MINUTE)).toBeLessThan(1e-9);
  });

  it('makes the hours that are left: none known at first, then about the cap by the rate, less as it fills', () => {
    const core = openCore({ max: 64 << 20 });
    expect(core.stats(NOW).hoursLeft).toBeNull();
    let now = NOW;
    for (let minute = 0; minute < 10; minute += 1) {
      now += MINUTE;
      core.append(entries(0, 600));
      commitAll(core, now);
    }
    const early = core.stats(now).hoursLeft ?? 0;
    // Records of 100 to 200 bytes arrive, 10 a second.
    expect(early).toBeGreaterThan((0.8 * (64 << 20)) / 2000 / 3600);
    expect(early).toBeLessThan((64 << 20) / 1000 / 3600);
    for (let minute = 0; minute < 30; minute += 1) {
      now += MINUTE;
      core.append(entries(0, 600));
      commitAll(core, now);
    }
    expect(core.stats(now).hoursLeft).toBeLessThan(early);
    core.close(now);
  });
});
