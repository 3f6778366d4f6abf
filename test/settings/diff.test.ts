import { expect, it } from 'vitest';
import * as z from 'zod';
import { diffSettings } from '../../src/common/settings/index.ts';

const schema = z.strictObject({
  level: z.string().meta({ applies: 'live' }).describe('Described behind its class.'),
  name: z.string(),
  lines: z
    .record(
      z.string(),
      z.strictObject({ limit: z.number().default(1), order: z.int().default(0).meta({ applies: 'restart' }) }),
    )
    .describe('Described before its class.')
    .meta({ applies: 'pipeline' }),
  inputs: z.record(
    z.string(),
    z.discriminatedUnion('type', [
      z.strictObject({ type: z.literal('a'), path: z.string().meta({ applies: 'live' }) }),
      z.strictObject({ type: z.literal('b'), path: z.string(), password: z.string().optional() }),
    ]),
  ),
  tags: z.array(z.string()).optional().meta({ applies: 'live' }),
});

const BASE = {
  level: 'info',
  name: 'x',
  lines: { one: { limit: 1, order: 0 } },
  inputs: { p: { type: 'a', path: 'here' }, q: { type: 'b', path: 'here', password: 'old' } },
};

it('tells nothing where nothing differs', () => {
  expect(diffSettings(BASE, structuredClone(BASE), schema)).toEqual([]);
});

it('tells each value that differs, with the class of its key or of the nearest key above', () => {
  const after = {
    level: 'debug',
    name: 'y',
    lines: { one: { limit: 2, order: 1 }, 'two.b': { limit: 1 } },
    inputs: { p: { type: 'a', path: 'there' }, q: { type: 'b', path: 'there', password: 'old' } },
    tags: ['one'],
  };
  expect(diffSettings(BASE, after, schema)).toEqual([
    { path: 'inputs.p.path', applies: 'live', kind: 'changed' },
    { path: 'inputs.q.path', applies: 'restart', kind: 'changed' },
    { path: 'level', applies: 'live', kind: 'changed' },
    { path: 'lines.one.limit', applies: 'pipeline', kind: 'changed' },
    { path: 'lines.one.order', applies: 'restart', kind: 'changed' },
    { path: 'lines.two.b.limit', applies: 'pipeline', kind: 'added' },
    { path: 'name', applies: 'restart', kind: 'changed' },
    { path: 'tags', applies: 'live', kind: 'added' },
  ]);
});

it('tells what is gone by the schema that it had, and a map that has become empty', () => {
  const after = { ...BASE, inputs: { q: BASE.inputs.q }, lines: {} };
  expect(diffSettings(BASE, after, schema)).toEqual([
    { path: 'inputs.p.path', applies: 'live', kind: 'removed' },
    { path: 'inputs.p.type', applies: 'restart', kind: 'removed' },
    { path: 'lines', applies: 'pipeline', kind: 'added' },
    { path: 'lines.one.limit', applies: 'pipeline', kind: 'removed' },
    { path: 'lines.one.order', applies: 'restart', kind: 'removed' },
  ]);
});

it('finds a changed secret and does not show it', () => {
  const inputs = { ...BASE.inputs, q: { ...BASE.inputs.q, password: 'new' } };
  const changes = diffSettings(BASE, { ...BASE, inputs }, schema);
  expect(changes).toEqual([{ path: 'inputs.q.password', applies: 'restart', kind: 'changed' }]);
});

it('takes what no schema knows to need a restart', () => {
  expect(diffSettings(BASE, { ...BASE, colour: 'red' }, schema)).toEqual([
    { path: 'colour', applies: 'restart', kind: 'added' },
  ]);
});
