import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { features } from '../../src/scoring/features/index.ts';
import { definitionOf, featureReference, parametersOf } from '../support/feature-reference.ts';

it('models/FEATURES.md is what the code makes now (else: npm run schema)', () => {
  expect(readFileSync('models/FEATURES.md', 'utf8')).toBe(featureReference());
});

describe.each(features)('feature $name', (feature) => {
  it('is described by sentences: itself, its formula, each parameter', () => {
    const texts = [
      feature.description,
      definitionOf(feature),
      ...parametersOf(feature).map(({ description }) => description),
    ];
    expect(texts.filter((text) => !/\S.*[.)]$/.test(text))).toEqual([]);
  });

  it('has every key of its parameters in the reference', () => {
    const schema = feature.params as { readonly shape?: object } | undefined;
    const shown = new Set(parametersOf(feature).map(({ name }) => name.split('.')[0]));
    expect([...shown]).toEqual(Object.keys(schema?.shape ?? {}));
  });
});
