import { Census, type Graph } from './census.ts';
import { CLASS_ATTRIBUTES, type ClassTable, SVM_PROBABILITIES } from './class-search.ts';
import { NO_CLASSES, OUTPUTS_READ, readClassTable } from './class-table.ts';
import { INPUTS_READ } from './depthwise-search.ts';
import type { ReadLimits } from './read-limits.ts';
import { readTensor, type TensorHead } from './tensor-head.ts';
import { readValueInfo, type ValueInfo } from './value-info.ts';
import type { WireReader } from './wire-reader.ts';

/** Operator that makes a map, where every other makes a tensor. */
const ZIP_MAP = 'ZipMap';
/** Operator as which some exporters write weights. */
const CONSTANT = 'Constant';

/** Reads graphs in protobuf into one census. Throws `onnx.*`. */
export class GraphReader {
  readonly census: Census;

  constructor(limits: ReadLimits) {
    this.census = new Census(limits);
  }

  /** Reads a GraphProto, with the number of graphs around it. */
  readGraph(reader: WireReader, depth = 0): Graph {
    this.census.enter(depth);
    const initialized = new Set<string>();
    const inputs: ValueInfo[] = [];
    const outputs: ValueInfo[] = [];
    while (reader.next()) {
      if (reader.field === 1) this.readNode(reader.message(), depth);
      else if (reader.field === 5) initialized.add(this.#readInitializer(reader, depth));
      else if (reader.field === 15) this.#readSparseTensor(reader.message());
      else if (reader.field === 11) inputs.push(readValueInfo(reader.message()));
      else if (reader.field === 12) outputs.push(readValueInfo(reader.message()));
    }
    return this.census.graphOf(inputs, outputs, initialized);
  }

  /** Reads a NodeProto, of a graph or a function (then `depth` is undefined: its names are its own). */
  readNode(reader: WireReader, depth?: number): void {
    const { census } = this;
    census.countNode();
    const node = { op: '', domain: '', inputs: [] as string[], output: '', group: 1 };
    const outputs: string[] = [];
    const classes = new Map<string, ClassTable>();
    while (reader.next()) {
      if (reader.field === 1 && node.inputs.length < INPUTS_READ) node.inputs.push(reader.text());
      else if (reader.field === 2) {
        node.output = reader.text();
        if (outputs.length < OUTPUTS_READ) outputs.push(node.output);
      } else if (reader.field === 4) node.op = reader.text();
      else if (reader.field === 7) node.domain = reader.text();
      else if (reader.field === 5) this.#takeAttribute(reader.message(), depth ?? 0, node, classes);
    }
    census.addNode(node);
    if (node.op === ZIP_MAP) census.zipMaps.set(node.output, labelsOf(classes));
    if (depth !== 0) return;
    const constant = node.op === CONSTANT ? classes.get('value') : undefined;
    const attributes = classes.size > 0 ? classes : NO_CLASSES;
    if (constant === undefined) census.classes.addNode({ op: node.op, inputs: node.inputs, outputs, attributes });
    else census.classes.addTable(node.output, constant);
  }

  /** Reads an attribute into its node. */
  #takeAttribute(
    reader: WireReader,
    depth: number,
    node: { readonly op: string; readonly output: string; group: number },
    classes: Map<string, ClassTable>,
  ): void {
    const { name, group, tensor, table } = this.#readAttribute(reader, depth);
    node.group = group ?? node.group;
    // The tensor in a Constant has the name of the node's output.
    if (tensor !== undefined && node.op === CONSTANT) {
      this.census.depthwise.addTensor({ ...tensor, name: node.output });
    }
    if (table !== undefined) classes.set(name, table);
  }

  /** Reads an AttributeProto: the number of `group`, a tensor, or classes. */
  #readAttribute(reader: WireReader, depth: number) {
    let name = '';
    let integer: number | undefined;
    let tensor: TensorHead | undefined;
    let table: ClassTable | undefined;
    const labels: string[] = [];
    let integers = false;
    while (reader.next()) {
      const wanted = CLASS_ATTRIBUTES.has(name);
      if (reader.field === 1) name = reader.text();
      else if (reader.field === 3) integer = reader.value;
      else if (reader.field === 6 || reader.field === 11) this.readGraph(reader.message(), depth + 1);
      else if (reader.field === 5 || reader.field === 10) {
        tensor = this.#readTensor(reader.message());
        if (wanted || name === 'value') table = readClassTable(reader.message(), tensor);
      } else if (wanted && reader.field === 8) {
        labels.push(...reader.integers().map(String));
        integers = true;
      } else if (wanted && reader.field === 9) labels.push(reader.text());
    }
    if (labels.length > 0 || name === SVM_PROBABILITIES) table = { labels, integers };
    return { name, group: name === 'group' ? integer : undefined, tensor, table };
  }

  #readTensor(reader: WireReader): TensorHead {
    const head = readTensor(reader);
    this.census.addTensor(head);
    return head;
  }

  /** Reads an initializer and returns its name. */
  #readInitializer(reader: WireReader, depth: number): string {
    const head = this.#readTensor(reader.message());
    const table = depth === 0 ? readClassTable(reader.message(), head) : undefined;
    if (table !== undefined) this.census.classes.addTable(head.name, table);
    return head.name;
  }

  #readSparseTensor(reader: WireReader): void {
    while (reader.next()) if (reader.field === 1 || reader.field === 2) this.#readTensor(reader.message());
  }
}

/** Labels of a ZipMap. */
function labelsOf(classes: ReadonlyMap<string, ClassTable>): readonly string[] {
  return [...classes.values()].find(({ labels }) => labels.length > 0)?.labels ?? [];
}
