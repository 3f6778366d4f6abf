import { malformed, tooLarge, truncated } from './errors.ts';

/** What all tables of one file share: the file, and how much may still be visited. */
export interface FlatSource {
  readonly view: DataView;
  /** Tables, elements and stretches of text: where tables share parts, a small file can claim more than it holds. */
  visitsLeft: number;
  readonly maxName: number;
}

/** Bytes of text that count as one visit. */
const TEXT_VISIT = 64;

const decoder = new TextDecoder();

/**
 * One table of a FlatBuffers file (flatbuffers.dev/internals), whose fields are known by number. Every read is held
 * against the bounds of the file; how often is bounded by the source.
 */
export class FlatTable {
  readonly #source: FlatSource;
  readonly #at: number;
  readonly #vtable: number;
  readonly #fields: number;

  /** @param at where the table lies; without it, the file's root table */
  constructor(source: FlatSource, at = uint32(source, 0)) {
    visit(source, 1);
    this.#source = source;
    this.#at = at;
    this.#vtable = at - int32(source, at);
    this.#fields = (uint16(source, this.#vtable) - 4) / 2;
  }

  /** An enumeration or a small number; 0 where it is absent. */
  byte(field: number): number {
    const at = this.#find(field);
    return at === undefined ? 0 : within(this.#source, at, 1).getUint8(at);
  }

  number(field: number, absent = 0): number {
    const at = this.#find(field);
    return at === undefined ? absent : int32(this.#source, at);
  }

  /** An int64; exact up to 2^53. */
  long(field: number, absent = 0): number {
    const at = this.#find(field);
    return at === undefined ? absent : int64(this.#source, at);
  }

  /** At most the bound of a name; empty where it is absent. */
  text(field: number): string {
    const at = this.#follow(field);
    return at === undefined ? '' : textAt(this.#source, at);
  }

  table(field: number): FlatTable | undefined {
    const at = this.#follow(field);
    return at === undefined ? undefined : new FlatTable(this.#source, at);
  }

  *tables(field: number): Generator<FlatTable> {
    for (const at of this.#elements(field, 4)) yield new FlatTable(this.#source, at + uint32(this.#source, at));
  }

  *texts(field: number): Generator<string> {
    for (const at of this.#elements(field, 4)) yield textAt(this.#source, at + uint32(this.#source, at));
  }

  *longs(field: number): Generator<number> {
    for (const at of this.#elements(field, 8)) yield int64(this.#source, at);
  }

  /** Where each element of a vector lies. */
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

/** Offsets lead forward, but for that to the vtable: before the file is damage, behind it a cut or damage. */
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
