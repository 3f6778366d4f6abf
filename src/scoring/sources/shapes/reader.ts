import { reasonOf } from '../../../common/core/index.ts';
import { type Outlet, PayloadDecoder, type Place, parseJson, shorten } from '../payload/decoder.ts';
import type { PayloadConfig } from '../payload/schema.ts';
import type { Shape, ShapeItem, ShapeMessage, ShapeOptions, ShapeOutlet } from './shape.ts';

/** The most readings of one message. */
const MAX_READINGS = 20_000;
/** What a shared subscription has before its topics. */
const SHARED = /^\$share\/[^/]*\//;

/** Reads messages of one shape. What is wrong is refused by itself and the rest counts, as in the plain form. */
export class ShapeReader {
  readonly #shape: Shape;
  readonly #options: ShapeOptions;
  readonly #decoder: PayloadDecoder;
  readonly #openFrom: number;

  constructor(shape: Shape, time: PayloadConfig['time'], options: { topic?: string; assetTag?: string | undefined }) {
    this.#shape = shape;
    this.#options = { unit: time.unit, assetTag: options.assetTag };
    this.#decoder = new PayloadDecoder({ time: { ...time, unit: time.unit ?? shape.unit } });
    this.#openFrom = openFrom(options.topic ?? '');
  }

  /**
   * Reads a message, of a topic or of none, into readings. `arrival` (ms) stands in for a missing time; without it a
   * reading needs its own. Never throws.
   */
  read(text: string, topic: string | undefined, place: Place, arrival: number | undefined, out: Outlet): void {
    const levels = topic?.split('/') ?? [];
    const open = levels.slice(this.#openFrom);
    const json = this.#shape.content === 'text' ? undefined : parseJson(text);
    if (text.trim() === '') {
      out.reject('no-reading', 'an empty message');
    } else if (json === undefined && (this.#shape.content === 'json' || isBrokenOff(this.#shape.content, text))) {
      out.reject('malformed-json', shorten(text));
    } else this.#read({ levels, open, place, arrival, text, json }, out);
  }

  #read(message: ShapeMessage, out: Outlet): void {
    const { place, arrival } = message;
    let readings = 0;
    let refused = false;
    const item = (found: ShapeItem) => {
      readings += 1;
      if (readings <= MAX_READINGS) this.#decoder.decode(found, place, arrival, out);
    };
    const reject: ShapeOutlet['reject'] = (reason, detail) => {
      refused = true;
      out.reject(reason, shorten(detail));
    };
    try {
      this.#shape.read(message, { item, reject }, this.#options);
    } catch (error) {
      reject('failed', reasonOf(error));
    }
    if (readings === 0 && !refused) reject('no-reading', 'a message with nothing in it');
    if (readings > MAX_READINGS) out.reject('payload-too-large', `${readings} readings, at most ${MAX_READINGS}`);
  }
}

/** The first level that a template leaves to whoever sends: that of the `#`, else of the first wildcard or name. */
function openFrom(template: string): number {
  const levels = template.replace(SHARED, '').split('/');
  if (levels.at(-1) === '#') return levels.length - 1;
  const first = levels.findIndex((level) => /[+{]/.test(level));
  return first === -1 ? levels.length - 1 : first;
}

/** Whether text that is no JSON was meant to be: no bare value begins like an object or array. */
function isBrokenOff(content: Shape['content'], text: string): boolean {
  return content === 'either' && /^\s*[{[]/.test(text);
}
