import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CURVE_NAMES, generateKey, readPrivateKey, readPublicKey } from '../../src/common/trust/index.ts';
import { newKey } from './support/keys.ts';

const DATA = Buffer.from('what is signed');
const SPKI = { type: 'spki', format: 'pem' } as const;
const ecPublic = (namedCurve: string, extra: object = {}): string =>
  generateKeyPairSync('ec', { namedCurve, ...extra })
    .publicKey.export(SPKI)
    .toString();

/** A P-256 key whose point is compressed: 26 bytes of algorithm, then 02 or 03 and x. */
function compressed(pem: string): string {
  const der = Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ''), 'base64');
  const point = der.subarray(der.length - 65);
  const short = Buffer.concat([Buffer.from([(point.at(-1) ?? 0) % 2 === 0 ? 2 : 3]), point.subarray(1, 33)]);
  const spki = Buffer.concat([Buffer.from('3039301306072a8648ce3d020106082a8648ce3d030107032200', 'hex'), short]);
  return `-----BEGIN PUBLIC KEY-----\n${spki.toString('base64')}\n-----END PUBLIC KEY-----\n`;
}

describe.each(CURVE_NAMES)('a key on %s', (curve) => {
  const { key, pub } = generateKey(curve);

  it('signs what its public key verifies, and nothing else does', () => {
    const signature = readPrivateKey(key, 'key').sign(DATA);
    const publicKey = readPublicKey(pub, 'key');
    expect(publicKey.verifies(DATA, signature)).toBe(true);
    expect(publicKey.verifies(Buffer.from('another'), signature)).toBe(false);
    expect(newKey(curve).publicKey.verifies(DATA, signature)).toBe(false);
  });

  it('has one name, however its text is written', () => {
    const { id, hint } = readPublicKey(pub, 'key');
    expect(readPrivateKey(key, 'key').publicKey).toMatchObject({ id, hint, curve });
    expect(readPublicKey(`\n${pub.replaceAll('\n', '\r\n')}`, 'key')).toMatchObject({ id, hint });
  });

  it('is encrypted by a passphrase, and opens with no other', () => {
    const { key: encrypted, pub: itsPub } = generateKey(curve, 'secret');
    expect(readPrivateKey(encrypted, 'key', 'secret').publicKey.pem).toBe(itsPub);
    for (const passphrase of [undefined, '', 'other']) {
      expect(() => readPrivateKey(encrypted, 'key', passphrase)).toThrow(
        expect.objectContaining({ code: 'trust.passphrase' }),
      );
    }
  });
});

it('a private key that OpenSSL wrote as SEC1 is read, too', () => {
  const { key, pub } = generateKey('p256');
  const sec1 = createPrivateKey(key).export({ type: 'sec1', format: 'pem' }).toString();
  expect(readPrivateKey(sec1, 'key').publicKey.pem).toBe(pub);
});

it.each([
  ['Ed25519', generateKeyPairSync('ed25519').publicKey.export(SPKI).toString()],
  ['RSA', generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export(SPKI).toString()],
  ['another curve', ecPublic('secp256k1')],
  ['parameters of its own', ecPublic('prime256v1', { paramEncoding: 'explicit' })],
  ['a compressed point, a second name for the same key', compressed(generateKey('p256').pub)],
  ['a private key', generateKey('p256').key],
  ['two keys', generateKey('p256').pub + generateKey('p256').pub],
  ['half a key', generateKey('p256').pub.slice(0, 80)],
  ['text that is endless', 'x'.repeat(1e6)],
  ['nothing', ''],
])('a public key that is %s is refused', (_what, pem) => {
  expect(() => readPublicKey(pem, 'root.pub')).toThrow(
    expect.objectContaining({ code: 'trust.key-invalid', subject: 'root.pub' }),
  );
});

it.each([
  ['Ed25519', generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()],
  ['a public key', generateKey('p256').pub],
  ['no key', 'hello'],
])('a private key that is %s is refused', (_what, pem) => {
  expect(() => readPrivateKey(pem, 'a.key')).toThrow(expect.objectContaining({ code: 'trust.key-invalid' }));
});

it('a signature of any bytes is told to be none, without an exception', () => {
  const { publicKey } = newKey();
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (sig) => publicKey.verifies(DATA, sig) === false));
});
