import { ClassSearch } from './class-search.ts';
import { DepthwiseSearch, type NodeHead } from './depthwise-search.ts';
import { tooLarge } from './errors.ts';
import type { ReadLimits } from './read-limits.ts';
import { bytesOf, type TensorHead } from './tensor-head.ts';
import { elementName, type ValueInfo } from './value-info.ts';

/** Inputs and outputs of a model, as its file declares them. */
export interface Graph {
  readonly inputs: readonly ValueInfo[];
  /** Inputs for which an initializer stands in where they are not given. */
  readonly optionalInputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
}

/**
 * Counts what the graph, its subgraphs and the model's functions hold, in either format. Throws `onnx.too-large` beyond
 * the limits.
 */
export class Census {
  /** Nodes by operator. */
  readonly ops = new Map<string, number>();
  nodes = 0;
  /** Elements of all constants and initializers. */
  parameters = 0;
  /** Bytes that these take in memory. */
  parameterBytes = 0;
  /** Element types of constants and initializers, as ONNX Runtime names them. */
  readonly elements = new Set<string>();
  /** Files beside the model that hold tensors, as the model names them. */
  readonly externalFiles = new Set<string>();
  /** Domains of the operators that occur, the default one as ''. */
  readonly domains = new Set<string>();
  readonly depthwise = new DepthwiseSearch();
  readonly classes = new ClassSearch();
  /** Labels of the columns that a ZipMap makes keys of, by the name of its output. */
  readonly zipMaps = new Map<string, readonly string[]>();
  readonly #limits: ReadLimits;

  constructor(limits: ReadLimits) {
    this.#limits = limits;
  }

  /** Counts a node; called before it is read. */
  countNode(): void {
    this.nodes += 1;
    if (this.nodes > this.#limits.nodes) throw tooLarge('model', `more than ${this.#limits.nodes} nodes`);
  }

  /** Adds a node that was read. */
  addNode(node: NodeHead): void {
    const { op, domain } = node;
    if (op !== '') this.ops.set(op, (this.ops.get(op) ?? 0) + 1);
    this.domains.add(domain === 'ai.onnx' ? '' : domain);
    this.depthwise.addNode(node);
  }

  /** Adds a constant or an initializer. */
  addTensor(head: TensorHead): void {
    this.depthwise.addTensor(head);
    this.parameters += head.count;
    this.parameterBytes += bytesOf(head);
    this.elements.add(elementName(head.element));
    if (head.external !== undefined) this.externalFiles.add(head.external.location);
  }

  /** Checks the depth of a graph, which is the number of graphs around it; called before the graph is read. */
  enter(depth: number): void {
    if (depth > this.#limits.depth) throw tooLarge('model', `subgraphs nested deeper than ${this.#limits.depth}`);
  }

  /** Parts inputs from those that an initializer fills: IR versions below 4 list every initializer as an input. */
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
