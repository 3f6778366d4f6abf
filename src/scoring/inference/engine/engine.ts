import type { TensorInfo } from '../../../common/core/index.ts';
import type { EngineTensor } from './tensors.ts';

/** What an engine says of a loaded model. */
export interface SessionInfo {
  readonly inputs: readonly TensorInfo[];
  readonly outputs: readonly TensorInfo[];
  /** Names of inputs and outputs that are sequences or maps, which cannot be exchanged. */
  readonly opaque: { readonly inputs: readonly string[]; readonly outputs: readonly string[] };
}

/** A loaded model. Calls may overlap; the engine serialises them over all its sessions in the thread. */
export interface Session {
  readonly info: SessionInfo;
  /**
   * Only the outputs asked for, in that order. Fails with `inference.run-failed`, `.tensor-invalid`, `.out-of-memory`, or
   * EngineBroken.
   */
  run(feeds: ReadonlyMap<string, EngineTensor>, fetches: readonly string[]): Promise<EngineTensor[]>;
  release(): Promise<void>;
}

/** One way to run models inside a thread that is expendable: it may block, crash or hang. */
export interface Engine {
  readonly name: EngineName;
  readonly version: string;
  /** The bytes may be shared with other threads. Fails with `inference.*`, or EngineBroken. */
  create(model: Uint8Array): Promise<Session>;
}

export type EngineName = 'wasm' | 'native';

/** Newest version of the default operator set that the engines of this release know. */
export const NEWEST_OPSET = 26;

/** The engine's state can no longer be trusted: its thread has to go. */
export class EngineBroken extends Error {
  override readonly name = 'EngineBroken';
}

/** Calls `beat` at the beginning of every run. */
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
