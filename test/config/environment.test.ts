import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GOOD, good, load, problemsOf, temporaryFolder } from './support.ts';

async function secretFile(text: string | Uint8Array): Promise<string> {
  const file = join(await temporaryFolder(), 'secret');
  await writeFile(file, text);
  return file;
}

describe('the environment', () => {
  it('overrides what the file says, and leaves the rest', async () => {
    const config = await good(GOOD, {
      EDGEWRIGHT__UPLINK__URL: 'mqtt://other:1884',
      PATH: '/bin',
      EDGEWRIGHT_TOKEN: 'x',
    });
    expect(config.uplink?.url).toBe('mqtt://other:1884');
    expect(config).toMatchObject({ site: 'lab', device: 'gateway-1' });
  });

  it.each(['EDGEWRIGHT__OUTBOX__LOSSWINDOW', 'edgewright__outbox__losswindow', 'Edgewright__Outbox__lossWindow'])(
    'finds a key in any case: %s',
    async (variable) => {
      const config = await good(GOOD, { [variable]: '250ms' });
      expect(config.outbox.lossWindow).toBe(250);
    },
  );

  it('finds names that the file has in another case', async () => {
    const assets = { pumps: { tags: { TS1: { unit: 'degC' } } } };
    const config = await good({ ...GOOD, assets }, { EDGEWRIGHT__ASSETS__PUMPS__TAGS__TS1__SCALE: '0.1' });
    expect(config.assets['pumps']?.tags).toEqual({ TS1: { unit: 'degC', scale: 0.1, offset: 0 } });
  });

  it('gives numbers, booleans and lists where they are wanted', async () => {
    const config = await good(GOOD, {
      EDGEWRIGHT__HTTP__PORT: '0',
      EDGEWRIGHT__UPLINK__GZIP: 'false',
      EDGEWRIGHT__PIPELINES__ANOMALY__SOURCE: '[rig]',
      EDGEWRIGHT__SOURCES__RIG__ASSETS: '3',
    });
    expect(config).toMatchObject({ http: { port: 0 }, uplink: { gzip: false } });
    expect(config.pipelines['anomaly']?.source).toEqual(['rig']);
    expect(config.sources['rig']).toMatchObject({ assets: 3 });
  });

  it('takes either of two types', async () => {
    const recorded = { type: 'file', path: 'x', format: 'jsonl' };
    const speedOf = async (text: string) => {
      const config = await good({ ...GOOD, sources: { rig: recorded } }, { EDGEWRIGHT__SOURCES__RIG__SPEED: text });
      return config.sources['rig'];
    };
    expect(await speedOf('60')).toMatchObject({ speed: 60 });
    expect(await speedOf('max')).toMatchObject({ speed: 'max' });
    expect(await good(GOOD, { EDGEWRIGHT__UPLINK__VERSION: '5' })).toMatchObject({ uplink: { version: '5' } });
  });

  it('takes any text as it is where text is wanted', async () => {
    const texts = fc.oneof(
      fc.string({ minLength: 1 }),
      fc.constantFrom(
        '12345',
        '0x1f',
        'true',
        'null',
        '~',
        'a # b',
        '#a',
        '"quoted"',
        '{a: b}',
        '[a',
        '!secret',
        '*x',
        'a: b',
        ' x ',
      ),
    );
    await fc.assert(
      fc.asyncProperty(texts, async (text) => {
        expect((await good(GOOD, { EDGEWRIGHT__UPLINK__PASSWORD: text })).uplink?.password).toBe(text);
      }),
      { numRuns: 60 },
    );
  });

  it('makes new entries of a map', async () => {
    const config = await good(GOOD, {
      EDGEWRIGHT__SOURCES__LINE__TYPE: 'mqtt',
      EDGEWRIGHT__SOURCES__LINE__TOPIC: 'factory/{asset}/{tag}',
      EDGEWRIGHT__SOURCES__LINE__PASSWORD: '007',
      EDGEWRIGHT__SOURCES__LINE__MAXPAYLOAD: '64KiB',
    });
    expect(config.sources['line']).toMatchObject({
      topic: 'factory/{asset}/{tag}',
      password: '007',
      maxPayload: 65_536,
    });
  });

  it('gives a whole part as JSON, and single values of it besides, in any order', async () => {
    const whole = JSON.stringify({ type: 'mqtt', url: 'mqtt://plant', topic: 'a/{asset}' });
    for (const order of [1, -1]) {
      const entries = [
        ['EDGEWRIGHT__SOURCES__RIG__QOS', '0'],
        ['EDGEWRIGHT__SOURCES__RIG', whole],
      ] as const;
      const config = await good(GOOD, Object.fromEntries(order > 0 ? entries : entries.toReversed()));
      expect(config.sources['rig']).toMatchObject({ type: 'mqtt', url: 'mqtt://plant', qos: 0 });
    }
  });
});

