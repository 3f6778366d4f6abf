import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Reading } from '../../src/common/core/index.ts';
import {
  createRig,
  RIG_TAGS,
  RIG_TICK,
  type RigOptions,
  type RigTag,
  SimulatorSource,
  sourceSchema,
} from '../../src/scoring/sources/index.ts';
import { operatingPoint } from '../../src/scoring/sources/simulator/physics.ts';
import { createRandom } from '../../src/scoring/sources/simulator/random.ts';
import { eventually, KeepingSink, silent } from './support.ts';

const MINUTE = 60_000 / RIG_TICK;

function take(count: number, options: Partial<RigOptions> = {}): (Reading & { mode: string })[] {
  const rig = createRig({ seed: 7, asset: 'pump-1', start: 1e12, ...options });
  return Array.from({ length: count }, () => {
    const reading = rig.next();
    return { ...reading, mode: rig.mode };
  });
}

function samples(readings: readonly Reading[], tag: RigTag): number[] {
  return readings.flatMap(({ values }) => (typeof values[tag] === 'number' ? [values[tag]] : []));
}

const mean = (x: readonly number[]) => x.reduce((sum, value) => sum + value, 0) / x.length;
const deviation = (x: readonly number[]) => Math.sqrt(mean(x.map((value) => (value - mean(x)) ** 2)));

describe('the simulated rig', () => {
  it('gives the same readings for the same seed and asset, and others for other ones', () => {
    const one = take(400);
    expect(take(400)).toEqual(one);
    expect(samples(take(400, { seed: 8 }), 'flow')).not.toEqual(samples(one, 'flow'));
    expect(samples(take(400, { asset: 'pump-2' }), 'flow')).not.toEqual(samples(one, 'flow'));
  });

  it('samples each tag at its own rate, from the start on', () => {
    const start = 1_714_521_600_000;
    for (const [i, { t, values }] of take(100, { start }).entries()) {
      expect(t).toBe(start + i * RIG_TICK);
      const due = Object.entries(RIG_TAGS).filter(([, { period }]) => (i * RIG_TICK) % period === 0);
      expect(Object.keys(values)).toEqual(due.map(([tag]) => tag));
    }
  });

  it('goes through idle, part load and full load', () => {
    expect(new Set(take(20 * MINUTE).map(({ mode }) => mode))).toEqual(new Set(['idle', 'part-load', 'full-load']));
  });

  it('follows the affinity laws: flow with n, pressure with n squared, at any valve position', () => {
    const speed = fc.double({ min: 0.1, max: 1.2, noNaN: true });
    fc.assert(
      fc.property(speed, speed, fc.double({ min: 1e-5, max: 1e-3, noNaN: true }), (n1, n2, resistance) => {
        const [a, b] = [operatingPoint(n1, resistance, 0, 0), operatingPoint(n2, resistance, 0, 0)];
        expect(b.flow / a.flow).toBeCloseTo(n2 / n1, 9);
        expect(b.pressure / a.pressure).toBeCloseTo((n2 / n1) ** 2, 9);
      }),
    );
  });

  it('warms up slowly: the casing lags behind the load', () => {
    const temperature = samples(take(20 * MINUTE), 'temperature');
    const steps = temperature.slice(1).map((value, i) => Math.abs(value - (temperature[i] ?? value)));
    expect(Math.max(...temperature) - Math.min(...temperature)).toBeGreaterThan(5);
    expect(Math.max(...steps)).toBeLessThan(1);
  });

  it('is untouched by a fault until its time', () => {
    const faults = [{ fault: 'leak', at: 10_000 }] as const;
    const [sound, broken] = [take(400), take(400, { faults })];
    const before = 10_000 / RIG_TICK;
    expect(broken.slice(0, before)).toEqual(sound.slice(0, before));
    expect(broken.slice(before + 10)).not.toEqual(sound.slice(before + 10));
  });
});

