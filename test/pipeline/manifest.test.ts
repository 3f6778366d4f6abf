import { describe, expect, it } from 'vitest';
import { EdgewrightError } from '../../src/common/core/index.ts';
import { readModel, usesOf } from '../../src/scoring/pipeline/index.ts';
import { memoryBundle, scoreManifest } from '../support/bundle.ts';

type Json = Readonly<Record<string, unknown>>;

/** What a bundle is refused with whose manifest is good but for these changes. */
function refusal(changes: Json, files: Json = {}): EdgewrightError {
  try {
    readModel(memoryBundle({ 'manifest.json': scoreManifest(changes), 'model.onnx': new Uint8Array(), ...files }));
  } catch (error) {
    if (error instanceof EdgewrightError) return error;
    throw error;
  }
  throw new Error('was not refused');
}

const raw = { tensor: 'x', layout: 'TC', tags: ['a', 'b'] };
const statistics = { tensor: 'x', statistics: [{ tags: ['a', 'b'], features: ['mean'] }] };

describe('an unknown key of a manifest is named with the nearest known one', () => {
  it.each<[where: string, changes: Json, path: string, near: string]>([
    ['at the top', { maxMising: 0.1 }, 'maxMising', 'maxMissing'],
    ['in a tag', { tags: { a: { unit: 'bar', perod: '1s' } } }, 'tags.a.perod', 'period'],
    ['in a count window', { window: { count: 2, evry: 1 } }, 'window.evry', 'every'],
    ['in a time window', { window: { length: '1s', evry: '1s' } }, 'window.evry', 'every'],
    ['in a raw input', { input: { ...raw, scalling: {} } }, 'input.scalling', 'scaling'],
    ['in a grid', { input: { ...raw, grid: { rat: 5, rate: 5, method: 'mean' } } }, 'input.grid.rat', 'rate'],
    [
      'in statistics',
      { input: { tensor: 'x', statistics: [{ tgas: ['a'], tags: ['a'], features: ['mean'] }] } },
      'input.statistics.0.tgas',
      'tags',
    ],
    [
      'in one of several inputs',
      { input: { tensors: { x: { layout: 'TC', tags: ['a'], shap: [2] } } } },
      'input.tensors.x.shap',
      'shape',
    ],
    [
      'in a mode of the scaling',
      {
        input: { ...statistics, scaling: { modes: [{ name: 'm', when: 'true', offset: [0], scale: [1], ofset: 1 }] } },
      },
      'input.scaling.modes.0.ofset',
      'offset',
    ],
    [
      'in an output',
      { outputs: { y: { kind: 'score', tensor: 'y', threshold: 1, treshold: 1 } } },
      'outputs.y.treshold',
      'threshold',
    ],
    ['in the explanation', { explanation: { method: 'occlusion', taget: 'y' } }, 'explanation.taget', 'target'],
  ])('%s', (_where, changes, path, near) => {
    const error = refusal(changes);
    expect(error).toMatchObject({ code: 'pipeline.manifest-invalid', path, hint: `Did you mean ${near}?` });
    const parent = path.split('.').slice(0, -1).join('.');
    expect(error.message).toContain(`${parent === '' ? '' : `${parent}: `}unknown key ${path.split('.').at(-1)}`);
  });

  it('each of several, all but the first with theirs in the reason', () => {
    const { message, hint } = refusal({ maxMising: 0, relese: 1 });
    expect(message).toBe('memory/manifest.json: unknown key maxMising; unknown key relese (did you mean release?)');
    expect(hint).toBe('Did you mean maxMissing?');
  });

  it('and with those of its own kind of window where none is near', () => {
    expect(refusal({ window: { count: 2, colour: 1 } }).hint).toBe('Known here: count, every, maxGap.');
  });

  it('and not told to be missing as well', () => {
    const { message, hint } = refusal({ window: undefined, windwo: { count: 2 } });
    expect(message).toBe('memory/manifest.json: unknown key windwo');
    expect(hint).toBe('Did you mean window?');
  });

  it('or said not to go with the others', () => {
    const { message } = refusal({ window: { count: 2, length: '1s' } });
    expect(message).toContain('window: length does not go with the keys beside it');
  });
});

describe('of a union that form is told of that fits best', () => {
  it.each<[what: string, changes: Json, path: string, words: string]>([
    ['the key misspelt that tells a time window', { window: { lenght: '1s' } }, 'window.lenght', 'unknown key lenght'],
    ['a count of none', { window: { count: 0 } }, 'window.count', '>=1'],
    ['a length without a unit', { window: { length: '1' } }, 'window.length', 'must be a duration such as'],
    ['another layout', { input: { ...raw, layout: 'TX' } }, 'input.layout', 'must be one of TC, CT'],
    [
      'statistics without tags',
      { input: { tensor: 'x', statistics: [{ features: ['mean'] }] } },
      'input.statistics.0.tags',
      'missing',
    ],
    [
      'statistics with much that is wrong',
      { input: { tensor: 'x', statistics: [{}, {}, {}] } },
      'input.statistics.0.tags',
      'missing',
    ],
    [
      'a tensor of several without its layout',
      { input: { tensors: { x: { tags: ['a'] } } } },
      'input.tensors.x.layout',
      'missing',
    ],
    ['neither count nor length', { window: {} }, 'window', 'needs count, or needs length'],
    ['an empty input', { input: {} }, 'input', 'needs tensor and statistics, or needs tensors'],
    ['no window at all', { window: undefined }, 'window', 'is required and missing'],
    ['text in place of an input', { input: 'x' }, 'input', 'expected object, received string'],
    [
      'another kind of output',
      { outputs: { y: { kind: 'scores' } } },
      'outputs.y.kind',
      'must be one of regression, score',
    ],
  ])('%s', (_what, changes, path, words) => {
    const error = refusal(changes);
    expect(error).toMatchObject({ code: 'pipeline.manifest-invalid', path });
    expect(error.message).toContain(words);
    expect(error.message).not.toContain('Invalid input');
  });
});

it('a range of a tag from its upper end to its lower is refused', () => {
  const error = refusal({ tags: { a: { unit: 'bar', range: [5, 1] } } });
  expect(error).toMatchObject({ code: 'pipeline.manifest-invalid', path: 'tags.a.range' });
  expect(error.message).toContain('must run from the lower to the higher value');
});

it('a profile is told of as the manifest is', () => {
  const error = refusal({}, { 'profile.json': { schema: 'edgewright.profile/1', rows: 1, feature: {}, outputs: {} } });
  expect(error).toMatchObject({ code: 'pipeline.profile-invalid', path: 'feature', hint: 'Did you mean features?' });
});

it('a feature that wants a unit of its tag has it where the inputs of the model are told too', () => {
  const manifest = scoreManifest({
    tags: { a: { unit: 'g' } },
    window: { length: '1s' },
    input: { tensor: 'x', statistics: [{ tags: ['a'], features: ['velocity_rms'] }] },
  });
  const model = readModel(memoryBundle({ 'manifest.json': manifest, 'model.onnx': new Uint8Array() }));
  expect(usesOf(model).inputs).toEqual([{ tensor: 'x', shape: [1] }]);
});
