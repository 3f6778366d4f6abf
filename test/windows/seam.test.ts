import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteReader, ByteWriter } from '../../src/common/core/index.ts';
import { ABSENT, type AssetWindows, createAssetWindows, type WindowOptions } from '../../src/scoring/windows/index.ts';
import { type PlainWindow, plain } from './support.ts';

const REASON = 'readings may be missing';
const PERIOD = 10;

interface Sent {
  readonly t: number;
  readonly tag: number;
  /** When it arrives. */
  readonly at: number;
}

/** Readings of each tag every `PERIOD` ms, in the order in which they arrive: a tag's lag and its jitter delay them. */
function sent(lags: readonly number[], jitter: readonly number[], count: number): Sent[] {
  const all = lags.flatMap((lag, tag) =>
    Array.from({ length: count }, (_, index) => {
      const t = index * PERIOD;
      return { t, tag, at: t + lag + (jitter[(index * lags.length + tag) % jitter.length] ?? 0) };
    }),
  );
  return all.sort((a, b) => a.at - b.at || a.t - b.t || a.tag - b.tag);
}

/** A stop after reading `checkpoint`: those from there up to `end` never come. `restart`: the windows were saved. */
interface Outage {
  readonly checkpoint: number;
  readonly length: number;
  readonly restart: boolean;
}

interface Run {
  readonly windows: readonly PlainWindow[];
  readonly lost: readonly Sent[];
  /** When the first reading came after the last outage. */
  readonly quiet: number;
}

function run(
  options: WindowOptions,
  readings: readonly Sent[],
  outages: readonly Outage[],
  stops: readonly number[] = [],
): Run {
  const names = options.tags.map(({ name }) => name);
  let windows = createAssetWindows(options);
  const found: PlainWindow[] = [];
  const lost: Sent[] = [];
  let quiet = 0;
  let now = 0;
  const drain = () => {
    for (let one = windows.next(); one; one = windows.next()) found.push(plain(one, names));
  };
  const breaks = new Map(outages.map((outage) => [outage.checkpoint, outage]));
  for (let index = 0; index < readings.length; index += 1) {
    if (stops.includes(index)) windows = restarted(windows, options, now);
    const outage = breaks.get(index);
    if (outage) {
      if (outage.restart) windows = restarted(windows, options, now);
      windows.interrupted(REASON);
      lost.push(...readings.slice(index, index + outage.length));
      index += outage.length;
      quiet = readings[index]?.at ?? Number.POSITIVE_INFINITY;
    }
    const reading = readings[index];
    if (!reading) break;
    now = reading.at;
    const status = new Uint32Array(names.length).fill(ABSENT);
    status[reading.tag] = 0;
    windows.push(reading.t, new Float64Array(names.length).fill(reading.t), status, now);
    drain();
  }
  return { windows: found, lost, quiet };
}

function restarted(windows: AssetWindows, options: WindowOptions, now: number): AssetWindows {
  const out = new ByteWriter();
  windows.save(out, now);
  const next = createAssetWindows(options);
  next.restore(new ByteReader(out.take()), now + 1e6);
  return next;
}

const outages = fc.uniqueArray(
  fc.record({
    checkpoint: fc.integer({ min: 0, max: 280 }),
    length: fc.integer({ min: 0, max: 25 }),
    restart: fc.boolean(),
  }),
  { minLength: 1, maxLength: 3, selector: ({ checkpoint }) => checkpoint },
);

/** Stops in order, where nothing is lost. */
const stops = fc.array(fc.integer({ min: 0, max: 280 }), { maxLength: 40 });

const spec = (window: WindowOptions['window'], lateness: number, tags: number): WindowOptions => ({
  tags: Array.from({ length: tags }, (_, index) => ({ name: `T${index}` })),
  window,
  lateness,
  idle: 1e9,
  maxMissing: 0.5,
  maxReadings: 10_000,
});

