import { execFileSync, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const hasOpenssl = spawnSync('openssl', ['version']).error === undefined;

export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** A CA of its own in a folder, with what it signs; loopback is its only broker. */
export class Authority {
  readonly ca: string;
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
    this.ca = join(folder, 'ca.crt');
    const [key] = this.#keyOf('ca');
    openssl(['req', '-x509', '-new', '-key', key, '-subj', '/CN=Test CA', '-days', '30', '-out', this.ca]);
  }

  /** `days` below 0 is one that has expired. */
  sign(name: string, days = 30): Certificate {
    const [key, base] = this.#keyOf(name);
    const [request, cert, extensions] = [`${base}.csr`, `${base}.crt`, `${base}.ext`];
    writeFileSync(extensions, 'subjectAltName=IP:127.0.0.1,DNS:localhost\n');
    openssl(['req', '-new', '-key', key, '-subj', `/CN=${name}`, '-out', request]);
    const signing = ['-CA', this.ca, '-CAkey', join(this.#folder, 'ca.key'), '-CAcreateserial', '-extfile', extensions];
    openssl(['x509', '-req', '-in', request, ...signing, '-days', String(days), '-out', cert]);
    return { cert, key };
  }

  /** Signs the request of somebody else: the file of the certificate. */
  signRequest(request: string, days = 30): string {
    const cert = join(this.#folder, `${randomUUID()}.crt`);
    const signing = ['-CA', this.ca, '-CAkey', join(this.#folder, 'ca.key'), '-CAcreateserial'];
    openssl(['x509', '-req', '-in', request, ...signing, '-days', String(days), '-out', cert]);
    return cert;
  }

  #keyOf(name: string): [key: string, base: string] {
    const base = join(this.#folder, name);
    openssl(['ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', `${base}.key`]);
    return [`${base}.key`, base];
  }
}

function openssl(args: readonly string[]): void {
  execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] });
}
