/** Bounds on what is read of a file that may be hostile. */
export interface ReadLimits {
  /** Size of the file. */
  readonly bytes: number;
  /** Nodes of the graph, its subgraphs and functions. */
  readonly nodes: number;
  /** Protobuf fields, or tables and texts of FlatBuffers, that are visited: they bound the work of reading. */
  readonly fields: number;
  /** Nested subgraphs (If, Loop, Scan). */
  readonly depth: number;
  /** Inputs, and outputs, of the model. */
  readonly values: number;
  /** Bytes of one name. */
  readonly name: number;
}

/** Bounds far above any model that a gateway would run. */
export const DEFAULT_READ_LIMITS: ReadLimits = Object.freeze({
  bytes: 1024 ** 3,
  nodes: 100_000,
  fields: 10_000_000,
  depth: 16,
  values: 1024,
  name: 4096,
});
