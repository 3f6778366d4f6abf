import { describe, expect, it } from 'vitest';
import { compute, signal } from './support.ts';

describe('share', () => {
  it('is the part of the samples that have the value exactly', () => {
    expect(compute('share', signal([0, 2, 2, 1]), { of: 2 })).toBe(0.5);
    expect(compute('share', signal([0, 2, 2, 1.999]), { of: 1 })).toBe(0);
  });

  it('is one-hot over one sample', () => {
    expect([0, 1, 2].map((of) => compute('share', signal([1]), { of }))).toEqual([0, 1, 0]);
  });
});
