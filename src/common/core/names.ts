/** Names of sites, devices and pipelines, and of assets after encoding. */
export const NAME_PATTERN = /^[A-Za-z0-9._-]{1,64}$/;

/** Turns an asset's name into one topic level: characters outside the pattern become percent-encoded UTF-8. */
export function encodeName(name: string): string {
  return Array.from(new TextEncoder().encode(name), (byte) => {
    const char = String.fromCharCode(byte);
    return /[A-Za-z0-9._-]/.test(char) ? char : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }).join('');
}

/** Names in maps of the configuration: such that a variable of the environment can name each value. */
export const MAP_KEY_PATTERN = /^(?!.*__)(?!.*_file$)[a-z0-9_]+$/;
