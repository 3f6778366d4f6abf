import { isMap } from '../core/index.ts';

/** What stands in place of a secret. */
export const REDACTED = '[redacted]';
/** Names that hold a secret; a file's name is none. */
const SECRET = /(pass(word|phrase)|secret|token|credential|api_?key|private_?key)(?!.*(file|path)$)/i;
/** Name and password, and what a query carries, of an address anywhere in a text. */
const USER_INFO = /(\b[a-z][a-z0-9+.-]*:\/\/)([^\s/?#@"']+)@/gi;
const QUERY = /(\b[a-z][a-z0-9+.-]*:\/\/[^\s?#"']+\?)([^\s#"']+)/gi;

export interface Redaction {
  /** The configuration without its secrets. */
  readonly data: unknown;
  /** The secrets, as they may turn up elsewhere. */
  readonly secrets: readonly string[];
}

/** Takes the secrets out of a configuration: what is named like one, and credentials in addresses. */
export function redactSettings(config: unknown): Redaction {
  const secrets = new Set<string>();
  const walk = (value: unknown, name: string): unknown => {
    if (isSecretName(name)) return hide(value, secrets);
    if (typeof value === 'string') return redactAddresses(value, secrets);
    if (Array.isArray(value)) return value.map((item) => walk(item, ''));
    if (!isMap(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, walk(child, key)]));
  };
  return { data: walk(config, ''), secrets: [...secrets] };
}

/** The text without the credentials of addresses in it; those are added to `secrets`. */
export function redactAddresses(text: string, secrets: Set<string> = new Set()): string {
  const hidden = text.replace(USER_INFO, (_, scheme: string, user: string) => {
    const [name = '', ...password] = user.split(':');
    // Without a password the name may be a token.
    noteSecret(password.length > 0 ? password.join(':') : name, secrets);
    return `${scheme}${REDACTED}@`;
  });
  return hidden.replace(QUERY, (_, address: string, query: string) => {
    for (const [, value] of new URLSearchParams(query)) noteSecret(value, secrets);
    return `${address}${REDACTED}`;
  });
}

export function isSecretName(name: string): boolean {
  return SECRET.test(name);
}

/** Everything below is hidden with it. */
function hide(value: unknown, secrets: Set<string>): unknown {
  if (value === undefined || value === null) return value;
  for (const leaf of leaves(value)) noteSecret(String(leaf), secrets);
  return REDACTED;
}

function leaves(value: unknown): unknown[] {
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(leaves) : [value];
}

function noteSecret(secret: string, secrets: Set<string>): void {
  secrets.add(secret);
  try {
    secrets.add(decodeURIComponent(secret));
  } catch {
    // It was not encoded.
  }
}
