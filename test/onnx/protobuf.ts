/** Just enough of a protobuf writer to build models that no exporter would write. */
export function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 127) {
    bytes.push((rest % 128) | 0x80);
    rest = Math.floor(rest / 128);
  }
  return [...bytes, rest];
}

export const number = (field: number, value: number) => [...varint(field * 8), ...varint(value)];

export function bytes(field: number, content: Iterable<number>): number[] {
  const body = [...content];
  return [...varint(field * 8 + 2), ...varint(body.length), ...body];
}

export const text = (field: number, content: string) => bytes(field, new TextEncoder().encode(content));

export const node = (op: string, ...attributes: number[][]) => [
  ...text(4, op),
  ...attributes.flatMap((attribute) => bytes(5, attribute)),
];

/** A float tensor as ValueInfoProto; a dimension is a size, or a name for a free one. */
export function value(name: string, shape: readonly (number | string)[], element = 1): number[] {
  const dimensions = shape.flatMap((size) => bytes(1, typeof size === 'number' ? number(1, size) : text(2, size)));
  return [...text(1, name), ...bytes(2, bytes(1, [...number(1, element), ...bytes(2, dimensions)]))];
}

export function model(graph: Iterable<number>, opset = 17): Uint8Array {
  return Uint8Array.from([
    ...number(1, 8),
    ...text(2, 'tests'),
    ...bytes(7, graph),
    ...bytes(8, [...text(1, ''), ...number(2, opset)]),
  ]);
}
