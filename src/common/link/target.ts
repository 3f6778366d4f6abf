import { isIP } from 'node:net';
import { createSecureContext, type SecureContext } from 'node:tls';
import { parseAddress, reasonOf } from '../core/index.ts';
import { asBuffer } from './bytes.ts';
import { badTls, badUrl } from './errors.ts';
import type { TlsMaterial } from './types.ts';

const SCHEMES: Readonly<Record<string, { readonly tls: boolean; readonly webSocket: boolean; readonly port: number }>> =
  {
    'mqtt:': { tls: false, webSocket: false, port: 1883 },
    'mqtts:': { tls: true, webSocket: false, port: 8883 },
    'ws:': { tls: false, webSocket: true, port: 80 },
    'wss:': { tls: true, webSocket: true, port: 443 },
  };

/** A broker, as its address names it. */
export interface Target {
  /** The address without credentials, for logs and errors. */
  readonly name: string;
  /** The certificates for TLS; undefined without TLS. */
  readonly secure: SecureContext | undefined;
  /** The name that the broker is asked for in TLS; undefined for none. */
  readonly serverName: string | undefined;
  /** The protocols that are asked for in TLS; undefined for none. */
  readonly alpn: readonly string[] | undefined;
  /** Address of the WebSocket without credentials; undefined where MQTT goes over the bare connection. */
  readonly webSocket: string | undefined;
  readonly host: string;
  readonly port: number;
  readonly username: string | undefined;
  readonly password: string | undefined;
}

/** Returns the address without credentials, fit for logs and errors. */
export function redact(url: string): string {
  const address = parseAddress(url);
  return 'problem' in address ? 'broker' : `${address.protocol}//${address.host}`;
}

/** Reads an address and the files for TLS. Throws `link.bad-url` and `link.bad-tls`. */
export function parseTarget(url: string, material: TlsMaterial = {}): Target {
  const address = parseAddress(url);
  if ('problem' in address) throw badUrl('url', address.problem);
  const { protocol, host, hostname, port, path, username, password } = address;
  const known = SCHEMES[protocol];
  if (known === undefined) {
    throw badUrl(redact(url), `the scheme is ${protocol.slice(0, -1)}, not mqtt, mqtts, ws or wss`);
  }
  if (hostname === '') throw badUrl(redact(url), 'has no host');
  const { tls, port: standard } = known;
  if (!tls && Object.keys(material).length > 0) {
    throw badTls(redact(url), `has keys for TLS, but ${protocol.slice(0, -1)} is without TLS`, {
      hint: 'Use mqtts:// or wss://, or leave tls out.',
    });
  }
  // IPv6 addresses stand in brackets in an address only.
  const bare = hostname.replace(/^\[(.*)\]$/, '$1');
  return {
    name: redact(url),
    webSocket: known.webSocket ? `${protocol}//${host}${path}` : undefined,
    secure: tls ? secureContext(redact(url), material) : undefined,
    // An address is no name to ask for.
    serverName: material.serverName ?? (isIP(bare) === 0 ? bare : undefined),
    alpn: material.alpn,
    host: bare,
    port: port === '' ? standard : Number(port),
    username,
    password,
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

/** Throws `link.bad-url` and `link.bad-tls`, as making a link would. */
export function checkAddress(url: string, material: TlsMaterial = {}): void {
  parseTarget(url, material);
}
