import type { TensorHead } from './tensor-head.ts';

/** A node as far as it tells in what numbers a convolution is computed. */
export interface NodeHead {
  readonly op: string;
  readonly domain: string;
  /** The first of them, `INPUTS_READ` at most. */
  readonly inputs: readonly string[];
  /** The last one, where there are several. */
  readonly output: string;
  /** Its attribute `group`; 1 where it has none. */
  readonly group: number;
}

/** Inputs of a node that are looked at. */
export const INPUTS_READ = 4;

/** Which input holds the weights of a convolution over integers. */
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
  /** What DequantizeLinear is given, by the name of what it makes. */
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

  count(): number {
    return this.#grouped.filter((node) => this.#ones.has(this.#integerWeights(node) ?? '')).length;
  }

  /** The tensor of its weights; undefined where it computes in float. */
  #integerWeights({ op, inputs }: NodeHead): string | undefined {
    const place = INTEGER_WEIGHTS.get(op);
    if (place !== undefined) return inputs[place];
    const [data = '', weights = ''] = inputs;
    return this.#dequantized.has(data) ? this.#dequantized.get(weights) : undefined;
  }
}
