import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Progress } from '../../src/device/runtime/progress.ts';

function createProgress(isTold?: (position: string) => boolean): Progress {
  let cause = 0;
  return new Progress(() => {
    cause += 1;
    return cause;
  }, isTold);
}

describe('Progress', () => {
  it('reaches a reading at once when it closed no window', () => {
    const progress = createProgress();
    progress.begin('1');
    progress.pushed(0);
    expect(progress.take()).toBe('1');
    expect(progress.take()).toBeUndefined();
  });

  it('stops before a reading whose windows wait, and passes it when all are decided', () => {
    const progress = createProgress();
    progress.begin('1');
    progress.pushed(0);
    const cause = progress.begin('2');
    progress.pushed(2);
    progress.begin('3');
    progress.pushed(0);
    expect(progress.take()).toBe('1');
    progress.decided(cause);
    expect(progress.take()).toBeUndefined();
    progress.decided(cause);
    expect(progress.take()).toBe('3');
  });

  it('of readings that are read once more never goes back, and knows them while their windows wait', () => {
    const progress = createProgress((position) => Number(position) <= 2);
    const causes = ['1', '2', '3'].map((position) => {
      const cause = progress.begin(position);
      progress.pushed(1);
      return cause;
    });
    expect(causes.map((cause) => progress.wasCommitted(cause))).toEqual([true, true, false]);
    for (const cause of causes.slice(0, 2)) {
      progress.decided(cause);
      expect(progress.take()).toBeUndefined();
    }
    progress.decided(causes[2] ?? 0);
    expect(progress.take()).toBe('3');
  });

  it('takes no position for told again once one was beyond it, or the source is another one', () => {
    const beyond = createProgress((position) => position === '1');
    const another = createProgress(() => true);
    another.forget();
    for (const progress of [beyond, another]) {
      progress.begin('2');
      progress.pushed(0);
      expect(progress.take()).toBe('2');
      progress.begin('1');
      progress.pushed(0);
      expect(progress.take()).toBe('1');
    }
  });

  it('counts a window that was decided while its reading was still being pushed', () => {
    const progress = createProgress();
    const cause = progress.begin('1');
    progress.decided(cause);
    expect(progress.take()).toBeUndefined();
    progress.pushed(1);
    expect(progress.take()).toBe('1');
  });

  it('never reports a position with an undecided window at or before it, whatever the order of answers', () => {
    const step = fc.record({ windows: fc.nat(3), answers: fc.array(fc.nat(1000), { maxLength: 5 }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const progress = createProgress();
        const open: { cause: number; index: number }[] = [];
        for (const [index, { windows, answers }] of steps.entries()) {
          const cause = progress.begin(String(index));
          progress.pushed(windows);
          for (let i = 0; i < windows; i += 1) open.push({ cause, index });
          for (const answer of answers) {
            const [decided] = open.splice(answer % Math.max(1, open.length), 1);
            if (decided) progress.decided(decided.cause);
          }
          const position = progress.take();
          const firstOpen = Math.min(Number.POSITIVE_INFINITY, ...open.map((each) => each.index));
          if (position !== undefined) expect(Number(position)).toBeLessThan(firstOpen);
        }
        for (const { cause } of open.splice(0)) progress.decided(cause);
        progress.begin('end');
        progress.pushed(0);
        expect(progress.take()).toBe('end');
      }),
    );
  });
});
