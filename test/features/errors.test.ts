import { describe, expect, it } from 'vitest';
import { EdgewrightError } from '../../src/common/core/index.ts';
import {
  createVectorizer,
  type FeatureInput,
  features,
  type InputSpec,
  inputSchema,
  type WindowExtent,
} from '../../src/scoring/features/index.ts';

/** The error that an input over the tags `TS1` and `TS2` is refused with. */
function refusal(input: InputSpec, extent: WindowExtent = { count: 30 }): EdgewrightError {
  try {
    createVectorizer(input, ['TS1', 'TS2'], {}, extent);
  } catch (error) {
    if (error instanceof EdgewrightError) return error;
    throw error;
  }
  throw new Error('was not refused');
}

const statistics = (...groups: FeatureInput['statistics']): FeatureInput => ({ tensor: 'x', statistics: groups });
const raw = (rest: object = {}) => ({ tensor: 'x', layout: 'TC' as const, tags: ['TS1', 'TS2'], ...rest });

describe('an input that cannot be', () => {
  it('with an unknown feature names the nearest known ones and the path', () => {
    const error = refusal(statistics({ tags: ['TS1'], features: ['mean', 'peak_to_paek'] }));
    expect(error).toMatchObject({ code: 'features.unknown-feature', path: 'input.statistics.0.features.1' });
    expect(error.hint).toMatch(/^Did you mean peak_to_peak/);
  });

  it('with two letters of a feature in each other’s place names that feature', () => {
    expect(refusal(statistics({ tags: ['TS1'], features: ['maen'] })).hint).toBe('Did you mean mean?');
  });

  it('with a misspelt parameter names the nearest known one', () => {
    const { hint } = refusal(statistics({ tags: ['TS1'], features: [{ feature: 'band_power', low: 1, hihg: 3 }] }));
    expect(hint).toBe('Did you mean high?');
  });

  it('with a feature unlike any other names them all', () => {
    const { hint } = refusal(statistics({ tags: ['TS1'], features: ['spectrogram_of_the_envelope'] }));
    for (const { name } of features) expect(hint).toContain(name);
  });

  it('with parameters that a feature does not have says so', () => {
    const error = refusal(statistics({ tags: ['TS1'], features: [{ feature: 'mean', high: 3 }] }));
    expect(error).toMatchObject({ code: 'features.invalid-parameters', path: 'input.statistics.0.features.0' });
    expect(error.message).toContain('high');
  });

  it('with an unknown tag names the nearest one', () => {
    expect(refusal(raw({ tags: ['TS1', 'TSS2'] }))).toMatchObject({
      code: 'features.unknown-tag',
      path: 'input.tags.1',
      hint: expect.stringContaining('TS2'),
    });
    expect(refusal(statistics({ tags: ['TS1', 'x'], features: ['mean'] }))).toMatchObject({
      code: 'features.unknown-tag',
      path: 'input.statistics.0.tags.1',
    });
  });

  it('with a feature or a tag named twice says which', () => {
    const twice = { tags: ['TS1'], features: ['mean', 'mean'] };
    expect(refusal(statistics(twice))).toMatchObject({ code: 'features.duplicate-feature', subject: 'TS1.mean' });
    expect(refusal(raw({ tags: ['TS1', 'TS1'] }))).toMatchObject({
      code: 'features.duplicate-feature',
      subject: 'TS1',
    });
  });

  it('with a scaling of another length says how many are wanted', () => {
    const scaling = { offset: [0, 0], scale: [1, 1, 1] };
    const error = refusal(raw({ scaling }));
    expect(error).toMatchObject({ code: 'features.scaling-length', path: 'input.scaling.scale' });
    expect(error.message).toContain('3 entries where the input has 2');
    const features = statistics({ tags: ['TS1'], features: ['mean', 'std', 'rms'] });
    expect(refusal({ ...features, scaling })).toMatchObject({ path: 'input.scaling.offset' });
  });

  it('with a grid where none fits, or without one where it is needed, is refused', () => {
    const grid = { period: 100, method: 'linear' as const };
    const code = 'features.invalid-grid';
    expect(refusal(raw({ grid }), { count: 30 })).toMatchObject({ code, path: 'input.grid' });
    expect(refusal(raw(), { length: 1000 })).toMatchObject({ code, path: 'input.grid' });
    expect(refusal(raw({ grid }), { length: 1050 })).toMatchObject({ code, path: 'input.grid.period' });
    expect(refusal(raw({ grid }), { length: 10 })).toMatchObject({ code, path: 'input.grid.period' });
  });

  it('is refused by the schema where a grid has no period or a scale is 0', () => {
    const valid = { tensor: 'x', layout: 'TC', tags: ['a'], grid: { period: '1s', method: 'mean' } };
    expect(inputSchema.safeParse(valid).success).toBe(true);
    expect(inputSchema.safeParse({ ...valid, grid: { period: '0s', method: 'mean' } }).success).toBe(false);
    expect(inputSchema.safeParse({ ...valid, scaling: { offset: [0], scale: [0] } }).success).toBe(false);
  });
});
