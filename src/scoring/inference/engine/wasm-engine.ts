import * as ort from 'onnxruntime-web';
import { reasonOf } from '../../../common/core/index.ts';
import { type Engine, EngineBroken } from './engine.ts';
import { OrtSessions } from './ort-sessions.ts';
import { wasm } from './wasm-api.ts';

/** Files that ONNX Runtime Web consists of. */
export interface WasmEngineOptions {
  /** Module whose default export makes the WebAssembly instance. */
  readonly loader: URL;
  readonly wasmFile: URL;
}

/** Starts ONNX Runtime Web on this thread. */
export function createWasmEngine({ loader, wasmFile }: WasmEngineOptions): Engine {
  ort.env.logLevel = 'fatal';
  ort.env.wasm.numThreads = 1;
  ort.env.wasm.wasmPaths = { mjs: loader, wasm: wasmFile };
  const sessions = new OrtSessions(ort, broken);
  return { name: 'wasm', version: ort.env.versions.web ?? '', create: (model) => sessions.create(model) };
}

/**
 * Recognizes a trap (out of bounds, unreachable) or an exhausted stack, which leave the instance in an unknown state.
 */
function broken(error: unknown): Error | undefined {
  if (!(error instanceof wasm.RuntimeError || error instanceof RangeError)) return undefined;
  return new EngineBroken(`${error.name}: ${reasonOf(error)}`, { cause: error });
}
