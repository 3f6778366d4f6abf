import type { Place } from '../payload/decoder.ts';
import type { RejectReason } from '../reject.ts';
import type { TimeUnit } from '../time.ts';

/** One message of a broker, or one line of a file, before anything of it is believed. */
export interface ShapeMessage {
  /** Levels of the topic; none in a file. */
  readonly levels: readonly string[];
  /** The levels that the template leaves open: those of its `#`, else from its first wildcard or name on. */
  readonly open: readonly string[];
  /** When it arrived, ms; undefined for a line of a file, and for a message that the broker kept. */
  readonly arrival: number | undefined;
  /** What the template names: it wins over what a shape finds. */
  readonly place: Place;
  readonly text: string;
  /** The text as JSON; undefined where it is none. */
  readonly json: unknown;
}

/** A reading as a shape finds it. Nothing of it is checked: whoever takes it does that. */
export interface ShapeItem {
  readonly asset: unknown;
  /** The time, in the unit of the shape or as ISO 8601; the time of arrival where undefined. */
  readonly t: unknown;
  readonly values: Record<string, unknown>;
}

/** Takes what a shape finds in a message. */
export interface ShapeOutlet {
  item(item: ShapeItem): void;
  reject(reason: RejectReason, detail: string): void;
}

/** What a source declares beside the name of its shape. */
export interface ShapeOptions {
  /** The unit of times, where it is declared. */
  readonly unit: TimeUnit | undefined;
  /** The zone of times that name none, where it is declared. */
  readonly zone: string | undefined;
  /** The tag of a series that names the asset, where it is declared. */
  readonly assetTag: string | undefined;
}

/** What a kind of device or program sends: how one message of it becomes readings. */
export interface Shape {
  readonly name: string;
  /** The template of topics where none is declared; undefined where there are no usual ones. */
  readonly topic: string | undefined;
  /** The unit of times where none is declared. */
  readonly unit: TimeUnit;
  /** What a message is: JSON; text that is none; or either, by its topic. */
  readonly content: 'json' | 'text' | 'either';
  /** Reads a message. May throw only on what no message can be. */
  read(message: ShapeMessage, out: ShapeOutlet, options: ShapeOptions): void;
}

type Json = Readonly<Record<string, unknown>>;

/** The value as an object of JSON; undefined for another one. */
export function objectOf(value: unknown): Json | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : undefined;
}

/** Counts a message that is meant for something else than readings: availability, a command, a state of the program. */
export function noReading({ levels }: ShapeMessage, out: Pick<ShapeOutlet, 'reject'>, what: string): void {
  out.reject('no-reading', levels.length === 0 ? what : `${what}: ${levels.at(-1)}`);
}
