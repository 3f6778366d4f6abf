import { DEFAULT_READ_LIMITS } from './read-limits.ts';
import { type Bytes, join, messageField } from './wire-fields.ts';
import { WireReader } from './wire-reader.ts';

/** Field numbers of onnx.proto. */
const MODEL = { graph: 7 } as const;
const GRAPH = { output: 12, valueInfo: 13 } as const;
const VALUE_INFO = { type: 2 } as const;
const TYPE = { tensor: 1 } as const;
const TENSOR = { shape: 2 } as const;

/** Makes a new message of one that is read. */
type Edit = (reader: WireReader) => Bytes;

/**
 * Copies an ONNX model without the shapes that it declares for what it computes: for outputs and in between. Everything
 * else keeps its bytes. Throws `onnx.*`.
 */
export function withoutDeclaredShapes(bytes: Uint8Array): Uint8Array {
  const reader = new WireReader({ bytes, fieldsLeft: DEFAULT_READ_LIMITS.fields, maxName: DEFAULT_READ_LIMITS.name });
  const output = inside(VALUE_INFO.type, inside(TYPE.tensor, without(TENSOR.shape)));
  return join(inside(MODEL.graph, inside(GRAPH.output, output, GRAPH.valueInfo))(reader));
}

/** Edits the messages in one field, and leaves another field out. */
function inside(field: number, edit: Edit, left?: number): Edit {
  return each((reader) => {
    if (reader.field === left) return [];
    return reader.field === field ? messageField(field, edit(reader.message())) : [reader.raw()];
  });
}

/** Leaves a field out. */
const without = (field: number): Edit => each((reader) => (reader.field === field ? [] : [reader.raw()]));

/** Replaces every field by what `edit` makes of it. */
function each(edit: Edit): Edit {
  return (reader) => {
    const parts: Uint8Array[] = [];
    while (reader.next()) parts.push(...edit(reader));
    return parts;
  };
}
