import { type Reading, StatusCode } from '../core/index.ts';
import { compilePattern } from './pattern.ts';
import type { AssetConfig, AssetTagConfig } from './schema.ts';

/** Names of tags that no pipeline binds are counted, up to this many. */
const MAX_IGNORED_NAMES = 64;

/** How one asset's tags become the model's columns: index, scale and range by the source's tag name. */
export interface Binding {
  readonly columns: ReadonlyMap<string, Column>;
  readonly attributes: Readonly<Record<string, string>>;
}

interface Column {
  readonly index: number;
  readonly scale: number;
  readonly offset: number;
  readonly min: number;
  readonly max: number;
}

const PLAIN: Pick<AssetTagConfig, 'scale' | 'offset' | 'range'> = { scale: 1, offset: 0 };

/** Resolves, once per asset, what the configuration says of it; later entries that match win tag by tag. */
export function createBinder(
  modelTags: readonly string[],
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
      const { scale, offset, range } = tags[sourceTag] ?? PLAIN;
      const [min, max] = range ?? [-Infinity, Infinity];
      columns.set(sourceTag, { index, scale, offset, min, max });
    }
    return { columns, attributes: Object.assign({}, ...matching.map((config) => config.attributes)) };
  };
}

/** Scratch that one pipeline fills per reading: a value and a status per model tag. */
export interface Row {
  readonly values: Float64Array;
  readonly status: Uint32Array;
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
  ignored: Map<string, number>,
): number {
  const { values, status } = row;
  status.fill(absent);
  let bound = 0;
  for (const tag in reading.values) {
    const column = columns.get(tag);
    if (column === undefined) {
      if (ignored.has(tag) || ignored.size < MAX_IGNORED_NAMES) ignored.set(tag, (ignored.get(tag) ?? 0) + 1);
      continue;
    }
    const raw = reading.values[tag];
    const value = (typeof raw === 'boolean' ? Number(raw) : raw) as number;
    bound += 1;
    if (typeof value !== 'number' || !Number.isFinite(value)) {
      values[column.index] = Number.NaN;
      status[column.index] = typeof raw === 'string' ? StatusCode.BadDecodingError : StatusCode.BadSensorFailure;
      continue;
    }
    const scaled = value * column.scale + column.offset;
    const inRange = scaled >= column.min && scaled <= column.max;
    values[column.index] = inRange ? scaled : Number.NaN;
    status[column.index] = inRange ? StatusCode.Good : StatusCode.BadOutOfRange;
  }
  return bound;
}
