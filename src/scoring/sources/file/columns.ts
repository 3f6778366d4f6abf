import { badLayout } from '../errors.ts';
import { shorten } from '../payload/decoder.ts';
import { stemOf } from './listing.ts';
import type { RecordingOptions } from './recording.ts';
import { compileTemplate } from './template.ts';

/** The places of asset, time and tags in a row, once the columns are known. */
export interface Columns {
  readonly count: number;
  asset(cells: readonly string[]): string;
  /** Columns of the time; none for rows at a fixed rate. */
  readonly time: readonly number[];
  readonly tags: readonly { readonly name: string; readonly index: number }[];
}

const SEPARATORS = { ';': "';'", '\t': 'tab', ',': "','", '|': "'|'" } as const;

/** Finds the columns by their names. Throws `sources.bad-layout` where one is missing or stands twice. */
export function locateColumns(
  { config, name }: Pick<RecordingOptions, 'config' | 'name'>,
  header: readonly string[],
): Columns {
  const names = header.at(-1) === '' && header.length > 1 ? header.slice(0, -1) : header;
  const indexes = new Map<string, number>();
  for (const [index, column] of names.entries()) {
    // A column without a name, such as the row numbers of a data frame, is nobody's.
    if (column === '') continue;
    if (indexes.has(column)) {
      throw badLayout(name, `two columns have the same name, "${shorten(column)}"`, {
        path: 'columns',
        hint: 'Name every column in order under columns, with header: true.',
      });
    }
    indexes.set(column, index);
  }
  const indexOf = (column: string, path: string): number => {
    const index = indexes.get(column);
    if (index !== undefined) return index;
    throw badLayout(name, `no column "${column}" among ${shorten(names.join(', '))}`, { path, ...hintOf(names) });
  };
  const { column, period } = config.time;
  if (column === undefined && period === undefined) {
    throw badLayout(name, 'a csv file needs the column of its time, or the period of its rows', { path: 'time' });
  }
  const time = column === undefined ? [] : [column].flat();
  const template = compileTemplate(config.asset ?? '{file}');
  const used = new Set([...time, ...template.columns]);
  const tags = config.tags?.map((tag) => (typeof tag === 'string' ? tag : tag.tag));
  return {
    count: names.length,
    asset: template.bind(stemOf(name), (wanted) => indexOf(wanted, 'asset')),
    time: time.map((wanted) => indexOf(wanted, 'time.column')),
    tags: (tags ?? [...indexes.keys()].filter((wanted) => !used.has(wanted))).map((tag) => ({
      name: tag,
      index: indexOf(tag, 'tags'),
    })),
  };
}

/** Says what a header whose names do not fit was likely meant to be. */
function hintOf(names: readonly string[]): { hint?: string } {
  const text = names.join('');
  if (text.includes('\uFFFD')) return { hint: 'It is not UTF-8: declare encoding, such as windows-1252.' };
  const mark =
    names.length > 1
      ? undefined
      : (Object.keys(SEPARATORS) as (keyof typeof SEPARATORS)[]).find((one) => text.includes(one));
  return mark === undefined
    ? {}
    : { hint: `The header has ${SEPARATORS[mark]} in it: declare separator: ${SEPARATORS[mark]}.` };
}
