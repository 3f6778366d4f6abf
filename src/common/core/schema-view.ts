/**
 * A file's JSON Schema, which the functions here read at a path of given data: what may stand there, and what it means.
 */
export type JsonSchema = { readonly [key: string]: unknown };
type Path = readonly PropertyKey[];

/** Keys that are known at a path. Those of a union's members that the data cannot tell apart are merged. */
export function knownKeys(schema: JsonSchema, data: unknown, path: Path): string[] {
  const keys = branchesAt(schema, data, path).flatMap((branch) => Object.keys(asMap(branch['properties'])));
  return [...new Set(keys)];
}

/** Types (`string`, `integer`, ...) that a value may have at a path; none where anything may stand there. */
export function typesAt(schema: JsonSchema, data: unknown, path: Path): ReadonlySet<unknown> {
  return new Set(branchesAt(schema, data, path).flatMap(({ type }) => (type === undefined ? [] : [type])));
}

/** What the schema says that a value at a path means. */
export function descriptionAt(schema: JsonSchema, data: unknown, path: Path): string | undefined {
  const found = metadataAt(schema, data, path, 'description');
  return typeof found === 'string' ? found : undefined;
}

/** What the schema says of a path under a keyword of its own (`description`, ...); undefined where it says nothing. */
export function metadataAt(schema: JsonSchema, data: unknown, path: Path, keyword: string): unknown {
  return at(schema, data, path).candidates.find((candidate) => candidate[keyword] !== undefined)?.[keyword];
}

/** Whether a value is an object of keys and values: no list, not null. */
export function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Gives the value back where it is a map, an empty map in place of anything else. */
export function asMap(value: unknown): Readonly<Record<string, unknown>> {
  return isMap(value) ? value : {};
}

/** The value at a path of the data; undefined where there is none. */
export function valueAt(data: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, step) =>
      typeof value === 'object' && value !== null && Object.hasOwn(value, step)
        ? (value as Record<PropertyKey, unknown>)[step]
        : undefined,
    data,
  );
}

function branchesAt(schema: JsonSchema, data: unknown, path: Path): JsonSchema[] {
  const { candidates, value } = at(schema, data, path);
  return candidates.flatMap((candidate) => branches(candidate, value));
}

function at(schema: JsonSchema, data: unknown, path: Path): { candidates: JsonSchema[]; value: unknown } {
  let candidates: JsonSchema[] = [schema];
  let value = data;
  for (const step of path) {
    candidates = candidates.flatMap((candidate) => branches(candidate, value)).flatMap((branch) => child(branch, step));
    value = valueAt(value, [step]);
  }
  return { candidates, value };
}

/**
 * The members of a union. Where a constant (`type: mqtt`) or the keys tell them apart, only the one that the data mean.
 */
function branches(schema: JsonSchema, data: unknown): JsonSchema[] {
  const members = [schema['anyOf'], schema['oneOf']].flatMap((list) => (Array.isArray(list) ? list.filter(isMap) : []));
  if (members.length === 0) return [schema];
  const flat = members.flatMap((member) => branches(member, data));
  const matching = flat.filter((member) => constantsMatch(member, data));
  return closest(matching.length > 0 ? matching : flat, data);
}

/** The members that have most of the data's keys. */
function closest(members: readonly JsonSchema[], data: unknown): JsonSchema[] {
  const keys = Object.keys(asMap(data));
  const had = members.map(({ properties }) => keys.filter((key) => Object.hasOwn(asMap(properties), key)).length);
  return members.filter((_, index) => had[index] === Math.max(...had));
}

function constantsMatch(schema: JsonSchema, data: unknown): boolean {
  if (!isMap(data) || !isMap(schema['properties'])) return false;
  return Object.entries(schema['properties']).every(
    ([key, property]) => !isMap(property) || !('const' in property) || property['const'] === data[key],
  );
}

function child(schema: JsonSchema, step: PropertyKey): JsonSchema[] {
  const found = asMap(schema['properties'])[String(step)] ?? schema['additionalProperties'] ?? schema['items'];
  return isMap(found) ? [found] : [];
}
