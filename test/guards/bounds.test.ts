import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import {
  duration,
  jsonSchemaOf,
  LONGEST_TIMER_MS,
  parseDuration,
  parseSize,
  size,
} from '../../src/common/core/index.ts';
import { configJsonSchema } from '../../src/device/config/index.ts';
import { features } from '../../src/scoring/features/registry.ts';
import { manifestJsonSchema } from '../../src/scoring/pipeline/index.ts';

type Node = Readonly<Record<string, unknown>>;

/** Every number and quantity of a JSON Schema that has no upper bound, by its path. */
function* unbounded(node: unknown, path: string): Generator<string> {
  if (typeof node !== 'object' || node === null) return;
  const schema = node as Node;
  const types = [schema['type']].flat();
  const isNumber = types.includes('number') || types.includes('integer');
  if (isNumber && !('const' in schema) && !('enum' in schema)) {
    const most = Number(schema['maximum'] ?? schema['exclusiveMaximum']);
    // What zod says of any integer is no bound.
    if (!(most < Number.MAX_SAFE_INTEGER) && !(types.includes('number') && most < Number.MAX_VALUE)) yield path;
  }
  if (isQuantity(schema) && bounds(schema) === undefined) yield path;
  for (const [key, value] of Object.entries(schema)) yield* unbounded(value, `${path}/${key}`);
}

/** Every quantity of a JSON Schema with its description. */
function* quantities(node: unknown): Generator<Node> {
  if (typeof node !== 'object' || node === null) return;
  if (isQuantity(node as Node)) yield node as Node;
  for (const value of Object.values(node)) yield* quantities(value);
}

function isQuantity({ type, pattern }: Node): boolean {
  return type === 'string' && /ms\|s\||KiB/.test(String(pattern ?? ''));
}

/** What a quantity may be at most, in ms or bytes. */
function bounds({ description }: Node): number | undefined {
  const [, most = ''] = /(?:At most|\S+ to) (\S+)\.$/.exec(String(description ?? '')) ?? [];
  return parseDuration(most) ?? parseSize(most);
}

const schemas = {
  configuration: configJsonSchema(),
  manifest: manifestJsonSchema(),
  ...Object.fromEntries(features.map(({ name, params }) => [`feature ${name}`, params ? jsonSchemaOf(params) : {}])),
};

describe('every number, duration and size that somebody may write', () => {
  it.each(Object.entries(schemas))('has an upper bound in the schema of the %s', (_name, schema) => {
    expect([...unbounded(schema, '')]).toEqual([]);
  });

  it('is seen at all, so that this guard can fail', () => {
    expect([...quantities(schemas.configuration)].length).toBeGreaterThan(25);
    const open = z.strictObject({
      ...{
        a: z.number(),
        b: z.int().min(0),
        c: z.array(z.number().positive()),
        d: z.union([z.literal(0), z.number()]),
      },
      e: z
        .string()
        .regex(/^\d+(ms|s|m)$/)
        .describe('Open.'),
    });
    expect([...unbounded(jsonSchemaOf(open), '')].length).toBe(5);
    expect([
      ...unbounded(jsonSchemaOf(z.strictObject({ a: z.number().max(5), b: duration({ most: '1m' }) })), ''),
    ]).toEqual([]);
  });
});

describe('a quantity', () => {
  const form = z.strictObject({
    wait: duration({ least: '1ms', most: '1d' }).optional().describe('A wait.'),
    room: size({ most: '1MiB' }).prefault('1KiB').describe('Room.'),
  });

  it('is refused beyond its bounds, which are inside, with the bound', () => {
    const problems = (value: object) => form.safeParse(value).error?.issues.map(({ message }) => message) ?? [];
    expect(problems({ wait: '24h', room: '1024KiB' })).toEqual([]);
    expect(problems({ wait: '1ms' })).toEqual([]);
    expect(problems({ wait: '30d', room: '1.1MiB' })).toEqual(['must be at most 1d', 'must be at most 1MiB']);
    expect(problems({ wait: '0s' })).toEqual(['must be at least 1ms']);
    expect(problems({ wait: 'ever' })).toEqual(['must be a duration such as 250ms, 30s, 5m, 72h or 7d']);
  });

  it('says its bounds where an editor shows them', () => {
    expect(jsonSchemaOf(form)).toMatchObject({
      properties: { wait: { description: 'A wait. 1ms to 1d.' }, room: { description: 'Room. At most 1MiB.' } },
    });
  });
});

describe('what the gateway waits for by a timer', () => {
  const properties = (node: unknown, ...path: string[]): Node =>
    path.reduce((at, key) => ((at as Node)['properties'] as Record<string, Node>)[key] as Node, node as Node);

  it.each([
    ['uplink', 'receiptTimeout', 10],
    ['uplink', 'linger', 1],
    ['uplink', 'keepalive', 1],
    ['outbox', 'lossWindow', 1],
  ])('%s.%s is never longer than a timer, times %i', (part, key, times) => {
    expect((bounds(properties(schemas.configuration, part, key)) ?? Number.NaN) * times).toBeLessThanOrEqual(
      LONGEST_TIMER_MS,
    );
  });

  it('keeps the keepalive within the 16 bits that MQTT has for it', () => {
    expect((bounds(properties(schemas.configuration, 'uplink', 'keepalive')) ?? Number.NaN) / 1_000).toBeLessThan(
      65_536,
    );
  });
});
