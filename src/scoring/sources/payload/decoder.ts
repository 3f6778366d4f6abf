import {
  type DecimalMark,
  isAssetName,
  type Reading,
  type ReadingValue,
  reasonOf,
} from '../../../common/core/index.ts';
import type { RejectReason } from '../reject.ts';
import { TimeReader } from '../time.ts';
import { type Named, toBlock } from './block.ts';
import { BROKEN } from './broken.ts';
import { type CompiledPaths, compilePaths } from './declared.ts';
import { readDocuments } from './documents.ts';
import type { Found } from './path.ts';
import type { PayloadConfig } from './schema.ts';
import type { Text } from './text.ts';
import { textOfName } from './values.ts';

/** What a payload's topic or file says of its readings; an empty name says nothing. */
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
/** Characters of a detail that are kept for a log line. */
const MAX_DETAIL = 120;

/** The most characters of a value that stands alone and is no JSON. */
const MAX_BARE = 64;
const NUMERIC = /^[+-]?[\d.,]+$/;
const WORDS = /^\p{L}[\p{L}\p{N} _-]*$/u;

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

/**
 * Turns parsed payloads into readings: an object or an array of them, in the plain form or by declared paths, or a
 * bare value where the place says asset and tag. What is wrong is refused by itself and the rest counts.
 */
export class PayloadDecoder {
  readonly #times: TimeReader;
  readonly #paths: CompiledPaths | undefined;
  readonly #decimal: DecimalMark;

  /** `times` reads times, where more than one decoder reads those of a source. */
  constructor({ time, paths, decimal = '.' }: PayloadConfig, times = new TimeReader(time)) {
    this.#times = times;
    this.#decimal = decimal;
    this.#paths = paths === undefined ? undefined : compilePaths(paths);
  }

  /** Decodes the documents of a message: what JSON refuses of them is counted, each place by itself, and the rest read. */
  read(text: Text, place: Place, arrival: number | undefined, out: Outlet): void {
    const { documents, broken } = readDocuments(text);
    if (place.asset && place.tag && this.#isBare(text.text, documents[0]?.content)) {
      this.decode(text.text.trim(), place, arrival, out);
      return;
    }
    for (const detail of broken) out.reject('malformed-json', shorten(detail));
    // A time that is missing in a document of which parts are missing may have stood there.
    for (const { content, whole } of documents) {
      if (whole) this.decode(content, place, arrival, out);
      else this.decode(content, place, undefined, partial(out));
    }
  }

  /**
   * Decodes a payload, and uses it up. Never throws: what is thrown on the way, also by `push`, is refused as `failed`,
   * and the other readings count. `arrival` (ms) stands in for a missing time; without it a reading needs its own.
   */
  decode(root: unknown, place: Place, arrival: number | undefined, out: Outlet): void {
    const paths = this.#paths;
    for (const message of Array.isArray(root) && paths?.takesArrays !== true ? root : [root]) {
      try {
        if (paths === undefined) this.#item(message, place, arrival, out);
        else for (const found of paths.readings(message)) this.#found(found, paths, place, arrival, out);
      } catch (error) {
        out.reject('failed', shorten(reasonOf(error)));
      }
    }
  }

