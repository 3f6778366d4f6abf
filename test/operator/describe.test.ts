import { describe, expect, it } from 'vitest';
import { describeOutput, describeRecord, describeStatus, describeTime } from '../../src/center/operator/index.ts';
import { StatusCode, statusName } from '../../src/common/core/index.ts';
import { prediction, statusOf } from './batches.ts';

const identity = { seq: 1, clock: true };

describe('records for people', () => {
  it('shows time, place, answer, decision and quality of a prediction', () => {
    expect(describeRecord({ ...prediction({ decision: 'anomaly' }), ...identity })).toEqual({
      time: '2026-01-02T03:04:05.000Z',
      type: 'prediction',
      pipeline: 'anomaly',
      asset: 'pump-1',
      text: 'score 1.235  anomaly  Good',
      tone: 'bad',
    });
  });

  it('says why a prediction is not to be trusted', () => {
    const code = statusName(StatusCode.BadDataLost);
    const record = prediction({ output: null, decision: 'abstain', quality: { code, reasons: ['TS1: gap'] } });
    expect(describeRecord({ ...record, ...identity })).toMatchObject({
      text: 'no answer  abstain  BadDataLost (TS1: gap)',
      tone: 'warning',
    });
  });

  it('shows every target of a model with several', () => {
    const outputs = {
      cooler: { label: '100', probabilities: { 3: 0.02, 100: 0.98 } },
      valve: null,
      wear: { value: 2 },
    };
    expect(describeOutput({ outputs })).toBe('cooler=100 (0.98) valve=no answer wear=2');
  });

  it('does not let a name from the wire steer the terminal', () => {
    const { asset } = describeRecord({ ...prediction({ asset: 'pump\x1b[2J\n' }), ...identity });
    expect(asset).not.toMatch(/\p{Cc}/u);
  });

  it('shows records of a later version by what every record has', () => {
    expect(describeRecord({ type: 'weather', t: 0, ...identity })).toMatchObject({ type: 'weather', pipeline: '-' });
  });

  it('shows times that no calendar has', () => {
    expect(describeTime(1e300)).toBe('1e+300');
  });

  it('tells a device that was lost from one that stopped', () => {
    expect(describeStatus(statusOf(7, 2, { online: false, reason: 'lost' }))).toContain('offline (lost)');
    expect(describeStatus(statusOf(7, 2))).toContain('2 pending');
  });
});
