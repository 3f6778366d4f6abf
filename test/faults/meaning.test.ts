import { describe, expect, it } from 'vitest';
import { alarmFaults } from './alarms.ts';
import type { AlarmChange, Loss, Prediction, Summary } from './records.ts';
import { summaryFaults } from './summaries.ts';
import { windowFaults } from './windows.ts';

const FIRST = 'a'.repeat(32);
const SECOND = 'b'.repeat(32);
const BOOTS = [FIRST, SECOND];
const NUMBERS = { pipeline: 'numbers', asset: 'm' };

function change(state: string, t: number, more: Partial<AlarmChange> = {}): AlarmChange {
  return {
    boot: FIRST,
    seq: t,
    ...NUMBERS,
    alarm: 'late',
    state,
    t,
    since: t,
    rests: true,
    reason: undefined,
    ...more,
  };
}

function prediction(to: number, more: Partial<Prediction> = {}): Prediction {
  return { boot: FIRST, seq: to, ...NUMBERS, from: to, to, decision: 'normal', quality: 'Good', ...more };
}

describe('the book of alarms', () => {
  const audit = (changes: readonly AlarmChange[], predictions: readonly Prediction[] = [], honest = true) =>
    alarmFaults({ changes, predictions, alarms: { numbers: ['late'] }, boots: BOOTS, honest });

  it('finds nothing where each alarm is raised, cleared and raised again, whichever came first', () => {
    const changes = [
      change('raised', 9, { boot: SECOND, seq: 2 }),
      change('cleared', 5, { since: 3 }),
      change('raised', 3),
      change('acknowledged', 4),
    ];
    expect(audit(changes, [prediction(9, { boot: SECOND, seq: 1, decision: 'anomaly' })])).toEqual([]);
  });

  it('sees one that is raised twice, also over a restart', () => {
    const again = change('raised', 8, { boot: SECOND, seq: 1 });
    expect(audit([change('raised', 3), again])).toEqual(['numbers m late is raised at 3, and again at 8']);
  });

  it('sees one that is cleared twice', () => {
    const changes = [change('raised', 3), change('cleared', 5, { since: 3 }), change('cleared', 7, { since: 3 })];
    expect(audit(changes)).toEqual(['numbers m late is cleared at 7, and did not stand']);
  });

  it('sees one that is never cleared, though the last prediction is normal', () => {
    const faults = audit([change('raised', 3)], [prediction(3, { decision: 'anomaly' }), prediction(4)]);
    expect(faults).toEqual(['numbers m late is never cleared: raised at 3, normal at 4']);
  });

  it('sees one that is never raised, though the last prediction calls for it', () => {
    const faults = audit([], [prediction(3), prediction(4, { decision: 'anomaly' })]);
    expect(faults).toEqual(['numbers m late is not raised, though 4 calls for it']);
  });

  it('does not hold an abstention, nor what is older than the change, against one that stands', () => {
    const predictions = [prediction(2), prediction(4, { decision: 'abstain' })];
    expect(audit([change('raised', 3)], predictions)).toEqual([]);
  });

  it('wants a reason of one that ends without a prediction', () => {
    const end = { since: 3, rests: false };
    expect(audit([change('raised', 3), change('cleared', 5, end)])).toEqual([
      'numbers m late is cleared at 5 without saying why',
    ]);
    expect(audit([change('raised', 3), change('cleared', 5, { ...end, reason: 'model' })])).toEqual([]);
  });

  it('sees one that continues another raise than the one that was told', () => {
    const faults = audit([change('raised', 3), change('cleared', 5, { since: 2 })]);
    expect(faults).toEqual(['numbers m late is cleared since 2, and was raised at 3']);
  });

  it('sees one that goes back in event time, unless its source does', () => {
    const changes = [change('raised', 9, { seq: 1 }), change('cleared', 5, { seq: 2, since: 9 })];
    expect(audit(changes)).toEqual(['numbers m late is cleared at 5, after raised at 9']);
    expect(audit(changes, [], false)).toEqual([]);
  });

  it('keeps pipelines, assets and alarms apart', () => {
    const changes = [
      change('raised', 3),
      change('raised', 3, { seq: 4, pipeline: 'others' }),
      change('raised', 3, { seq: 5, asset: 'k' }),
      change('raised', 3, { seq: 6, alarm: 'early' }),
    ];
    expect(audit(changes)).toEqual([]);
  });
});

