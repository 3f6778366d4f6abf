import type { Reading } from '../../../common/core/index.ts';
import type { ReadingOrigin } from '../../windows/index.ts';

/** Readings have a number where their source has positions: they are recorded. */
export function originOf({ again }: Reading, readingNumber: number): ReadingOrigin | undefined {
  if (again) return 'again';
  return readingNumber > 0 ? 'recording' : undefined;
}