describe.each([
  ['time windows of one tag', spec({ length: 60 }, 0, 1), [0], 0],
  ['hopping windows', spec({ length: 80, every: 20 }, 0, 1), [0], 0],
  ['hopping windows with lateness', spec({ length: 80, every: 20 }, 50, 2), [0, 0], 50],
  ['time windows with a tag that lags behind another', spec({ length: 40 }, 0, 2), [0, 130], 0],
  ['time windows with tags that lag and lateness', spec({ length: 40 }, 30, 3), [0, 75, 10], 30],
  ['count windows', spec({ count: 5, every: 1 }, 0, 1), [0], 0],
  ['count windows with lateness', spec({ count: 4, every: 2 }, 60, 1), [0], 60],
  ['count windows of tags that join in one row', spec({ count: 4, every: 1 }, 60, 2), [0, 20], 40],
] as const)('%s', (_, options, lags, jitter) => {
  const delays = fc.array(fc.integer({ min: 0, max: jitter }), { minLength: 17, maxLength: 17 });

  it('are never good where a reading is missing that was lost in a stop or an outage', () => {
    fc.assert(
      fc.property(outages, stops, delays, (all, orderly, late) => {
        const { windows, lost } = run(options, sent(lags, late, 120), all, orderly);
        for (const { from, to, code, reasons } of windows) {
          const holes = lost.filter(({ t }) => t >= from && ('count' in options.window ? t <= to : t < to));
          if (holes.length > 0) expect({ from, to, holes, code, reasons }).not.toMatchObject({ code: 'Good' });
        }
      }),
      { numRuns: 400 },
    );
  });

  it('are good again once nothing of an outage can be missing any more', () => {
    fc.assert(
      fc.property(outages, delays, (all, late) => {
        const { windows, quiet } = run(options, sent(lags, late, 120), all);
        const clear = windows.filter(({ from }) => from > quiet + Math.max(...lags) + 2 * (options.lateness + PERIOD));
        for (const { reasons } of clear) expect(reasons.join()).not.toContain(REASON);
      }),
      { numRuns: 100 },
    );
  });
});

describe.each([
  ['time', spec({ length: 60 }, 0, 1)],
  ['count', spec({ count: 5, every: 1 }, 0, 1)],
] as const)('%s windows of a source whose clock steps back after an outage', (_, options) => {
  it('are good when its times come to those of the outage once more', () => {
    const windows = createAssetWindows(options);
    const found: PlainWindow[] = [];
    let now = 0;
    const push = (from: number, to: number) => {
      for (let t = from; t < to; t += PERIOD) {
        now += 1000;
        windows.push(t, Float64Array.of(t), new Uint32Array(1), now);
        for (let one = windows.next(); one; one = windows.next()) found.push(plain(one, ['T0']));
      }
    };
    push(1000, 2000);
    windows.interrupted(REASON);
    push(0, 2500);
    expect(windows.counters.stepped).toBe(1);
    const again = found.filter(({ from }) => from >= 0 && from < 1000);
    const since = found.slice(found.indexOf(again[0] as PlainWindow));
    expect(since.at(-1)?.to).toBeGreaterThan(2400);
    for (const { reasons } of since) expect(reasons.join()).not.toContain(REASON);
  });
});

describe('time windows', () => {
  it('do not take a late reading of before an outage for its end', () => {
    const windows = createAssetWindows(spec({ length: 80, every: 20 }, 0, 1));
    const found: PlainWindow[] = [];
    const push = (t: number) => {
      windows.push(t, Float64Array.of(t), new Uint32Array(1), t);
      for (let one = windows.next(); one; one = windows.next()) found.push(plain(one, ['T0']));
    };
    for (let t = 0; t <= 200; t += PERIOD) push(t);
    windows.interrupted(REASON);
    push(195);
    for (let t = 300; t <= 600; t += PERIOD) push(t);
    const lacking = found.filter(({ from, to }) => from < 300 && to > 210);
    expect(lacking.length).toBeGreaterThan(3);
    for (const { reasons } of lacking) expect(reasons).toContain(REASON);
  });
});

describe('windows of a saved state of an earlier version, which says where the seam begins alone', () => {
  it.each([
    ['time', spec({ length: 60 }, 0, 1)],
    ['count', spec({ count: 5, every: 1 }, 0, 1)],
  ] as const)('of %s go on, and those across it say so', (_, options) => {
    const windows = createAssetWindows(options);
    for (let t = 0; t <= 200; t += PERIOD) {
      windows.push(t, Float64Array.of(t), new Uint32Array(1), t);
      while (windows.next());
    }
    windows.interrupted(REASON);
    const out = new ByteWriter();
    windows.save(out, 200);
    const bytes = out.take();
    const end = 40 + ('count' in options.window ? 8 + 8 : 8 + 8 + 8 + 1);
    const next = createAssetWindows(options);
    next.restore(new ByteReader(bytes.subarray(0, bytes.length - end)), 200);
    const found: PlainWindow[] = [];
    for (let t = 210; t <= 400; t += PERIOD) {
      next.push(t, Float64Array.of(t), new Uint32Array(1), t);
      for (let one = next.next(); one; one = next.next()) found.push(plain(one, ['T0']));
    }
    const across = found.filter(({ from, to }) => from <= 200 && to > 200);
    expect(across.length).toBeGreaterThan(0);
    for (const one of across) expect(one.reasons).toContain(REASON);
    expect(found.filter(({ code }) => code === 'Good').length).toBeGreaterThan(0);
  });
});
