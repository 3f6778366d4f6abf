import { createRequire } from 'node:module';
import { reasonOf } from '../../../common/core/index.ts';
import type { Engine } from './engine.ts';
import { engineUnavailable } from './errors.ts';
import { type OrtApi, OrtSessions } from './ort-sessions.ts';

/** An optional peer dependency: found beside the program, in a folder above, or nowhere. */
const NATIVE_PACKAGE = 'onnxruntime-node';

interface NativeOrt extends OrtApi {
  readonly env: { logLevel?: string; readonly versions: { readonly node?: string } };
}

/** One core a model: the gateway scales with processes. */
const OPTIONS = { intraOpNumThreads: 1, interOpNumThreads: 1, executionMode: 'sequential' } as const;

/** ONNX Runtime as machine code. Throws `inference.engine-unavailable` where it is not installed or not for this machine. */
export async function loadNativeEngine(): Promise<Engine> {
  const ort = load();
  ort.env.logLevel = 'fatal';
  // Nothing but its own process breaks, and that shows by its end.
  const sessions = new OrtSessions(ort, () => undefined, OPTIONS);
  return {
    name: 'native',
    version: ort.env.versions.node ?? '',
    // The binding wants bytes of this process alone.
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
