import * as z from 'zod';
import { parseDuration, parseSize } from './quantity.ts';

/** A duration in configuration (`30s`), milliseconds in the program. */
export const duration = () =>
  z
    .string()
    .regex(/^\d+(\.\d+)?\s*(ms|s|m|min|h|d)$/, 'must be a duration such as 250ms, 30s, 5m, 72h or 7d')
    .transform((text) => parseDuration(text) ?? 0);

/** A size in configuration (`2GiB`), bytes in the program. */
export const size = () =>
  z
    .string()
    .regex(/^\d+(\.\d+)?\s*(B|KB|MB|GB|KiB|MiB|GiB)$/, 'must be a size such as 64KiB, 512MiB or 2GiB')
    .transform((text) => parseSize(text) ?? 0);
