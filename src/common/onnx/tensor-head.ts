import type { WireReader } from './wire-reader.ts';

/** Facts about a constant or initializer, without its content. */
export interface TensorHead {
  readonly name: string;
  /** Number of the element type in TensorProto.DataType. */
  readonly element: number;
  /** Second dimension; undefined where there are fewer. */
  readonly second: number | undefined;
  /** Number of elements, by the dimensions. */
  readonly count: number;
  /** Place of the content; undefined where it is in the model. */
  readonly external: ExternalContent | undefined;
}

/** Place of a tensor's content in another file. */
export interface ExternalContent {
  /** Name of the file, as the model has it; empty where it has none. */
  readonly location: string;
  /** First byte of the content. */
  readonly offset: number;
  /** Bytes of the content; undefined for all up to the end of the file. */
  readonly length: number | undefined;
}

/** Number of EXTERNAL in TensorProto.data_location. */
const EXTERNAL = 1;

/** Bits of one element by number of TensorProto.DataType; 0 where it has no fixed size. */
const BITS = [0, 32, 8, 8, 16, 16, 32, 64, 0, 8, 16, 64, 32, 64, 64, 128, 16, 8, 8, 8, 8, 4, 4, 4, 8, 2, 2];

/** Reads a TensorProto without its content. */
export function readTensor(reader: WireReader): TensorHead {
  let name = '';
  let element = 0;
  let count = 1;
  let axes = 0;
  let second: number | undefined;
  let external = false;
  const entries = new Map<string, string>();
  while (reader.next()) {
    if (reader.field === 1) {
      for (const size of reader.integers()) {
        count *= Math.max(0, size);
        axes += 1;
        if (axes === 2) second = size;
      }
    } else if (reader.field === 2) element = reader.value;
    else if (reader.field === 8) name = reader.text();
    else if (reader.field === 13) readEntry(reader.message(), entries);
    else if (reader.field === 14) external ||= reader.value === EXTERNAL;
  }
  return { name, element, second, count, external: external ? content(entries) : undefined };
}

/** Counts the bytes that a tensor takes in memory: exact, but 0 for strings. */
export function bytesOf({ element, count }: TensorHead): number {
  return Math.ceil((count * (BITS[element] ?? 0)) / 8);
}

/** Reads a StringStringEntryProto. */
function readEntry(reader: WireReader, entries: Map<string, string>): void {
  let key = '';
  let value = '';
  while (reader.next()) {
    if (reader.field === 1) key = reader.text();
    else if (reader.field === 2) value = reader.text();
  }
  entries.set(key, value);
}

function content(entries: ReadonlyMap<string, string>): ExternalContent {
  const length = entries.get('length');
  return {
    location: entries.get('location') ?? '',
    offset: Number(entries.get('offset') ?? 0),
    length: length === undefined ? undefined : Number(length),
  };
}
