import { tooLarge } from './errors.ts';
import type { Limits } from './limits.ts';
import { readValueInfo, type ValueInfo } from './value-info.ts';
import type { WireReader } from './wire.ts';

/** What is gathered over the graph, its subgraphs and the model's functions. */
export interface Census {
  readonly ops: Map<string, number>;
  nodes: number;
  externalData: boolean;
}

export interface Graph {
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
}

/** TensorProto.data_location EXTERNAL */
const EXTERNAL = 1;

export class GraphReader {
  readonly census: Census = { ops: new Map(), nodes: 0, externalData: false };
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
      else if (reader.field === 5) initialized.add(this.#readTensor(reader.message()));
      else if (reader.field === 15) this.#readSparseTensor(reader.message());
      else if (reader.field === 11) inputs.push(readValueInfo(reader.message()));
      else if (reader.field === 12) outputs.push(readValueInfo(reader.message()));
    }
    const real = inputs.filter((input) => !initialized.has(input.name));
    this.#bound('inputs', real.length);
    this.#bound('outputs', outputs.length);
    return { inputs: real, outputs };
  }

  /** NodeProto, of a graph or a function. */
  readNode(reader: WireReader, depth = 0): void {
    const { census } = this;
    census.nodes += 1;
    if (census.nodes > this.#limits.nodes) throw tooLarge('model', `more than ${this.#limits.nodes} nodes`);
    while (reader.next()) {
      if (reader.field === 4) {
        const op = reader.text();
        census.ops.set(op, (census.ops.get(op) ?? 0) + 1);
      } else if (reader.field === 5) this.#readAttribute(reader.message(), depth);
    }
  }

  #readAttribute(reader: WireReader, depth: number): void {
    while (reader.next()) {
      if (reader.field === 6 || reader.field === 11) this.readGraph(reader.message(), depth + 1);
      else if (reader.field === 5 || reader.field === 10) this.#readTensor(reader.message());
    }
  }

  #readTensor(reader: WireReader): string {
    let name = '';
    while (reader.next()) {
      if (reader.field === 8) name = reader.text();
      else if (reader.field === 14 && reader.value === EXTERNAL) this.census.externalData = true;
    }
    return name;
  }

  #readSparseTensor(reader: WireReader): void {
    while (reader.next()) if (reader.field === 1 || reader.field === 2) this.#readTensor(reader.message());
  }

  #bound(what: string, count: number): void {
    if (count > this.#limits.values) throw tooLarge('model', `${count} ${what}, at most ${this.#limits.values}`);
  }
}
