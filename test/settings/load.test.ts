import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import * as z from 'zod';
import { loadSettings, redactorOf, redactSettings, requireSettings } from '../../src/common/settings/index.ts';

/** A program that is no gateway. */
const DEFINITION = {
  schema: z.strictObject({
    title: z.string(),
    store: z.strictObject({ path: z.string().prefault('data'), key: z.string().optional() }).prefault({}),
    broker: z.strictObject({ url: z.string(), password: z.string().optional() }).optional(),
    sites: z.record(z.string(), z.strictObject({ zone: z.string() })).default({}),
  }),
  standIns: { title: 'title' },
  paths: ['store.path'],
  referenceProblems: ({ sites, broker }: Readonly<Record<string, unknown>>) =>
    sites === undefined || broker !== undefined
      ? []
      : [
          {
            severity: 'warning',
            path: 'sites',
            code: 'config.unused-sites',
            message: 'no broker',
            hint: 'Add one.',
          } as const,
        ],
};

async function file(text: string | Uint8Array): Promise<{ readonly folder: string; readonly path: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'edgewright-settings-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, 'program.yaml');
  await writeFile(path, text);
  return { folder, path };
}

it('reads the file of any program, with the environment, defaults and absolute paths', async () => {
  const { folder, path } = await file('title: plant\nbroker: {url: mqtt://broker}\n');
  const env = { EDGEWRIGHT__BROKER__PASSWORD: '12345', EDGEWRIGHT__SITES__LAB__ZONE: 'UTC' };
  const { config, problems } = await loadSettings(path, env, DEFINITION);
  expect(problems).toEqual([]);
  expect(config).toEqual({
    file: path,
    title: 'plant',
    store: { path: join(folder, 'data') },
    broker: { url: 'mqtt://broker', password: '12345' },
    sites: { lab: { zone: 'UTC' } },
  });
  expect(Object.isFrozen(config?.sites['lab'])).toBe(true);
});

it('finds every problem at once: of the schema, behind a missing key, and of references', async () => {
  const { path } = await file('store: {pth: x}\nsites: {lab: {}}\n');
  const { config, rest, problems } = await loadSettings(path, {}, DEFINITION);
  expect(problems.map(({ path: at, code }) => [at, code])).toEqual([
    ['title', 'config.missing-key'],
    ['store.pth', 'config.unknown-key'],
    ['sites.lab.zone', 'config.missing-key'],
    ['sites', 'config.unused-sites'],
  ]);
  expect(config).toBeUndefined();
  expect(rest).toMatchObject({ title: 'title', store: { path: expect.any(String) } });
});

it('ends a command that cannot go on with one error that lists the problems', async () => {
  const { path } = await file('title: 5\nstore: {pth: x}\n');
  await expect(requireSettings(path, {}, DEFINITION)).rejects.toMatchObject({
    code: 'config.invalid',
    kind: { exit: 2 },
    message: expect.stringMatching(/2 problem\(s\)\n {2}title: .*\n {2}store.pth: unknown key/),
  });
});

it('takes secrets out of the configuration, and of any text in which they turn up', () => {
  const { data, secrets } = redactSettings({ url: 'mqtt://me:pa%20ss@broker', password: 'pa"ss', tokenFile: 'token' });
  expect(data).toEqual({ url: 'mqtt://[redacted]@broker', password: '[redacted]', tokenFile: 'token' });
  const redact = redactorOf([...secrets, 'abc']);
  expect(redact(`pa ss, ${JSON.stringify('pa"ss')}, pa%20ss and abc`)).toBe(
    '[redacted], "[redacted]", [redacted] and abc',
  );
});

it.each<[string, string | Uint8Array]>([
  ['a byte order mark', '\uFEFFtitle: hub\r\n'],
  ['UTF-16 as PowerShell writes it', Buffer.from('\uFEFFtitle: hub\r\n', 'utf16le')],
])('reads a file with %s', async (_what, content) => {
  const { path } = await file(content);
  expect((await loadSettings(path, {}, DEFINITION)).config).toMatchObject({ title: 'hub' });
});

it('refuses a file that is no text, rather than read something else', async () => {
  for (const content of [Buffer.from('title: hüb', 'latin1'), Buffer.from('title: hub', 'utf16le')]) {
    const { path } = await file(content);
    await expect(loadSettings(path, {}, DEFINITION)).rejects.toMatchObject({
      code: 'config.missing',
      hint: expect.stringContaining('UTF-8'),
    });
  }
});
