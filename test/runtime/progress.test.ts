import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Progress } from '../../src/runtime/progress.ts';

function createProgress(): Progress {
  let cause = 0;
  return new Progress(() => {
    cause += 1;
    return cause;
  });
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
