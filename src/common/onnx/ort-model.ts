import { Census, type Graph } from './census.ts';
import { CLASS_ATTRIBUTES, type ClassTable, SVM_PROBABILITIES } from './class-search.ts';
import { classTable, mayBeClasses, NO_CLASSES, OUTPUTS_READ } from './class-table.ts';
import { INPUTS_READ } from './depthwise-search.ts';
import { malformed } from './errors.ts';
import { FlatTable } from './flat-table.ts';
import type { ReadLimits } from './read-limits.ts';
import type { TensorHead } from './tensor-head.ts';
import {
  type DeclaredType,
  elementName,
  MAX_TYPE_DEPTH,
  named,
  OTHER_TYPE,
  tensorType,
  type ValueInfo,
} from './value-info.ts';

/** Description of a model in ORT format. Field numbers in this file are those of ONNX Runtime's schema, ort.fbs. */
export interface OrtModel {
  readonly irVersion: number;
  readonly producer: string;
  readonly opsets: ReadonlyMap<string, number>;
  readonly census: Census;
  readonly graph: Graph;
}

/** Numbers of ort.fbs's TypeInfoValue. */
const TENSOR = 1;
const SEQUENCE = 2;
const MAP = 3;
/** Number of ort.fbs's DimensionValueType. */
const SIZE = 1;

/** Reads a model's InferenceSession. Throws `onnx.*`. */
export function readOrtModel(bytes: Uint8Array, limits: ReadLimits): OrtModel {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const model = new FlatTable({ view, visitsLeft: limits.fields, maxName: limits.name }).table(1);
  const graph = model?.table(7);
  if (model === undefined || graph === undefined) throw malformed('model', 'it holds no graph');
  const opsets = new Map<string, number>();
  for (const opset of model.tables(1)) opsets.set(opset.text(0) || 'ai.onnx', opset.long(1));
  const census = new Census(limits);
  return {
    irVersion: model.long(0),
    producer: `${model.text(2)} ${model.text(3)}`.trim(),
    opsets,
    census,
    graph: readGraph(graph, census),
  };
}

function readGraph(graph: FlatTable, census: Census, depth = 0): Graph {
  census.enter(depth);
  const initialized = new Set<string>();
  for (const tensor of graph.tables(0)) {
    const head = readTensor(tensor, census);
    initialized.add(head.name);
    const table = depth === 0 ? readClassTable(tensor, head) : undefined;
    if (table !== undefined) census.classes.addTable(head.name, table);
  }
  for (const sparse of graph.tables(7)) initialized.add(readSparseTensor(sparse, census));
  for (const node of graph.tables(2)) readNode(node, census, depth);
  // Inputs and outputs of a subgraph are those of its node, not of the model.
  if (depth > 0) return { inputs: [], optionalInputs: [], outputs: [] };
  const types = new Map<string, DeclaredType>();
  for (const value of graph.tables(1)) types.set(value.text(0), readType(value.table(2)));
  const values = (field: number): ValueInfo[] =>
    [...graph.texts(field)].map((name) => ({ name, ...(types.get(name) ?? OTHER_TYPE) }));
  return census.graphOf(values(5), values(6), initialized);
}

function readNode(node: FlatTable, census: Census, depth: number): void {
  census.countNode();
  let group = 1;
  let classes: Map<string, ClassTable> | undefined;
  for (const attribute of node.tables(10)) {
    const name = attribute.text(0);
    if (name === 'group') group = attribute.long(4);
    const tensor = attribute.table(6);
    const graph = attribute.table(7);
    const head = tensor && readTensor(tensor, census);
    if (graph !== undefined) readGraph(graph, census, depth + 1);
    for (const each of attribute.tables(11)) readTensor(each, census);
    for (const each of attribute.tables(12)) readGraph(each, census, depth + 1);
    const table = tensor && head ? readClassTable(tensor, head) : readClasses(name, attribute);
    if (table === undefined) continue;
    classes ??= new Map();
    classes.set(name, table);
  }
  const outputs: string[] = [];
  for (const output of node.texts(9)) if (outputs.push(output) === OUTPUTS_READ) break;
  const inputs: string[] = [];
  for (const input of node.texts(8)) if (inputs.push(input) === INPUTS_READ) break;
  const op = node.text(5);
  census.addNode({ op, domain: node.text(2), inputs, output: outputs[0] ?? '', group });
  if (depth === 0) census.classes.addNode({ op, inputs, outputs, attributes: classes ?? NO_CLASSES });
}

/** Reads the classes that an attribute holds; undefined for another attribute. */
function readClasses(name: string, attribute: FlatTable): ClassTable | undefined {
  if (name === SVM_PROBABILITIES) return { labels: [], integers: false };
  if (!CLASS_ATTRIBUTES.has(name)) return undefined;
  const integers = [...attribute.longs(9)].map(String);
  return integers.length > 0
    ? { labels: integers, integers: true }
    : { labels: [...attribute.texts(10)], integers: false };
}

function readClassTable(tensor: FlatTable, head: TensorHead): ClassTable | undefined {
  if (!mayBeClasses(head)) return undefined;
  const table = classTable(head, { texts: [...tensor.texts(5)], numbers: [], raw: tensor.bytes(4) });
  return table.labels.length === head.count ? table : undefined;
}

function readTensor(tensor: FlatTable, census: Census): TensorHead {
  let count = 1;
  let axes = 0;
  let second: number | undefined;
  for (const size of tensor.longs(2)) {
    count *= Math.max(0, size);
    axes += 1;
    if (axes === 2) second = size;
  }
  // Only training checkpoints keep tensors in other files.
  const external = tensor.long(6, -1) < 0 ? undefined : { location: 'checkpoint', offset: 0, length: undefined };
  const head = { name: tensor.text(0), element: tensor.number(3), second, count, external };
  census.addTensor(head);
  return head;
}

/** Reads a sparse tensor; returns its name, which is that of its values. */
function readSparseTensor(sparse: FlatTable, census: Census): string {
  const [values, indices] = [sparse.table(0), sparse.table(1)];
  if (indices !== undefined) readTensor(indices, census);
  return values === undefined ? '' : readTensor(values, census).name;
}

function readType(info: FlatTable | undefined, depth = 0): DeclaredType {
  const value = info?.table(2);
  if (info === undefined || value === undefined || depth > MAX_TYPE_DEPTH) return OTHER_TYPE;
  switch (info.byte(1)) {
    case TENSOR:
      return tensorType(value.number(0), readShape(value.table(1)));
    case SEQUENCE:
      return named(`seq(${readType(value.table(0), depth + 1).type})`);
    case MAP:
      return named(`map(${elementName(value.number(0))},${readType(value.table(1), depth + 1).type})`);
    default:
      return OTHER_TYPE;
  }
}

/** Reads a shape; undefined where not even the rank is known. */
function readShape(shape: FlatTable | undefined): number[] | undefined {
  if (shape === undefined) return undefined;
  return Array.from(shape.tables(0), (dimension) => {
    const value = dimension.table(0);
    const size = value?.byte(0) === SIZE ? value.long(1) : -1;
    return size > 0 ? size : -1;
  });
}