  #found(found: Found, paths: CompiledPaths, place: Place, arrival: number | undefined, out: Outlet): void {
    const { item, names } = found;
    // Below a star also a bare value is a reading, since the names say whose it is.
    const isReading = names.length > 0 ? item !== undefined && item !== BROKEN : isObject(item);
    try {
      if (!isReading || Array.isArray(item)) this.#item(item, place, arrival, out);
      else this.#declared(found, paths, place, arrival, out);
    } catch (error) {
      out.reject('failed', shorten(reasonOf(error)));
    }
  }

  /**
   * Whether a text that stands alone is a value as it is: a word, which is no JSON; or, where numbers have a comma, a number
   * as the sender writes it, which JSON would misread.
   */
  #isBare(text: string, content: unknown): boolean {
    if (text.length > MAX_BARE) return false;
    const bare = text.trim();
    if (this.#decimal === ',' && NUMERIC.test(bare)) return true;
    return content === BROKEN && WORDS.test(bare);
  }

  #item(item: unknown, place: Place, arrival: number | undefined, out: Outlet): void {
    if (item === BROKEN) {
      // Where the topic names both, it is known whose value could not be read.
      if (place.asset && place.tag) this.#single({ value: item }, place, arrival, out);
    } else if (isObject(item)) this.#plain(item, place, arrival, out);
    else if (Array.isArray(item)) out.reject('unknown-shape', 'an array inside an array');
    else if (place.tag === undefined || item === undefined) {
      out.reject('unknown-shape', `neither an object nor an array: ${show(item)}`);
    } else this.#single({ value: item }, place, arrival, out);
  }

  /** The hot path: where nothing has to be added, the parsed object itself is the reading. */
  #plain(item: Record<string, unknown>, place: Place, arrival: number | undefined, out: Outlet): void {
    const { values } = item;
    const given = place.asset || item['asset'];
    if (typeof values !== 'object' || values === null || Array.isArray(values)) {
      if (values === undefined && 'value' in item) {
        this.#single({ asset: given, t: item['t'], tag: item['tag'], value: item['value'] }, place, arrival, out);
      } else out.reject('unknown-shape', `"values" is no object; keys: ${shorten(Object.keys(item).join(', '))}`);
      return;
    }
    const asset = toAsset(given, out);
    if (asset === undefined) return;
    const t = this.#time(item['t'], asset, arrival, out);
    if (Number.isNaN(t)) return;
    if (item['rate'] !== undefined && Object.values(values).some(Array.isArray)) {
      this.#block({ asset, t, rate: item['rate'] }, values as Record<string, unknown>, place, out);
      return;
    }
    if (!settleValues(values as Values, out)) return;
    if (
      place.attributes === undefined &&
      this.#decimal === '.' &&
      // What only a source may say of a reading is not taken from a payload.
      item['attributes'] === undefined &&
      item['block'] === undefined &&
      item['again'] === undefined &&
      item['decimal'] === undefined &&
      item['t'] === t &&
      item['asset'] === asset
    ) {
      out.push(item as unknown as Reading);
    } else this.#emit({ asset, t, values: values as Values }, place, out);
  }

  #declared(found: Found, paths: CompiledPaths, place: Place, arrival: number | undefined, out: Outlet): void {
    const given = place.asset || paths.asset(found);
    const rawTime = paths.t(found);
    if (paths.single !== undefined) {
      const { tag, value } = paths.single;
      this.#single({ asset: given, t: rawTime, tag: tag(found), value: value(found) }, place, arrival, out);
      return;
    }
    const { values, problems = [] } = paths.values(found);
    for (const problem of problems) out.reject('unknown-shape', shorten(problem));
    if (!isObject(values)) {
      if (problems.length === 0) out.reject('unknown-shape', 'no object of values at the declared path');
      return;
    }
    const asset = toAsset(given, out);
    if (asset === undefined) return;
    const t = this.#time(rawTime, asset, arrival, out);
    if (!Number.isNaN(t) && settleValues(values as Values, out))
      this.#emit({ asset, t, values: values as Values }, place, out);
  }

  #single(found: Single, place: Place, arrival: number | undefined, out: Outlet): void {
    const asset = toAsset(place.asset || found.asset, out);
    const tag = place.tag || textOfName(found.tag);
    if (asset === undefined) return;
    if (typeof tag !== 'string' || tag === '') {
      out.reject('missing-tag', 'a single value without the name of its tag');
      return;
    }
    const t = this.#time(found.t, asset, arrival, out);
    const values = { [tag]: found.value } as Values;
    if (!Number.isNaN(t) && settleValues(values, out)) this.#emit({ asset, t, values }, place, out);
  }

  /** Pushes a block of samples; what stands beside the arrays is settled as in any reading. */
  #block(named: Named, given: Readonly<Record<string, unknown>>, place: Place, out: Outlet): void {
    const block = toBlock(named, given, this.#decimal, (reason, detail) => out.reject(reason, shorten(detail)));
    if (block === undefined) return;
    if (Object.keys(block.values).length > 0) settleValues(block.values as Values, out);
    this.#emit(block, place, out);
  }

  /** Pushes a reading with what its place and the source say of it. */
  #emit(reading: Reading, { attributes }: Place, out: Outlet): void {
    const decimal = this.#decimal;
    if (attributes === undefined && decimal === '.') out.push(reading);
    else out.push({ ...reading, ...(attributes && { attributes }), ...(decimal === ',' && { decimal }) });
  }

  /** Reads the time of a reading; NaN where it is refused. */
  #time(raw: unknown, asset: string, arrival: number | undefined, out: Outlet): number {
    if (raw === undefined || raw === null) {
      if (arrival !== undefined) return arrival;
      out.reject('missing-time', 'a reading without "t"');
      return Number.NaN;
    }
    const t = this.#times.read(raw, asset, arrival);
    if (typeof t === 'number') return t;
    out.reject('bad-time', `${show(raw)} ${t}`);
    return Number.NaN;
  }
}

/**
 * Reads the name of an asset: text, or an integer that no other is rounded to. Undefined where there is none or it can
 * be none, which is refused.
 */
export function toAsset(raw: unknown, out: Pick<Outlet, 'reject'>): string | undefined {
  const name = textOfName(raw);
  if (typeof name === 'string' && isAssetName(name)) return name;
  if (name === undefined || name === null || name === '') out.reject('missing-asset', 'no name of an asset');
  else out.reject('bad-asset', show(name));
  return undefined;
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
    } else if (value === undefined || (value !== BROKEN && typeof value === 'object' && value !== null)) {
      out.reject('wrong-type', shorten(tag));
    } else if (value !== BROKEN) continue;
    values[tag] = null;
  }
  if (!some) out.reject('unknown-shape', 'a reading without values');
  return some;
}

/** What takes the readings of a message of which parts are missing: that its shape is wrong was told with these. */
function partial(out: Outlet): Outlet {
  return {
    push: (reading) => out.push(reading),
    reject: (reason, detail) => {
      if (reason !== 'unknown-shape') out.reject(reason, detail);
    },
  };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
