import { execFileSync } from 'node:child_process';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { certificateRequest } from '../../src/common/trust/index.ts';
import { Authority, hasOpenssl } from '../support/certificates.ts';
import { newKey } from '../trust/support/keys.ts';
import { rootData, signedRoot } from '../trust/support/roots.ts';
import { check, configFile, temporaryFolder } from './support/cli.ts';
import { codeOf, program } from './support/program.ts';

const openssl = (...args: string[]) =>
  execFileSync('openssl', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

/** The configuration of lab/gateway-1, its folder, and a root. */
async function plant(version = 1) {
  const config = await configFile({});
  const root = join(await temporaryFolder(), 'root.json');
  await writeFile(root, signedRoot(rootData({}, { version })));
  return { config, root, identity: join(dirname(config), 'identity') };
}

const enroll = (config: string, ...options: string[]) => program('enroll', config, ...options, '--json');

describe.runIf(hasOpenssl)('enroll (skipped without openssl)', () => {
  it('makes a key for its owner alone, a request that OpenSSL verifies, and pins the root', async () => {
    const { config, root, identity } = await plant();
    const ended = await enroll(config, '--root', root);
    expect(ended.status).toBe(0);
    expect(ended.json()).toMatchObject({ name: 'lab/gateway-1', key: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect((await stat(join(identity, 'device.key'))).mode & 0o777).toBe(0o600);
    expect((await stat(identity)).mode & 0o777).toBe(0o700);
    const request = openssl(
      'req',
      '-verify',
      '-noout',
      '-subject',
      '-nameopt',
      'RFC2253',
      '-in',
      join(identity, 'device.csr'),
    );
    expect(request).toContain('CN=lab/gateway-1');
    expect(await readFile(join(identity, 'root.json'))).toEqual(await readFile(root));
  });

  it.each(['p256', 'p384', 'p521'] as const)(
    'requests for keys on %s and names of any length are verified',
    async (curve) => {
      for (const length of [1, 64, 129, 300]) {
        const file = join(await temporaryFolder(), 'a.csr');
        await writeFile(file, certificateRequest('x'.repeat(length), newKey(curve)));
        const request = openssl('req', '-verify', '-noout', '-in', file, '-subject', '-nameopt', 'RFC2253');
        expect(request).toContain(`CN=${'x'.repeat(length)}`);
      }
    },
  );

  it('takes the certificate that a CA made of the request, and the configuration that it prints passes check', async () => {
    const { config, root, identity } = await plant();
    await enroll(config, '--root', root);
    const authority = new Authority(await temporaryFolder());
    const cert = authority.signRequest(join(identity, 'device.csr'));
    const taken = await enroll(config, '--cert', cert);
    expect(taken.json()).toMatchObject({ files: { cert: 'identity/device.crt' }, ends: expect.stringMatching(/Z$/) });
    const shown = await program('enroll', config, '--cert', cert);
    expect(shown.stdout).toContain('cert: identity/device.crt');
    const tls = { ca: authority.ca, key: 'identity/device.key', cert: 'identity/device.crt' };
    const settings = JSON.parse(await readFile(config, 'utf8'));
    const complete = {
      ...settings,
      trust: { root: 'identity/root.json' },
      uplink: { url: 'mqtts://broker.example', tls },
    };
    await writeFile(config, JSON.stringify(complete));
    const { problems } = await check(config);
    expect(problems.filter(({ path }) => /^(uplink|trust)/.test(path))).toEqual([]);
  });

  it('keeps a key that is there, and refuses another root', async () => {
    const { config, root, identity } = await plant();
    const { key } = (await enroll(config, '--root', root)).json();
    const before = await readFile(join(identity, 'device.key'));
    expect((await enroll(config, '--root', root)).json().key).toBe(key);
    expect(await readFile(join(identity, 'device.key'))).toEqual(before);
    const other = await enroll(config, '--root', (await plant(2)).root);
    expect([other.status, codeOf(other)]).toEqual([2, 'keys.exists']);
    expect(await readFile(join(identity, 'root.json'))).toEqual(await readFile(root));
  });

  it('refuses a certificate for another key, for another name, one that has expired, and what is none', async () => {
    const { config, root, identity } = await plant();
    await enroll(config, '--root', root);
    const authority = new Authority(await temporaryFolder());
    const other = await plant();
    await enroll(other.config, '--root', other.root);
    const named = join(await temporaryFolder(), 'named.csr');
    openssl('req', '-new', '-key', join(identity, 'device.key'), '-subj', '/CN=lab\\/gateway-2', '-out', named);
    const certs = [
      authority.signRequest(join(other.identity, 'device.csr')),
      authority.signRequest(named),
      authority.signRequest(join(identity, 'device.csr'), -1),
      root,
    ];
    for (const cert of certs) {
      const ended = await enroll(config, '--cert', cert);
      expect([ended.status, codeOf(ended)]).toEqual([1, 'keys.bad-certificate']);
    }
    expect(await readdir(identity)).not.toContain('device.crt');
  });
});

it('enroll wants a root or a certificate, a root that its keys signed, and a configuration', async () => {
  const { config, identity } = await plant();
  expect(codeOf(await enroll(config))).toBe('cli.usage');
  const half = join(await temporaryFolder(), 'root.json');
  await writeFile(half, signedRoot(rootData(), ['alice']));
  expect(codeOf(await enroll(config, '--root', half))).toBe('trust.root-threshold');
  await expect(stat(identity)).rejects.toMatchObject({ code: 'ENOENT' });
  expect(codeOf(await enroll(join(identity, 'none.yaml'), '--root', half))).toBe('config.missing');
});
