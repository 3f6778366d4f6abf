import { describe, expect, it } from 'vitest';
import type { AlarmRecord } from '../../src/common/core/index.ts';
import { Plot } from '../../src/tools/demo/fault-log.ts';

function alarm(asset: string, t: number, state: AlarmRecord['state'] = 'raised'): AlarmRecord {
  const prediction = { from: t - 1000, to: t, output: { score: 2 } };
  return { type: 'alarm', t, pipeline: 'p', asset, alarm: 'a', state, severity: 'high', since: t, prediction };
}

describe('what explains an alarm', () => {
  it('is the fault of its pump; the delay is in machine time', () => {
    const plot = new Plot();
    plot.faultOn('pump-2', 'leak', 10_000);
    expect(plot.alarm(alarm('pump-2', 16_500))).toBe(6_500);
    expect(plot).toMatchObject({ alarms: 1, falseAlarms: 0, firstDelay: 6_500, faults: 1 });
  });

  it('is nothing for an alarm before the fault, or at another pump', () => {
    const plot = new Plot();
    expect(plot.alarm(alarm('pump-2', 9_000))).toBeUndefined();
    plot.faultOn('pump-2', 'leak', 10_000);
    expect(plot.alarm(alarm('pump-1', 12_000))).toBeUndefined();
    expect(plot).toMatchObject({ alarms: 2, falseAlarms: 2, firstDelay: undefined });
  });

  it('is nothing for an alarm long after the repair', () => {
    const plot = new Plot();
    plot.faultOn('pump-2', 'leak', 10_000);
    plot.faultOff('pump-2', 20_000);
    expect(plot.alarm(alarm('pump-2', 21_000))).toBe(11_000);
    expect(plot.alarm(alarm('pump-2', 900_000))).toBeUndefined();
    expect(plot.falseAlarms).toBe(1);
  });

  it('is the same fault where the alarm is raised again; the delay is that of the first', () => {
    const plot = new Plot();
    plot.faultOn('pump-2', 'leak', 10_000);
    expect(plot.alarm(alarm('pump-2', 15_000))).toBe(5_000);
    expect(plot.alarm(alarm('pump-2', 40_000))).toBeUndefined();
    expect(plot).toMatchObject({ alarms: 2, falseAlarms: 0, firstDelay: 5_000 });
  });

  it('measures the delay of the first fault by its first alarm only', () => {
    const plot = new Plot();
    plot.faultOn('pump-1', 'leak', 0);
    plot.faultOff('pump-1', 1_000);
    plot.faultOn('pump-2', 'leak', 100_000);
    expect(plot.alarm(alarm('pump-2', 103_000))).toBe(3_000);
    expect(plot.firstDelay).toBeUndefined();
  });

  it('does not count what is cleared', () => {
    const plot = new Plot();
    expect(plot.alarm(alarm('pump-1', 5_000, 'cleared'))).toBeUndefined();
    expect(plot.alarms).toBe(0);
  });
});
