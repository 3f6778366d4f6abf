import { malformed, tooLarge, truncated } from './errors.ts';

/** File of FlatBuffers, and how much of it may still be visited: all tables of one file share it. */
export interface FlatSource {
  readonly view: DataView;
  /**
   * Tables, elements and stretches of text that may still be visited: tables can share parts, so a small file can claim
   * more than it holds.
   */
  visitsLeft: number;
  /** Most bytes of one name. */
  readonly maxName: number;
}

/** Length of text, in bytes, that counts as one visit. */
const TEXT_VISIT = 64;

const decoder = new TextDecoder();

/**
 * Table of a FlatBuffers file (flatbuffers.dev/internals), whose fields are known by number. Every read is held against
 * the bounds of the file, and the source bounds how many there are. Throws `onnx.malformed`, `.truncated`,
 * `.too-large`.
 */
export class FlatTable {
  readonly #source: FlatSource;
  readonly #at: number;
  readonly #vtable: number;
  readonly #fields: number;

  /** @param at offset of the table in the file; the root table's by default */
  constructor(source: FlatSource, at = uint32(source, 0)) {
    visit(source, 1);
    this.#source = source;
    this.#at = at;
    this.#vtable = at - int32(source, at);
    this.#fields = (uint16(source, this.#vtable) - 4) / 2;
  }

  /** Reads an enumeration or a small number; 0 where the field is absent. */
  byte(field: number): number {
    const at = this.#find(field);
    return at === undefined ? 0 : within(this.#source, at, 1).getUint8(at);
  }

  /** Reads an int32. */
  number(field: number, absent = 0): number {
    const at = this.#find(field);
    return at === undefined ? absent : int32(this.#source, at);
  }

  /** Reads an int64; exact up to 2^53. */
  long(field: number, absent = 0): number {
    const at = this.#find(field);
    return at === undefined ? absent : int64(this.#source, at);
  }

  /** Reads a text of at most `maxName` bytes; empty where the field is absent. */
  text(field: number): string {
    const at = this.#follow(field);
    return at === undefined ? '' : textAt(this.#source, at);
  }

  /** Reads a table; undefined where the field is absent. */
  table(field: number): FlatTable | undefined {
    const at = this.#follow(field);
    return at === undefined ? undefined : new FlatTable(this.#source, at);
  }

  /** Reads a vector of tables. */
  *tables(field: number): Generator<FlatTable> {
    for (const at of this.#elements(field, 4)) yield new FlatTable(this.#source, at + uint32(this.#source, at));
  }

  /** Reads a vector of texts. */
  *texts(field: number): Generator<string> {
    for (const at of this.#elements(field, 4)) yield textAt(this.#source, at + uint32(this.#source, at));
  }

  /** Reads a vector of int64, each exact up to 2^53. */
  *longs(field: number): Generator<number> {
    for (const at of this.#elements(field, 8)) yield int64(this.#source, at);
  }

  /** View of a vector of bytes; undefined where the field is absent. */
  bytes(field: number): Uint8Array | undefined {
    const start = this.#follow(field);
    if (start === undefined) return undefined;
    const length = uint32(this.#source, start);
    const { buffer, byteOffset } = within(this.#source, start + 4, length);
    return new Uint8Array(buffer, byteOffset + start + 4, length);
  }

  /** Yields the offset of each element of a vector. */
  *#elements(field: number, size: number): Generator<number> {
    const start = this.#follow(field);
    if (start === undefined) return;
    const length = uint32(this.#source, start);
    within(this.#source, start + 4, length * size);
    for (let index = 0; index < length; index += 1) {
      visit(this.#source, 1);
      yield start + 4 + index * size;
    }
  }

  #follow(field: number): number | undefined {
    const at = this.#find(field);
    return at === undefined ? undefined : at + uint32(this.#source, at);
  }

  #find(field: number): number | undefined {
    if (field >= this.#fields) return undefined;
    const offset = uint16(this.#source, this.#vtable + 4 + field * 2);
    return offset === 0 ? undefined : this.#at + offset;
  }
}

function visit(source: FlatSource, visits: number): void {
  source.visitsLeft -= visits;
  if (source.visitsLeft < 0) throw tooLarge('model', 'more tables and texts than the reader visits');
}

function textAt(source: FlatSource, at: number): string {
  const length = uint32(source, at);
  if (length > source.maxName) throw tooLarge('model', `a name of ${length} bytes`);
  visit(source, 1 + length / TEXT_VISIT);
  const { buffer, byteOffset } = within(source, at + 4, length);
  return decoder.decode(new Uint8Array(buffer, byteOffset + at + 4, length));
}

/**
 * Checks that a part lies in the file. Before the file it shows damage; behind its end the file may also have been cut.
 */
function within({ view }: FlatSource, at: number, length: number): DataView {
  if (at < 0) throw malformed('model', `an offset leads ${-at} bytes before the file`);
  const end = at + length;
  if (end > view.byteLength) throw truncated('model', `it refers to byte ${end}, and has ${view.byteLength}`);
  return view;
}

const uint16 = (source: FlatSource, at: number) => within(source, at, 2).getUint16(at, true);
const uint32 = (source: FlatSource, at: number) => within(source, at, 4).getUint32(at, true);
const int32 = (source: FlatSource, at: number) => within(source, at, 4).getInt32(at, true);
const int64 = (source: FlatSource, at: number) => Number(within(source, at, 8).getBigInt64(at, true));
