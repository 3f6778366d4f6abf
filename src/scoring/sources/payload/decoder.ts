import { type Reading, type ReadingValue, reasonOf } from '../../../common/core/index.ts';
import type { RejectReason } from '../reject.ts';
import { type TimeUnit, toMillis } from '../time.ts';
import { toBlock } from './block.ts';
import { type CompiledPaths, compilePaths } from './path.ts';
import type { PayloadConfig } from './schema.ts';

/** What a payload's topic or file says of its readings. */
export interface Place {
  readonly asset: string | undefined;
  readonly tag: string | undefined;
  readonly attributes: Readonly<Record<string, string>> | undefined;
}

/** Takes readings, and what is refused. */
export interface Outlet {
  push(reading: Reading): void;
  reject(reason: RejectReason, detail: string): void;
}

/** A place that says nothing. */
export const NOWHERE: Place = Object.freeze({ asset: undefined, tag: undefined, attributes: undefined });
/** The most characters of an asset's name. */
export const MAX_ASSET = 64;
/** Characters of a detail that are kept for a log line. */
const MAX_DETAIL = 120;

type Values = Record<string, ReadingValue>;

/** One value as it was found, before anything is checked. */
interface Single {
  readonly asset?: unknown;
  readonly t?: unknown;
  readonly tag?: unknown;
  readonly value: unknown;
}

/** Cuts a text to what a log line may have. */
export function shorten(text: string): string {
  return text.length <= MAX_DETAIL ? text : `${text.slice(0, MAX_DETAIL)}...`;
}

/** Shows a value that came in, for a detail: nested data by their kind alone, whose depth nobody bounds. */
export function show(value: unknown): string {
  if (typeof value === 'string') return shorten(JSON.stringify(value.slice(0, MAX_DETAIL + 1)));
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'an array' : 'an object';
  return shorten(String(value));
}

/** Parses JSON; undefined for other text. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * Turns parsed payloads into readings: an object or an array of them, in the plain form or by declared paths, or a
 * bare value where the place says asset and tag. What is wrong is refused by itself and the rest counts.
 */
export class PayloadDecoder {
  readonly #unit: TimeUnit | undefined;
  readonly #paths: CompiledPaths | undefined;

  constructor({ time, paths }: PayloadConfig) {
    this.#unit = time.unit;
    this.#paths = paths === undefined ? undefined : compilePaths(paths);
  }

  /**
   * Decodes a payload, and uses it up. Never throws: what is thrown on the way, also by `push`, is refused as `failed`,
   * and the other readings count. `arrival` (ms) stands in for a missing time; without it a reading needs its own.
   */
  decode(root: unknown, place: Place, arrival: number | undefined, out: Outlet): void {
    const payload = this.#paths?.readings === undefined ? root : this.#paths.readings(root);
    for (const item of Array.isArray(payload) ? payload : [payload]) {
      try {
        this.#item(item, place, arrival, out);
      } catch (error) {
        out.reject('failed', shorten(reasonOf(error)));
      }
    }
  }

  #item(item: unknown, place: Place, arrival: number | undefined, out: Outlet): void {
    if (typeof item === 'object') {
      if (item === null || Array.isArray(item)) {
        if (item === null && place.tag !== undefined) this.#single({ value: item }, place, arrival, out);
        else out.reject('unknown-shape', item === null ? 'null' : 'an array inside an array');
      } else if (this.#paths === undefined) this.#plain(item as Record<string, unknown>, place, arrival, out);
      else this.#declared(item as Record<string, unknown>, this.#paths, place, arrival, out);
    } else if (place.tag === undefined || item === undefined) {
      out.reject('unknown-shape', `neither an object nor an array: ${show(item)}`);
    } else this.#single({ value: item }, place, arrival, out);
  }

