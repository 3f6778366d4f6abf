import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { stringify } from 'yaml';
import * as z from 'zod';
import { parseAddress } from '../../src/common/core/index.ts';
import { loadSettings, redactLog, redactorOf, redactSettings, redactText } from '../../src/common/settings/index.ts';

const PRINTABLE = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i)).join('');
/** Begins and ends with what no text has by chance, so that what is left of it can be looked for. */
const secrets = fc
  .oneof(
    fc.constant(PRINTABLE),
    fc.string({ unit: fc.constantFrom(...PRINTABLE), maxLength: 24 }),
    fc.string({
      unit: fc.constantFrom('@', '"', "'", '#', '%', '\\', '/', '?', ':', '&', '=', ' ', 'ä', '€', '\u{1f511}'),
      maxLength: 12,
    }),
  )
  .map((middle) => `Xq7${middle}Zk9`);
/** Neither the secret nor its first or last half may be left. */
function expectGone(text: string): void {
  expect(text).not.toMatch(/Xq7|Zk9/);
}

const json = (text: string) => JSON.stringify(text).slice(1, -1);

describe('a secret of any printable characters', () => {
  it('is taken out of every form in which programs write it', () => {
    fc.assert(
      fc.property(secrets, (secret) => {
        const url = new URL('mqtt://me@broker');
        url.password = secret;
        const redact = redactorOf(redactSettings({ password: secret }).secrets);
        for (const form of [
          ...[secret, json(secret), json(json(secret)), inspect(secret), encodeURIComponent(secret), url.href],
          ...[encodeURIComponent(secret).toLowerCase().replace('xq7', 'Xq7').replace('zk9', 'Zk9')].filter(
            (lower) => lower === encodeURIComponent(secret),
          ),
          ...[
            new URLSearchParams({ token: secret }).toString(),
            stringify({ a: secret }),
            `{a: '${secret.replaceAll("'", "''")}'}`,
          ],
        ])
          expectGone(redact(`before ${form} after`).replaceAll('\n  ', ' '));
        expect(redact(Buffer.from(secret).toString('base64'))).toBe('[redacted]');
      }),
      { numRuns: 500 },
    );
  });

  it('is taken out of addresses, written rightly or not, and found elsewhere then', () => {
    fc.assert(
      fc.property(secrets, fc.constantFrom('mqtt', 'mqtts', 'ws', 'wss', 'http', 'socks5'), (secret, scheme) => {
        for (const written of [secret, encodeURIComponent(secret)]) {
          for (const url of [
            `${scheme}://me:${written}@broker:1883`,
            `${scheme}://${written}@broker/path`,
            `${scheme}://broker/mqtt?token=${written}`,
            `${scheme}://broker/mqtt?a=1&sig=${written}#end`,
          ]) {
            const { data, secrets: found } = redactSettings({ url, proxies: [url] });
            expectGone(JSON.stringify(data));
            if (written !== secret) expect(JSON.stringify(data)).toContain('broker');
            // What an unescaped & or # cuts apart nobody can know to be one secret.
            if (url.includes('?') && written === secret) continue;
            expectGone(redactorOf(found)(`the password ${secret} was refused`));
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  it('is taken out of a log: lines of JSON by their keys, and text by what looks like a secret', () => {
    fc.assert(
      fc.property(secrets, (secret) => {
        const address = `mqtt://me:${secret}@broker`;
        const coded = `wss://me:${encodeURIComponent(secret)}@broker/mqtt?token=${encodeURIComponent(secret)}`;
        const log = [
          JSON.stringify({ msg: 'refused', url: address, deep: { apiKey: secret, list: [coded] } }),
          `connecting to ${coded} failed`,
          `password: ${secret}`,
          `EDGEWRIGHT__UPLINK__PASSWORD=${secret}`,
          stringify({ uplink: { password: secret, url: coded } }, { lineWidth: 0 }).split('\n')[1],
        ].join('\n');
        expectGone(redactLog(log));
        expect(redactLog(log)).toContain('"msg":"refused"');
      }),
      { numRuns: 300 },
    );
  });

  it('an address that could be read in two ways is none, and its reason quotes nothing of it', () => {
    fc.assert(
      fc.property(secrets, (secret) => {
        const raw = parseAddress(`mqtt://me:${secret}@broker:1883`);
        if ('problem' in raw) expectGone(raw.problem);
        else
          expect([raw.host, raw.password && encodeURIComponent(raw.password)]).toEqual([
            'broker:1883',
            expect.anything(),
          ]);
        const coded = parseAddress(`mqtt://m%40e:${encodeURIComponent(secret)}@broker:1883/x?y=1`);
        expect(coded).toMatchObject({ host: 'broker:1883', username: 'm@e', password: secret, path: '/x?y=1' });
      }),
      { numRuns: 1_000 },
    );
  });

  it.each([
    ['mqtt://me:12#34@broker', '%23'],
    ['mqtt://me:12/34@broker', '%2F'],
    ['mqtt://me:12?34@broker', '%3F'],
    ['mqtt://me:100%@broker', '%25'],
    ['mqtt://me:1%zz@broker', '%25'],
    ['mqtt://me:1 2@broker', '%20'],
  ])('%s is no address: write %s', (url, wanted) => {
    expect(parseAddress(url)).toEqual({ problem: expect.stringContaining(wanted) });
  });

  it('a raw @ or quote in a password is the password’s', () => {
    expect(parseAddress('mqtt://me:p@s"s\'@broker')).toMatchObject({ host: 'broker', password: 'p@s"s\'' });
    expect(parseAddress('ws://me:p\\s@broker')).toMatchObject({ host: 'broker', password: 'p\\s' });
  });
});

it('a private key is taken out, in a file and in a line of JSON', () => {
  const pem = '-----BEGIN EC PRIVATE KEY-----\nXq7abc\nZk9def==\n-----END EC PRIVATE KEY-----';
  expectGone(redactText(pem));
  expectGone(redactLog(JSON.stringify({ note: pem })));
});

describe('the secrets of a configuration that is wrong', () => {
  const DEFINITION = {
    schema: z.strictObject({ uplink: z.strictObject({ url: z.string(), password: z.string() }) }),
    standIns: {},
    paths: [],
    referenceProblems: () => [],
  };

  async function secretsOf(text: string, env: NodeJS.ProcessEnv = {}): Promise<readonly string[]> {
    const folder = await mkdtemp(join(tmpdir(), 'redaction-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    await writeFile(join(folder, 'a.yaml'), text);
    const { config, secrets: found } = await loadSettings(join(folder, 'a.yaml'), env, DEFINITION);
    expect(config).toBeUndefined();
    return found;
  }

  it.each([
    ['of a wrong type', 'uplink: { url: 5, password: [Xq7secret] }'],
    ['as a key', 'uplink: { password: { Xq7secret: 1 } }'],
    ['of several lines', 'uplink:\n  password: |\n    Xq7secret\n    more\n'],
    ['quoted over lines', 'uplink:\n  password: "Xq7\\\n    secret"\n'],
    ['in a file that is no YAML', 'uplink:\n  password: "Xq7secret" # mine\n  url: [\n'],
    ['single-quoted in a file that is no YAML', "uplink:\n  password: 'Xq7secret'\n  url: [\n"],
  ])('are known: %s', async (_, text) => {
    expect(redactorOf(await secretsOf(text))('said Xq7secret')).toBe('said [redacted]');
  });

  it('are known from the environment, too, under a misspelt name and where the file is no YAML', async () => {
    const env = { EDGEWRIGHT__UPLINK__PASSWORD: 'Xq7secret', EDGEWRIGHT__UPLNK__TOKEN: 'Xq7other' };
    for (const text of ['uplink: [', 'uplink: { url: 5 }']) {
      expect(redactorOf(await secretsOf(text, env))('Xq7secret Xq7other')).toBe('[redacted] [redacted]');
    }
  });
});
