import { suggest } from '../../../common/core/index.ts';
import { compileCondition } from '../../../common/expression/index.ts';
import { duplicateFeature, unknownTag } from '../errors.ts';
import { type FeatureInput, type InputSpec, partsOf, type RawInput } from '../schema.ts';
import { resolveFeature } from './feature-entry.ts';

/** Finds the index of a tag in the windows. Throws `features.unknown-tag`; `path` says where the manifest names it. */
export function tagIndex(tag: string, tags: readonly string[], path: string): number {
  const index = tags.indexOf(tag);
  if (index < 0) throw unknownTag(tag, 'the windows have no such tag', { path, hint: suggest(tag, tags) });
  return index;
}

/** Throws `features.duplicate-feature` for a name that occurs twice. */
export function refuseRepeated(names: readonly string[], path: string): void {
  const repeated = names.find((name, index) => names.indexOf(name) !== index);
  if (repeated !== undefined) throw duplicateFeature(repeated, 'occurs more than once in the input', { path });
}

/**
 * Finds every tag that an input reads, in the order in which it names them first: its own, those of parameters and of
 * modes.
 */
export function tagsOf(input: InputSpec): string[] {
  return [...new Set(partsOf(input).flatMap(tagsOfPart))];
}

function tagsOfPart(input: RawInput | FeatureInput): string[] {
  const own = 'layout' in input ? input.tags : input.statistics.flatMap(({ tags }) => tags);
  const named = 'layout' in input ? [] : input.statistics.flatMap(({ features }, g) => ofParameters(features, g));
  return [...new Set([...own, ...named, ...ofModes(input)])];
}

function ofParameters(entries: Parameters<typeof resolveFeature>[0][], group: number): string[] {
  return entries.flatMap((entry, f) => {
    const { definition, params } = resolveFeature(entry, `input.statistics.${group}.features.${f}`);
    return [...(definition.tags?.(params) ?? [])];
  });
}

function ofModes({ scaling }: RawInput | FeatureInput): string[] {
  if (scaling === undefined || !('modes' in scaling)) return [];
  return scaling.modes.flatMap(({ when }, index) =>
    compileCondition(when, { tags: 'map' }, `input.scaling.modes.${index}.when`).references.map(([, tag = '']) => tag),
  );
}
