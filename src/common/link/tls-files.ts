import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { reasonOf } from '../core/index.ts';
import { badTls } from './errors.ts';
import type { TlsMaterial } from './types.ts';

/** The schema of the files for TLS, for the configuration of whatever has a connection to a broker. */
export const tlsSchema = z
  .strictObject({
    ca: z.string().min(1).optional().describe('PEM file of the CA that signed the broker; those of Node where absent.'),
    cert: z.string().min(1).optional().describe('PEM file of this client’s certificate, with its chain; needs key.'),
    key: z.string().min(1).optional().describe('PEM file of the private key, without a passphrase; needs cert.'),
  })
  .describe('Files for TLS, with an mqtts:// or wss:// url.');

/** The paths of the files for TLS, as configured. */
export type TlsFiles = z.output<typeof tlsSchema>;

/** Reads the files for TLS. Throws `link.bad-tls`, which names the file. */
export function readTls(files: TlsFiles | undefined): TlsMaterial {
  if (files === undefined) return {};
  const { ca, cert, key } = files;
  if ((cert === undefined) !== (key === undefined)) {
    const [given, missing] = cert === undefined ? ['key', 'cert'] : ['cert', 'key'];
    throw badTls('tls', `has ${given} without ${missing}`, { path: `tls.${missing}` });
  }
  return {
    ...(ca === undefined ? {} : { ca: certificates('ca', ca) }),
    ...(cert === undefined ? {} : { cert: certificates('cert', cert) }),
    ...(key === undefined ? {} : { key: read('key', key) }),
  };
}

const DAY_MS = 86_400_000;
/** Time before its end from which a certificate is warned of; of one that lasts less than nine weeks the last third. */
const ENDS_SOON_MS = 21 * DAY_MS;

/**
 * Says what is wrong with the dates of these certificates at `now` (ms since the epoch), if anything, or that one ends
 * within three weeks: for a warning alone, since a clock may be wrong.
 */
export function tlsDateProblem({ ca, cert }: TlsMaterial, now: number): string | undefined {
  for (const pem of [ca, cert]) {
    if (pem === undefined) continue;
    const { subject, validFrom, validTo } = new X509Certificate(pem);
    const name = subject.replaceAll('\n', ', ');
    if (Date.parse(validTo) < now) return `the certificate of ${name} has expired on ${validTo}`;
    const left = Date.parse(validTo) - now;
    const days = Math.ceil(left / DAY_MS);
    if (left <= Math.min(ENDS_SOON_MS, (Date.parse(validTo) - Date.parse(validFrom)) / 3)) {
      return `the certificate of ${name} ends on ${validTo}, in ${days} ${days === 1 ? 'day' : 'days'}`;
    }
    if (Date.parse(validFrom) > now) return `the certificate of ${name} is not valid before ${validFrom}`;
  }
  return undefined;
}

function read(what: keyof TlsFiles, file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw badTls(file, reasonOf(error), { path: `tls.${what}`, cause: error });
  }
}

function certificates(what: keyof TlsFiles, file: string): Buffer {
  const pem = read(what, file);
  try {
    new X509Certificate(pem);
  } catch (error) {
    throw badTls(file, 'holds no certificate in PEM', { path: `tls.${what}`, cause: error });
  }
  return pem;
}
