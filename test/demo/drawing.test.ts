import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bar, sparkline } from '../../src/tools/demo/sparkline.ts';
import { column, paintLine, spread, widthOf } from '../../src/tools/demo/styled.ts';
import { Trace } from '../../src/tools/demo/trace.ts';

describe('a sparkline', () => {
  it('goes from the lowest block to the highest, right-aligned', () => {
    expect(sparkline([0, 5, 10], 5, 0, 10)).toBe('  ▁▅█');
  });

  it('holds what is beyond its scale at the edge, and a scale without height at the bottom', () => {
    expect(sparkline([-5, 99], 2, 0, 10)).toBe('▁█');
    expect(sparkline([1, 1], 2, 1, 1)).toBe('▁▁');
  });

  it('is always as wide as it should be', () => {
    fc.assert(
      fc.property(fc.array(fc.double()), fc.integer({ min: -3, max: 50 }), (values, width) => {
        expect([...sparkline(values, width, 0, 1)]).toHaveLength(Math.max(0, width));
      }),
    );
  });
});

describe('a bar', () => {
  it('is filled to its share and shows the mark', () => {
    expect(bar(0.5, 0.75, 8)).toBe('████░░┃░');
    expect(bar(2, 0, 4)).toBe('┃███');
    expect(bar(Number.NaN, 1, 4)).toBe('░░░┃');
  });
});

describe('a trace', () => {
  it('averages over each stretch of time', () => {
    const trace = new Trace(1000, 10);
    for (const [t, value] of [
      [0, 2],
      [500, 4],
      [1000, 10],
    ] as const)
      trace.add(t, value);
    expect(trace.last(5)).toEqual([3, 10]);
    expect(trace.last(1)).toEqual([10]);
    expect(trace.last(0)).toEqual([]);
  });

  it('keeps so many and no more', () => {
    const trace = new Trace(1, 5);
    for (let t = 0; t < 100; t += 1) trace.add(t, t);
    expect(trace.last(1000).length).toBeLessThanOrEqual(7);
    expect(trace.last(2)).toEqual([98, 99]);
  });

  it('leaves out what is no number', () => {
    const trace = new Trace(1000, 5);
    trace.add(0, Number.NaN);
    expect(trace.last(3)).toEqual([]);
  });
});

describe('a line', () => {
  it('is cut at the width, with its styles closed', () => {
    const painted = paintLine(['ab', ['cdef', 'red']], 4, true);
    expect(painted).toBe('ab\x1b[31mcd\x1b[39m');
    expect(paintLine(['ab', ['cdef', 'red']], 4, false)).toBe('abcd');
  });

  it('keeps its right part against the edge, and drops it where there is no room', () => {
    expect(widthOf(spread(['left'], ['right'], 20))).toBe(20);
    expect(spread(['left'], ['right'], 8)).toEqual(['left']);
  });

  it('makes columns of one width', () => {
    expect(column('abc', 5)).toBe('abc  ');
    expect(column('abcdef', 4)).toBe('abc…');
  });
});
