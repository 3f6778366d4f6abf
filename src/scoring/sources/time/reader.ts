import { compileFormat, type FormatParser } from './format.ts';
import { parseIsoStamp } from './iso.ts';
import { HourPasses } from './passes.ts';
import { endsDay, type Stamp } from './stamp.ts';
import { fromExcel, fromNumber, isTime, type TimeUnit } from './units.ts';
import { parseWordedStamp } from './worded.ts';
import { LocalClock } from './zone.ts';

/** How times are written. */
export interface TimeForm {
  /** ms where absent. */
  readonly unit?: TimeUnit | undefined;
  /** Zone of the clock where a text does not name one; UTC where absent. */
  readonly zone?: string | undefined;
  /** The forms that text has; those of ISO 8601, mail and .NET where absent. */
  readonly format?: string | readonly string[] | undefined;
}

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
/** A date with the year behind, whose day and month nobody can tell apart for certain. */
const YEAR_BEHIND = /^\d{1,2}([./-])\d{1,2}\1(?:\d{4}|\d\d)\b/;
const ZONE_NAME = /\d\s*(?!am|pm)([a-z]{2,5})$/i;
/** Before that a text is what programs write for no time: 0001-01-01, 1601-01-01, 1899-12-30. */
const EARLIEST = Date.UTC(1900, 0, 1);

/** Reads times of one source as they were declared. It remembers, for an hour that comes twice, how far each asset was. */
export class TimeReader {
  readonly #unit: TimeUnit;
  readonly #formats: readonly FormatParser[] | undefined;
  readonly #declared: string;
  readonly #zone: string | undefined;
  readonly #clock: LocalClock | undefined;
  readonly #passes = new HourPasses();
  /** The last text and what it said: readings of one instant come together. */
  #text = '';
  #stamp: Stamp | string = 'is empty';

  /** Takes a form that its schema has let through. Throws RangeError on another zone. */
  constructor({ unit = 'ms', zone, format }: TimeForm) {
    const formats = format === undefined ? undefined : [format].flat();
    this.#unit = unit;
    this.#formats = formats?.map(compileFormat);
    this.#declared = formats?.join(' or ') ?? '';
    this.#zone = zone;
    this.#clock = zone === undefined ? undefined : new LocalClock(zone);
  }

  /** Forgets how far each asset was: what comes begins anew. */
  forget(): void {
    this.#passes.forget();
  }

  /** Whether what it says of a time depends on those before. */
  get remembers(): boolean {
    return this.#clock !== undefined;
  }

  /**
   * Reads a time of an asset as ms since the epoch; a text that says why where it is refused, and what to do.
   * `arrival` is when a live reading came.
   */
  read(raw: unknown, asset: string, arrival: number | undefined): number | string {
    if (typeof raw === 'number' && this.#formats === undefined) return this.#number(raw, asset, arrival);
    if (typeof raw !== 'string' && typeof raw !== 'number') return 'is neither a number nor text';
    const text = String(raw).trim();
    if (this.#formats === undefined && this.#unit !== 'iso' && NUMBER.test(text)) {
      return this.#number(Number(text), asset, arrival);
    }
    if (text !== this.#text) {
      this.#stamp = this.#parse(text);
      this.#text = text;
    }
    return typeof this.#stamp === 'string' ? this.#stamp : this.#instant(this.#stamp, asset, arrival);
  }

  #number(value: number, asset: string, arrival: number | undefined): number | string {
    if (this.#unit !== 'excel') return fromNumber(value, this.#unit);
    const wall = fromExcel(value);
    return typeof wall === 'string' ? wall : this.#instant({ wall, offset: undefined, leap: false }, asset, arrival);
  }

  #parse(text: string): Stamp | string {
    if (this.#formats !== undefined) {
      for (const parse of this.#formats) {
        const stamp = parse(text);
        if (stamp !== undefined) return stamp;
      }
      return `is not of the declared time.format ${this.#declared}`;
    }
    return parseIsoStamp(text) ?? parseWordedStamp(text) ?? whyNot(text);
  }

  #instant({ wall, offset, leap }: Stamp, asset: string, arrival: number | undefined): number | string {
    let t = wall - (offset ?? 0);
    if (offset === undefined && this.#clock !== undefined) {
      const instants = this.#clock.instantsOf(wall);
      if (Number.isNaN(instants.first)) {
        return `does not exist in ${this.#zone}, whose clock goes forward over it: a clock that is not changed has a zone such as UTC+1`;
      }
      t = this.#passes.choose(asset, instants, arrival);
    }
    if (leap && !endsDay(t)) return 'has a leap second where none can be';
    if (t < EARLIEST) return 'is before 1900: what programs write for no time';
    return isTime(t) ? t : 'is out of range';
  }
}

function whyNot(text: string): string {
  if (text === '') return 'is empty';
  if (YEAR_BEHIND.test(text)) {
    return 'can be read in two ways: declare time.format, such as dd/MM/yyyy HH:mm:ss or MM/dd/yyyy HH:mm:ss';
  }
  const zone = ZONE_NAME.exec(text)?.[1];
  if (zone !== undefined && parseIsoStamp(text.slice(0, -zone.length).trim()) !== undefined) {
    return `ends with ${zone}, which is no offset: declare time.zone, and time.format with '${zone}'`;
  }
  return 'is no time that ISO 8601 has: declare time.format';
}
