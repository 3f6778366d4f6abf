import type { Bundle } from '../../src/scoring/registry/index.ts';

/** A bundle in memory: contents by file name, JSON values as objects. */
export function memoryBundle(contents: Readonly<Record<string, unknown>>): Bundle {
  const bytes = (name: string): Uint8Array => {
    const content = contents[name];
    if (content === undefined) throw new Error(`the test has no ${name}`);
    return content instanceof Uint8Array ? content : new TextEncoder().encode(JSON.stringify(content));
  };
  return {
    folder: 'memory',
    digest: 'd'.repeat(64),
    files: {},
    read: bytes,
    has: (name) => name in contents,
    json: (name) => JSON.parse(new TextDecoder().decode(bytes(name))),
  };
}

/** Manifest of a model over the last `count` values of tags `a` and `b`, with one score against a threshold of 1. */
export function scoreManifest(changes: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    schema: 'edgewright.manifest/1',
    name: 'test-score',
    version: '1.0.0',
    release: 1,
    description: 'A model of the tests.',
    tags: { a: { unit: 'bar' }, b: { unit: 'degC' } },
    window: { count: 2, every: 1 },
    input: { tensor: 'x', layout: 'TC', tags: ['a', 'b'] },
    outputs: { anomaly: { kind: 'score', tensor: 'score', threshold: 1 } },
    ...changes,
  };
}

/** Input of `scoreManifest` in the place of raw values: the mean of `a`, the greatest `b`. */
export const STATISTICS = {
  tensor: 'x',
  statistics: [
    { tags: ['a'], features: ['mean'] },
    { tags: ['b'], features: ['max'] },
  ],
};

const reference = {
  edges: [-2, 0, 2],
  distribution: { counts: [1, 1], underflow: 0, overflow: 0, missing: 0, n: 2, mean: 0, m2: 0, min: 0, max: 0 },
};

/** Reference profile of a bundle with that input. */
export const STATISTICS_PROFILE = {
  schema: 'edgewright.profile/1',
  rows: 2,
  features: { 'a.mean': reference, 'b.max': reference },
  outputs: { anomaly: reference },
};
