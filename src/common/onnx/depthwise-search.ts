import type { TensorHead } from './tensor-head.ts';

/** Parts of a node that tell in what numbers a convolution is computed. */
export interface NodeHead {
  readonly op: string;
  readonly domain: string;
  /** Names of the first inputs, `INPUTS_READ` at most. */
  readonly inputs: readonly string[];
  /** Name of the last output. */
  readonly output: string;
  /** Attribute `group`; 1 where the node has none. */
  readonly group: number;
}

/** Most inputs of a node that are read. */
export const INPUTS_READ = 4;

/** Place of the weights among the inputs of a convolution over integers. */
const INTEGER_WEIGHTS: ReadonlyMap<string, number> = new Map([
  ['QLinearConv', 3],
  ['ConvInteger', 1],
]);

/**
 * Finds the depthwise convolutions that are computed in 8 bits: QLinearConv, ConvInteger, and Conv behind
 * DequantizeLinear (QDQ), with as many groups as channels. Nodes and tensors may come in any order.
 */
export class DepthwiseSearch {
  readonly #grouped: NodeHead[] = [];
  /** Input of each DequantizeLinear by the name of its output. */
  readonly #dequantized = new Map<string, string>();
  /** Tensors whose second dimension is 1: as weights of a convolution, they have one channel in a group. */
  readonly #ones = new Set<string>();

  addNode(node: NodeHead): void {
    const { op, inputs, output, group } = node;
    if (op === 'DequantizeLinear') this.#dequantized.set(output, inputs[0] ?? '');
    if (group > 1 && (op === 'Conv' || INTEGER_WEIGHTS.has(op))) this.#grouped.push(node);
  }

  addTensor({ name, second }: TensorHead): void {
    if (second === 1) this.#ones.add(name);
  }

  /** Counts those found so far. */
  count(): number {
    return this.#grouped.filter((node) => this.#ones.has(this.#integerWeights(node) ?? '')).length;
  }

  /** Name of a convolution's weights; undefined where it computes in float. */
  #integerWeights({ op, inputs }: NodeHead): string | undefined {
    const place = INTEGER_WEIGHTS.get(op);
    if (place !== undefined) return inputs[place];
    const [data = '', weights = ''] = inputs;
    return this.#dequantized.has(data) ? this.#dequantized.get(weights) : undefined;
  }
}
