import type { Shape } from './shape.ts';

/** How times are written: the unit of the shape stands for one that is not declared. */
export function timeFormOf<Form extends { unit?: Shape['unit'] | undefined }>(
  time: Form,
  shape: Shape | undefined,
): Form {
  return { ...time, unit: time.unit ?? shape?.unit };
}
