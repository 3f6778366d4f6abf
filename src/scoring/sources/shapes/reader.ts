import { reasonOf } from '../../../common/core/index.ts';
import { BROKEN } from '../payload/broken.ts';
import { type Outlet, PayloadDecoder, type Place, shorten } from '../payload/decoder.ts';
import { readDocuments } from '../payload/documents.ts';
import type { PayloadConfig } from '../payload/schema.ts';
import type { Text } from '../payload/text.ts';
import { TimeReader } from '../time.ts';
import type { Shape, ShapeItem, ShapeMessage, ShapeOptions, ShapeOutlet } from './shape.ts';
import { timeFormOf } from './time-form.ts';
import { parseWhole } from './whole.ts';

/** The most readings of one message. */
const MAX_READINGS = 20_000;
/** How text begins that is an object or array, and no bare value. */
const BRACKETS = /^\s*[{[]/;
/** What a shared subscription has before its topics. */
const SHARED = /^\$share\/[^/]*\//;

/** What a source declares beside its shape, and the reader of its times where more than one reads them. */
export interface ShapeReading {
  readonly topic?: string;
  readonly assetTag?: string | undefined;
  readonly decimal?: PayloadConfig['decimal'];
  readonly times?: TimeReader;
}

/** Reads messages of one shape. What is wrong is refused by itself and the rest counts, as in the plain form. */
export class ShapeReader {
  readonly #shape: Shape;
  readonly #options: ShapeOptions;
  readonly #decoder: PayloadDecoder;
  readonly #openFrom: number;

  constructor(shape: Shape, time: PayloadConfig['time'], options: ShapeReading) {
    this.#shape = shape;
    this.#options = { unit: time.unit, zone: time.zone, assetTag: options.assetTag };
    const { decimal } = options;
    this.#decoder = new PayloadDecoder({ time, decimal }, options.times ?? new TimeReader(timeFormOf(time, shape)));
    this.#openFrom = openFrom(options.topic ?? '');
  }

  /**
   * Reads a message, of a topic or of none, into readings. `arrival` (ms) stands in for a missing time; without it a
   * reading needs its own. Never throws.
   */
  read(given: Text, topic: string | undefined, place: Place, arrival: number | undefined, out: Outlet): void {
    const { text } = given;
    const levels = topic?.split('/') ?? [];
    const message = { levels, open: levels.slice(this.#openFrom), place, text };
    const { content } = this.#shape;
    if (text.trim() === '') out.reject('no-reading', 'an empty message');
    else if (content === 'text' || (content === 'either' && !BRACKETS.test(text))) {
      this.#read({ ...message, arrival, json: content === 'text' ? undefined : parseWhole(given) }, out);
    } else {
      const { documents, broken } = readDocuments(given);
      for (const detail of broken) out.reject('malformed-json', shorten(detail));
      // A time that is missing in a document of which parts are missing may have stood there.
      for (const { content: json, whole } of documents) {
        if (json !== BROKEN) this.#read({ ...message, arrival: whole ? arrival : undefined, json }, out);
      }
    }
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
