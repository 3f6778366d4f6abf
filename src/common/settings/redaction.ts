import { isMap, noteSecret, REDACTED, redactAddress, redactAddresses } from '../core/index.ts';

export { redactorOf } from '../core/index.ts';

/** Names of keys that hold a secret; the name of a file that holds one is none. */
const SECRET = /(pass(word|phrase)|secret|token|credential|api_?key|private_?key)(?!.*(file|path)$)/i;
/** A key named like a secret in a text that nobody can parse, with the rest of its line. */
const KEYED =
  /(["']?[\w.-]*(?:pass(?:word|phrase)|secret|token|credential|api_?key|private_?key)[\w-]*["']?\s*[:=][ \t]*)(\S.*)/gi;
/** A private key, as a file has it or with its line ends written as `\n`. */
const PEM = /(-----BEGIN [A-Z ]*PRIVATE KEY-----)[\s\S]*?(-----END [A-Z ]*PRIVATE KEY-----|$)/g;

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
    if (typeof value === 'string') return redactString(value, secrets);
    if (Array.isArray(value)) return value.map((item) => walk(item, ''));
    if (!isMap(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, walk(child, key)]));
  };
  return { data: walk(config, ''), secrets: [...secrets] };
}

/**
 * Takes out of a text that nobody can parse what looks like a secret: values of keys that are named like one, credentials
 * in addresses, private keys. What these were is added to `secrets`.
 */
export function redactText(text: string, secrets: Set<string> = new Set()): string {
  const keyed = text.replace(PEM, `$1${REDACTED}$2`).replace(KEYED, (line, key: string, value: string) => {
    if (!isSecretName(key.replace(/[\s:="']+$/, ''))) return line;
    noteSecret(unquoted(value), secrets);
    return `${key}${REDACTED}`;
  });
  return redactAddresses(keyed, secrets);
}

/** Takes the secrets out of a log: its lines of JSON by their keys, others as text. */
export function redactLog(text: string): string {
  return text.split('\n').map(redactLine).join('\n');
}

function redactLine(line: string): string {
  if (!line.startsWith('{')) return redactText(line);
  try {
    return JSON.stringify(redactSettings(JSON.parse(line)).data);
  } catch {
    return redactText(line);
  }
}

/** Whether the value of a key of this name is a secret. */
export function isSecretName(name: string): boolean {
  return SECRET.test(name);
}

function redactString(text: string, secrets: Set<string>): string {
  const address = redactAddress(text, secrets);
  return address === text ? redactAddresses(text, secrets).replace(PEM, `$1${REDACTED}$2`) : address;
}

/** The value of a line of YAML as it is meant, near enough to be found elsewhere. */
function unquoted(value: string): string {
  const text = value.trim();
  const [, double, single] = /^"((?:[^"\\]|\\.)*)"|^'((?:[^']|'')*)'/.exec(text) ?? [];
  if (single !== undefined) return single.replaceAll("''", "'");
  if (double === undefined) return text.replace(/\s+#.*$/, '');
  try {
    return JSON.parse(`"${double}"`) as string;
  } catch {
    return double;
  }
}

/** Hides a value with everything below it. */
function hide(value: unknown, secrets: Set<string>): unknown {
  if (value === undefined || value === null) return value;
  for (const leaf of leaves(value)) noteSecret(String(leaf), secrets);
  return REDACTED;
}

/** Every value, and every key: where a map was not meant, the secret may be either. */
function leaves(value: unknown): unknown[] {
  if (typeof value !== 'object' || value === null) return [value];
  return [...(isMap(value) ? Object.keys(value) : []), ...Object.values(value).flatMap(leaves)];
}
