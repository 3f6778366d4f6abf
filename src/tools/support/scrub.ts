import { REDACTED } from '../../common/settings/index.ts';

/** Shorter ones stand in any text by chance; where the configuration has them they are taken out by their place. */
const MIN_LENGTH = 4;

/** Takes every secret out of a text, as it is and as JSON and addresses write it. */
export function scrubber(secrets: readonly string[]): (text: string) => string {
  const forms = secrets
    .filter((secret) => secret.length >= MIN_LENGTH)
    .flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)]);
  // A secret that holds another one goes first.
  const longestFirst = [...new Set(forms)].sort((a, b) => b.length - a.length);
  return (text) => longestFirst.reduce((left, form) => left.replaceAll(form, REDACTED), text);
}
