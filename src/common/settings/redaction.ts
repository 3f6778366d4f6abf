import { isMap } from '../core/index.ts';

/** Stands in place of a secret. */
export const REDACTED = '[redacted]';
/** Names of keys that hold a secret; the name of a file that holds one is none. */
const SECRET = /(pass(word|phrase)|secret|token|credential|api_?key|private_?key)(?!.*(file|path)$)/i;
/** User name and password, and the query, of an address anywhere in a text. */
const USER_INFO = /(\b[a-z][a-z0-9+.-]*:\/\/)([^\s/?#@"']+)@/gi;
const QUERY = /(\b[a-z][a-z0-9+.-]*:\/\/[^\s?#"']+\?)([^\s#"']+)/gi;

/** Shorter secrets stand in any text by chance; where the configuration has them they are hidden by their place. */
const MIN_LENGTH = 4;

/** A configuration that may be shown, and what was taken out of it. */
export interface Redaction {
  /** The configuration without its secrets. */
  readonly data: unknown;
  /** The secrets that were in it, in the forms in which they may turn up elsewhere. */
  readonly secrets: readonly string[];
}

/** Takes the secrets out of a configuration: values of keys that are named like one, and credentials in addresses. */
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

/** Takes the credentials out of the addresses in a text, and adds them to `secrets`. */
export function redactAddresses(text: string, secrets: Set<string> = new Set()): string {
  const hidden = text.replace(USER_INFO, (_, scheme: string, user: string) => {
    const [name = '', ...password] = user.split(':');
    // A name without a password may be a token.
    noteSecret(password.length > 0 ? password.join(':') : name, secrets);
    return `${scheme}${REDACTED}@`;
  });
  return hidden.replace(QUERY, (_, address: string, query: string) => {
    for (const [, value] of new URLSearchParams(query)) noteSecret(value, secrets);
    return `${address}${REDACTED}`;
  });
}

/** Makes what takes the given secrets out of any text, as they are and as JSON and addresses write them. */
export function redactorOf(secrets: readonly string[]): (text: string) => string {
  const forms = secrets
    .filter((secret) => secret.length >= MIN_LENGTH)
    .flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)]);
  // A secret that holds another one goes first.
  const longestFirst = [...new Set(forms)].sort((a, b) => b.length - a.length);
  return (text) => longestFirst.reduce((left, form) => left.replaceAll(form, REDACTED), text);
}

/** Whether the value of a key of this name is a secret. */
export function isSecretName(name: string): boolean {
  return SECRET.test(name);
}

/** Hides a value with everything below it. */
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
