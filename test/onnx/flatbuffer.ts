/** Just enough of FlatBuffers to write files that no exporter would: parts may be shared. */
export type Part = string | Table | readonly Part[];

/** Fields by number, each of which refers to another part. */
export class Table {
  readonly fields: Readonly<Record<number, Part>>;

  constructor(fields: Readonly<Record<number, Part>>) {
    this.fields = fields;
  }
}

const childrenOf = (part: Part): readonly Part[] =>
  typeof part === 'string' ? [] : part instanceof Table ? Object.values(part.fields) : part;

/** Offsets lead forward only: whatever refers comes before what it refers to. */
function ordered(root: Part): Part[] {
  const seen = new Set<Part>();
  const order: Part[] = [];
  const visit = (part: Part) => {
    if (seen.has(part)) return;
    seen.add(part);
    for (const child of childrenOf(part)) visit(child);
    order.unshift(part);
  };
  visit(root);
  return order;
}

/** An ORT-format file with this root table. */
export function ortFile(root: Table): Uint8Array {
  const bytes = Buffer.alloc(100_000);
  bytes.write('ORTM', 4);
  const places = new Map<Part, number>();
  const references: (readonly [number, Part])[] = [[0, root]];
  let at = 8;
  const refer = (part: Part) => {
    references.push([at, part]);
    at += 4;
  };
  for (const part of ordered(root)) {
    if (part instanceof Table) {
      const numbers = Object.keys(part.fields).map(Number);
      const vtable = at;
      at = bytes.writeUInt16LE(4 + 2 * (Math.max(-1, ...numbers) + 1), at) + 2;
      at = vtable + 4 + 2 * (Math.max(-1, ...numbers) + 1);
      places.set(part, at);
      for (const [index, number] of numbers.entries()) bytes.writeUInt16LE(4 + 4 * index, vtable + 4 + 2 * number);
      at = bytes.writeInt32LE(at - vtable, at);
      for (const child of childrenOf(part)) refer(child);
    } else {
      places.set(part, at);
      at = bytes.writeUInt32LE(part.length, at);
      if (typeof part === 'string') at += bytes.write(part, at, 'latin1');
      else for (const child of part) refer(child);
    }
  }
  for (const [place, part] of references) bytes.writeUInt32LE((places.get(part) ?? 0) - place, place);
  return bytes.subarray(0, at);
}