describe('the book of summaries', () => {
  const summary = (to: number, predictions: number, more: Partial<Summary> = {}): Summary => {
    return { boot: FIRST, seq: to, ...NUMBERS, from: to - 10, to, predictions, incomplete: false, ...more };
  };
  const loss = (type: string, count: number): Loss => {
    return { span: [1, 9], cause: 'outbox-full', from: 1, to: 9, counts: new Map([[type, count]]) };
  };
  const audit = (
    summaries: readonly Summary[],
    predictions: readonly Prediction[],
    losses: readonly Loss[] = [],
  ): string[] => summaryFaults({ summaries, predictions, losses, every: { numbers: 10 } });
  const FULL = [prediction(1), prediction(10), prediction(11)];

  it('finds nothing where each period came once and counts what came', () => {
    expect(audit([summary(10, 2)], FULL)).toEqual([]);
  });

  it('sees a period that came twice, with other numbers', () => {
    expect(audit([summary(10, 2), summary(10, 1, { boot: SECOND })], FULL)).toEqual([
      'numbers m up to 10 is summed up twice: 2, 1 predictions',
      'numbers m up to 10 is summed up as 1 predictions, and there are 2',
    ]);
  });

  it('sees a period that counts more or less than what came', () => {
    expect(audit([summary(10, 1)], FULL)).toEqual([
      'numbers m up to 10 is summed up as 1 predictions, and there are 2',
    ]);
    expect(audit([summary(10, 4)], FULL)).toEqual([
      'numbers m up to 10 is summed up as 4 predictions, and there are 2',
    ]);
  });

  it('counts what is lost and said', () => {
    expect(audit([summary(10, 4)], FULL, [loss('prediction', 2)])).toEqual([]);
    expect(audit([summary(10, 5)], FULL, [loss('prediction', 2)])).toEqual([
      'numbers m up to 10 is summed up as 5 predictions, and there are 2 to 4',
    ]);
  });

  it('lets one that says it is incomplete count less than what came, and never more', () => {
    expect(audit([summary(10, 1, { incomplete: true })], FULL)).toEqual([]);
    expect(audit([summary(10, 3, { incomplete: true })], FULL)).toEqual([
      'numbers m up to 10 is summed up as 3 predictions, and there are 0 to 2',
    ]);
  });

  it('takes one that ends early together with the one that begins there, and sees where they overlap', () => {
    const early = summary(6, 1, { from: 0 });
    expect(audit([early, summary(10, 1, { from: 6 })], FULL)).toEqual([]);
    expect(audit([early, summary(10, 2, { from: 5 })], [...FULL, prediction(7)])).toEqual([
      'numbers m up to 10 is summed up twice: 1, 2 predictions',
    ]);
    expect(audit([early], FULL)).toEqual(['numbers m up to 10 is not summed up']);
  });

  it('sees a period that is over and did not come, unless its loss is said', () => {
    expect(audit([], FULL)).toEqual(['numbers m up to 10 is not summed up']);
    expect(audit([], FULL, [loss('summary', 1)])).toEqual([]);
  });

  it('leaves wider ones alone, which took in others', () => {
    expect(audit([summary(10, 2), summary(20, 99, { from: 0 })], FULL)).toEqual([]);
  });
});

describe('the book of windows', () => {
  const audit = (window: Partial<Prediction>, lost: readonly number[], tags = ['n']): string[] =>
    windowFaults({
      predictions: [prediction(9, { from: 5, ...window })],
      tags: { numbers: tags },
      lost: (asset, tag) => (asset === 'm' && tag === 'n' ? lost : []),
    });

  it('sees one that is good and lacks a reading that was lost', () => {
    expect(audit({}, [1, 7, 8, 12])).toEqual(['numbers m 5 to 9 is Good, and lacks 2 of n from 7 (aaaaaaaa 9)']);
  });

  it.each([
    ['says that it lacks something', { quality: 'UncertainDataSubNormal' }, [7]],
    ['is bad', { quality: 'BadDataLost' }, [7]],
    ['ends before', {}, [9]],
    ['begins after', {}, [4]],
    ['is of another asset', { asset: 'k' }, [7]],
    ['is of another pipeline', { pipeline: 'others' }, [7]],
  ])('finds nothing in one that %s', (_, window, lost) => {
    expect(audit(window, lost)).toEqual([]);
  });

  it('sees what was lost of the model’s tags alone', () => {
    expect(audit({}, [7], ['load'])).toEqual([]);
    expect(audit({}, [7], ['load', 'n'])).toHaveLength(1);
  });

  it('sees a reading that was lost at the begin of a window', () => {
    expect(audit({}, [5])).toHaveLength(1);
  });
});
