/** Names of sites, devices and pipelines. */
export const NAME_PATTERN = /^[A-Za-z0-9._-]{1,64}$/;

/** The most bytes of an asset's name once it is percent-encoded. */
export const MAX_ASSET_BYTES = 256;
/** Characters that fit whichever they are: one takes nine bytes at most, `%E2%82%AC`. */
const ALWAYS_FITS = Math.floor(MAX_ASSET_BYTES / 9);

/** Whether a text can be written as UTF-8 and read again: no surrogate lacks its other half. */
export function isWellFormed(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}

/** Whether a text can be the name of an asset: any characters, but not none, and not too many. */
export function isAssetName(name: string): boolean {
  if (name === '' || name.length > MAX_ASSET_BYTES || !isWellFormed(name)) return false;
  return name.length <= ALWAYS_FITS || encodeURIComponent(name).length <= MAX_ASSET_BYTES;
}

/** Names in maps of the configuration: such that a variable of the environment can name each value. */
export const MAP_KEY_PATTERN = /^(?!.*__)(?!.*_file$)[a-z0-9_]+$/;
