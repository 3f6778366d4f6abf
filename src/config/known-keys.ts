import { closest, distance } from 'fastest-levenshtein';

type JsonSchema = { readonly [key: string]: unknown };

/** Keys that the JSON Schema knows at a path of the given data; what a union cannot tell apart is merged. */
export function knownKeys(schema: JsonSchema, data: unknown, path: readonly PropertyKey[]): string[] {
  let candidates: JsonSchema[] = [schema];
  let value = data;
  for (const step of path) {
    candidates = candidates.flatMap((candidate) => branches(candidate, value)).flatMap((branch) => child(branch, step));
    value = isRecord(value) ? value[String(step)] : undefined;
  }
  const keys = candidates
    .flatMap((candidate) => branches(candidate, value))
    .flatMap((branch) => Object.keys(isRecord(branch['properties']) ? branch['properties'] : {}));
  return [...new Set(keys)];
}

/** The nearest of the known names, unless none is near. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  if (known.length === 0) return undefined;
  const best = closest(
    name.toLowerCase(),
    known.map((key) => key.toLowerCase()),
  );
  const found = known.find((key) => key.toLowerCase() === best);
  return found !== undefined && distance(name.toLowerCase(), best) <= Math.max(2, name.length / 2) ? found : undefined;
}

function isRecord(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A union's members; of those told apart by a constant (`type: mqtt`) only the one that the data names. */
function branches(schema: JsonSchema, data: unknown): JsonSchema[] {
  const members = [schema['anyOf'], schema['oneOf']].flatMap((list) =>
    Array.isArray(list) ? list.filter(isRecord) : [],
  );
  if (members.length === 0) return [schema];
  const flat = members.flatMap((member) => branches(member, data));
  const matching = flat.filter((member) => constantsMatch(member, data));
  return matching.length > 0 ? matching : flat;
}

function constantsMatch(schema: JsonSchema, data: unknown): boolean {
  if (!isRecord(data) || !isRecord(schema['properties'])) return false;
  return Object.entries(schema['properties']).every(
    ([key, property]) => !isRecord(property) || !('const' in property) || property['const'] === data[key],
  );
}

function child(schema: JsonSchema, step: PropertyKey): JsonSchema[] {
  const properties = schema['properties'];
  const found =
    (isRecord(properties) ? properties[String(step)] : undefined) ?? schema['additionalProperties'] ?? schema['items'];
  return isRecord(found) ? [found] : [];
}
