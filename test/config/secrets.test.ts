import { describe, expect, it } from 'vitest';
import { isSecretName } from '../../src/common/settings/redaction.ts';
import { configJsonSchema, requireConfig } from '../../src/device/config/index.ts';
import { configFile, GOOD, load } from './support.ts';

const SECRET = 'hunter2';

/** Everything that a configuration can say about itself. */
async function said(content: Parameters<typeof load>[0], env: NodeJS.ProcessEnv = {}): Promise<string> {
  const { problems } = await load(content, env);
  expect(problems.filter(({ severity }) => severity === 'error')).not.toEqual([]);
  const error = await requireConfig(await configFile(content), env).catch((thrown: unknown) => thrown);
  const { message, hint, subject, path } = error as Record<'message' | 'hint' | 'subject' | 'path', string>;
  return JSON.stringify({ problems, message, hint, subject, path });
}

describe('a secret is never told', () => {
  it.each([
    ['of a wrong type', { password: [SECRET] }],
    ['as a key', { password: { [SECRET]: 1 }, url: 5 }],
    ['beside other problems', { password: SECRET, usrename: 'x' }],
    ['in an address of a wrong kind', { url: `http://me:${SECRET}@broker` }],
  ])('%s', async (_what, uplink) => {
    expect(await said({ ...GOOD, uplink: { ...GOOD.uplink, ...uplink } })).not.toContain(SECRET);
  });

  it.each([
    ['a source', { type: 'mqtt', topic: 'a/{asset}', password: SECRET, qos: 7 }],
    ['a source without a type', { password: SECRET }],
    ['a source’s address', { type: 'mqtt', topic: 'a/{asset}', url: `https://me:${SECRET}@broker` }],
  ])('of %s', async (_what, source) => {
    expect(await said({ ...GOOD, sources: { rig: source } })).not.toContain(SECRET);
  });

  it.each([
    ['an alias', `password: *${SECRET}`],
    ['a tag', `password: !${SECRET}`],
    ['a block', `password: |${SECRET}`],
    ['a reserved character', `password: @${SECRET}`],
    ['a map', `password: ${SECRET}: x`],
    ['an open quote', `password: "${SECRET}`],
    ['an anchor', `password: &${SECRET} *${SECRET}`],
  ])('where it wanted quotes and looks like %s', async (_what, line) => {
    expect(await said(`site: lab\nuplink:\n  url: mqtt://broker\n  ${line}\n`)).not.toContain(SECRET);
  });

  it.each([
    ['of a wrong type', { EDGEWRIGHT__UPLINK__KEEPALIVE: SECRET }],
    ['given where a file is wanted', { EDGEWRIGHT__UPLINK__PASSWORD_FILE: SECRET }],
    ['under a misspelt name', { EDGEWRIGHT__UPLINK__PASWORD: SECRET }],
    ['under a path that is too long', { EDGEWRIGHT__UPLINK__PASSWORD__TEXT: SECRET }],
  ])('from the environment, %s', async (_what, env) => {
    expect(await said(GOOD, env)).not.toContain(SECRET);
  });
});

/** Names of the properties that a schema marks so that nobody shows them. */
function writeOnlyNames(schema: unknown, name = ''): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const own = 'writeOnly' in schema && schema.writeOnly === true ? [name] : [];
  return [...own, ...Object.entries(schema).flatMap(([key, child]) => writeOnlyNames(child, key))];
}

it('what the schema marks as secret is named like a secret, and is found by its name', () => {
  const names = writeOnlyNames(configJsonSchema());
  expect(names).toContain('password');
  expect(names.filter((name) => !isSecretName(name))).toEqual([]);
});

it.each(['tokenFile', 'keyFile', 'certificate', 'url', 'keepAcked', 'key'])('%s is no secret', (name) => {
  expect(isSecretName(name)).toBe(false);
});