describe('what is wrong with it is said with the variable', () => {
  it.each([
    ['an unknown key', 'EDGEWRIGHT__HTTP__PROT', '1', 'http.prot', 'config.unknown-key', 'Did you mean port?'],
    ['an unknown part', 'EDGEWRIGHT__UPLIK__URL', 'mqtt://x', 'uplik', 'config.unknown-key', 'Did you mean uplink?'],
    ['a wrong value', 'EDGEWRIGHT__HTTP__PORT', 'many', 'http.port', 'config.invalid-value', 'Change http.port'],
    ['nothing for a number', 'EDGEWRIGHT__HTTP__PORT', '', 'http.port', 'config.invalid-value', 'Change http.port'],
    ['a path below a value', 'EDGEWRIGHT__SITE__NAME', 'x', 'site', 'config.invalid-value', 'Change site'],
    ['no path', 'EDGEWRIGHT__', 'x', '', 'config.unknown-key', 'Known here'],
  ])('%s', async (_what, variable, value, path, code, hint) => {
    const [problem, ...others] = await problemsOf(GOOD, { [variable]: value });
    expect(others).toEqual([]);
    expect(problem).toMatchObject({ severity: 'error', path, code });
    expect(problem?.message).toContain(`(set by ${variable})`);
    expect(problem?.hint).toContain(hint);
  });

  it('but not with variables that have nothing to do with it', async () => {
    const problems = await problemsOf({ ...GOOD, http: { port: -1 } }, { EDGEWRIGHT__HTTP__HOST: '::1' });
    expect(problems[0]?.message).not.toContain('set by');
  });

  it('cannot reach what belongs to every object', async () => {
    const env = { EDGEWRIGHT__CONSTRUCTOR__NAME: 'x', EDGEWRIGHT__HTTP__TOSTRING: 'x' };
    const problems = await problemsOf(GOOD, env);
    expect(problems.map(({ path }) => path).sort()).toEqual(['constructor', 'http.tostring']);
  });
});

describe('a secret from a file', () => {
  it('is read without its line end, as text', async () => {
    const file = await secretFile('12345\n');
    const config = await good(GOOD, { EDGEWRIGHT__UPLINK__PASSWORD_FILE: file });
    expect(config.uplink?.password).toBe('12345');
  });

  it.each<[string, string | Uint8Array]>([
    ['a byte order mark', '\uFEFFs3cret'],
    ['the line end of Windows', 's3cret\r\n'],
    ['a carriage return', 's3cret\r'],
    ['several line ends', 's3cret\n\n'],
    ['UTF-16 of Notepad and PowerShell', Buffer.from('\uFEFFs3cret\r\n', 'utf16le')],
    ['UTF-16 the other way round', Buffer.from('\uFEFFs3cret', 'utf16le').swap16()],
  ])('is read without %s', async (_what, content) => {
    const { config, problems } = await load(GOOD, { EDGEWRIGHT__UPLINK__PASSWORD_FILE: await secretFile(content) });
    expect(problems).toEqual([]);
    expect(config?.uplink?.password).toBe('s3cret');
  });

  it('keeps what stands within, and says which blanks around it are left out', async () => {
    const variable = 'EDGEWRIGHT__UPLINK__PASSWORD_FILE';
    const { config, problems } = await load(GOOD, { [variable]: await secretFile(' pä ss#"w\t \n') });
    expect(config?.uplink?.password).toBe('pä ss#"w');
    expect(problems).toMatchObject([{ severity: 'warning', path: 'uplink.password', code: 'config.secret-blanks' }]);
    expect(JSON.stringify(problems)).not.toContain('ss#');
  });

  it.each<[string, string | Uint8Array, string]>([
    ['nothing', '', 'is empty'],
    ['a line end alone', '\r\n', 'is empty'],
    ['a mark alone', '\uFEFF', 'is empty'],
    ['two lines', 'user\ns3cret\n', 'has 2 lines'],
    ['old line ends', 'user\rs3cret', 'has 2 lines'],
    ['UTF-16 without its mark', Buffer.from('s3cret', 'utf16le'), 'UTF-16 without its mark'],
    ['a half of UTF-16', Buffer.from('\uFEFFs3cret', 'utf16le').subarray(0, 5), 'UTF-16'],
    ['Latin-1', Buffer.from('pässwort', 'latin1'), 'UTF-8'],
  ])('is refused where the file has %s', async (_what, content, says) => {
    const { config, problems } = await load(GOOD, { EDGEWRIGHT__UPLINK__PASSWORD_FILE: await secretFile(content) });
    expect(config).toBeUndefined();
    expect(problems).toMatchObject([{ severity: 'error', path: 'uplink.password', code: 'config.secret-unreadable' }]);
    expect(problems[0]?.message).toContain(says);
    expect(JSON.stringify(problems)).not.toContain('s3cret');
  });

  it('opens the key of the uplink and of a source', async () => {
    const config = await good(
      { ...GOOD, sources: { line: { type: 'mqtt', topic: 'a/{asset}', url: 'mqtts://b', tls: {} } }, pipelines: {} },
      {
        EDGEWRIGHT__UPLINK__TLS__PASSPHRASE_FILE: await secretFile('one\n'),
        EDGEWRIGHT__SOURCES__LINE__TLS__PASSPHRASE_FILE: await secretFile('two\n'),
      },
    );
    expect(config.uplink?.tls?.passphrase).toBe('one');
    expect(config.sources['line']).toMatchObject({ tls: { passphrase: 'two' } });
  });

  it('gives any value, not only passwords', async () => {
    const config = await good(GOOD, { EDGEWRIGHT__HTTP__PORT_FILE: await secretFile('8461') });
    expect(config.http.port).toBe(8461);
  });

  it.each([
    ['is not there', () => Promise.resolve('/nowhere/secret'), 'ENOENT'],
    ['is a folder', temporaryFolder, 'EISDIR'],
    ['is too large', () => secretFile('x'.repeat(100_000)), 'EFBIG'],
  ])('that %s is a problem beside the others', async (_what, file, code) => {
    const { config, problems } = await load(
      { ...GOOD, colour: 1 },
      { EDGEWRIGHT__UPLINK__PASSWORD_FILE: await file() },
    );
    expect(config).toBeUndefined();
    expect(problems.map((problem) => problem.code)).toEqual(['config.secret-unreadable', 'config.unknown-key']);
    expect(problems[0]).toMatchObject({ path: 'uplink.password', severity: 'error' });
    expect(problems[0]?.message).toContain('EDGEWRIGHT__UPLINK__PASSWORD_FILE');
    expect(problems[0]?.message).toContain(code);
  });
});
