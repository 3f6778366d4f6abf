import { EdgewrightError, type Logger } from '../../../common/core/index.ts';
import type { EngineName } from '../engine/engine.ts';
import type { Host, HostOptions } from './host.ts';
import { NativeHost } from './native-host.ts';
import { WasmHost } from './wasm-host.ts';

/**
 * Finds the engine that is asked for, or, for `auto`, native where it works on this machine and else wasm. Throws
 * `inference.engine-unavailable`.
 */
export async function findHost(
  engine: EngineName | 'auto',
  options: HostOptions,
  logger?: Pick<Logger, 'info'>,
): Promise<Host> {
  if (engine !== 'wasm') {
    const native = new NativeHost(options);
    try {
      await native.ready();
      return native;
    } catch (error) {
      if (engine === 'native' || !(error instanceof EdgewrightError)) throw error;
      logger?.info('engine native is not there, wasm answers', { code: error.code, reason: error.message });
    }
  }
  const host = new WasmHost(options);
  await host.ready();
  return host;
}
