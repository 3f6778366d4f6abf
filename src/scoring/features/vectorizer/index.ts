import { createHash } from 'node:crypto';
import { elementCount } from '../../../common/core/index.ts';
import { shapeMismatch } from '../errors.ts';
import { type FeatureInput, type InputSpec, partsOf, type RawInput, type WindowExtent } from '../schema.ts';
import type { MissingTags } from './missing.ts';
import { createRawVectorizer } from './raw.ts';
import { joinVectorizers } from './several.ts';
import { createStatisticsVectorizer } from './statistics.ts';
import { tagsOf } from './tags.ts';
import type { Vectorizer } from './vectorizer.ts';

export { Lack, type Missing, type MissingTags } from './missing.ts';
export { tagsOf } from './tags.ts';
export type { Seen, Vectorizer } from './vectorizer.ts';

/**
 * Makes what turns a model's windows into its input. Throws one of the room's errors, with the path inside the
 * manifest.
 * @param tags the windows' tags in order
 * @param units units by tag
 * @param extent the manifest's window, of which only count or length matter
 * @param missing the tags that may be missing
 */
export function createVectorizer(
  input: InputSpec,
  tags: readonly string[],
  units: Readonly<Record<string, string>>,
  extent: WindowExtent,
  missing: MissingTags = {},
): Vectorizer {
  const window = 'count' in extent ? { count: extent.count } : { length: extent.length };
  const unitsUsed = Object.fromEntries(tagsOf(input).map((tag) => [tag, units[tag] ?? '']));
  const parts = partsOf(input).map((part) => createPart(part, tags, units, extent, missing));
  const [first] = parts;
  const vectorizer = parts.length === 1 && first ? first : joinVectorizers(parts);
  // Without any it is as before: the digest of what has been is not to change.
  const gaps = Object.keys(missing).length > 0 ? { missing } : {};
  return { ...vectorizer, digest: digestOf({ input, units: unitsUsed, window, ...gaps }) };
}

function createPart(
  input: RawInput | FeatureInput,
  tags: readonly string[],
  units: Readonly<Record<string, string>>,
  extent: WindowExtent,
  missing: MissingTags,
): Omit<Vectorizer, 'digest'> {
  const part =
    'layout' in input
      ? createRawVectorizer(input, tags, units, extent, missing)
      : createStatisticsVectorizer(input, tags, units, extent, missing);
  const { shape = part.shape } = input;
  if (elementCount(shape) !== part.length) {
    throw shapeMismatch('input.shape', `[${shape}] is ${elementCount(shape)} numbers, a window gives ${part.length}`, {
      path: 'input.shape',
    });
  }
  return { ...part, shape };
}

/** JSON with keys in order, so that equal values have equal text. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, member: unknown) =>
    member !== null && typeof member === 'object' && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  );
}

function digestOf(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex');
}
