import * as ort from 'onnxruntime-web';
import { elementCount, type TensorInfo } from '../core/index.ts';
import { type Engine, EngineBroken, type Session, type SessionInfo } from './engine.ts';
import { createError, runError } from './engine-text.ts';
import { runFailed } from './errors.ts';
import { Mutex } from './mutex.ts';
import { datatypeOf, type ElementData, type EngineTensor, ortTypeOf } from './tensors.ts';
import { wasm } from './wasm-api.ts';

export interface WasmEngineOptions {
  /** Module whose default export makes ONNX Runtime's WebAssembly instance. */
  readonly loader: URL;
  readonly wasmFile: URL;
}

/** Nothing is logged: every failure comes back as an error, and stdout and stderr belong to the program. */
const SILENT = 4;

/**
 * ONNX Runtime Web on one thread. Its JavaScript keeps WASM stack pointers across awaits: overlapping calls corrupt
 * one another, on whichever session, so one mutex covers them all. Pre-allocated outputs come back as zeros, so none.
 */
export function createWasmEngine({ loader, wasmFile }: WasmEngineOptions): Engine {
  ort.env.logLevel = 'fatal';
  ort.env.wasm.numThreads = 1;
  ort.env.wasm.wasmPaths = { mjs: loader, wasm: wasmFile };
  const mutex = new Mutex();
  return {
    name: 'wasm',
    version: ort.env.versions.web ?? '',
    create: (model) =>
      mutex.run(async () => {
        const session = await ort.InferenceSession.create(model, { logSeverityLevel: SILENT }).catch(
          (error: unknown) => {
            throw translate(error, createError);
          },
        );
        return new WasmSession(session, mutex);
      }),
  };
}

class WasmSession implements Session {
  readonly info: SessionInfo;
  readonly #session: ort.InferenceSession;
  readonly #mutex: Mutex;

  constructor(session: ort.InferenceSession, mutex: Mutex) {
    this.#session = session;
    this.#mutex = mutex;
    this.info = describe(session);
  }

  run(feeds: ReadonlyMap<string, EngineTensor>, fetches: readonly string[]): Promise<EngineTensor[]> {
    const unknown = fetches.find((name) => !this.info.outputs.some((output) => output.name === name));
    if (unknown !== undefined) return Promise.reject(runFailed('model', `no tensor output is named ${unknown}`));
    return this.#mutex.run(async () => {
      try {
        const inputs = Object.fromEntries(Array.from(feeds, ([name, tensor]) => [name, toOrt(tensor)]));
        const outputs = await this.#session.run(inputs, fetches, { logSeverityLevel: SILENT });
        return fetches.map((name) => fromOrt(outputs[name]));
      } catch (error) {
        throw translate(error, runError);
      }
    });
  }

  release(): Promise<void> {
    return this.#mutex.run(() => this.#session.release());
  }
}

/** A trap (out of bounds, unreachable) or an exhausted stack leaves the instance in an unknown state. */
function translate(error: unknown, known: (error: Error) => Error): Error {
  const actual = error instanceof Error ? error : new Error(String(error));
  const broken = error instanceof wasm.RuntimeError || error instanceof RangeError;
  return broken ? new EngineBroken(`${actual.name}: ${actual.message}`, { cause: error }) : known(actual);
}

function describe({ inputMetadata, outputMetadata }: ort.InferenceSession): SessionInfo {
  const opaque = (metadata: readonly ort.InferenceSession.ValueMetadata[]) =>
    metadata.filter((value) => !value.isTensor).map(({ name }) => name);
  return {
    inputs: inputMetadata.flatMap(tensorInfo),
    outputs: outputMetadata.flatMap(tensorInfo),
    opaque: { inputs: opaque(inputMetadata), outputs: opaque(outputMetadata) },
  };
}

/** Named dimensions come as names, unnamed free ones as 2^32 - 1. */
function tensorInfo(value: ort.InferenceSession.ValueMetadata): TensorInfo[] {
  if (!value.isTensor) return [];
  const datatype = datatypeOf(value.type);
  if (datatype === undefined) return [];
  const shape = value.shape.map((size) => (typeof size === 'number' && size > 0 && size < 2 ** 31 ? size : -1));
  return [{ name: value.name, datatype, shape }];
}

/** Where the platform has Float16Array, ONNX Runtime wants and gives that; here halves are always their bits. */
const Float16 = (
  globalThis as { Float16Array?: new (buffer: ArrayBufferLike, offset: number, length: number) => object }
).Float16Array;

function toOrt({ datatype, data, shape }: EngineTensor): ort.Tensor {
  const native =
    datatype === 'FP16' && Float16 !== undefined && data instanceof Uint16Array
      ? new Float16(data.buffer, data.byteOffset, data.length)
      : data;
  // The constructor's overloads pair each type name with its array, which the table in tensors.ts does at run time.
  return new ort.Tensor(ortTypeOf(datatype) as 'float32', native as Float32Array, shape);
}

function fromOrt(tensor: ort.Tensor | undefined): EngineTensor {
  const datatype = tensor === undefined ? undefined : datatypeOf(tensor.type);
  if (tensor === undefined || datatype === undefined) throw new Error('the engine left an output out');
  const { data } = tensor;
  const bits =
    datatype === 'FP16' && ArrayBuffer.isView(data)
      ? new Uint16Array(data.buffer, data.byteOffset, elementCount(tensor.dims))
      : data;
  return { datatype, shape: tensor.dims, data: bits as ElementData };
}
