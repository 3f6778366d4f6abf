import type { Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { reasonOf } from '../../common/core/index.ts';
import { modelUnreadable } from './errors.ts';

const HINT = 'Give a regular file: the .onnx or .ort file itself, or one that it was written into.';

/** Refuses what is no regular file and does not open it: a FIFO has no end until somebody writes to it, a device may have none. */
export async function requireRegular(file: string): Promise<void> {
  const info = await stat(file).catch((error: unknown) => {
    throw modelUnreadable(file, reasonOf(error), { cause: error });
  });
  if (!info.isFile()) throw notRegular(file, info);
}

export function notRegular(file: string, info: Stats) {
  return modelUnreadable(file, `is a ${kindOf(info)}, not a regular file`, { hint: HINT });
}

function kindOf(info: Stats): string {
  if (info.isFIFO()) return 'FIFO';
  if (info.isSocket()) return 'socket';
  return info.isDirectory() ? 'directory' : 'device';
}
