import { EdgewrightError, type ErrorKind, type Numbers, reasonOf } from '../../../common/core/index.ts';
import { EngineBroken, type SessionInfo } from '../engine/engine.ts';
import { type BoundInput, widthOf } from '../engine/row.ts';
import type { EngineTensor } from '../engine/tensors.ts';
import type { WasmModule } from '../engine/wasm-api.ts';

/** Data that a thread of the engine wasm is given at its start. */
export interface ThreadData {
  /** URL of ONNX Runtime's own WebAssembly glue. */
  readonly glue: string;
  /** ONNX Runtime's code, compiled once for all threads. */
  readonly module: WasmModule;
  readonly memoryBytes: number;
  /** Int32 that the thread raises at each run, so that a long batch of single runs is not taken for a hang. */
  readonly heartbeat: SharedArrayBuffer;
}

/**
 * One step of work: load a model, run it, measure it, take the layout of batches, answer a batch. A worker does steps
 * in the order in which they come.
 */
export type Work =
  | { readonly kind: 'create'; readonly model: Uint8Array }
  | { readonly kind: 'infer'; readonly inputs: ReadonlyMap<string, EngineTensor>; readonly fetches: readonly string[] }
  | {
      readonly kind: 'measure';
      readonly inputs: ReadonlyMap<string, EngineTensor>;
      readonly fetches: readonly string[];
      readonly runs: number;
    }
  | { readonly kind: 'bind'; readonly binding: Binding }
  | { readonly kind: 'batch'; readonly rows: number; readonly buffer: ArrayBuffer };

/** Step of work with the `id` that its answer carries. */
export type Request = Work & { readonly id: number };

/** Number of runs that a process has begun; a thread counts them in shared memory instead. */
export interface Beat {
  readonly beat: number;
}

/**
 * Layout of batches, sent once so that a batch's message stays small. A batch is one buffer of numbers: `size` rows of
 * input, then per output `size` rows of its width; it travels to the worker and back.
 */
export interface Binding {
  /** Parts of a row, in this order. */
  readonly inputs: readonly BoundInput[];
  /** Inputs that are the same in every run. */
  readonly constants: ReadonlyMap<string, EngineTensor>;
  readonly outputs: readonly string[];
  /** Numbers per row of each output. */
  readonly widths: readonly number[];
  /** Rows that each run must have, where the model takes no other number: what is left of one is its last row again. */
  readonly fixed?: number;
  /** Known labels by output, for outputs that are labels. */
  readonly labels: ReadonlyMap<string, readonly string[]>;
  /** Rows that a batch has room for. */
  readonly size: number;
  /** True: numbers are float64, because a tensor holds what float32 does not; else float32. */
  readonly wide: boolean;
  /** True: the rows of a batch are one run; false: each row is a run of its own. */
  readonly together: boolean;
}

/** Times of runs of the same input, one after the other. */
export interface Measured {
  /** Microseconds of each run. */
  readonly micros: Float64Array;
  /** Bytes that the engine has at the end: its WebAssembly memory, or its process. */
  readonly memoryBytes: number;
}

/** Answer to a batch. */
export interface BatchAnswer {
  /** The batch's own buffer, with its outputs filled in. */
  readonly buffer: ArrayBuffer;
  /** True: the batch failed as a whole, and its rows were run one by one. */
  readonly apart?: boolean;
  /** Rows that could not be answered, ascending, and why the first could not; absent where all could. */
  readonly failed?: readonly number[];
  readonly error?: WireError;
}

/** Answer to the request with the same `id`. */
export type Answer =
  | { readonly id: number; readonly session: SessionInfo; readonly version: string }
  | { readonly id: number; readonly outputs: readonly EngineTensor[] }
  | { readonly id: number; readonly bound: true }
  | ({ readonly id: number } & Measured)
  | ({ readonly id: number } & BatchAnswer)
  | { readonly id: number; readonly error: WireError };

/** Error in the form in which it passes between threads and processes, where classes do not survive. */
export interface WireError {
  /** Undefined where the worker is broken and has to end. */
  readonly kind: ErrorKind | undefined;
  readonly reason: string;
  readonly hint?: string;
  /** Tensor that is at fault, where one is. */
  readonly path?: string | undefined;
}

/** Converts an error for the way between threads. */
export function toWire(error: unknown): WireError {
  if (!(error instanceof EdgewrightError)) return { kind: undefined, reason: reasonOf(error) };
  const { kind, hint, path, subject, message } = error;
  return { kind, hint, path, reason: message.slice(`${subject}: `.length) };
}

/** Converts an error back, with `subject` before its reason; undefined where the worker is broken. */
export function fromWire(subject: string, { kind, reason, hint, path }: WireError): EdgewrightError | undefined {
  if (kind === undefined) return undefined;
  return new EdgewrightError(kind, subject, reason, { ...(hint && { hint }), ...(path && { path }) });
}

/** Tells whether an error means that the worker is broken: none of ours, or EngineBroken. */
export const isBroken = (error: unknown) => error instanceof EngineBroken || !(error instanceof EdgewrightError);

/** Counts the numbers of one row of input. */
export const inputWidth = ({ inputs }: Pick<Binding, 'inputs'>) =>
  inputs.reduce((sum, input) => sum + widthOf(input), 0);

type Layout = Pick<Binding, 'inputs' | 'widths' | 'size' | 'wide'>;

/** Bytes of one number in a batch buffer. */
export const numberBytes = ({ wide }: Pick<Binding, 'wide'>) => (wide ? 8 : 4);

/** Makes an empty batch buffer. */
export function newBuffer(layout: Layout): ArrayBuffer {
  const length = layout.size * layout.widths.reduce((sum, width) => sum + width, inputWidth(layout));
  return new ArrayBuffer(length * numberBytes(layout));
}

/** View of `length` numbers in a batch buffer, from the number `at` on. */
export function numbersOf({ wide }: Pick<Binding, 'wide'>, buffer: ArrayBuffer, at: number, length: number): Numbers {
  return wide ? new Float64Array(buffer, at * 8, length) : new Float32Array(buffer, at * 4, length);
}

/** Places at which the outputs begin in a batch buffer, in numbers. */
export function outputOffsets(layout: Pick<Binding, 'inputs' | 'widths' | 'size'>): number[] {
  let offset = layout.size * inputWidth(layout);
  return layout.widths.map((width) => {
    const start = offset;
    offset += layout.size * width;
    return start;
  });
}
