import { X509Certificate } from 'node:crypto';
import { readText } from '../core/index.ts';

/** What a file for TLS has in it. */
export interface PemBlock {
  /** What it calls itself: `CERTIFICATE`, `PRIVATE KEY`. */
  readonly label: string;
  readonly text: string;
}

/** What a file holds that is for TLS, or why it cannot be used and what to do about it. */
export type PemResult = { readonly blocks: readonly PemBlock[] } | { readonly problem: string; readonly hint: string };

const BLOCK = /-----BEGIN ([A-Z0-9 ]{1,40})-----((?:[^-]|-(?!----))*)-----END \1-----/g;
const FORM = 'Give it in PEM: text between -----BEGIN and -----END.';
/** DER of a PKCS#12 store: a sequence whose version is 3. Of other forms: the object that follows. */
const STORE_VERSION = '020103';
const SIGNED_DATA = '06092a864886f70d010702';
/** Of the ways to encrypt a key by a password (PKCS#5). */
const ENCRYPTION = '06092a864886f70d0105';
const JAVA_STORE = 'feedfeed';

/**
 * Takes a file for TLS apart: PEM with any text around it, in UTF-8 or UTF-16, with line ends of any kind; DER is
 * converted. Says what another file is.
 */
export function readPem(bytes: Uint8Array, file: string): PemResult {
  if (bytes.length === 0) return { problem: 'is empty', hint: FORM };
  const read = readText(bytes);
  const text = 'text' in read ? read.text : '';
  const blocks = Array.from(text.matchAll(BLOCK), ([, label = '', body = '']) => block(label, body));
  if (blocks.length > 0) return { blocks };
  if (/-----BEGIN /.test(text)) return { problem: 'has PEM that is damaged: a begin without its end', hint: FORM };
  return readDer(bytes, file);
}

function block(label: string, body: string): PemBlock {
  // Pasted text is often indented, and OpenSSL wants none of that.
  const lines = body.split(/\r\n|\r|\n/).map((line) => line.trim());
  return { label, text: `-----BEGIN ${label}-----\n${lines.join('\n').trim()}\n-----END ${label}-----\n` };
}

function readDer(bytes: Uint8Array, file: string): PemResult {
  const hex = Buffer.from(bytes.subarray(0, 40)).toString('hex');
  const content = contentOf(bytes);
  if (hex.startsWith(JAVA_STORE)) {
    return {
      problem: 'is a key store of Java (JKS)',
      hint: `Export it: keytool -importkeystore -srckeystore ${file} -destkeystore store.p12 -deststoretype PKCS12, then openssl pkcs12 -in store.p12 -out both.pem.`,
    };
  }
  if (content === undefined) return { problem: 'holds nothing in PEM, and is not DER', hint: FORM };
  if (content.startsWith(STORE_VERSION)) {
    return {
      problem: 'is a PKCS#12 store (.p12, .pfx), which holds certificate and key together',
      hint: `Take it apart: openssl pkcs12 -in ${file} -clcerts -nokeys -out cert.pem; openssl pkcs12 -in ${file} -nocerts -nodes -out key.pem.`,
    };
  }
  if (content.startsWith(SIGNED_DATA)) {
    return {
      problem: 'is a list of certificates in PKCS#7 (.p7b)',
      hint: `Convert it: openssl pkcs7 -inform DER -in ${file} -print_certs -out chain.pem.`,
    };
  }
  const label = labelOf(bytes, content);
  if (label !== undefined) return { blocks: [{ label, text: wrap(bytes, label) }] };
  return { problem: 'is DER, but neither a certificate nor a private key', hint: FORM };
}

/** The content of a DER sequence that fills the file, in hexadecimal, as far as it tells what it is. */
function contentOf(bytes: Uint8Array): string | undefined {
  const [tag, length = 0] = bytes;
  if (tag !== 0x30) return undefined;
  const header = length < 0x80 ? 2 : 2 + (length & 0x7f);
  return Buffer.from(bytes.subarray(header, header + 24)).toString('hex');
}

/** What DER would be called in PEM; undefined for something else. */
function labelOf(bytes: Uint8Array, content: string): string | undefined {
  // A version 1 and an octet string are a key of a curve; a version 0 and a number one of RSA.
  if (content.startsWith('02010104')) return 'EC PRIVATE KEY';
  if (content.startsWith('02010002')) return 'RSA PRIVATE KEY';
  if (content.startsWith('020100')) return 'PRIVATE KEY';
  if (content.slice(4).startsWith(ENCRYPTION)) return 'ENCRYPTED PRIVATE KEY';
  try {
    return new X509Certificate(bytes).raw.length > 0 ? 'CERTIFICATE' : undefined;
  } catch {
    return undefined;
  }
}

function wrap(bytes: Uint8Array, label: string): string {
  const lines =
    Buffer.from(bytes)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}
