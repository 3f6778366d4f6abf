import { suggest } from '../../core/index.ts';
import { duplicateFeature, unknownTag } from '../errors.ts';

/** Index of a tag in the windows. `path` says where the manifest names it. */
export function tagIndex(tag: string, tags: readonly string[], path: string): number {
  const index = tags.indexOf(tag);
  if (index < 0) throw unknownTag(tag, 'the windows have no such tag', { path, hint: suggest(tag, tags) });
  return index;
}

/** Refuses a name that occurs twice. */
export function refuseRepeated(names: readonly string[], path: string): void {
  const repeated = names.find((name, index) => names.indexOf(name) !== index);
  if (repeated !== undefined) throw duplicateFeature(repeated, 'occurs more than once in the input', { path });
}
