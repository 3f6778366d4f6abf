/** Numbers that JSON refuses and nobody can misread: a sign, no digit on one side of the point, zeros before it. */
const NUMBER = /^[+-]?(?:(?:0|[1-9]\d*)(?:\.\d*)?|\d+\.\d*|\.\d+)(?:e[+-]?\d+)?$/i;
const HEXADECIMAL = /^0x[\da-f]{1,13}$/i;
/** What is no number or beyond all of them, as C, Windows, Python, Go, .NET, Java, R and Arduino write it. */
const NOT_A_NUMBER = /^[+-]?(?:[qs]?nan\d*(?:\(\w*\))?|1\.#(?:[qs]nan|ind|r|j)\d*|ovf)$/i;
const INFINITE = /^[+-]?(?:inf(?:inity)?|∞|1\.#inf\d*)$/i;
/** The words of other languages, by what JSON has for them. */
const WORDS: ReadonlyMap<string, boolean | null> = new Map([
  ...['true', 'True', 'TRUE'].map((word) => [word, true] as const),
  ...['false', 'False', 'FALSE'].map((word) => [word, false] as const),
  ...['null', 'Null', 'NULL', 'None', 'nil', 'undefined', 'NA', 'N/A', '<NA>', 'NaT'].map(
    (word) => [word, null] as const,
  ),
]);

/** Reads a token without quotes as what it means beyond doubt; undefined for any other. */
export function readToken(token: string): number | boolean | null | undefined {
  if (NUMBER.test(token) || HEXADECIMAL.test(token)) return Number(token);
  if (NOT_A_NUMBER.test(token)) return Number.NaN;
  if (INFINITE.test(token)) return token.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return WORDS.get(token);
}
