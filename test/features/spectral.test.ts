import { describe, expect, it } from 'vitest';
import { features, SpectrumCache } from '../../src/scoring/features/index.ts';
import fixture from './fixtures/spectral.json' with { type: 'json' };
import { compute, freshContext, SKF_6205, signal } from './support.ts';

const TOLERANCE = 1e-6;
/** What is 0 for scipy, or rounding of 0. */
const ZERO = 1e-9;
const EPOCH = 1_760_000_000_000;

const recorded: Readonly<Record<string, { readonly rate: number; readonly values: readonly number[] }>> =
  fixture.signals;

function recording(name: string) {
  const { rate, values } = recorded[name] ?? { rate: 1, values: [] };
  return signal(
    values,
    values.map((_, i) => EPOCH + (1000 * i) / rate),
  );
}

function expectNear(got: number, expected: number): void {
  expect(Math.abs(got - expected), `${got} is not ${expected}`).toBeLessThanOrEqual(
    TOLERANCE * Math.abs(expected) + ZERO,
  );
}

describe('spectra, envelopes and velocity against scipy', () => {
  it.each(fixture.cases)('$feature $params of: $signal', ({ signal: name, feature, params, expected }) => {
    const got = compute(feature, recording(name), params);
    if (expected === null) expect(got).toBeNaN();
    else expectNear(got, expected);
  });

  it('velocity_rms of an acceleration in g', () => {
    expectNear(compute('velocity_rms', recording('impacts'), {}, { ...freshContext(), unit: 'g' }), fixture.inG);
  });
});

describe('features of frequency', () => {
  const spectral = [
    'band_power',
    'spectral_centroid',
    'spectral_entropy',
    'spectral_rolloff',
    'peak_frequency',
    'peak_amplitude',
    'envelope_amplitude',
    'envelope_prominence',
  ];
  const sine = (n: number, at: (i: number) => number) =>
    signal(
      Array.from({ length: n }, (_, i) => Math.sin(at(i) / 20)),
      Array.from({ length: n }, (_, i) => at(i)),
    );

  it.each([...spectral, 'velocity_rms'])(
    '%s is NaN where samples are lost, since it would be of other frequencies',
    (name) => {
      const params = name === 'velocity_rms' ? { low: 10, high: 400 } : undefined;
      expect(
        compute(
          name,
          sine(1000, (i) => i),
          params,
        ),
      ).not.toBeNaN();
      expect(
        compute(
          name,
          sine(1000, (i) => (i < 500 ? i : i + 3)),
          params,
        ),
      ).toBeNaN();
    },
  );

  it.each(spectral)('%s bears the jitter of a clock', (name) => {
    const steady = compute(
      name,
      sine(1024, (i) => i),
    );
    const shaky = compute(
      name,
      signal(
        Array.from({ length: 1024 }, (_, i) => Math.sin(i / 20)),
        Array.from({ length: 1024 }, (_, i) => i + (i % 3 === 1 ? 0.1 : 0)),
      ),
    );
    expect(shaky).toBeCloseTo(steady, 2);
  });

  it('take the rate that a signal declares', () => {
    const of = recording('impacts');
    const centroid = compute('spectral_centroid', of);
    expectNear(compute('spectral_centroid', { ...of, rate: 24_000 }), 2 * centroid);
  });
});

describe('an amplitude at a bearing frequency', () => {
  const params = { defect: 'BPFO', bearing: SKF_6205, low: 2000, high: 5000 };

  it('finds the outer race that is struck, and not the inner one', () => {
    const of = recording('impacts');
    const at = (defect: string) => compute('envelope_amplitude', of, { ...params, defect, speed: 1797 });
    expect(at('BPFO')).toBeGreaterThan(10 * at('BPFI'));
    expect(at('BPFO')).toBeGreaterThan(10 * at('FTF'));
  });

  it('stands out by as much, however the sensor is scaled', () => {
    const of = recording('impacts');
    const louder = { ...of, values: of.values.map((x) => 37 * x) };
    const [once, more] = [of, louder].map((each) => compute('envelope_prominence', each, { ...params, speed: 1797 }));
    expect(once).toBeGreaterThan(20);
    expectNear(more ?? Number.NaN, once ?? Number.NaN);
  });

  it('takes the mean speed of a tag over the window', () => {
    const speed = signal([1790, 1804], [EPOCH, EPOCH + 250]);
    const context = freshContext({ speed });
    const given = { ...params, speed: { tag: 'speed' } };
    expect(compute('envelope_amplitude', recording('impacts'), given, context)).toBe(
      compute('envelope_amplitude', recording('impacts'), { ...params, speed: 1797 }),
    );
  });

  it.each([
    ['unknown', signal([])],
    ['standing still', signal([0, 0])],
  ])('is NaN with a speed that is %s', (_, speed) => {
    const given = { ...params, speed: { tag: 'speed' } };
    expect(compute('envelope_amplitude', recording('impacts'), given, freshContext({ speed }))).toBeNaN();
  });
});

describe('features that share an analysis', () => {
  it('make it anew for another signal and another tag, and only then', () => {
    const cache = new SpectrumCache(() => () => signal([]));
    const made = ['peak_frequency', 'spectral_centroid', 'band_power'].map((name) => {
      const definition = features.find((feature) => feature.name === name);
      return definition?.create(definition.params?.parse({}), cache.contextOf('g'));
    });
    const all = (name: string) => made.map((of) => of?.(recording(name)));
    const expected = (name: string) =>
      ['peak_frequency', 'spectral_centroid', 'band_power'].map((feature) => compute(feature, recording(name)));
    for (const name of ['impacts', 'two sines in noise', 'impacts', 'shorter than a segment']) {
      cache.next();
      expect(all(name)).toEqual(expected(name));
    }
    // Without being told of another signal the analysis stands: that is what is shared.
    expect(all('impacts')).toEqual(expected('shorter than a segment'));
  });
});

describe('parameters that cannot be', () => {
  const problem = (name: string, params: object) =>
    features
      .find((feature) => feature.name === name)
      ?.params?.safeParse(params)
      .error?.issues[0]?.path.join('.');

  it.each([
    ['band_power', { low: 100, high: 50 }, 'high'],
    ['band_power', { segment: 1000 }, 'segment'],
    ['spectral_rolloff', { share: 0 }, 'share'],
    ['peak_frequency', { rank: 0 }, 'rank'],
    ['velocity_rms', { low: 0 }, 'low'],
    ['envelope_amplitude', { defect: 'BPFX', bearing: SKF_6205, speed: 1 }, 'defect'],
    ['envelope_amplitude', { defect: 'BSF', bearing: { ...SKF_6205, ball: 50 }, speed: 1 }, 'bearing.ball'],
    ['envelope_amplitude', { defect: 'BSF', bearing: SKF_6205, speed: 0 }, 'speed'],
    ['lag', { samples: -1 }, 'samples'],
    ['rolling_difference', { samples: 0 }, 'samples'],
  ])('%s %j: refused at %s', (name, params, path) => {
    expect(problem(name, params)).toBe(path);
  });

  it('velocity of what is no acceleration is refused with its unit', () => {
    expect(() => compute('velocity_rms', signal([1]), {}, { ...freshContext(), unit: 'bar' })).toThrow(
      expect.objectContaining({ code: 'features.not-acceleration', message: expect.stringContaining('bar') }),
    );
  });
});
