import { EdgewrightError, type ErrorKind, type Numbers, reasonOf } from '../../../common/core/index.ts';
import { EngineBroken, type SessionInfo } from '../engine/engine.ts';
import { type BoundInput, widthOf } from '../engine/row.ts';
import type { EngineTensor } from '../engine/tensors.ts';
import type { WasmModule } from '../engine/wasm-api.ts';

/** Given to a thread at its start. */
export interface ThreadData {
  /** URL of ONNX Runtime's own WebAssembly glue. */
  readonly glue: string;
  /** Its code, compiled once for all threads. */
  readonly module: WasmModule;
  readonly memoryBytes: number;
  /** An Int32 that the thread raises at each run, so that a long batch of single runs is not taken for a hang. */
  readonly heartbeat: SharedArrayBuffer;
}

/** One step of work; a thread does them in the order in which they come and answers each with its `id`. */
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

export type Request = Work & { readonly id: number };

/** How many runs a process has begun; a thread writes them into memory that it shares. */
export interface Beat {
  readonly beat: number;
}

/**
 * How batches look, told once so that a batch's message stays small. A batch is one buffer of numbers: `size` rows of
 * input, then per output `size` rows of its width; it travels to the thread and back.
 */
export interface Binding {
  /** What a row consists of, in this order. */
  readonly inputs: readonly BoundInput[];
  /** Inputs that are the same in every run. */
  readonly constants: ReadonlyMap<string, EngineTensor>;
  readonly outputs: readonly string[];
  readonly widths: readonly number[];
  /** Of outputs that name labels, which there are. */
  readonly labels: ReadonlyMap<string, readonly string[]>;
  readonly size: number;
  /** Numbers are float64, because a tensor holds what float32 does not; else float32. */
  readonly wide: boolean;
  /** False: each row is a run of its own, with batch 1. */
  readonly together: boolean;
}

/** How long runs of the same input took, one after the other. */
export interface Measured {
  readonly micros: Float64Array;
  /** Of the engine at the end: its WebAssembly memory, or its process. */
  readonly memoryBytes: number;
}

export interface BatchAnswer {
  readonly buffer: ArrayBuffer;
  /** The batch failed as a whole and its rows were run one by one. */
  readonly apart?: boolean;
  /** Rows that could not be answered, ascending, and why the first could not; absent where all could. */
  readonly failed?: readonly number[];
  readonly error?: WireError;
}

export type Answer =
  | { readonly id: number; readonly session: SessionInfo; readonly version: string }
  | { readonly id: number; readonly outputs: readonly EngineTensor[] }
  | { readonly id: number; readonly bound: true }
  | ({ readonly id: number } & Measured)
  | ({ readonly id: number } & BatchAnswer)
  | { readonly id: number; readonly error: WireError };

/** An error on its way between threads: classes do not survive it. */
export interface WireError {
  /** Undefined: the thread is broken and has to go. */
  readonly kind: ErrorKind | undefined;
  readonly reason: string;
  readonly hint?: string;
  /** The tensor that is at fault, where one is. */
  readonly path?: string | undefined;
}

export function toWire(error: unknown): WireError {
  if (!(error instanceof EdgewrightError)) return { kind: undefined, reason: reasonOf(error) };
  const { kind, hint, path, subject, message } = error;
  return { kind, hint, path, reason: message.slice(`${subject}: `.length) };
}

/** Undefined where the thread itself is broken. */
export function fromWire(subject: string, { kind, reason, hint, path }: WireError): EdgewrightError | undefined {
  if (kind === undefined) return undefined;
  return new EdgewrightError(kind, subject, reason, { ...(hint && { hint }), ...(path && { path }) });
}

export const isBroken = (error: unknown) => error instanceof EngineBroken || !(error instanceof EdgewrightError);

/** Numbers of one row of input. */
export const inputWidth = ({ inputs }: Pick<Binding, 'inputs'>) =>
  inputs.reduce((sum, input) => sum + widthOf(input), 0);

type Layout = Pick<Binding, 'inputs' | 'widths' | 'size' | 'wide'>;

export const numberBytes = ({ wide }: Pick<Binding, 'wide'>) => (wide ? 8 : 4);

/** A batch buffer that nothing is in. */
export function newBuffer(layout: Layout): ArrayBuffer {
  const length = layout.size * layout.widths.reduce((sum, width) => sum + width, inputWidth(layout));
  return new ArrayBuffer(length * numberBytes(layout));
}

/** So many numbers of a batch buffer, from the number `at` on. */
export function numbersOf({ wide }: Pick<Binding, 'wide'>, buffer: ArrayBuffer, at: number, length: number): Numbers {
  return wide ? new Float64Array(buffer, at * 8, length) : new Float32Array(buffer, at * 4, length);
}

/** Where each output begins in a batch buffer, in numbers. */
export function outputOffsets(layout: Pick<Binding, 'inputs' | 'widths' | 'size'>): number[] {
  let offset = layout.size * inputWidth(layout);
  return layout.widths.map((width) => {
    const start = offset;
    offset += layout.size * width;
    return start;
  });
}
