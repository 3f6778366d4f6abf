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
  readonly #name: string;

  /** Makes a root, unless the certificate of a CA is given. */
  constructor(folder: string, name = 'ca', given?: string) {
    this.#folder = folder;
    this.#name = name;
    this.ca = given ?? join(folder, `${name}.crt`);
    if (given !== undefined) return;
    const [key] = this.#keyOf(name);
    openssl(['req', '-x509', '-new', '-key', key, '-subj', '/CN=Test CA', '-days', '30', '-out', this.ca]);
  }

  /** `days` below 0 is one that has expired. */
  sign(name: string, days = 30, names = 'IP:127.0.0.1,DNS:localhost'): Certificate {
    const [key, base] = this.#keyOf(name);
    const [request, cert, extensions] = [`${base}.csr`, `${base}.crt`, `${base}.ext`];
    writeFileSync(extensions, `subjectAltName=${names}\n`);
    openssl(['req', '-new', '-key', key, '-subj', `/CN=${name}`, '-out', request]);
    this.#issue(request, cert, extensions, days);
    return { cert, key };
  }

  /** Signs the request of somebody else: the file of the certificate. */
  signRequest(request: string, days = 30): string {
    const cert = join(this.#folder, `${randomUUID()}.crt`);
    const signing = ['-CA', this.ca, '-CAkey', join(this.#folder, 'ca.key'), '-CAcreateserial'];
    openssl(['x509', '-req', '-in', request, ...signing, '-days', String(days), '-out', cert]);
    return cert;
  }

  /** A CA below this one, and what it signs. */
  intermediate(name: string): Authority {
    const [key, base] = this.#keyOf(name);
    writeFileSync(`${base}.ext`, 'basicConstraints=critical,CA:TRUE\n');
    openssl(['req', '-new', '-key', key, '-subj', `/CN=${name}`, '-out', `${base}.csr`]);
    this.#issue(`${base}.csr`, `${base}.crt`, `${base}.ext`, 30);
    return new Authority(this.#folder, name, `${base}.crt`);
  }

  #issue(request: string, cert: string, extensions: string, days: number): void {
    const key = join(this.#folder, `${this.#name}.key`);
    const signing = ['-CA', this.ca, '-CAkey', key, '-CAcreateserial', '-extfile', extensions];
    openssl(['x509', '-req', '-in', request, ...signing, '-days', String(days), '-out', cert]);
  }

  #keyOf(name: string): [key: string, base: string] {
    const base = join(this.#folder, name);
    openssl(['ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', `${base}.key`]);
    return [`${base}.key`, base];
  }
}

export function openssl(args: readonly string[]): void {
  execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] });
}
