import { Census, type Graph } from './census.ts';
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
      else if (reader.field === 5) initialized.add(this.#readTensor(reader.message()).name);
      else if (reader.field === 15) this.#readSparseTensor(reader.message());
      else if (reader.field === 11) inputs.push(readValueInfo(reader.message()));
      else if (reader.field === 12) outputs.push(readValueInfo(reader.message()));
    }
    return this.census.graphOf(inputs, outputs, initialized);
  }

  /** Reads a NodeProto, of a graph or a function. */
  readNode(reader: WireReader, depth = 0): void {
    const { census } = this;
    census.countNode();
    const node = { op: '', domain: '', inputs: [] as string[], output: '', group: 1 };
    const labels: string[] = [];
    while (reader.next()) {
      if (reader.field === 1 && node.inputs.length < INPUTS_READ) node.inputs.push(reader.text());
      else if (reader.field === 2) node.output = reader.text();
      else if (reader.field === 4) node.op = reader.text();
      else if (reader.field === 7) node.domain = reader.text();
      else if (reader.field === 5) {
        const { group, tensor } = this.#readAttribute(
          reader.message(),
          depth,
          node.op === ZIP_MAP ? labels : undefined,
        );
        node.group = group ?? node.group;
        // The tensor in a Constant has the name of the node's output.
        if (tensor !== undefined && node.op === CONSTANT) census.depthwise.addTensor({ ...tensor, name: node.output });
      }
    }
    census.addNode(node);
    if (node.op === ZIP_MAP) census.zipMaps.set(node.output, labels);
  }

  /** Reads an AttributeProto: the number of `group`, or a tensor. Class labels of a ZipMap are added to `labels`. */
  #readAttribute(reader: WireReader, depth: number, labels?: string[]): { group?: number; tensor?: TensorHead } {
    let name = '';
    let integer: number | undefined;
    let tensor: TensorHead | undefined;
    while (reader.next()) {
      if (reader.field === 1) name = reader.text();
      else if (reader.field === 3) integer = reader.value;
      else if (reader.field === 6 || reader.field === 11) this.readGraph(reader.message(), depth + 1);
      else if (reader.field === 5 || reader.field === 10) tensor = this.#readTensor(reader.message());
      else if (labels && reader.field === 8) labels.push(...reader.integers().map(String));
      else if (labels && reader.field === 9) labels.push(reader.text());
    }
    return { ...(name === 'group' && integer !== undefined && { group: integer }), ...(tensor && { tensor }) };
  }

  #readTensor(reader: WireReader): TensorHead {
    const head = readTensor(reader);
    this.census.addTensor(head);
    return head;
  }

  #readSparseTensor(reader: WireReader): void {
    while (reader.next()) if (reader.field === 1 || reader.field === 2) this.#readTensor(reader.message());
  }
}
