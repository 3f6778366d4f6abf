import { CountWindows } from './count-windows.ts';
import { TimeWindows } from './time-windows.ts';
import type { AssetWindows, WindowOptions } from './types.ts';

export { Backstep } from './backstep.ts';
export * from './errors.ts';
export * from './schema.ts';
export {
  ABSENT,
  type AssetWindows,
  type PushOutcome,
  type ReadingOrigin,
  type WindowCounters,
  type WindowOptions,
  type WindowTag,
} from './types.ts';

/** Windows of one asset in one pipeline. Throws `windows.too-large` where one window is more than `maxReadings`. */
export function createAssetWindows(options: WindowOptions): AssetWindows {
  const { window } = options;
  return 'count' in window ? new CountWindows(options, window) : new TimeWindows(options, window);
}
