import { createSecureContext, type SecureContext } from 'node:tls';
import { reasonOf } from '../core/index.ts';
import { asBuffer } from './bytes.ts';
import { badTls, badUrl } from './errors.ts';
import type { TlsMaterial } from './types.ts';

export interface Target {
  /** The address without credentials, for logs and errors. */
  readonly name: string;
  /** What TLS needs; undefined without TLS. */
  readonly secure: SecureContext | undefined;
  readonly host: string;
  readonly port: number;
  readonly username: string | undefined;
  readonly password: string | undefined;
}

/** The address without credentials: fit for logs and errors. */
export function redact(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  return parsed === undefined ? 'broker' : `${parsed.protocol}//${parsed.host}`;
}

/** Throws `link.bad-url` and `link.bad-tls`. */
export function parseTarget(url: string, material: TlsMaterial = {}): Target {
  if (!URL.canParse(url)) throw badUrl('url', 'is no address');
  const { protocol, hostname, port, username, password } = new URL(url);
  if (protocol !== 'mqtt:' && protocol !== 'mqtts:') {
    throw badUrl(redact(url), `the scheme is ${protocol.slice(0, -1)}, not mqtt or mqtts`);
  }
  if (hostname === '') throw badUrl(redact(url), 'has no host');
  const tls = protocol === 'mqtts:';
  return {
    name: redact(url),
    secure: tls ? secureContext(redact(url), material) : undefined,
    // IPv6 addresses stand in brackets in an address only.
    host: hostname.replace(/^\[(.*)\]$/, '$1'),
    port: port === '' ? (tls ? 8883 : 1883) : Number(port),
    username: username === '' ? undefined : decodeURIComponent(username),
    password: password === '' ? undefined : decodeURIComponent(password),
  };
}

function secureContext(name: string, { ca, cert, key }: TlsMaterial): SecureContext {
  try {
    return createSecureContext({
      ...(ca === undefined ? {} : { ca: asBuffer(ca) }),
      ...(cert === undefined ? {} : { cert: asBuffer(cert) }),
      ...(key === undefined ? {} : { key: asBuffer(key) }),
    });
  } catch (error) {
    throw badTls(name, reasonOf(error), { cause: error });
  }
}
