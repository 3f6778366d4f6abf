type Properties = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** The keys of every object that a JSON Schema describes, at any depth. */
export function objectsIn(node: unknown): Properties[] {
  if (typeof node !== 'object' || node === null) return [];
  return Object.entries(node).flatMap(([key, value]) =>
    // Below it names are keys of the data, which may be called like words of the schema.
    key === 'properties' ? [value as Properties, ...Object.values(value).flatMap(objectsIn)] : objectsIn(value),
  );
}
