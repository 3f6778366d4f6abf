import { DepthwiseSearch, type NodeHead } from './depthwise-search.ts';
import { tooLarge } from './errors.ts';
import type { ReadLimits } from './read-limits.ts';
import { bytesOf, type TensorHead } from './tensor-head.ts';
import { elementName, type ValueInfo } from './value-info.ts';

export interface Graph {
  readonly inputs: readonly ValueInfo[];
  /** Inputs that an initializer stands in for where they are not given. */
  readonly optionalInputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
}

/** What is gathered over the graph, its subgraphs and the model's functions, in either format, within the limits. */
export class Census {
  readonly ops = new Map<string, number>();
  nodes = 0;
  /** Elements of all constants and initializers, and the bytes that they take in memory. */
  parameters = 0;
  parameterBytes = 0;
  /** Element types of constants and initializers, as ONNX Runtime names them. */
  readonly elements = new Set<string>();
  /** Files beside the model that hold tensors, as the model names them. */
  readonly externalFiles = new Set<string>();
  /** Domains of the operators used, the default one as ''. */
  readonly domains = new Set<string>();
  readonly depthwise = new DepthwiseSearch();
  /** By output name: labels of the columns that a ZipMap makes keys of. */
  readonly zipMaps = new Map<string, readonly string[]>();
  readonly #limits: ReadLimits;

  constructor(limits: ReadLimits) {
    this.#limits = limits;
  }

  /** To be called before a node is read. */
  countNode(): void {
    this.nodes += 1;
    if (this.nodes > this.#limits.nodes) throw tooLarge('model', `more than ${this.#limits.nodes} nodes`);
  }

  addNode(node: NodeHead): void {
    const { op, domain } = node;
    if (op !== '') this.ops.set(op, (this.ops.get(op) ?? 0) + 1);
    this.domains.add(domain === 'ai.onnx' ? '' : domain);
    this.depthwise.addNode(node);
  }

  addTensor(head: TensorHead): void {
    this.depthwise.addTensor(head);
    this.parameters += head.count;
    this.parameterBytes += bytesOf(head);
    this.elements.add(elementName(head.element));
    if (head.external !== undefined) this.externalFiles.add(head.external.location);
  }

  /** To be called before a graph is read, with the number of those around it. */
  enter(depth: number): void {
    if (depth > this.#limits.depth) throw tooLarge('model', `subgraphs nested deeper than ${this.#limits.depth}`);
  }

  /** Inputs that an initializer fills are defaults (IR versions below 4 list them all), not inputs. */
  graphOf(inputs: readonly ValueInfo[], outputs: readonly ValueInfo[], initialized: ReadonlySet<string>): Graph {
    const real = inputs.filter((input) => !initialized.has(input.name));
    this.#bound('inputs', real.length);
    this.#bound('outputs', outputs.length);
    const optionalInputs = inputs.filter((input) => initialized.has(input.name));
    return { inputs: real, optionalInputs, outputs };
  }

  #bound(what: string, count: number): void {
    if (count > this.#limits.values) throw tooLarge('model', `${count} ${what}, at most ${this.#limits.values}`);
  }
}
