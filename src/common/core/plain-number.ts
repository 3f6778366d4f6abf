/** The mark before the fraction of a number in text. */
export type DecimalMark = '.' | ',';

const NUMBERS: Readonly<Record<DecimalMark, RegExp>> = {
  '.': /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i,
  ',': /^[+-]?(?:\d+(?:,\d*)?|,\d+)(?:e[+-]?\d+)?$/i,
};

/**
 * Reads a text that is a number and nothing else, without marks between thousands; NaN for any other, also for one with
 * the other decimal mark, and for one that is beyond all numbers.
 */
export function plainNumber(text: string, decimal: DecimalMark = '.'): number {
  const trimmed = text.trim();
  if (!NUMBERS[decimal].test(trimmed)) return Number.NaN;
  const value = Number(trimmed.replace(',', '.'));
  return Number.isFinite(value) ? value : Number.NaN;
}
