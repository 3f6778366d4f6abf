import { tooLarge } from './errors.ts';
import type { Limits } from './limits.ts';
import { bytesOf, readTensor, type TensorHead } from './tensor-head.ts';
import { elementName, readValueInfo, type ValueInfo } from './value-info.ts';
import type { WireReader } from './wire.ts';

/** What is gathered over the graph, its subgraphs and the model's functions. */
export interface Census {
  readonly ops: Map<string, number>;
  nodes: number;
  /** Elements of all constants and initializers, and the bytes that they take in memory. */
  parameters: number;
  parameterBytes: number;
  /** Element types of constants and initializers, as ONNX Runtime names them. */
  readonly elements: Set<string>;
  /** Files beside the model that hold tensors, as the model names them. */
  readonly externalFiles: Set<string>;
  /** Domains of the operators used, the default one as ''. */
  readonly domains: Set<string>;
  /** By output name: labels of the columns that a ZipMap makes keys of. */
  readonly zipMaps: Map<string, readonly string[]>;
}

export interface Graph {
  readonly inputs: readonly ValueInfo[];
  /** Inputs that an initializer stands in for where they are not given. */
  readonly optionalInputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
}

/** Gives a map where everything else gives a tensor. */
const ZIP_MAP = 'ZipMap';

export class GraphReader {
  readonly census: Census = {
    ops: new Map(),
    nodes: 0,
    parameters: 0,
    parameterBytes: 0,
    elements: new Set(),
    externalFiles: new Set(),
    domains: new Set(),
    zipMaps: new Map(),
  };
  readonly #limits: Limits;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  /** GraphProto. Inputs that an initializer fills are defaults (IR versions below 4 list them all), not inputs. */
  readGraph(reader: WireReader, depth = 0): Graph {
    if (depth > this.#limits.depth) throw tooLarge('model', `subgraphs nested deeper than ${this.#limits.depth}`);
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
    const real = inputs.filter((input) => !initialized.has(input.name));
    this.#bound('inputs', real.length);
    this.#bound('outputs', outputs.length);
    const optionalInputs = inputs.filter((input) => initialized.has(input.name));
    return { inputs: real, optionalInputs, outputs };
  }

  /** NodeProto, of a graph or a function. */
  readNode(reader: WireReader, depth = 0): void {
    const { census } = this;
    census.nodes += 1;
    if (census.nodes > this.#limits.nodes) throw tooLarge('model', `more than ${this.#limits.nodes} nodes`);
    const node = { op: '', domain: '', output: '' };
    const labels: string[] = [];
    while (reader.next()) {
      if (reader.field === 2) node.output = reader.text();
      else if (reader.field === 4) node.op = reader.text();
      else if (reader.field === 7) node.domain = reader.text();
      else if (reader.field === 5)
        this.#readAttribute(reader.message(), depth, node.op === ZIP_MAP ? labels : undefined);
    }
    if (node.op !== '') census.ops.set(node.op, (census.ops.get(node.op) ?? 0) + 1);
    census.domains.add(node.domain === 'ai.onnx' ? '' : node.domain);
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
    const { census } = this;
    census.parameters += head.count;
    census.parameterBytes += bytesOf(head);
    census.elements.add(elementName(head.element));
    if (head.external !== undefined) census.externalFiles.add(head.external.location);
    return head;
  }

  #readSparseTensor(reader: WireReader): void {
    while (reader.next()) if (reader.field === 1 || reader.field === 2) this.#readTensor(reader.message());
  }

  #bound(what: string, count: number): void {
    if (count > this.#limits.values) throw tooLarge('model', `${count} ${what}, at most ${this.#limits.values}`);
  }
}
