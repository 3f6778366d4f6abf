import { malformed, tooLarge, truncated } from './errors.ts';

export const WIRE = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

/** What all readers of one file share: the file, and how many fields may still be visited. */
export interface WireSource {
  readonly bytes: Uint8Array;
  fieldsLeft: number;
  readonly maxName: number;
}

const decoder = new TextDecoder();

/**
 * Walks the fields of one protobuf message (protobuf.dev/programming-guides/encoding) without copying.
 * Every step moves forward inside [at, end), so reading ends; bytes outside are never touched.
 */
export class WireReader {
  field = 0;
  wire = 0;
  /** Value of a varint field; exact up to 2^53, a negative int64 as such. */
  value = 0;
  readonly #source: WireSource;
  readonly #end: number;
  #at: number;
  /** Where the current field begins, and its content. */
  #first = 0;
  #start = 0;

  constructor(source: WireSource, start = 0, end = source.bytes.length) {
    this.#source = source;
    this.#at = start;
    this.#end = end;
  }

  /** Moves to the next field; false at the end of the message. */
  next(): boolean {
    if (this.#at >= this.#end) return false;
    this.#source.fieldsLeft -= 1;
    if (this.#source.fieldsLeft < 0) throw tooLarge('model', 'more fields than the reader visits');
    this.#first = this.#at;
    const tag = this.#varint();
    this.wire = tag & 7;
    this.field = Math.floor(tag / 8);
    if (this.field === 0 || this.field > 0x1fffffff) throw malformed('model', `field number ${this.field}`);
    this.#skipValue();
    return true;
  }

  /** The current field whole, as it stands in the file. */
  raw(): Uint8Array {
    return this.#source.bytes.subarray(this.#first, this.#at);
  }

  /** The current field as a nested message. */
  message(): WireReader {
    this.#expectBytes();
    return new WireReader(this.#source, this.#start, this.#at);
  }

  /** The current field as text, at most the bound of a name. */
  text(): string {
    this.#expectBytes();
    if (this.#at - this.#start > this.#source.maxName) {
      throw tooLarge('model', `a name of ${this.#at - this.#start} bytes`);
    }
    return decoder.decode(this.#source.bytes.subarray(this.#start, this.#at));
  }

  /** The current field as integers of a repeated field: one, or several packed. */
  integers(): number[] {
    if (this.wire === WIRE.varint) return [this.value];
    this.#expectBytes();
    const packed = new WireReader(this.#source, this.#start, this.#at);
    const values: number[] = [];
    while (packed.#at < packed.#end) {
      this.#source.fieldsLeft -= 1;
      if (this.#source.fieldsLeft < 0) throw tooLarge('model', 'more numbers than the reader visits');
      values.push(packed.#varint());
    }
    return values;
  }

  #expectBytes(): void {
    if (this.wire !== WIRE.bytes) throw malformed('model', `field ${this.field} has wire type ${this.wire}`);
  }

  #skipValue(): void {
    switch (this.wire) {
      case WIRE.varint:
        this.value = this.#varint();
        return;
      case WIRE.fixed64:
        this.#advance(8);
        return;
      case WIRE.bytes:
        this.#advance(this.#varint());
        return;
      case WIRE.fixed32:
        this.#advance(4);
        return;
      default:
        throw malformed('model', `wire type ${this.wire} of field ${this.field}`);
    }
  }

  #advance(length: number): void {
    this.#start = this.#at;
    if (length < 0 || length > this.#end - this.#at) throw this.#overrun(length);
    this.#at += length;
  }

  /** Beyond the file: it was cut. Beyond the enclosing message: it is damaged. */
  #overrun(length: number): Error {
    const left = this.#end - this.#at;
    const reason = `field ${this.field} claims ${length} bytes where ${left} are left`;
    return this.#end === this.#source.bytes.length ? truncated('model', reason) : malformed('model', reason);
  }

  /** Base-128 varint, at most ten bytes; of a 64-bit value beyond 2^53 only the magnitude counts. */
  #varint(): number {
    const { bytes } = this.#source;
    let value = 0;
    let factor = 1;
    for (let read = 0; read < 10; read += 1) {
      if (this.#at >= this.#end) throw this.#overrun(1);
      const byte = bytes[this.#at] ?? 0;
      this.#at += 1;
      value += (byte & 0x7f) * factor;
      factor *= 128;
      if (byte < 0x80) return read === 9 ? value - 2 ** 64 : value;
    }
    throw malformed('model', 'a varint longer than ten bytes');
  }
}
