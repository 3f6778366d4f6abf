import { createRequire } from 'node:module';
import { reasonOf } from '../../../common/core/index.ts';
import type { Engine } from './engine.ts';
import { engineUnavailable } from './errors.ts';
import { type OrtApi, OrtSessions } from './ort-sessions.ts';

/** Optional peer dependency, which Node finds beside the program, in a folder above, or nowhere. */
const NATIVE_PACKAGE = 'onnxruntime-node';

interface NativeOrt extends OrtApi {
  readonly env: { logLevel?: string; readonly versions: { readonly node?: string } };
}

/** Session options that keep a model to one core: a gateway scales with processes. */
const OPTIONS = { intraOpNumThreads: 1, interOpNumThreads: 1, executionMode: 'sequential' } as const;

/**
 * Loads ONNX Runtime as machine code. Throws `inference.engine-unavailable` where it is not installed or not built for
 * this machine.
 */
export async function loadNativeEngine(): Promise<Engine> {
  const ort = load();
  ort.env.logLevel = 'fatal';
  // A crash of the native engine ends its process, so no error leaves it running and broken.
  const sessions = new OrtSessions(ort, () => undefined, OPTIONS);
  return {
    name: 'native',
    version: ort.env.versions.node ?? '',
    // Node's binding of ONNX Runtime refuses bytes that lie in shared memory.
    create: (model) => sessions.create(model.buffer instanceof SharedArrayBuffer ? model.slice() : model),
  };
}

function load(): NativeOrt {
  try {
    return createRequire(import.meta.url)(NATIVE_PACKAGE);
  } catch (error) {
    const [reason] = reasonOf(error).split('\n');
    throw engineUnavailable('engine native', reason ?? 'it cannot be loaded', { cause: error });
  }
}
