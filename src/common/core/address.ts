import { decodePercents } from './secrets.ts';

/** A network address without its credentials, and these apart from it, as they are meant. */
export interface Address {
  /** With its colon, as `URL` has it. */
  readonly protocol: string;
  /** With the port, where one is given. */
  readonly host: string;
  readonly hostname: string;
  readonly port: string;
  /** Path and query. */
  readonly path: string;
  readonly username: string | undefined;
  readonly password: string | undefined;
}

/** Why a text is no address, in words that quote nothing of it: it may have a password. */
export interface NoAddress {
  readonly problem: string;
}

const PARTS = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]*)(.*)$/i;
const UNSAFE = 'in a user name or password write';

/**
 * Reads an address of the form `scheme://user:password@host:port/path?query`. What could be read in two ways, so that a
 * part of a password would count as host or path, is none.
 */
export function parseAddress(text: string): Address | NoAddress {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
  if (/[\s\u0000-\u001f\u007f]/.test(text)) return { problem: `has a blank or control character: ${UNSAFE} %20` };
  const [, scheme = '', authority = '', rest = ''] = PARTS.exec(text) ?? [];
  if (scheme === '') return { problem: 'is no address' };
  if (rest.includes('#')) return { problem: `has a #, which would end it: ${UNSAFE} %23` };
  if (rest.includes('@')) {
    return { problem: `has an @ behind a / or ?: ${UNSAFE} %2F for / and %3F for ?, and elsewhere %40 for @` };
  }
  const at = authority.lastIndexOf('@');
  const [name = '', ...others] = (at < 0 ? '' : authority.slice(0, at)).split(':');
  const [username, password] = [name, others.join(':')].map(decodePercents);
  if (username === undefined || password === undefined) {
    return { problem: `has a % that begins no %XX: ${UNSAFE} %25` };
  }
  const bare = `${scheme}://${authority.slice(at + 1)}${rest}`;
  if (authority.slice(at + 1).includes('\\') || !URL.canParse(bare)) return { problem: 'is no address' };
  const { protocol, host, hostname, port, pathname, search } = new URL(bare);
  return {
    ...{ protocol, host, hostname, port, path: `${pathname}${search}` },
    username: username === '' ? undefined : username,
    password: password === '' ? undefined : password,
  };
}
