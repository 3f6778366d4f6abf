/**
 * Compiles an asset pattern: `*` any text, `?` one character, all else itself. A name is matched in at most
 * pattern x name steps, whatever somebody calls a machine.
 */
export function compilePattern(pattern: string): (name: string) => boolean {
  const wanted = Array.from(pattern);
  if (wanted.every((character) => character === '*') && wanted.length > 0) return () => true;
  return (name) => matches(wanted, Array.from(name));
}

function matches(wanted: readonly string[], name: readonly string[]): boolean {
  let at = 0;
  let next = 0;
  /** Where the last `*` stands, and what of the name it leaves to the rest. */
  let star = -1;
  let left = 0;
  while (at < name.length) {
    if (wanted[next] === '*') {
      star = next;
      left = at;
      next += 1;
    } else if (next < wanted.length && (wanted[next] === '?' || wanted[next] === name[at])) {
      next += 1;
      at += 1;
    } else if (star >= 0) {
      left += 1;
      at = left;
      next = star + 1;
    } else return false;
  }
  while (wanted[next] === '*') next += 1;
  return next === wanted.length;
}
