import { type ClassTable, MAX_CLASSES } from './class-search.ts';
import type { TensorHead } from './tensor-head.ts';
import type { WireReader } from './wire-reader.ts';

/** Most outputs of a node that are read: a classifier has two. */
export const OUTPUTS_READ = 16;
/** Attributes of a node that names no classes. */
export const NO_CLASSES: ReadonlyMap<string, ClassTable> = new Map();

/** Numbers of TensorProto.DataType. */
const INT32 = 6;
const INT64 = 7;
const STRING = 8;

const decoder = new TextDecoder();

/** Whether a tensor is small enough, and of a type, to be a table of classes. */
export function mayBeClasses({ element, count, external }: TensorHead): boolean {
  const typed = element === STRING || element === INT64 || element === INT32;
  return typed && count > 0 && count <= MAX_CLASSES && external === undefined;
}

/** Makes a table of what a tensor holds: texts, numbers, or the bytes of numbers. */
export function classTable(
  { element }: TensorHead,
  {
    texts,
    numbers,
    raw,
  }: { readonly texts: string[]; readonly numbers: number[]; readonly raw: Uint8Array | undefined },
): ClassTable {
  if (element === STRING) return { labels: texts, integers: false };
  return { labels: (raw === undefined ? numbers : integersOf(raw, element)).map(String), integers: true };
}

/** Reads the content of a TensorProto that may be a table of classes; undefined for any other. */
export function readClassTable(reader: WireReader, head: TensorHead): ClassTable | undefined {
  if (!mayBeClasses(head)) return undefined;
  const texts: string[] = [];
  const numbers: number[] = [];
  let raw: Uint8Array | undefined;
  while (reader.next()) {
    if (reader.field === 5 || reader.field === 7) numbers.push(...reader.integers());
    else if (reader.field === 6) texts.push(decoder.decode(reader.content()));
    else if (reader.field === 9) raw = reader.content();
  }
  const table = classTable(head, { texts, numbers, raw });
  return table.labels.length === head.count ? table : undefined;
}

function integersOf(raw: Uint8Array, element: number): number[] {
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  const size = element === INT64 ? 8 : 4;
  return Array.from({ length: Math.floor(raw.length / size) }, (_, index) =>
    size === 8 ? Number(view.getBigInt64(index * 8, true)) : view.getInt32(index * 4, true),
  );
}
