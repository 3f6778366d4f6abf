import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { beatsOf, eventTime, planStory, SHORTEST_MS, STORY_MS } from '../../src/tools/demo/story.ts';

const PUMPS = ['pump-1', 'pump-2', 'pump-3'];
const lengths = fc.integer({ min: SHORTEST_MS, max: 3_600_000 });

describe('the story', () => {
  it('breaks a pump, cuts the link, mends it and repairs the pump, within its length', () => {
    fc.assert(
      fc.property(lengths, (length) => {
        const beats = beatsOf(planStory(length), 0, PUMPS);
        expect(beats.map(({ act }) => act)).toEqual(['fault-on', 'link-cut', 'link-mended', 'fault-off']);
        const times = beats.map(({ at }) => at);
        expect(times).toEqual([...times].sort((a, b) => a - b));
        expect(times[0]).toBeGreaterThan(0);
        expect(times.at(-1)).toBeLessThan(length);
      }),
    );
  });

  it('repairs the pump that it broke', () => {
    for (const telling of [0, 1, 2, 3]) {
      const [on, , , off] = beatsOf(planStory(STORY_MS), telling, PUMPS);
      expect(on).toMatchObject({ act: 'fault-on' });
      expect(off).toMatchObject({ act: 'fault-off', asset: on && 'asset' in on ? on.asset : '' });
    }
  });

  it('breaks something else when it is told again, after the first telling', () => {
    const story = planStory(STORY_MS);
    const [first] = beatsOf(story, 0, PUMPS);
    const [second] = beatsOf(story, 1, PUMPS);
    expect(second).not.toMatchObject({ asset: first && 'asset' in first ? first.asset : '' });
    expect(second?.at).toBeGreaterThan(story.length);
  });

  it('gives machines in a short telling as much time as in a long one', () => {
    fc.assert(
      fc.property(lengths, (length) => {
        const story = planStory(length);
        const machineTime = eventTime(story, 0, length) - eventTime(story, 0, 0);
        expect(machineTime).toBeCloseTo(Math.max(STORY_MS, length), 3);
      }),
    );
  });

  it('never lets machine time run ahead of the wall or backwards, and catches up at the end', () => {
    fc.assert(
      fc.property(lengths, fc.array(fc.integer({ min: 0, max: 8_000_000 })), (length, moments) => {
        const story = planStory(length);
        let before = Number.NEGATIVE_INFINITY;
        for (const elapsed of moments.sort((a, b) => a - b)) {
          const t = eventTime(story, 1_000, elapsed);
          expect(t).toBeLessThanOrEqual(1_000 + elapsed);
          expect(t).toBeGreaterThanOrEqual(before);
          if (elapsed >= length) expect(t).toBe(1_000 + elapsed);
          before = t;
        }
      }),
    );
  });
});
