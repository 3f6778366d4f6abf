import type { TensorInfo } from '../../../common/core/index.ts';
import type { EngineTensor } from './tensors.ts';

/** Description of a loaded model, as the engine gives it. */
export interface SessionInfo {
  readonly inputs: readonly TensorInfo[];
  readonly outputs: readonly TensorInfo[];
  /** Names of inputs and outputs that are sequences or maps: JavaScript can neither give nor take them. */
  readonly opaque: { readonly inputs: readonly string[]; readonly outputs: readonly string[] };
}

/**
 * Model that an engine has loaded. Calls may overlap: the engine runs them one after the other, over all its sessions.
 */
export interface Session {
  readonly info: SessionInfo;
  /**
   * Answers with the outputs named in `fetches`, in that order. Fails with `inference.run-failed`, `.tensor-invalid`,
   * `.out-of-memory`, or EngineBroken.
   */
  run(feeds: ReadonlyMap<string, EngineTensor>, fetches: readonly string[]): Promise<EngineTensor[]>;
  release(): Promise<void>;
}

/** Way to run models, inside a thread or process that is expendable: a call may block, crash or hang. */
export interface Engine {
  readonly name: EngineName;
  readonly version: string;
  /** Loads a model from bytes that other threads may share. Fails with `inference.*`, or EngineBroken. */
  create(model: Uint8Array): Promise<Session>;
}

/** `wasm`: ONNX Runtime Web in a thread; `native`: onnxruntime-node in a process. */
export type EngineName = 'wasm' | 'native';

/** Newest version of the default operator set that the bundled engines know. */
const NEWEST_OPSET = 26;
/** The same of the operators for trees and other classic models. */
const NEWEST_ML_OPSET = 5;
/** Newest versions of operator sets by domain; of others nothing is known. */
export const NEWEST_OPSETS: Readonly<Record<string, number>> = {
  'ai.onnx': NEWEST_OPSET,
  'ai.onnx.ml': NEWEST_ML_OPSET,
};
/** Oldest version of the default operator set whose operators engines have; of older ones they have some. */
export const OLDEST_OPSET = 7;
/** Newest version of the file format (IR) that they read; they read all older ones. */
export const NEWEST_IR = 13;

/** Signals that the engine's state can no longer be trusted: its worker has to end. */
export class EngineBroken extends Error {
  override readonly name = 'EngineBroken';
}

/** Wraps an engine so that it calls `beat` at the beginning of every run. */
export function withHeartbeat(engine: Engine, beat: () => void): Engine {
  return {
    name: engine.name,
    version: engine.version,
    create: async (model) => {
      const session = await engine.create(model);
      return {
        info: session.info,
        run: (feeds, fetches) => {
          beat();
          return session.run(feeds, fetches);
        },
        release: () => session.release(),
      };
    },
  };
}
