import type { ShapeOptions, ShapeOutlet } from './shape.ts';
import { ValueGatherer } from './values.ts';

/** The tags that name the asset where none is declared, in this order. */
export const ASSET_TAGS = ['asset', 'device', 'machine', 'host'] as const;
/** Where the collector runs, which it adds by itself: no part of a series whose asset another tag names. */
const COLLECTOR = 'host';

/** A point of a time series as Telegraf and InfluxDB have it. */
export interface Point {
  readonly name: string;
  readonly tags: Readonly<Record<string, unknown>>;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly t: unknown;
}

/**
 * Makes a reading of a point. One tag of the series names the asset; a field is called `name.field`, and
 * `name,key=value.field` where the series has further tags, so that no two series become one.
 */
export function emitPoint({ name, tags, fields, t }: Point, { assetTag }: ShapeOptions, out: ShapeOutlet): void {
  const naming = assetTag ?? ASSET_TAGS.find((tag) => Object.hasOwn(tags, tag));
  const further = Object.keys(tags)
    .filter((tag) => tag !== naming && tag !== COLLECTOR)
    .sort();
  const series = [name, ...further.map((tag) => `${tag}=${plain(tags[tag])}`)].join(',');
  const gathered = new ValueGatherer(out);
  for (const [field, value] of Object.entries(fields)) gathered.add(`${series}.${field}`, value);
  out.item({ asset: naming === undefined ? undefined : tags[naming], t, values: gathered.values });
}

function plain(value: unknown): string {
  return typeof value === 'object' ? '' : String(value);
}