  /** The hot path: where nothing has to be added, the parsed object itself is the reading. */
  #plain(item: Record<string, unknown>, place: Place, arrival: number | undefined, out: Outlet): void {
    const { values } = item;
    const asset = place.asset ?? item['asset'];
    if (typeof values !== 'object' || values === null || Array.isArray(values)) {
      if (values === undefined && 'value' in item) {
        this.#single({ asset, t: item['t'], tag: item['tag'], value: item['value'] }, place, arrival, out);
      } else out.reject('unknown-shape', `"values" is no object; keys: ${shorten(Object.keys(item).join(', '))}`);
      return;
    }
    if (!isAsset(asset, out)) return;
    const t = this.#time(item['t'], arrival, out);
    if (Number.isNaN(t)) return;
    if (item['rate'] !== undefined && Object.values(values).some(Array.isArray)) {
      emitBlock(asset, t, item['rate'], values as Record<string, unknown>, place, out);
      return;
    }
    if (!settleValues(values as Values, out)) return;
    if (
      place.attributes === undefined &&
      // What only a source may say of a reading is not taken from a payload.
      item['attributes'] === undefined &&
      item['block'] === undefined &&
      item['again'] === undefined &&
      item['t'] === t &&
      item['asset'] === asset
    ) {
      out.push(item as unknown as Reading);
    } else emit(asset, t, values as Values, place, out);
  }

  #declared(
    item: Record<string, unknown>,
    paths: CompiledPaths,
    place: Place,
    arrival: number | undefined,
    out: Outlet,
  ): void {
    const asset = place.asset ?? paths.asset(item);
    const rawTime = paths.t(item);
    if (paths.value !== undefined) {
      const found = { asset, t: rawTime, tag: paths.tag(item), value: paths.value(item) };
      this.#single(found, place, arrival, out);
      return;
    }
    const values = paths.flat === undefined ? paths.values(item) : omit(item, paths.flat);
    if (typeof values !== 'object' || values === null || Array.isArray(values)) {
      out.reject('unknown-shape', 'no object of values at the declared path');
      return;
    }
    if (!isAsset(asset, out)) return;
    const t = this.#time(rawTime, arrival, out);
    if (!Number.isNaN(t) && settleValues(values as Values, out)) emit(asset, t, values as Values, place, out);
  }

  #single(found: Single, place: Place, arrival: number | undefined, out: Outlet): void {
    const asset = place.asset ?? found.asset;
    const tag = place.tag ?? found.tag;
    if (!isAsset(asset, out)) return;
    if (typeof tag !== 'string' || tag === '') {
      out.reject('missing-tag', 'a single value without the name of its tag');
      return;
    }
    const t = this.#time(found.t, arrival, out);
    const values = { [tag]: found.value } as Values;
    if (!Number.isNaN(t) && settleValues(values, out)) emit(asset, t, values, place, out);
  }

  /** Reads the time of a reading; NaN where it is refused. */
  #time(raw: unknown, arrival: number | undefined, out: Outlet): number {
    if (raw === undefined || raw === null) {
      if (arrival !== undefined) return arrival;
      out.reject('missing-time', 'a reading without "t"');
      return Number.NaN;
    }
    const t = toMillis(raw, this.#unit);
    if (Number.isNaN(t)) out.reject('bad-time', show(raw));
    return t;
  }
}

function emit(asset: string, t: number, values: Values, place: Place, out: Outlet): void {
  const { attributes } = place;
  out.push(attributes === undefined ? { asset, t, values } : { asset, t, values, attributes });
}

/** Pushes a block of samples; what stands beside the arrays is settled as in any reading. */
function emitBlock(
  asset: string,
  t: number,
  rate: unknown,
  given: Readonly<Record<string, unknown>>,
  { attributes }: Place,
  out: Outlet,
): void {
  const block = toBlock({ asset, t, rate }, given, (reason, detail) => out.reject(reason, shorten(detail)));
  if (block === undefined) return;
  if (Object.keys(block.values).length > 0) settleValues(block.values as Values, out);
  out.push(attributes === undefined ? block : { ...block, attributes });
}

/** Whether it can be the name of an asset; refuses what cannot. */
export function isAsset(asset: unknown, out: Pick<Outlet, 'reject'>): asset is string {
  if (typeof asset === 'string' && asset.length > 0 && asset.length <= MAX_ASSET) return true;
  if (asset === undefined || asset === null || asset === '') out.reject('missing-asset', 'no name of an asset');
  else out.reject('bad-asset', show(asset));
  return false;
}

/** Refuses what is no value; null in its place says that the sample was bad. False where there is nothing at all. */
function settleValues(values: Values, out: Outlet): boolean {
  let some = false;
  for (const tag in values) {
    some = true;
    const value: unknown = values[tag];
    if (typeof value === 'number') {
      if (Number.isFinite(value)) continue;
      out.reject('non-finite', shorten(tag));
    } else if (value === undefined || (typeof value === 'object' && value !== null)) {
      out.reject('wrong-type', shorten(tag));
    } else continue;
    values[tag] = null;
  }
  if (!some) out.reject('unknown-shape', 'a reading without values');
  return some;
}

function omit(item: Record<string, unknown>, keys: ReadonlySet<string>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(item).filter(([key]) => !keys.has(key)));
}
