import { readdirSync, readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { goldenJsonSchema, parseGolden } from '../../src/common/onnx/index.ts';
import { manifestJsonSchema, manifestSchema } from '../../src/scoring/pipeline/index.ts';
import { goldenReference } from '../support/golden-reference.ts';
import { manifestParts, manifestReference } from '../support/manifest-reference.ts';
import { objectsIn } from '../support/schema-objects.ts';
import { rendered } from '../support/write-schemas.ts';

const PUBLISHED = 'models/manifest.schema.json';
const GOLDEN = 'models/golden.schema.json';
const bundled = readdirSync('models', { recursive: true, encoding: 'utf8' }).filter((path) =>
  path.endsWith('manifest.json'),
);
const read = (path: string): Record<string, unknown> => JSON.parse(readFileSync(`models/${path}`, 'utf8'));
const example = read('examples/zipmap/manifest.json');
const valid = new Ajv({ allErrors: true, allowUnionTypes: true }).compile(manifestJsonSchema());

it.each([
  [PUBLISHED, () => rendered(PUBLISHED)],
  ['models/MANIFEST.md', manifestReference],
  [GOLDEN, () => rendered(GOLDEN)],
  ['models/GOLDEN.md', goldenReference],
])('%s is what the code makes now (else: npm run schema)', (path, make) => {
  expect(readFileSync(path, 'utf8')).toBe(make());
});

describe('the schema of the manifest', () => {
  it('describes every key with a sentence', () => {
    const keys = objectsIn(manifestJsonSchema()).flatMap((properties) => Object.entries(properties));
    expect(keys.length).toBeGreaterThan(100);
    const silent = keys.filter(([, { description }]) => !/\S.*[.)]$/.test(String(description ?? '')));
    expect(silent.map(([key]) => key)).toEqual([]);
  });

  it('is whole in the reference: each key of each part', () => {
    const shown = manifestParts().map(({ properties = {} }) => new Set(Object.keys(properties)));
    const missing = objectsIn(manifestJsonSchema())
      .map((properties) => Object.keys(properties))
      .filter((keys) => !shown.some((part) => keys.every((key) => part.has(key))));
    expect(missing).toEqual([]);
  });

  it('sees the manifests that ship', () => {
    expect(bundled.length).toBeGreaterThan(8);
  });

  it.each(bundled)('takes %s', (path) => {
    valid(read(path));
    expect(valid.errors ?? []).toEqual([]);
  });

  it('refuses what the program refuses in form, and takes the key by which editors find it', () => {
    for (const [changes, taken] of [
      [{ $schema: '../manifest.schema.json' }, true],
      [{ maxMising: 0 }, false],
      [{ window: { lenght: '1s' } }, false],
      [{ outputs: { y: { kind: 'score', tensor: 'y' } } }, false],
    ] as const) {
      const manifest = { ...example, ...changes };
      expect({ changes, schema: valid(manifest), program: manifestSchema.safeParse(manifest).success }).toEqual({
        changes,
        schema: taken,
        program: taken,
      });
    }
  });

  it('offers editors the names of features', () => {
    expect(readFileSync(PUBLISHED, 'utf8')).toContain('"spectral_rolloff"');
  });
});

describe('the schema of golden.json', () => {
  const takes = new Ajv({ allErrors: true, allowUnionTypes: true }).compile(goldenJsonSchema());
  const files = readdirSync('models', { recursive: true, encoding: 'utf8' }).filter((path) =>
    path.endsWith('golden.json'),
  );

  it.each(files)('takes %s', (path) => {
    takes(read(path));
    expect(takes.errors ?? []).toEqual([]);
  });

  it('describes every key with a sentence', () => {
    const keys = objectsIn(goldenJsonSchema()).flatMap((properties) => Object.entries(properties));
    expect(keys.length).toBeGreaterThan(15);
    const silent = keys.filter(([, { description }]) => !/\S.*[.)]$/.test(String(description ?? '')));
    expect(silent.map(([key]) => key)).toEqual([]);
  });

  it('is whole in the page, whose example the program takes', () => {
    const page = goldenReference();
    const keys = objectsIn(goldenJsonSchema()).flatMap((properties) => Object.keys(properties));
    expect(keys.filter((key) => !page.includes(`| \`${key}\` |`))).toEqual([]);
    const [, example = ''] = /```json\n([^`]*)```/.exec(page) ?? [];
    expect(parseGolden(example, 'the page').readings).toHaveLength(1);
  });
});
