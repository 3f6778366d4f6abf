const LEVELS = '▁▂▃▄▅▆▇█';

/**
 * Draws one block for each value, right-aligned in `width`; `low` and `high` are the bottom and the top of the scale.
 */
export function sparkline(values: readonly number[], width: number, low: number, high: number): string {
  const span = high - low;
  const blocks = values.slice(-Math.max(0, width)).map((value) => {
    const share = span > 0 ? (value - low) / span : 0;
    const level = Math.round(Math.min(1, Math.max(0, share)) * (LEVELS.length - 1));
    return LEVELS[level] ?? ' ';
  });
  return (width > 0 ? blocks.join('') : '').padStart(Math.max(0, width));
}

const FILLED = '█';
const EMPTY = '░';
const MARK = '┃';

/** Draws a bar of `width` cells, filled to `share` (0 to 1), with a mark at `mark` (0 to 1). */
export function bar(share: number, mark: number, width: number): string {
  const filled = Math.round(Math.min(1, Math.max(0, share)) * width);
  const marked = Math.min(width - 1, Math.max(0, Math.round(mark * width)));
  return Array.from({ length: width }, (_, cell) => (cell === marked ? MARK : cell < filled ? FILLED : EMPTY)).join('');
}
