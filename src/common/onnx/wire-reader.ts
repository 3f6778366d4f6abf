import { malformed, tooLarge, truncated } from './errors.ts';

/** Wire types of protobuf. */
export const WIRE = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

/** File of protobuf, and how much of it may still be visited: all readers of one file share it. */
export interface WireSource {
  readonly bytes: Uint8Array;
  /** Fields that may still be visited. */
  fieldsLeft: number;
  /** Most bytes of one name. */
  readonly maxName: number;
}

const decoder = new TextDecoder();

/**
 * Walks the fields of one protobuf message (protobuf.dev/programming-guides/encoding) without copying. Every step moves
 * forward inside [at, end), so reading ends; bytes outside are never touched. Throws `onnx.malformed`, `.truncated`,
 * `.too-large`.
 */
export class WireReader {
  /** Number of the current field. */
  field = 0;
  /** Wire type of the current field. */
  wire = 0;
  /** Value of the current field where it is a varint; exact up to 2^53, a negative int64 as such. */
  value = 0;
  readonly #source: WireSource;
  readonly #end: number;
  #at: number;
  /** Offset of the current field. */
  #first = 0;
  /** Offset of its content. */
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

  /** View of the current field, tag and content, as it stands in the file. */
  raw(): Uint8Array {
    return this.#source.bytes.subarray(this.#first, this.#at);
  }

  /** Reads the current field as a nested message. */
  message(): WireReader {
    this.#expectBytes();
    return new WireReader(this.#source, this.#start, this.#at);
  }

  /** Bytes of the current field's content. */
  content(): Uint8Array {
    this.#expectBytes();
    return this.#source.bytes.subarray(this.#start, this.#at);
  }

  /** Reads the current field as text of at most `maxName` bytes. */
  text(): string {
    this.#expectBytes();
    if (this.#at - this.#start > this.#source.maxName) {
      throw tooLarge('model', `a name of ${this.#at - this.#start} bytes`);
    }
    return decoder.decode(this.#source.bytes.subarray(this.#start, this.#at));
  }

  /** Reads the current field as integers of a repeated field: one, or several packed. */
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

  /**
   * Makes the error of a field that is too long: a file is cut where it leads beyond the file, damaged where beyond its
   * message.
   */
  #overrun(length: number): Error {
    const left = this.#end - this.#at;
    const reason = `field ${this.field} claims ${length} bytes where ${left} are left`;
    return this.#end === this.#source.bytes.length ? truncated('model', reason) : malformed('model', reason);
  }

  /** The int64 of the ten bytes before: its sum as a double would lose the lowest of them. */
  #negative(): number {
    let value = 0n;
    for (let read = 10; read > 0; read -= 1) {
      value = (value << 7n) | BigInt((this.#source.bytes[this.#at - 11 + read] ?? 0) & 0x7f);
    }
    return Number(BigInt.asIntN(64, value));
  }

  /** Reads a varint in base 128, at most ten bytes; a 64-bit value beyond 2^53 is rounded. */
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
      if (byte < 0x80) return read === 9 ? this.#negative() : value;
    }
    throw malformed('model', 'a varint longer than ten bytes');
  }
}
