import { styleText } from 'node:util';
import { printable } from '../../common/core/index.ts';

/** A style of a terminal's text, or several. */
export type Style = Parameters<typeof styleText>[0];

/** Text in one style. */
export type Span = string | readonly [text: string, style: Style];

/** One line of the screen; what does not fit is cut off. */
export type Line = readonly Span[];

/** Number of characters. */
export function widthOf(line: Line): number {
  return line.reduce((sum, span) => sum + [...textOf(span)].length, 0);
}

/** Puts one part at the left edge and one at the right. The right one goes where there is no room for both. */
export function spread(left: Line, right: Line, width: number): Line {
  const gap = width - widthOf(left) - widthOf(right);
  return gap < 1 ? left : [...left, ' '.repeat(gap), ...right];
}

/** Makes a text exactly `width` characters wide. */
export function column(text: string, width: number): string {
  const characters = [...text];
  if (characters.length > width) return width < 1 ? '' : `${characters.slice(0, width - 1).join('')}…`;
  return text + ' '.repeat(width - characters.length);
}

/** Makes the text that is written to the terminal: at most `width` characters, with colours or without. */
export function paintLine(line: Line, width: number, colours: boolean): string {
  let left = width;
  let painted = '';
  for (const span of line) {
    if (left <= 0) break;
    const text = [...textOf(span)].slice(0, left).join('');
    left -= [...text].length;
    painted += typeof span === 'string' || !colours ? text : styleText(span[1], text, { validateStream: false });
  }
  return painted;
}

function textOf(span: Span): string {
  // Names and reasons from outside stand here, too.
  return printable(typeof span === 'string' ? span : span[0]);
}
