import { describe, expect, it } from 'vitest';
import type { AlarmRecord } from '../../src/common/core/index.ts';
import { FaultLog } from '../../src/tools/demo/fault-log.ts';

function alarm(asset: string, t: number, state: AlarmRecord['state'] = 'raised'): AlarmRecord {
  const prediction = { from: t - 1000, to: t, output: { score: 2 } };
  return { type: 'alarm', t, pipeline: 'p', asset, alarm: 'a', state, severity: 'high', since: t, prediction };
}

describe('what explains an alarm', () => {
  it('is the fault of its pump; the delay is in machine time', () => {
    const faultLog = new FaultLog();
    faultLog.faultOn('pump-2', 'leak', 10_000);
    expect(faultLog.alarm(alarm('pump-2', 16_500))).toBe(6_500);
    expect(faultLog).toMatchObject({ alarms: 1, falseAlarms: 0, firstDelay: 6_500, faults: 1 });
  });

  it('is nothing for an alarm before the fault, or at another pump', () => {
    const faultLog = new FaultLog();
    expect(faultLog.alarm(alarm('pump-2', 9_000))).toBeUndefined();
    faultLog.faultOn('pump-2', 'leak', 10_000);
    expect(faultLog.alarm(alarm('pump-1', 12_000))).toBeUndefined();
    expect(faultLog).toMatchObject({ alarms: 2, falseAlarms: 2, firstDelay: undefined });
  });

  it('is nothing for an alarm long after the repair', () => {
    const faultLog = new FaultLog();
    faultLog.faultOn('pump-2', 'leak', 10_000);
    faultLog.faultOff('pump-2', 20_000);
    expect(faultLog.alarm(alarm('pump-2', 21_000))).toBe(11_000);
    expect(faultLog.alarm(alarm('pump-2', 900_000))).toBeUndefined();
    expect(faultLog.falseAlarms).toBe(1);
  });

  it('is the same fault where the alarm is raised again; the delay is that of the first', () => {
    const faultLog = new FaultLog();
    faultLog.faultOn('pump-2', 'leak', 10_000);
    expect(faultLog.alarm(alarm('pump-2', 15_000))).toBe(5_000);
    expect(faultLog.alarm(alarm('pump-2', 40_000))).toBeUndefined();
    expect(faultLog).toMatchObject({ alarms: 2, falseAlarms: 0, firstDelay: 5_000 });
  });

  it('measures the delay of the first fault by its first alarm only', () => {
    const faultLog = new FaultLog();
    faultLog.faultOn('pump-1', 'leak', 0);
    faultLog.faultOff('pump-1', 1_000);
    faultLog.faultOn('pump-2', 'leak', 100_000);
    expect(faultLog.alarm(alarm('pump-2', 103_000))).toBe(3_000);
    expect(faultLog.firstDelay).toBeUndefined();
  });

  it('does not count what is cleared', () => {
    const faultLog = new FaultLog();
    expect(faultLog.alarm(alarm('pump-1', 5_000, 'cleared'))).toBeUndefined();
    expect(faultLog.alarms).toBe(0);
  });
});
