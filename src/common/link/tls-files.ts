import { X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { isIP } from 'node:net';
import * as z from 'zod';
import { formatBytes, reasonOf } from '../core/index.ts';
import { badTls } from './errors.ts';
import { type PemBlock, readPem } from './pem.ts';
import { openKey } from './private-key.ts';
import { aboutRoots, type Complaint, misplaced, nameOf } from './tls-complaints.ts';
import type { TlsMaterial } from './types.ts';

/** The largest file for TLS. All the roots of the world together have a fifth of it. */
const MAX_BYTES = 1024 ** 2;

const protocol = z.string().min(1).max(255);

/** The schema of the files for TLS, for the configuration of whatever has a connection to a broker. */
export const tlsSchema = z
  .strictObject({
    ca: z
      .string()
      .min(1)
      .optional()
      .describe(
        'File of the CA that signed the broker, PEM or DER: its root, and with it any others; those of Node where absent.',
      ),
    cert: z
      .string()
      .min(1)
      .optional()
      .describe('File of this client’s certificate, PEM or DER, with its chain behind it; needs key.'),
    key: z.string().min(1).optional().describe('File of the private key, PEM or DER; needs cert.'),
    passphrase: z
      .string()
      .min(1)
      .max(1024)
      .optional()
      .describe('What opens the private key where it is encrypted; better through the environment.'),
    serverName: z
      .string()
      .min(1)
      .max(253)
      .refine((name) => isIP(name) === 0, 'must be a name, not an address')
      .optional()
      .describe(
        'Name that the broker is asked for and its certificate must have (SNI), where the url has another one, an address or a tunnel.',
      ),
    alpn: z
      .union([protocol, z.array(protocol).min(1).max(8)])
      .optional()
      .describe(
        'Protocol that is asked for in TLS (ALPN), where the broker has several on one port: mqtt, x-amzn-mqtt-ca.',
      ),
  })
  .describe('TLS, with an mqtts:// or wss:// url.');

/** TLS as configured: the paths of its files, and what is asked for. */
export type TlsFiles = z.output<typeof tlsSchema>;

/** Reads the files for TLS, and holds them against each other. Throws `link.bad-tls`, which names file and key. */
export function readTls(files: TlsFiles | undefined): TlsMaterial {
  if (files === undefined) return {};
  const { ca, cert, key, passphrase, serverName, alpn } = files;
  if ((cert === undefined) !== (key === undefined)) {
    const [given, missing] = cert === undefined ? ['key', 'cert'] : ['cert', 'key'];
    throw badTls('tls', `has ${given} without ${missing}`, { path: `tls.${missing}` });
  }
  if (passphrase !== undefined && key === undefined) {
    throw badTls('tls', 'has passphrase without key', { path: 'tls.passphrase' });
  }
  return {
    ...(ca === undefined ? {} : { ca: readCa(ca) }),
    ...(cert === undefined || key === undefined ? {} : readIdentity(cert, key, passphrase)),
    ...(serverName === undefined ? {} : { serverName }),
    ...(alpn === undefined ? {} : { alpn: [alpn].flat() }),
  };
}

const DAY_MS = 86_400_000;
/** Time before its end from which a certificate is warned of; of one that lasts less than nine weeks the last third. */
const ENDS_SOON_MS = 21 * DAY_MS;

/**
 * Says what is wrong with the dates of these certificates at `now` (ms since the epoch), if anything, or that one
 * ends within three weeks: for a warning alone, since a clock may be wrong. Of several CAs one that is valid will do.
 */
export function tlsDateProblem({ ca, cert }: TlsMaterial, now: number): string | undefined {
  const [ofCert] = cert === undefined ? [] : datesOf(cert, now).filter((message) => message !== undefined);
  if (ofCert !== undefined) return ofCert;
  const ofCa = ca === undefined ? [] : datesOf(ca, now);
  const [first] = ofCa;
  return ofCa.includes(undefined) ? undefined : first;
}

function datesOf(pem: Uint8Array, now: number): (string | undefined)[] {
  const read = readPem(pem, '');
  const blocks = 'blocks' in read ? read.blocks : [];
  return blocks.map(({ text }) => {
    const certificate = new X509Certificate(text);
    const { validFrom, validTo } = certificate;
    if (Date.parse(validTo) < now) return `the certificate of ${nameOf(certificate)} has expired on ${validTo}`;
    const left = Date.parse(validTo) - now;
    const days = Math.ceil(left / DAY_MS);
    if (left <= Math.min(ENDS_SOON_MS, (Date.parse(validTo) - Date.parse(validFrom)) / 3)) {
      return `the certificate of ${nameOf(certificate)} ends on ${validTo}, in ${days} ${days === 1 ? 'day' : 'days'}`;
    }
    if (Date.parse(validFrom) > now)
      return `the certificate of ${nameOf(certificate)} is not valid before ${validFrom}`;
    return undefined;
  });
}

function readCa(file: string): Buffer {
  const certificates = certificatesOf('ca', file, blocksOf('ca', file));
  const complaint = aboutRoots(certificates);
  if (complaint !== undefined) throw complain('ca', file, complaint);
  return join(certificates);
}

function readIdentity(certFile: string, keyFile: string, passphrase: string | undefined) {
  const certificates = certificatesOf('cert', certFile, blocksOf('cert', certFile));
  const opened = openKey(blocksOf('key', keyFile), keyFile, passphrase);
  if ('problem' in opened) throw complain(opened.key ?? 'key', keyFile, opened);
  const own = certificates.findIndex((certificate) => certificate.checkPrivateKey(opened.privateKey));
  if (own === -1) {
    throw complain('key', keyFile, {
      problem: `does not belong to the certificate of ${nameOf(certificates[0])} in ${certFile}`,
      hint: 'Give the key with which that certificate was asked for, or the certificate that was made for this key.',
    });
  }
  // The first one is shown as ours; the others are its chain.
  const [leaf] = certificates.splice(own, 1);
  return { cert: join(leaf === undefined ? certificates : [leaf, ...certificates]), key: Buffer.from(opened.pem) };
}

function join(certificates: readonly X509Certificate[]): Buffer {
  return Buffer.from(certificates.map(String).join(''));
}

function certificatesOf(key: 'ca' | 'cert', file: string, blocks: readonly PemBlock[]): X509Certificate[] {
  const held = blocks.filter(({ label }) => /^(TRUSTED |X509 )?CERTIFICATE$/.test(label));
  if (held.length === 0) throw complain(key, file, misplaced(key, blocks, file));
  return held.map(({ text }, index) => {
    try {
      return new X509Certificate(text);
    } catch (error) {
      const which = held.length === 1 ? 'certificate' : `certificate ${index + 1} of ${held.length}`;
      throw badTls(file, `its ${which} cannot be read: ${reasonOf(error)}`, { path: `tls.${key}`, cause: error });
    }
  });
}

function blocksOf(key: keyof TlsFiles, file: string): readonly PemBlock[] {
  const read = readPem(readBytes(key, file), file);
  if ('problem' in read) throw complain(key, file, read);
  return read.blocks;
}

function readBytes(key: keyof TlsFiles, file: string): Buffer {
  try {
    const { size } = statSync(file);
    if (size > MAX_BYTES) throw new Error(`it has ${formatBytes(size)}, at most ${formatBytes(MAX_BYTES)} are read`);
    return readFileSync(file);
  } catch (error) {
    throw badTls(file, reasonOf(error), { path: `tls.${key}`, cause: error });
  }
}

function complain(key: keyof TlsFiles, file: string, { problem, hint }: Complaint) {
  return badTls(file, problem, { path: `tls.${key}`, hint });
}
