import { isBad, StatusCode, type Window } from '../../../common/core/index.ts';
import type { Vectorizer } from '../../features/index.ts';
import { BAD_QUALITY, isFiniteVector } from './verdicts.ts';
import type { Slot } from './window-queue.ts';

/** Makes a window's input, at the head of the slot's vector; false where it has none, and the slot says why. */
export function fillSlot(slot: Slot, window: Window, vectorizer: Vectorizer): boolean {
  if (isBad(window.quality.code)) {
    slot.verdict = BAD_QUALITY;
    return false;
  }
  const { length } = vectorizer;
  // Behind the input may lie what a recurrent model carries.
  const vector = slot.vector.length === length ? slot.vector : slot.vector.subarray(0, length);
  const why = vectorizer.write(window, vector, slot.features);
  if (isFiniteVector(vector)) return true;
  const reason = why ?? `features: ${notFinite(slot.features, vectorizer.names)}not finite`;
  slot.quality = { code: StatusCode.BadDataLost, reasons: [...window.quality.reasons, reason] };
  slot.verdict = BAD_QUALITY;
  return false;
}

/** Name of the first feature without a value, for the reason. */
function notFinite(features: Float64Array, names: readonly string[]): string {
  const index = features.findIndex((value) => !Number.isFinite(value));
  return index < 0 ? '' : `${names[index]} `;
}
