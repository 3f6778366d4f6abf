import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteReader, ByteWriter } from '../../src/common/core/index.ts';
import { type AssetWindows, createAssetWindows, type WindowOptions } from '../../src/scoring/windows/index.ts';
import { type PlainWindow, plain } from './support.ts';

const TAGS = ['A', 'B', 'C'];
const STATUS = [0, 0, 0, 0, 0, 0, 0x40900000, 0x808c0000, 0xffffffff];

type Step =
  | { readonly kind: 'push'; readonly t: number; readonly values: number[]; readonly status: number[] }
  | { readonly kind: 'tick' }
  | { readonly kind: 'interrupt' }
  | { readonly kind: 'save' };

const reading = fc.record({
  kind: fc.constant('push' as const),
  // Mostly onwards, sometimes late, sometimes far ahead, so that gaps, rows of one time and back steps all occur.
  t: fc.oneof(
    { weight: 8, arbitrary: fc.integer({ min: 0, max: 3 }) },
    { weight: 2, arbitrary: fc.integer({ min: -6, max: 0 }) },
    { weight: 1, arbitrary: fc.integer({ min: -200, max: 60 }) },
  ),
  values: fc.array(fc.integer({ min: -5, max: 5 }), { minLength: 3, maxLength: 3 }),
  status: fc.array(fc.constantFrom(...STATUS), { minLength: 3, maxLength: 3 }),
});
const steps = fc.array(
  fc.oneof(
    { weight: 12, arbitrary: reading },
    { weight: 1, arbitrary: fc.constantFrom<Step>({ kind: 'tick' }, { kind: 'save' }, { kind: 'interrupt' }) },
  ),
  { minLength: 40, maxLength: 250 },
);

const options = (window: WindowOptions['window'], more: Partial<WindowOptions> = {}): WindowOptions => ({
  tags: TAGS.map((name) => ({ name, range: [-4, 4] as const })),
  window,
  lateness: 0,
  idle: 40,
  maxMissing: 0.4,
  maxReadings: 200,
  ...more,
});

/** What the steps give; `restarts` tells what becomes of the windows at a `save`. */
function play(
  all: readonly Step[],
  spec: WindowOptions,
  restart: (windows: AssetWindows, now: number) => [AssetWindows, number],
): PlainWindow[] {
  let windows = createAssetWindows(spec);
  const found: PlainWindow[] = [];
  let t = 1000;
  let now = 0;
  const drain = () => {
    for (let window = windows.next(); window; window = windows.next()) found.push(plain(window, TAGS));
  };
  for (const step of all) {
    now += step.kind === 'tick' ? 25 : 1;
    if (step.kind === 'save') [windows, now] = restart(windows, now);
    else if (step.kind === 'tick') windows.tick(now);
    else if (step.kind === 'interrupt') windows.interrupted('an outage');
    else {
      t += step.t;
      windows.push(t, Float64Array.from(step.values), Uint32Array.from(step.status), now);
      if (step.t < -6) t -= step.t;
    }
    drain();
  }
  windows.flush();
  drain();
  return found;
}

describe.each([
  ['count', options({ count: 5, every: 1 })],
  ['count with gaps and lateness', options({ count: 4, every: 3, maxGap: 20 }, { lateness: 5 })],
  ['joined count', options({ count: 4, every: 1 }, { lateness: 2, join: 4 })],
  [
    'joined and held count',
    {
      ...options({ count: 4, every: 1 }, { join: 3 }),
      tags: TAGS.map((name, tag) => ({ name, range: [-4, 4] as const, ...(tag === 0 ? {} : { hold: 6 * tag }) })),
    },
  ],
  ['time', options({ length: 10 })],
  [
    'held hopping time',
    {
      ...options({ length: 8, every: 4 }, { lateness: 2 }),
      tags: TAGS.map((name, tag) => ({ name, ...(tag === 0 ? {} : { hold: 10 * tag }) })),
    },
  ],
  [
    'hopping time with periods',
    {
      ...options({ length: 12, every: 4 }, { lateness: 3 }),
      tags: TAGS.map((name) => ({ name, period: 2 })),
    },
  ],
] as const)('%s windows that are saved and restored', (_, spec) => {
  it('give what they would have given, however often and however long the gateway was away', () => {
    fc.assert(
      fc.property(steps, fc.integer({ min: 0, max: 1e9 }), (all, away) => {
        const straight = play(all, spec, (windows, now) => [windows, now]);
        const restarted = play(all, spec, (windows, now) => {
          const out = new ByteWriter();
          windows.save(out, now);
          const next = createAssetWindows(spec);
          const from = new ByteReader(out.take());
          next.restore(from, now + away);
          expect(from.done).toBe(true);
          return [next, now + away];
        });
        expect(restarted).toEqual(straight);
      }),
      { numRuns: 150 },
    );
  });

  it('refuse bytes that end too soon', () => {
    const windows = createAssetWindows(spec);
    for (let t = 0; t < 30; t += 1) {
      windows.push(t, new Float64Array(3), new Uint32Array(3), t);
      while (windows.next());
    }
    const out = new ByteWriter();
    windows.save(out, 30);
    const bytes = out.take();
    for (const length of [0, 7, Math.floor(bytes.length / 2), bytes.length - 1]) {
      const restore = () => createAssetWindows(spec).restore(new ByteReader(bytes.subarray(0, length)), 30);
      expect(restore).toThrow(RangeError);
    }
  });
});

describe.each([
  ['count', { count: 4, every: 1 }],
  ['time', { length: 4 }],
] as const)('%s windows after a stop that may have cost readings', (_, window) => {
  it('say so as long as they reach across it', () => {
    const spec = options(window, { tags: [{ name: 'A' }] });
    const push = (windows: AssetWindows, from: number, to: number): PlainWindow[] => {
      const found: PlainWindow[] = [];
      for (let t = from; t < to; t += 1) {
        windows.push(t, Float64Array.of(t), Uint32Array.of(0), t);
        for (let one = windows.next(); one; one = windows.next()) found.push(plain(one, ['A']));
      }
      return found;
    };
    const first = createAssetWindows(spec);
    push(first, 0, 10);
    const out = new ByteWriter();
    first.save(out, 10);
    const second = createAssetWindows(spec);
    second.restore(new ByteReader(out.take()), 10);
    second.interrupted('restart: up to 5s of readings may be missing');
    const windows = push(second, 11, 30);
    const marked = windows.filter(({ from, to }) => from <= 9 && to > 9);
    expect(marked.length).toBeGreaterThan(0);
    for (const one of windows) {
      if (marked.includes(one)) expect(one.reasons).toContain('restart: up to 5s of readings may be missing');
      else expect(one).toMatchObject({ code: 'Good', reasons: [] });
    }
    expect(marked.every(({ code }) => code === 'UncertainDataSubNormal')).toBe(true);
  });
});
