/** Stands in place of a secret. */
export const REDACTED = '[redacted]';
/** Shorter secrets stand in any text by chance; where a configuration has them they are hidden by their place. */
const MIN_LENGTH = 4;
/** What `encodeURIComponent` leaves as it is, and other writers of addresses do not. */
const SUB_DELIMITERS = /[!'()*]/g;
const SCHEME = /^[a-z][a-z0-9+.-]*:\/\//i;
/** An address within a text, up to the last @ or the end of its query: a secret may hold any character but a blank. */
const ADDRESSES = /\b[a-z][a-z0-9+.-]*:\/\/(?:\S*@|[^\s?#]+[?#]\S*)\S*/gi;

/** What `redactAddress` notes: secrets, as they are and as they were written. */
export type Secrets = Set<string>;

/** A text as an address has it, with `%XX` for what cannot stand there; undefined where a % begins no such thing. */
export function decodePercents(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/**
 * Takes the credentials, the query and the fragment out of one address, which may be written wrongly: whatever stands
 * before its last @ may be of a password. Other text stays as it is.
 */
export function redactAddress(address: string, secrets: Secrets = new Set()): string {
  const scheme = SCHEME.exec(address)?.[0];
  if (scheme === undefined) return address;
  const at = address.lastIndexOf('@');
  const userInfo = at < 0 ? undefined : address.slice(scheme.length, at);
  if (userInfo !== undefined) {
    const colon = userInfo.indexOf(':');
    noteSecret(userInfo.slice(colon + 1), secrets);
    // All of it may be a token, which may have a colon.
    noteSecret(userInfo, secrets);
  }
  // The @ may as well be one of a query, and then its secret ends behind it.
  if (userInfo !== undefined && /[/?#]/.test(userInfo)) {
    noteSecret(address.slice(address.indexOf('=') + 1), secrets);
    return `${scheme}${REDACTED}`;
  }
  const rest = userInfo === undefined ? address.slice(scheme.length) : address.slice(at + 1);
  const shown = userInfo === undefined ? '' : `${REDACTED}@`;
  const [, place = '', mark = '', tail = ''] = /^([^?#]*)([?#]?)(.*)$/s.exec(rest) ?? [];
  if (mark === '') return `${scheme}${shown}${place}`;
  for (const pair of tail.split(/[&#]/)) noteSecret(pair.slice(pair.indexOf('=') + 1), secrets);
  return `${scheme}${shown}${place}${mark}${tail === '' ? '' : REDACTED}`;
}

/** Takes the credentials out of the addresses within a text, and adds them to `secrets`. */
export function redactAddresses(text: string, secrets: Secrets = new Set()): string {
  return text.replace(ADDRESSES, (address) => redactAddress(address, secrets));
}

/** Adds a secret, and what it says where it is written as in an address. */
export function noteSecret(secret: string, secrets: Secrets): void {
  if (secret === '') return;
  secrets.add(secret);
  for (const text of [secret, secret.replaceAll('+', ' ')]) secrets.add(decodePercents(text) ?? text);
  // In a file of several lines each stands for itself.
  const lines = secret.split(/[\r\n]+/).filter((line) => line.trim() !== '');
  if (lines.length > 1) for (const line of lines) secrets.add(line.trim());
}

/** Makes what takes the given secrets out of any text, in each form in which programs write them. */
export function redactorOf(secrets: Iterable<string>): (text: string) => string {
  const forms = Array.from(secrets)
    .filter((secret) => secret.length >= MIN_LENGTH)
    .flatMap(formsOf);
  // A secret that holds another one goes first.
  const longestFirst = [...new Set(forms)].sort((a, b) => b.length - a.length).map(patternOf);
  return (text) => longestFirst.reduce<string>((left, form) => left.replaceAll(form, REDACTED), text);
}

/** Takes secrets out of every text in a value, keys of maps included. */
export function redactWithin(value: unknown, redact: (text: string) => string): unknown {
  if (typeof value === 'string') return redact(value);
  if (Array.isArray(value)) return value.map((item) => redactWithin(item, redact));
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [redact(key), redactWithin(child, redact)]));
}

/** What finds a form in a text, also where YAML breaks its line at a blank. */
function patternOf(form: string): string | RegExp {
  if (!form.includes(' ')) return form;
  const escaped = form.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
  return new RegExp(escaped.replace(/ +/g, '\\\\?\\s+(?:\\\\ +)?'), 'g');
}

/** As it is; as JSON writes it, also within JSON; as YAML, quoted strings of programs and addresses do; in base64. */
function formsOf(secret: string): string[] {
  const json = quoted(secret);
  const slashed = secret.replaceAll('\\', '\\\\');
  const whole = percents(secret);
  const strict = whole.replace(SUB_DELIMITERS, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
  const encoded = [whole, strict, userInfoOf(secret), new URLSearchParams([['', secret]]).toString().slice(1)];
  return [
    ...[secret, json, quoted(json), json.replaceAll('/', '\\/')],
    ...[
      secret.replaceAll("'", "''"),
      slashed,
      slashed.replaceAll("'", "\\'"),
      secret.replaceAll("'", "\\'"),
      json.replaceAll("'", "\\'"),
    ],
    ...encoded.flatMap((form) => [form, form.replace(/%[0-9A-F]{2}/g, (hex) => hex.toLowerCase())]),
    btoa(String.fromCharCode(...new TextEncoder().encode(secret))),
  ];
}

function quoted(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

/** Half of a surrogate pair cannot be encoded, and stands in no address. */
function percents(text: string): string {
  return encodeURIComponent(text.replace(/\p{Surrogate}/gu, '\ufffd'));
}

/** As `URL` writes it. */
function userInfoOf(secret: string): string {
  const url = new URL('mqtt://host');
  url.password = secret;
  return url.password;
}
