/** How numbers are written in cells. */
export interface NumberForm {
  readonly decimal: '.' | ',';
  /** Mark between groups of three digits; a blank stands for those that do not break, too, an apostrophe for the raised comma. */
  readonly thousands?: string | undefined;
}

/**
 * What a reading says of text that is no number in the declared form: nobody may read it by another mark. Nothing where a
 * point is declared, as everywhere.
 */
export function markOf({ decimal }: NumberForm): { readonly decimal?: ',' } {
  return decimal === ',' ? { decimal } : {};
}

/** Reads a cell without blanks around it as a number; undefined where it is none in the declared form. */
export type NumberReader = (cell: string) => number | undefined;

const PLAIN = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const BLANKS = '[ \\u00A0\\u2009\\u202F]';
const APOSTROPHES = "['\\u2019]";

function groupMark(mark: string): string {
  if (mark === "'" || mark === '\u2019') return APOSTROPHES;
  return mark === '.' || mark === ',' ? `[${mark}]` : BLANKS;
}

/** Makes what reads numbers: ASCII digits, groups of three where a mark for them is declared, an exponent of ten. */
export function createNumberReader({ decimal, thousands }: NumberForm): NumberReader {
  if (decimal === '.' && thousands === undefined) return (cell) => (PLAIN.test(cell) ? Number(cell) : undefined);
  const mark = thousands === undefined ? undefined : groupMark(thousands);
  const whole = mark === undefined ? '\\d+' : `(?:\\d{1,3}(?<mark>${mark})\\d{3}(?:\\k<mark>\\d{3})*|\\d+)`;
  const form = new RegExp(`^[+-]?(?:${whole}(?:[${decimal}]\\d*)?|[${decimal}]\\d+)(?:[eE][+-]?\\d+)?$`);
  return (cell) => {
    const match = form.exec(cell);
    if (match === null) return undefined;
    const found = match.groups?.['mark'];
    const ungrouped = found === undefined ? cell : cell.replaceAll(found, '');
    return Number(ungrouped.replace(decimal, '.'));
  };
}

/** Digits of any script with marks, a sign on either side, or a unit behind; and numbers as programs write them. */
const LIKE_A_NUMBER =
  /^(?:[+\-\u2212]*[.,_'\u2019\s\p{Nd}]*\p{Nd}[.,_'\u2019\s\p{Nd}]*(?:[+\-\u2212]|[%\u00B0].*)?|[+-]?0[xob][\da-f]+)$/iu;

/** Whether a cell that is no number as declared looks like one of another form. */
export function looksLikeNumber(cell: string): boolean {
  return LIKE_A_NUMBER.test(cell);
}
