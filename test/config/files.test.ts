import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/device/config/index.ts';
import { configFile, GOOD, good, problemsOf, temporaryFolder } from './support.ts';

describe('a file that cannot be read is an error of the command', () => {
  it.each([
    ['that is not there', 'nowhere.yaml'],
    ['that is a folder', '.'],
  ])('%s', async (_what, name) => {
    const file = join(await temporaryFolder(), name);
    await expect(loadConfig(file, {})).rejects.toMatchObject({ code: 'config.missing', kind: { exit: 2 } });
  });

  it('that is too large, before it is read', async () => {
    const file = await configFile('#'.repeat(1024 ** 2 + 1));
    await expect(loadConfig(file, {})).rejects.toMatchObject({ code: 'config.too-large', kind: { exit: 2 } });
  });
});

/** Each alias doubles what stands before. */
const bomb = ['a0: &a0 [x, x]', ...Array.from({ length: 30 }, (_, i) => `a${i + 1}: &a${i + 1} [*a${i}, *a${i}]`)].join(
  '\n',
);

describe('text that is no YAML map is a problem of the file', () => {
  it.each([
    ['an open brace', 'site: lab\nsources: {rig: {', /line 2, column/],
    ['a tab', 'http:\n\tport: 1', /Tabs .* line 2, column 1/],
    ['a key twice', 'site: lab\nsite: other', /unique at line 2, column 1/],
    ['a key twice below', 'http:\n  port: 1\n  port: 2', /unique at line 3/],
    ['two documents', 'site: lab\n---\nsite: other', /multiple documents/],
    ['a list', '- site\n- device', /not a map/],
    ['text', 'site', /not a map/],
    ['nothing', '', /not a map/],
    ['an alias without an anchor', 'site: *lab', /Unresolved alias/],
    ['aliases that multiply', bomb, /alias/],
    ['a tag that means nothing', 'site: !plant lab', /Unresolved tag at line 1/],
  ])('%s', async (_what, text, message) => {
    const problems = await problemsOf(text);
    expect(problems).toEqual([
      expect.objectContaining({
        severity: 'error',
        path: '',
        code: 'config.not-yaml',
        message: expect.stringMatching(message),
      }),
    ]);
    expect(problems[0]?.hint).not.toBe('');
  });

  it('each fault of it at once, within a bound', async () => {
    expect(await problemsOf('a: 1\na: 2\nb: 1\nb: 2')).toHaveLength(2);
    const many = Array.from({ length: 500 }, () => 'a: 1').join('\n');
    expect((await problemsOf(many)).length).toBeLessThan(50);
  });
});

describe('paths', () => {
  it('are relative to the file, wherever the program runs', async () => {
    const file = await configFile({
      ...GOOD,
      sources: { rig: { type: 'file', path: '../data', format: 'jsonl' } },
      http: { tokenFile: 'secrets/token' },
      outbox: { path: './outbox' },
      state: { path: '/var/lib/edgewright' },
    });
    const { config } = await loadConfig(file, {});
    const folder = dirname(file);
    expect(config).toMatchObject({
      file,
      sources: { rig: { path: join(dirname(folder), 'data') } },
      pipelines: { anomaly: { model: join(folder, 'models/anomaly') } },
      http: { tokenFile: join(folder, 'secrets/token') },
      outbox: { path: join(folder, 'outbox') },
      state: { path: '/var/lib/edgewright' },
    });
  });

  it('by default too', async () => {
    const config = await good(GOOD);
    expect(config.outbox.path).toBe(join(dirname(config.file), 'data'));
  });

  it('and so is one that the environment gives', async () => {
    const config = await good(GOOD, { EDGEWRIGHT__OUTBOX__PATH: 'elsewhere' });
    expect(config.outbox.path).toBe(join(dirname(config.file), 'elsewhere'));
  });

  it('hold for a configuration that is named by a relative path itself', async () => {
    const folder = await temporaryFolder();
    await mkdir(join(folder, 'sub'));
    await writeFile(join(folder, 'sub/gateway.yaml'), JSON.stringify(GOOD));
    const before = process.cwd();
    process.chdir(folder);
    try {
      const { config } = await loadConfig('sub/gateway.yaml', {});
      expect(config?.pipelines['anomaly']?.model).toBe(join(process.cwd(), 'sub/models/anomaly'));
    } finally {
      process.chdir(before);
    }
  });
});
