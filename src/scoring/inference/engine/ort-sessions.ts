import type * as ort from 'onnxruntime-web';
import { EdgewrightError, elementCount, type TensorInfo } from '../../../common/core/index.ts';
import { isOrtFormat, withoutDeclaredShapes } from '../../../common/onnx/index.ts';
import type { Session, SessionInfo } from './engine.ts';
import { declaredShape, runFailed, tensorInvalid } from './errors.ts';
import { Mutex } from './mutex.ts';
import { ortCreateError, ortRunError } from './ort-errors.ts';
import { datatypeOf, type ElementData, type EngineTensor, ortTypeOf } from './tensors.ts';

/** Part of ONNX Runtime's JavaScript interface that both builds (web and native) have. */
export type OrtApi = Pick<typeof ort, 'InferenceSession' | 'Tensor'>;

/** Log level that logs nothing: every failure comes back as an error, and stdout and stderr belong to the program. */
const SILENT = 4;

/** Returns the error to throw where one leaves the engine in an unknown state, undefined for any other. */
export type Breakage = (error: unknown) => Error | undefined;

/**
 * Sessions of one build of ONNX Runtime in one thread. Its JavaScript keeps WASM stack pointers across awaits:
 * overlapping calls corrupt one another, on whichever session, so one mutex covers them all. Outputs are never
 * allocated in advance, because the engine hands such ones back as zeros.
 */
export class OrtSessions {
  readonly #api: OrtApi;
  readonly #options: ort.InferenceSession.SessionOptions;
  readonly #broken: Breakage;
  readonly #mutex = new Mutex();

  constructor(api: OrtApi, broken: Breakage, options: ort.InferenceSession.SessionOptions = {}) {
    this.#api = api;
    this.#broken = broken;
    this.#options = { ...options, logSeverityLevel: SILENT };
  }

  create(model: Uint8Array): Promise<Session> {
    return this.#mutex.run(async () => {
      const session = await this.#open(model);
      const info = describe(session);
      return {
        info,
        run: (feeds, fetches) => this.#run(session, info, feeds, fetches),
        release: () => this.#mutex.run(() => session.release()),
      };
    });
  }

  /**
   * Loads a model again without its declared shapes where one contradicts the inferred shape. The native build warns
   * and goes on with the inferred one; the build for WASM, which has no exceptions, refuses the model. So both do the
   * same.
   */
  async #open(model: Uint8Array): Promise<ort.InferenceSession> {
    try {
      return await this.#tryOpen(model);
    } catch (error) {
      if (!(error instanceof EdgewrightError) || error.kind !== declaredShape.kind || isOrtFormat(model)) throw error;
      return this.#tryOpen(withoutDeclaredShapes(model));
    }
  }

  #tryOpen(model: Uint8Array): Promise<ort.InferenceSession> {
    return this.#api.InferenceSession.create(model, this.#options).catch((error: unknown) => {
      throw this.#translate(error, ortCreateError);
    });
  }

  #run(
    session: ort.InferenceSession,
    info: SessionInfo,
    feeds: ReadonlyMap<string, EngineTensor>,
    fetches: readonly string[],
  ): Promise<EngineTensor[]> {
    const unknown = fetches.find((name) => !info.outputs.some((output) => output.name === name));
    if (unknown !== undefined) return Promise.reject(runFailed('model', `no tensor output is named ${unknown}`));
    const stranger = info.inputs.find(({ name, datatype }) => (feeds.get(name)?.datatype ?? datatype) !== datatype);
    if (stranger !== undefined) {
      const { name, datatype } = stranger;
      return Promise.reject(
        tensorInvalid('model', `input ${name} is ${feeds.get(name)?.datatype}, it takes ${datatype}`),
      );
    }
    return this.#mutex.run(async () => {
      try {
        const inputs = Object.fromEntries(Array.from(feeds, ([name, tensor]) => [name, this.#toOrt(tensor)]));
        const outputs = await session.run(inputs, fetches, { logSeverityLevel: SILENT });
        return fetches.map((name) => fromOrt(outputs[name]));
      } catch (error) {
        throw this.#translate(error, ortRunError);
      }
    });
  }

  #translate(error: unknown, known: (error: Error) => Error): Error {
    return this.#broken(error) ?? known(error instanceof Error ? error : new Error(String(error)));
  }

  #toOrt({ datatype, data, shape }: EngineTensor): ort.Tensor {
    const native =
      datatype === 'FP16' && Float16 !== undefined && data instanceof Uint16Array
        ? new Float16(data.buffer, data.byteOffset, data.length)
        : data;
    // The constructor's overloads pair each type name with its array, which the table in tensors.ts does at run time.
    return new this.#api.Tensor(ortTypeOf(datatype) as 'float32', native as Float32Array, shape);
  }
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

/** Reads an engine's metadata. Named dimensions come as names; unnamed free ones as 2^32 - 1 (WASM) or "" (native). */
function tensorInfo(value: ort.InferenceSession.ValueMetadata): TensorInfo[] {
  if (!value.isTensor) return [];
  const datatype = datatypeOf(value.type);
  if (datatype === undefined) return [];
  const shape = value.shape.map((size) => (typeof size === 'number' && size > 0 && size < 2 ** 31 ? size : -1));
  return [{ name: value.name, datatype, shape }];
}

/** Array that ONNX Runtime takes and gives for float16 where the platform has it; here float16 is always its bits. */
const Float16 = (
  globalThis as { Float16Array?: new (buffer: ArrayBufferLike, offset: number, length: number) => object }
).Float16Array;

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
