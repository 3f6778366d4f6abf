import { Census, type Graph } from './census.ts';
import type { Limits } from './limits.ts';
import { readTensor, type TensorHead } from './tensor-head.ts';
import { readValueInfo, type ValueInfo } from './value-info.ts';
import type { WireReader } from './wire.ts';

/** Gives a map where everything else gives a tensor. */
const ZIP_MAP = 'ZipMap';

/** Reads graphs in protobuf. */
export class GraphReader {
  readonly census: Census;

  constructor(limits: Limits) {
    this.census = new Census(limits);
  }

  /** GraphProto. */
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

  /** NodeProto, of a graph or a function. */
  readNode(reader: WireReader, depth = 0): void {
    const { census } = this;
    census.countNode();
    const node = { op: '', domain: '', output: '' };
    const labels: string[] = [];
    while (reader.next()) {
      if (reader.field === 2) node.output = reader.text();
      else if (reader.field === 4) node.op = reader.text();
      else if (reader.field === 7) node.domain = reader.text();
      else if (reader.field === 5)
        this.#readAttribute(reader.message(), depth, node.op === ZIP_MAP ? labels : undefined);
    }
    census.addOperator(node.op, node.domain);
    if (node.op === ZIP_MAP) census.zipMaps.set(node.output, labels);
  }

  /** `labels` takes a ZipMap's class labels. */
  #readAttribute(reader: WireReader, depth: number, labels?: string[]): void {
    while (reader.next()) {
      if (reader.field === 6 || reader.field === 11) this.readGraph(reader.message(), depth + 1);
      else if (reader.field === 5 || reader.field === 10) this.#readTensor(reader.message());
      else if (labels && reader.field === 8) labels.push(...reader.integers().map(String));
      else if (labels && reader.field === 9) labels.push(reader.text());
    }
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