describe('faults of the rig', () => {
  const full = (fault?: 'bearing-wear' | 'cavitation' | 'leak') =>
    take(20 * MINUTE, fault === undefined ? {} : { faults: [{ fault, at: 0, growth: 0 }] }).filter(
      ({ mode, values }) => mode === 'full-load' && Number(values['speed'] ?? 2900) > 2800,
    );
  const sound = full();

  it('bearing wear shakes, knocks and heats', () => {
    const worn = full('bearing-wear');
    expect(mean(samples(worn, 'vibration'))).toBeGreaterThan(2 * mean(samples(sound, 'vibration')));
    expect(Math.max(...samples(worn, 'vibration'))).toBeGreaterThan(1.5 * mean(samples(worn, 'vibration')));
    expect(mean(samples(worn, 'temperature'))).toBeGreaterThan(mean(samples(sound, 'temperature')) + 5);
  });

  it('bearing wear grows', () => {
    const faults = [{ fault: 'bearing-wear', at: 0, growth: 20 * 60_000 }] as const;
    const wear = take(20 * MINUTE, { faults }).filter(({ mode }) => mode === 'full-load');
    const third = Math.floor(wear.length / 3);
    const levels = [0, 1, 2].map((k) => mean(samples(wear.slice(k * third, (k + 1) * third), 'vibration')));
    expect(levels).toEqual(levels.toSorted((a, b) => a - b));
    expect(levels[2]).toBeGreaterThan(1.5 * (levels[0] ?? 0));
  });

  it('cavitation takes pressure and flow, and makes them restless', () => {
    const bubbling = full('cavitation');
    expect(mean(samples(bubbling, 'pressure'))).toBeLessThan(0.9 * mean(samples(sound, 'pressure')));
    expect(deviation(samples(bubbling, 'pressure'))).toBeGreaterThan(1.5 * deviation(samples(sound, 'pressure')));
    expect(mean(samples(bubbling, 'flow'))).toBeLessThan(mean(samples(sound, 'flow')));
  });

  it('a leak takes flow and pressure, but not calm', () => {
    const leaking = full('leak');
    expect(mean(samples(leaking, 'flow'))).toBeLessThan(0.98 * mean(samples(sound, 'flow')));
    expect(mean(samples(leaking, 'pressure'))).toBeLessThan(0.95 * mean(samples(sound, 'pressure')));
    expect(mean(samples(leaking, 'vibration'))).toBeLessThan(1.2 * mean(samples(sound, 'vibration')));
  });

  it('a stuck sensor repeats its last value while the others live on', () => {
    const faults = [{ fault: 'stuck-sensor', tag: 'pressure', at: 5_000, for: 5_000 }] as const;
    const readings = take(400, { faults });
    const during = readings.filter(({ t }) => t >= 1e12 + 5_000 && t < 1e12 + 10_000);
    const held = samples(readings.slice(0, 5_000 / RIG_TICK), 'pressure').at(-1);
    expect(new Set(samples(during, 'pressure'))).toEqual(new Set([held]));
    expect(new Set(samples(during, 'flow')).size).toBeGreaterThan(10);
    expect(new Set(samples(readings.slice(10_000 / RIG_TICK), 'pressure')).size).toBeGreaterThan(10);
  });

  it('can be switched on and off while it runs', () => {
    const rig = createRig({ seed: 7, asset: 'pump-1', start: 0 });
    const next = (count: number) => Array.from({ length: count }, () => rig.next());
    const vibration = (readings: Reading[]) => mean(samples(readings, 'vibration'));
    const before = vibration(next(100));
    rig.switchOn('bearing-wear', { growth: 0 });
    const during = vibration(next(100));
    rig.switchOff('bearing-wear');
    expect(during).toBeGreaterThan(2 * before);
    expect(vibration(next(100))).toBeLessThan(1.5 * before);
  });
});

describe('the simulator in real time', () => {
  it('gives no reading before its time, and obeys faults switched on meanwhile', async () => {
    const start = Date.now() - performance.now();
    const clock = { now: () => start + performance.now(), monotonic: () => performance.now(), trusted: () => true };
    const config = sourceSchema.parse({ type: 'simulator', assets: ['one', 'two'] });
    if (config.type !== 'simulator') throw new Error('not the simulator');
    const source = new SimulatorSource(config, { name: 's', logger: silent, clock });
    onTestFinished(() => source.stop());
    const early: Reading[] = [];
    const sink = new KeepingSink();
    const push = sink.push.bind(sink);
    sink.push = (reading) => {
      if (reading.t > clock.now()) early.push(reading);
      push(reading);
    };
    await source.start(sink);
    source.rigs.get('two')?.switchOn('stuck-sensor', { tag: 'vibration' });
    await eventually('a second of readings', () => sink.readings.length >= 40);
    await source.stop();
    expect(early).toEqual([]);
    const seen = (asset: string) =>
      new Set(
        samples(
          sink.readings.filter((r) => r.asset === asset),
          'vibration',
        ),
      ).size;
    expect(seen('one')).toBeGreaterThan(10);
    expect(seen('two')).toBe(1);
  });
});

describe('seeded random numbers', () => {
  it('are uniform and normal as they say', () => {
    const random = createRandom('test');
    const uniform = Array.from({ length: 20_000 }, () => random.uniform());
    const normal = Array.from({ length: 20_000 }, () => random.normal());
    expect(Math.min(...uniform)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...uniform)).toBeLessThan(1);
    // Five standard errors.
    expect(Math.abs(mean(uniform) - 0.5)).toBeLessThan((5 * Math.sqrt(1 / 12)) / Math.sqrt(20_000));
    expect(Math.abs(mean(normal))).toBeLessThan(5 / Math.sqrt(20_000));
    expect(Math.abs(deviation(normal) - 1)).toBeLessThan(5 / Math.sqrt(2 * 20_000));
  });
});
