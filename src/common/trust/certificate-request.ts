import type { CurveName, PrivateKey } from './keys.ts';

const SEQUENCE = 0x30;
const SET = 0x31;
const INTEGER = 0x02;
const BIT_STRING = 0x03;
const UTF8_STRING = 0x0c;
/** The attributes of a request, of which there are none. */
const NO_ATTRIBUTES = Buffer.from([0xa0, 0x00]);

/** Object identifiers with tag and length. */
const COMMON_NAME = Buffer.from('0603550403', 'hex');
const ECDSA_WITH: Readonly<Record<CurveName, Buffer>> = {
  p256: Buffer.from('06082a8648ce3d040302', 'hex'),
  p384: Buffer.from('06082a8648ce3d040303', 'hex'),
  p521: Buffer.from('06082a8648ce3d040304', 'hex'),
};

/** Makes a certificate request (PKCS#10) for a key, as PEM; its subject is a common name alone. */
export function certificateRequest(commonName: string, key: PrivateKey): string {
  const { pem, curve } = key.publicKey;
  const name = element(
    SEQUENCE,
    element(SET, element(SEQUENCE, COMMON_NAME, element(UTF8_STRING, Buffer.from(commonName)))),
  );
  const info = element(SEQUENCE, element(INTEGER, Buffer.from([0])), name, derOf(pem), NO_ATTRIBUTES);
  const signature = element(BIT_STRING, Buffer.from([0]), key.sign(info));
  return pemOf(element(SEQUENCE, info, element(SEQUENCE, ECDSA_WITH[curve]), signature));
}

/** A DER element: tag, length, contents. */
function element(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(contents);
  return Buffer.concat([Buffer.from([tag, ...lengthOf(content.length)]), content]);
}

function lengthOf(length: number): number[] {
  if (length < 0x80) return [length];
  return length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
}

function derOf(pem: string): Buffer {
  return Buffer.from(pem.replace(/-----[^-]+-----/g, ''), 'base64');
}

function pemOf(der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE REQUEST-----', ...lines, '-----END CERTIFICATE REQUEST-----', ''].join('\n');
}
