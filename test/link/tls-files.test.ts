import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EdgewrightError } from '../../src/common/core/index.ts';
import { checkAddress, readTls, type TlsFiles, tlsDateProblem, tlsSchema } from '../../src/common/link/index.ts';
import { Authority, type Certificate, hasOpenssl, openssl } from '../support/certificates.ts';

const PASSPHRASE = 'correct horse';

describe.skipIf(!hasOpenssl)('files for TLS (skipped without openssl)', () => {
  let folder: string;
  let root: Authority;
  let middle: Authority;
  let client: Certificate;
  let other: Certificate;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'tls-files-'));
    root = new Authority(folder);
    middle = root.intermediate('middle');
    client = middle.sign('client');
    other = root.sign('other');
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const made = (name: string, content: string | Uint8Array) => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  /** A file that openssl makes of its arguments. */
  const converted = (name: string, command: string, ...args: string[]) => {
    openssl([command, '-out', join(folder, name), ...args]);
    return join(folder, name);
  };
  const text = (file: string) => readFileSync(file, 'utf8');
  const take = (files: TlsFiles) => checkAddress('mqtts://broker', readTls(tlsSchema.parse(files)));
  function refusal(files: TlsFiles) {
    try {
      take(files);
    } catch (error) {
      if (error instanceof EdgewrightError)
        return { code: error.code, path: error.path, text: error.message, hint: error.hint };
      throw error;
    }
    throw new Error('was taken');
  }

  it.each<[string, (pem: string) => string | Uint8Array]>([
    ['as it is', (pem) => pem],
    ['with text before it and between', (pem) => `Bag Attributes\n    friendlyName: x\n${pem}\n# and\n`],
    ['with CRLF', (pem) => pem.replaceAll('\n', '\r\n')],
    ['with a byte order mark', (pem) => `\uFEFF${pem}`],
    ['in UTF-16, as PowerShell writes it', (pem) => Buffer.from(`\uFEFF${pem}`, 'utf16le')],
    ['indented, as it is pasted into YAML', (pem) => pem.replaceAll(/^/gm, '    ')],
    ['without its last line end', (pem) => pem.trimEnd()],
  ])('are read in PEM %s', (_how, change) => {
    const ca = made('changed-ca.pem', change(text(root.ca)));
    const cert = made('changed-cert.pem', change(text(client.cert)));
    const key = made('changed-key.pem', change(text(client.key)));
    expect(() => take({ ca, cert, key })).not.toThrow();
  });

  it('are read in DER, certificate and keys of each kind', () => {
    const ca = converted('ca.der', 'x509', '-in', root.ca, '-outform', 'DER');
    const cert = converted('client.der', 'x509', '-in', client.cert, '-outform', 'DER');
    const keys = [
      converted('sec1.der', 'ec', '-in', client.key, '-outform', 'DER'),
      converted('pkcs8.der', 'pkcs8', '-topk8', '-nocrypt', '-in', client.key, '-outform', 'DER'),
    ];
    for (const key of keys) expect(() => take({ ca, cert, key })).not.toThrow();
    expect(readTls({ ca }).ca?.toString()).toContain('-----BEGIN CERTIFICATE-----');
    const rsa = converted('rsa.pem', 'genrsa', '-traditional', '2048');
    const rsaDer = converted('rsa.der', 'rsa', '-in', rsa, '-traditional', '-outform', 'DER');
    expect(refusal({ cert, key: rsaDer }).text).toContain('does not belong to');
  });

  it('may have several CAs, and ours with its chain in any order, key and certificate in one', () => {
    const ca = made('both-cas.pem', text(middle.ca) + text(root.ca));
    const cert = made('chain.pem', text(middle.ca) + text(client.cert));
    expect(() => take({ ca, cert, key: client.key })).not.toThrow();
    expect(readTls({ cert, key: client.key }).cert?.toString()).toBe(text(client.cert) + text(middle.ca));
    const both = made('both.pem', text(client.key) + text(client.cert));
    expect(() => take({ cert: both, key: both })).not.toThrow();
  });

  it('are refused where only the intermediate CA is there, which says whose certificate is missing', () => {
    expect(refusal({ ca: middle.ca })).toMatchObject({
      code: 'link.bad-tls',
      path: 'tls.ca',
      text: expect.stringMatching(/the root is missing: CN=middle is an intermediate CA, not self-signed.*CN=Test CA/),
      hint: expect.stringContaining('CN=Test CA'),
    });
    expect(refusal({ ca: client.cert }).text).toContain('CN=client is no CA, and CN=middle, which signed it');
  });

  it('are refused by the name of what they are', () => {
    const { cert, key } = client;
    const store = converted('client.p12', 'pkcs12', '-export', '-in', cert, '-inkey', key, '-passout', 'pass:x');
    const list = converted('chain.p7b', 'crl2pkcs7', '-nocrl', '-certfile', cert, '-outform', 'DER');
    const listPem = converted('chain.p7.pem', 'crl2pkcs7', '-nocrl', '-certfile', cert);
    const request = join(folder, 'client.csr');
    const cases: [TlsFiles, string, string, string][] = [
      [{ ca: store }, 'tls.ca', 'PKCS#12', 'openssl pkcs12 -in'],
      [{ cert: store, key }, 'tls.cert', 'PKCS#12', '-nokeys'],
      [{ cert, key: store }, 'tls.key', 'PKCS#12', '-nocerts'],
      [{ ca: list }, 'tls.ca', 'PKCS#7', 'openssl pkcs7 -inform DER'],
      [{ ca: listPem }, 'tls.ca', 'PKCS#7', 'openssl pkcs7 -in'],
      [{ ca: key }, 'tls.ca', 'a private key and no certificate', 'tls.key'],
      [{ cert: key, key }, 'tls.cert', 'a private key and no certificate', 'tls.cert'],
      [{ cert, key: cert }, 'tls.key', 'a certificate in the place of the private key', 'tls.key'],
      [{ cert: request, key }, 'tls.cert', 'CSR', 'the CA made of it'],
      [{ cert, key: other.key }, 'tls.key', 'does not belong to the certificate of CN=client', 'the key with which'],
      [{ ca: made('empty.pem', '') }, 'tls.ca', 'is empty', 'PEM'],
      [{ ca: made('page.pem', '<html>') }, 'tls.ca', 'nothing in PEM', 'PEM'],
      [{ ca: made('cut.pem', text(root.ca).slice(0, 200)) }, 'tls.ca', 'damaged', 'PEM'],
      [{ ca: made('store.jks', Buffer.from('feedfeed00000002', 'hex')) }, 'tls.ca', 'Java', 'keytool'],
      [{ ca: made('zero.pem', Buffer.alloc(64)) }, 'tls.ca', 'nothing in PEM', 'PEM'],
      [
        { ca: made('mixed.pem', `${text(root.ca)}-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n`) },
        'tls.ca',
        'its certificate 2 of 2 cannot be read',
        '',
      ],
      [{ ca: join(folder, 'nowhere') }, 'tls.ca', 'no such file', ''],
      [{ ca: folder }, 'tls.ca', 'directory', ''],
      [{ ca: made('long.pem', Buffer.alloc(1024 ** 2 + 1)) }, 'tls.ca', 'at most 1.0 MiB', ''],
      [{ cert }, 'tls.key', 'cert without key', ''],
      [{ passphrase: 'x' }, 'tls.passphrase', 'passphrase without key', ''],
    ];
    for (const [files, path, says, hint] of cases) {
      const error = refusal(files);
      expect({ ...error, text: error.text.toLowerCase() }).toMatchObject({
        code: 'link.bad-tls',
        path,
        text: expect.stringContaining(says.toLowerCase()),
        hint: expect.stringContaining(hint),
      });
    }
  });

  it('an encrypted key asks for its passphrase, takes it, and names a wrong one', () => {
    const pass = `pass:${PASSPHRASE}`;
    const keys = [
      converted('pkcs8.enc', 'pkcs8', '-topk8', '-in', client.key, '-passout', pass),
      converted('pkcs8.enc.der', 'pkcs8', '-topk8', '-in', client.key, '-outform', 'DER', '-passout', pass),
      converted('traditional.enc', 'ec', '-in', client.key, '-aes256', '-passout', pass),
    ];
    for (const key of keys) {
      const files = { cert: client.cert, key };
      expect(() => take({ ...files, passphrase: PASSPHRASE })).not.toThrow();
      expect(refusal(files)).toMatchObject({
        path: 'tls.passphrase',
        text: expect.stringContaining('is encrypted, and there is no passphrase'),
        hint: expect.stringContaining('PASSPHRASE_FILE'),
      });
      const wrong = refusal({ ...files, passphrase: 'wrong secret' });
      expect(wrong).toMatchObject({
        path: 'tls.passphrase',
        text: expect.stringContaining('is not opened by the passphrase'),
      });
      expect(JSON.stringify(wrong)).not.toContain('wrong secret');
    }
  });

  it('say by their dates what has expired, and when, of several CAs where none is valid', () => {
    const late = root.sign('late', -1);
    const expired = readTls({ cert: late.cert, key: late.key });
    expect(tlsDateProblem(expired, Date.now())).toMatch(/CN=late has expired on \w+ +\d+ .* GMT/);
    const later = Date.now() + 100 * 86_400_000;
    expect(tlsDateProblem(readTls({ ca: root.ca }), later)).toContain('CN=Test CA has expired on');
    expect(tlsDateProblem(readTls({ ca: root.ca }), Date.now())).toBeUndefined();
    expect(tlsDateProblem(readTls({ ca: root.ca }), Date.now() - 86_400_000)).toContain('is not valid before');
  });

  it('asks for a name and protocols, of which an address is none', () => {
    expect(readTls(tlsSchema.parse({ serverName: 'broker.plant', alpn: 'mqtt' }))).toEqual({
      serverName: 'broker.plant',
      alpn: ['mqtt'],
    });
    expect(readTls(tlsSchema.parse({ alpn: ['a', 'b'] })).alpn).toEqual(['a', 'b']);
    expect(tlsSchema.safeParse({ serverName: '10.0.0.1' }).success).toBe(false);
  });
});
