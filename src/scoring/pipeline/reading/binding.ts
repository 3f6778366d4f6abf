import {
  type DecimalMark,
  plainNumber,
  type Reading,
  type ReadingValue,
  StatusCode,
} from '../../../common/core/index.ts';
import type { AssetConfig, AssetTagConfig } from '../schema/config.ts';
import { compilePattern } from './pattern.ts';

/** Names that are counted, each by itself: tags that no pipeline binds, categories that no model knows. */
const MAX_COUNTED_NAMES = 64;
/** Characters of a category that are shown. */
const SHOWN = 32;
/** Characters of a name that are counted: what goes on is another name only to its sender. */
const MAX_NAME = 64;

/** The numbers that a model was trained with for the categories of one tag. */
export interface CategoryCodes {
  readonly codes: ReadonlyMap<string, number>;
  /** The number of every other category; undefined where the model takes no other. */
  readonly other: number | undefined;
}

/** The numbers of categories, by the model's tag that has them. */
export type Categories = ReadonlyMap<string, CategoryCodes>;

/** How the tags of one asset become the model's columns, by the source's tag name. */
export interface Binding {
  readonly columns: ReadonlyMap<string, Column>;
  readonly attributes: Readonly<Record<string, string>>;
}

/**
 * One tag of the model: its index in a row, and how raw values become the model's: raw x scale + offset, within [min,
 * max].
 */
export interface Column {
  readonly index: number;
  readonly scale: number;
  readonly offset: number;
  readonly min: number;
  readonly max: number;
  readonly categories: CategoryCodes | undefined;
  /** The numbers of texts, as the configuration declares them; undefined where it declares none. */
  readonly words: ReadonlyMap<string, number> | undefined;
}

const PLAIN: Pick<AssetTagConfig, 'scale' | 'offset' | 'range' | 'values'> = { scale: 1, offset: 0 };

/** Resolves, once per asset, what the configuration says of it; later entries that match win tag by tag. */
export function createBinder(
  modelTags: readonly string[],
  categories: Categories,
  renamed: Readonly<Record<string, string>>,
  assets: Readonly<Record<string, AssetConfig>>,
): (asset: string) => Binding {
  const entries = Object.entries(assets).map(([name, config]) => ({
    config,
    matches: compilePattern(config.match ?? name),
  }));
  return (asset) => {
    const matching = entries.filter((entry) => entry.matches(asset)).map((entry) => entry.config);
    const tags = Object.assign({}, ...matching.map((config) => config.tags)) as Record<string, AssetTagConfig>;
    const columns = new Map<string, Column>();
    for (const [index, modelTag] of modelTags.entries()) {
      const sourceTag = renamed[modelTag] ?? modelTag;
      const { scale, offset, range, values } = (Object.hasOwn(tags, sourceTag) ? tags[sourceTag] : undefined) ?? PLAIN;
      const [min, max] = range ?? [-Infinity, Infinity];
      const words = values && new Map(Object.entries(values));
      columns.set(sourceTag, { index, scale, offset, min, max, categories: categories.get(modelTag), words });
    }
    return { columns, attributes: Object.assign({}, ...matching.map((config) => config.attributes)) };
  };
}

/** Scratch memory that one pipeline fills per reading: a value and a status code per tag of the model. */
export interface Row {
  readonly values: Float64Array;
  readonly status: Uint32Array;
}

/** Makes scratch memory for so many tags. */
export function createRow(tags: number): Row {
  return { values: new Float64Array(tags), status: new Uint32Array(tags) };
}

/** Counts of what readings carry and no model uses, by name; bounded in names. */
export interface Unused {
  /** Values of tags that the model does not have. */
  readonly ignoredTags: Map<string, number>;
  /** Values of categories that it does not know, as `tag=category`. */
  readonly unknownCategories: Map<string, number>;
}

/**
 * Puts a reading's values into the row, `absent` where it carries none; returns how many tags were bound.
 * What is not a finite number after decoding becomes NaN with its Bad status, never a guess.
 */
export function fillRow(
  reading: Reading,
  columns: ReadonlyMap<string, Column>,
  row: Row,
  absent: number,
  unused: Unused,
): number {
  row.status.fill(absent);
  let bound = 0;
  for (const tag in reading.values) {
    const column = columns.get(tag);
    if (column === undefined) {
      countName(unused.ignoredTags, tag);
      continue;
    }
    bound += 1;
    const raw = reading.values[tag] ?? null;
    if (column.categories === undefined || raw === null) placeNumber(raw, column, row, reading.decimal);
    else if (!placeCategory(String(raw), column.categories, column.index, row))
      countName(unused.unknownCategories, `${tag}=${String(raw).slice(0, SHOWN)}`);
  }
  return bound;
}

/**
 * Reads a raw value as the number that it is, before scale and offset; NaN where it is none. Text is one where the
 * configuration gives it a number, or where it is a number by itself.
 */
export function numberOf(raw: ReadingValue, { words }: Pick<Column, 'words'>, decimal?: DecimalMark): number {
  if (typeof raw === 'string') return words?.get(raw.trim()) ?? plainNumber(raw, decimal);
  return raw === null ? Number.NaN : Number(raw);
}

/**
 * Puts a value into its column of the row: scaled, or NaN with a Bad status where it is no finite number or out of
 * range.
 */
export function placeNumber(raw: ReadingValue, column: Column, { values, status }: Row, decimal?: DecimalMark): void {
  const { index, scale, offset, min, max } = column;
  const value = numberOf(raw, column, decimal);
  if (!Number.isFinite(value)) {
    values[index] = Number.NaN;
    status[index] = typeof raw === 'string' ? StatusCode.BadDecodingError : StatusCode.BadSensorFailure;
    return;
  }
  const scaled = value * scale + offset;
  const inRange = scaled >= min && scaled <= max;
  values[index] = inRange ? scaled : Number.NaN;
  status[index] = inRange ? StatusCode.Good : StatusCode.BadOutOfRange;
}

/**
 * Puts the number of a category into the row; false where the model does not know it, though another may stand for it.
 */
function placeCategory(
  category: string,
  { codes, other }: CategoryCodes,
  index: number,
  { values, status }: Row,
): boolean {
  const code = codes.get(category);
  values[index] = code ?? other ?? Number.NaN;
  if (code !== undefined) status[index] = StatusCode.Good;
  else status[index] = other === undefined ? StatusCode.BadOutOfRange : StatusCode.UncertainEngineeringUnitsExceeded;
  return code !== undefined;
}

/** Counts a name, as long as there are few enough of them; of a long one its begin. */
export function countName(names: Map<string, number>, name: string): void {
  const shown = name.length > MAX_NAME ? `${name.slice(0, MAX_NAME)}...` : name;
  if (names.has(shown) || names.size < MAX_COUNTED_NAMES) names.set(shown, (names.get(shown) ?? 0) + 1);
}
