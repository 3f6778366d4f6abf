import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createSource, opensIn, SOURCE_TYPES, sourceSchema } from '../../src/scoring/sources/index.ts';
import { suiteOf } from './contract.ts';
import { realClock, silent } from './support.ts';

const SAMPLES = await Promise.all(SOURCE_TYPES.map(async (type) => (await suiteOf(type)).least));

interface Node {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Node>>;
  readonly oneOf?: readonly Node[];
  readonly anyOf?: readonly Node[];
}

/** Paths of properties without a description. */
function undescribed(node: Node, path = ''): string[] {
  const own = Object.entries(node.properties ?? {}).flatMap(([key, child]) => [
    ...(child.description === undefined && key !== 'type' ? [`${path}.${key}`] : []),
    ...undescribed(child, `${path}.${key}`),
  ]);
  return [...own, ...[...(node.oneOf ?? []), ...(node.anyOf ?? [])].flatMap((child) => undescribed(child, path))];
}

describe('the catalogue of sources', () => {
  it('makes every type that its schema takes, without touching the world', () => {
    for (const sample of SAMPLES) {
      const source = createSource(sourceSchema.parse(sample), { name: 's', logger: silent, clock: realClock });
      expect(source.start).toBeTypeOf('function');
    }
  });

  it('describes every key', () => {
    expect(undescribed(z.toJSONSchema(sourceSchema, { io: 'input' }) as Node)).toEqual([]);
  });

  it('refuses keys that no source has', () => {
    for (const sample of SAMPLES) expect(sourceSchema.safeParse({ ...sample, colour: 'red' }).success).toBe(false);
  });

  it('leaves live sources to run, and files to whom they are for', () => {
    const opens = (config: object) => {
      const parsed = sourceSchema.parse(config);
      return (['run', 'replay'] as const).filter((command) => opensIn(parsed, command));
    };
    expect(opens({ type: 'simulator' })).toEqual(['run']);
    expect(opens({ type: 'file', path: 'x' })).toEqual(['run', 'replay']);
    expect(opens({ type: 'file', path: 'x', use: 'replay' })).toEqual(['replay']);
    expect(opens({ type: 'file', path: 'x', use: 'run' })).toEqual(['run']);
  });

  it.each([
    [{ faults: { a: { fault: 'leak', tag: 'flow' } } }, 'faults.a.tag'],
    [{ faults: { a: { fault: 'stuck-sensor' } } }, 'faults.a.tag'],
    [{ speed: 'max' }, 'start'],
    [{ speed: 10 }, 'start'],
    [{ assets: 0 }, 'assets'],
  ])('sees a problem in a simulator with %j at %s', (changes, path) => {
    const result = sourceSchema.safeParse({ type: 'simulator', ...changes });
    expect(result.error?.issues.map((issue) => issue.path.join('.'))).toEqual([path]);
  });
});
