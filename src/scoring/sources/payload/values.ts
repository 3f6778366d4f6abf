/**
 * Writes the value of a tag, which may have any name: a plain assignment to `__proto__` would set the prototype, and the
 * value would be gone.
 */
export function put<T>(values: Record<string, T>, tag: string, value: T): void {
  if (tag !== '__proto__') values[tag] = value;
  else Object.defineProperty(values, tag, { value, writable: true, enumerable: true, configurable: true });
}

/** A name as it came in: a whole number that no other is rounded to is its digits; anything else stays as it is. */
export function textOfName(raw: unknown): unknown {
  return typeof raw === 'number' && Number.isSafeInteger(raw) ? String(raw) : raw;
}
