import { readdirSync, readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { configJsonSchema, loadConfig } from '../../src/device/config/index.ts';
import { rendered } from '../support/write-schemas.ts';

const PUBLISHED = 'device-config/config.schema.json';
const examples = readdirSync('device-config')
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => `device-config/${name}`);
// A URL's form is checked when the file is loaded.
const valid = new Ajv({ allErrors: true, validateFormats: false }).compile(configJsonSchema());

type Node = Readonly<Record<string, unknown>>;

/** Every property below a schema, with its path. */
function* properties(node: unknown, path: string): Generator<[path: string, property: Node]> {
  if (typeof node !== 'object' || node === null) return;
  for (const [key, value] of Object.entries(node)) {
    if (key !== 'properties') yield* properties(value, Number.isNaN(Number(key)) ? path : `${path}[${key}]`);
    else {
      for (const [name, property] of Object.entries(value as Record<string, Node>)) {
        yield [`${path}.${name}`, property];
        yield* properties(property, `${path}.${name}`);
      }
    }
  }
}

describe('the published schema', () => {
  it('is what the code makes now (else: npm run schema)', () => {
    expect(readFileSync(PUBLISHED, 'utf8')).toBe(rendered(PUBLISHED));
  });

  it('describes every key with a sentence', () => {
    const all = [...properties(configJsonSchema(), '')];
    expect(all.length).toBeGreaterThan(100);
    const silent = all.filter(([, { description }]) => !/\S.*[.)]$/.test(String(description ?? '')));
    expect(silent.map(([path]) => path)).toEqual([]);
  });

  it('refuses what the program refuses in form', () => {
    expect(valid({ site: 'lab', device: 'g', sources: {}, pipelines: {} })).toBe(true);
    expect(valid({ site: 'lab', device: 'g', sources: {}, pipelines: {}, colour: 'red' })).toBe(false);
    expect(valid({ site: 'lab', device: 'g', sources: { Rig: { type: 'simulator' } }, pipelines: {} })).toBe(false);
    expect(valid({ site: 'lab', device: 'g', sources: { rig: { type: 'opcua' } }, pipelines: {} })).toBe(false);
  });
});

describe('the example configurations', () => {
  it('are there', () => {
    expect(examples).toEqual(
      expect.arrayContaining(['demo', 'hydraulic', 'turbofan'].map((name) => `device-config/${name}.yaml`)),
    );
  });

  it.each(examples)('%s is valid, and editors find its schema', async (file) => {
    const text = readFileSync(file, 'utf8');
    expect(text).toContain('# yaml-language-server: $schema=./config.schema.json');
    valid(parse(text));
    expect(valid.errors ?? []).toEqual([]);
    expect((await loadConfig(file, {})).problems).toEqual([]);
  });
});
