const FIRST_CAPACITY = 1024;

/** Writes numbers, texts and columns one after the other, little-endian. `ByteReader` reads them in the same order. */
export class ByteWriter {
  #bytes = new Uint8Array(FIRST_CAPACITY);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  u8(value: number): void {
    this.#reserve(1);
    this.#view.setUint8(this.#length, value);
    this.#length += 1;
  }

  u32(value: number): void {
    this.#reserve(4);
    this.#view.setUint32(this.#length, value, true);
    this.#length += 4;
  }

  f64(value: number): void {
    this.#reserve(8);
    this.#view.setFloat64(this.#length, value, true);
    this.#length += 8;
  }

  text(value: string): void {
    this.bytes(new TextEncoder().encode(value));
  }

  bytes(value: Uint8Array): void {
    this.u32(value.length);
    this.#raw(value);
  }

  /**
   * Writes elements [start, end) of a column, without their number, in the machine's byte order, which is
   * little-endian.
   */
  column(values: Float64Array | Uint32Array, start = 0, end = values.length): void {
    const { buffer, byteOffset, BYTES_PER_ELEMENT } = values;
    this.#raw(new Uint8Array(buffer, byteOffset + start * BYTES_PER_ELEMENT, (end - start) * BYTES_PER_ELEMENT));
  }

  /** Returns a copy of what was written, and starts again. */
  take(): Uint8Array {
    const taken = this.#bytes.slice(0, this.#length);
    this.#length = 0;
    return taken;
  }

  #raw(value: Uint8Array): void {
    this.#reserve(value.length);
    this.#bytes.set(value, this.#length);
    this.#length += value.length;
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + more));
    grown.set(this.#bytes);
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}

/**
 * Reads what `ByteWriter` wrote, by the same calls in the same order.
 *
 * @throws RangeError from every method where the bytes end too soon
 */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Whether everything has been read. */
  get done(): boolean {
    return this.#at === this.#bytes.length;
  }

  u8(): number {
    return this.#view.getUint8(this.#step(1));
  }

  u32(): number {
    return this.#view.getUint32(this.#step(4), true);
  }

  f64(): number {
    return this.#view.getFloat64(this.#step(8), true);
  }

  text(): string {
    return new TextDecoder().decode(this.bytes());
  }

  /** A view into the bytes, no copy. */
  bytes(): Uint8Array {
    const length = this.u32();
    const start = this.#step(length);
    return this.#bytes.subarray(start, start + length);
  }

  /** Fills elements [start, end) of a column. */
  column(values: Float64Array | Uint32Array, start = 0, end = values.length): void {
    const { buffer, byteOffset, BYTES_PER_ELEMENT } = values;
    const length = (end - start) * BYTES_PER_ELEMENT;
    const from = this.#step(length);
    if (end > values.length) throw new RangeError(`${end} elements, there is room for ${values.length}`);
    const target = new Uint8Array(buffer, byteOffset + start * BYTES_PER_ELEMENT, length);
    target.set(this.#bytes.subarray(from, from + length));
  }

  #step(length: number): number {
    const at = this.#at;
    if (at + length > this.#bytes.length) throw new RangeError(`the bytes end after ${this.#bytes.length}`);
    this.#at += length;
    return at;
  }
}
