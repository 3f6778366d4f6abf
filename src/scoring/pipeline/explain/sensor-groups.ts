import { explanationImpossible } from '../schema/errors.ts';

/** Sensors that an explanation looks at as one. */
export interface SensorGroup {
  readonly name: string;
  readonly tags: ReadonlySet<string>;
}

/** Gives the declared groups, then every other tag by itself, in the order of the tags. */
export function groupSensors(
  declared: Readonly<Record<string, readonly string[]>>,
  tags: readonly string[],
): SensorGroup[] {
  const grouped = new Set(Object.values(declared).flat());
  const unknown = [...grouped].find((tag) => !tags.includes(tag));
  if (unknown !== undefined) throw explanationImpossible('explanation.groups', `the input has no tag ${unknown}`);
  const named = Object.entries(declared).map(([name, members]) => ({ name, tags: new Set(members) }));
  return [...named, ...tags.filter((tag) => !grouped.has(tag)).map((tag) => ({ name: tag, tags: new Set([tag]) }))];
}

/** Gives for each feature the index of the group that its tag is in. */
export function groupOfFeatures(features: readonly string[], groups: readonly SensorGroup[]): number[] {
  const groupOfTag = new Map(groups.flatMap(({ tags }, index) => [...tags].map((tag) => [tag, index] as const)));
  // Longest first: of the tags `rig` and `rig.left`, `rig.left.mean` is of the second.
  const tags = [...groupOfTag.keys()].sort((a, b) => b.length - a.length);
  return features.map((feature) => {
    const tag = tags.find((name) => feature === name || feature.startsWith(`${name}.`));
    const group = tag === undefined ? undefined : groupOfTag.get(tag);
    if (group !== undefined) return group;
    throw explanationImpossible('explanation.method', `${feature} is made of several tags: its error is nobody's`);
  });
}
