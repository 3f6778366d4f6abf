import { X509Certificate } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { reasonOf } from '../../common/core/index.ts';
import { certificateRequest, generateKey, type PublicKey, readPublicKey, readRoot } from '../../common/trust/index.ts';
import { readRootBytes } from '../../scoring/registry/index.ts';
import { badCertificate, cannotWrite, fileExists } from './errors.ts';
import { readText, replaceFile, writeNew } from './files.ts';
import { readKeyFile } from './key-files.ts';

/** The device, and the folder of its configuration, in which its identity lies. */
export interface EnrollDevice {
  readonly site: string;
  readonly device: string;
  readonly folder: string;
}

/** What an enrolled device has, by the names of files relative to its configuration. */
export interface Enrolled {
  /** Common name of its certificate. */
  readonly name: string;
  /** ID of its key: what `target.key` of an order may name. */
  readonly key: string;
  readonly files: { readonly key: string; readonly request: string; readonly root: string; readonly cert?: string };
  /** When its certificate ends, RFC 3339; undefined before there is one. */
  readonly ends?: string;
}

const FILES = {
  key: 'identity/device.key',
  request: 'identity/device.csr',
  root: 'identity/root.json',
  cert: 'identity/device.crt',
} as const;
const PRIVATE_FOLDER = 0o700;

/**
 * Makes the identity of a device: its key, which stays where it is if there is one, a request for its certificate, and the
 * root that it trusts from now on. Another root than it has is not taken: roots come one after the other. Throws `keys.*`,
 * `trust.*`, `registry.root-unreadable`.
 */
export async function enroll(device: EnrollDevice, root: string): Promise<Enrolled> {
  const bytes = await readRootBytes(root);
  const { digest } = readRoot(bytes, root);
  const at = (file: string) => join(device.folder, file);
  const pinned = at(FILES.root);
  if (existsSync(pinned) && readRoot(await readRootBytes(pinned), pinned).digest !== digest) {
    throw fileExists(pinned, 'is another root than the one given', {
      hint: 'A device goes from root to root by rotation. Move the file away where it is to begin anew.',
    });
  }
  await mkdir(at('identity'), { recursive: true, mode: PRIVATE_FOLDER }).catch((error: unknown) => {
    throw cannotWrite(at('identity'), reasonOf(error), { cause: error });
  });
  if (!existsSync(at(FILES.key))) await writeNew(at(FILES.key), generateKey('p256').key, 'private');
  const key = await readKeyFile(at(FILES.key));
  const name = nameOf(device);
  await replaceFile(at(FILES.request), certificateRequest(name, key));
  await replaceFile(pinned, bytes.toString('utf8'));
  const { key: keyFile, request, root: rootFile } = FILES;
  return { name, key: key.publicKey.id, files: { key: keyFile, request, root: rootFile } };
}

/**
 * Takes the certificate that a CA made for the device's request. Throws `keys.bad-certificate` where it is for another key
 * or name, or has expired at `now` (ms since the epoch).
 */
export async function takeCertificate(device: EnrollDevice, cert: string, now: number): Promise<Enrolled> {
  const key = await readKeyFile(join(device.folder, FILES.key));
  const pem = await readText(cert);
  const certificate = certificateIn(pem, cert);
  const name = nameOf(device);
  const subject = certificate.subject
    .split('\n')
    .find((line) => line.startsWith('CN='))
    ?.slice('CN='.length);
  if (publicKeyOf(certificate, cert).id !== key.publicKey.id) throw badCertificate(cert, 'is for another key');
  if (subject !== name) throw badCertificate(cert, `is for ${subject ?? 'nobody'}, this device is ${name}`);
  const ends = Date.parse(certificate.validTo);
  if (ends <= now) throw badCertificate(cert, `has expired on ${certificate.validTo}`);
  await replaceFile(join(device.folder, FILES.cert), pem);
  return { name, key: key.publicKey.id, files: FILES, ends: new Date(ends).toISOString() };
}

/** Lines for a person to put into the configuration. */
export function configurationLines({ files }: Enrolled): string[] {
  const { root, key, cert = FILES.cert } = files;
  return ['trust:', `  root: ${root}`, 'uplink:', '  tls:', `    key: ${key}`, `    cert: ${cert}`];
}

function nameOf({ site, device }: EnrollDevice): string {
  return `${site}/${device}`;
}

function certificateIn(pem: string, file: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (error) {
    throw badCertificate(file, 'holds no certificate in PEM', { cause: error });
  }
}

function publicKeyOf(certificate: X509Certificate, file: string): PublicKey {
  try {
    return readPublicKey(certificate.publicKey.export({ type: 'spki', format: 'pem' }).toString(), file);
  } catch (error) {
    throw badCertificate(file, 'is for another kind of key', { cause: error });
  }
}
