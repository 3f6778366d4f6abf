import {
  DEFAULT_TOLERANCE,
  GOLDEN_ASSET,
  type GoldenCases,
  type GoldenPrediction,
  type GoldenReadings,
  type PredictionRecord,
  type Reading,
} from '../../../common/core/index.ts';
import { readingsDiffer } from '../schema/errors.ts';

type Tolerance = NonNullable<GoldenCases['tolerance']>;
type Difference = { readonly reason: string; readonly error?: number };

/** Makes the readings of a case, all of one asset where none is named. */
export function readingsOf({ readings }: GoldenReadings): readonly Reading[] {
  return readings.map(({ asset = GOLDEN_ASSET, t, values }) => ({ asset, t, values }));
}

/**
 * Holds the predictions that came of golden readings against those that had to come. Throws
 * `pipeline.golden-readings-differ` with the first difference, and returns the largest error of a number.
 *
 * @param place name of the pipeline, number of the case, and the engine that answered
 */
export function comparePredictions(
  { predictions }: GoldenReadings,
  came: readonly PredictionRecord[],
  tolerance: Tolerance = DEFAULT_TOLERANCE,
  { name, index, engine }: { readonly name: string; readonly index: number; readonly engine: string },
): number {
  let maxError = 0;
  const counted = new Map<string, number>();
  const refuse = (at: number, reason: string) => {
    const path = `readings.${index}.predictions.${at}`;
    return readingsDiffer(name, `golden.json, ${path} on ${engine}: ${reason}`, { path });
  };
  for (const [at, wanted] of predictions.entries()) {
    const { asset = GOLDEN_ASSET, to } = wanted;
    const all = came.filter((each) => each.asset === asset);
    const turn = counted.get(asset) ?? 0;
    if (to === undefined) counted.set(asset, turn + 1);
    const found = to === undefined ? all[turn] : all.find((each) => each.to === to);
    if (found === undefined) throw refuse(at, `no such prediction came of ${asset}, but ${placesOf(all)}`);
    const difference = differenceOf(wanted, found, tolerance);
    if (difference.reason !== '') throw refuse(at, `${difference.reason}; ${toleranceText(tolerance)}`);
    maxError = Math.max(maxError, difference.error ?? 0);
  }
  for (const [asset, count] of counted) {
    const all = came.filter((each) => each.asset === asset);
    if (all.length > count) throw refuse(count, `${all.length} predictions came of ${asset}, and ${count} are listed`);
  }
  return maxError;
}

const toleranceText = ({ rtol, atol }: Tolerance) =>
  `numbers may be off by atol ${atol} + rtol ${rtol} * |recorded|, the key \`tolerance\``;

/** Most ends of windows that an error lists. */
const LISTED = 5;

function placesOf(came: readonly PredictionRecord[]): string {
  if (came.length === 0) return 'none';
  const ends = came.slice(0, LISTED).map(({ to }) => to);
  return `${came.length}, with windows to ${ends.join(', ')}${came.length > LISTED ? ', ...' : ''}`;
}

function differenceOf(
  wanted: GoldenPrediction,
  { output, decision, quality }: PredictionRecord,
  tolerance: Tolerance,
): Difference {
  if (wanted.decision !== undefined && wanted.decision !== decision) {
    return { reason: `decision is ${decision} instead of ${wanted.decision}` };
  }
  if (wanted.output === undefined) return { reason: '' };
  const difference = compare(wanted.output, output, tolerance, 'output');
  const why = output === null && quality.reasons.length > 0 ? ` (${quality.reasons.join('; ')})` : '';
  return difference.reason === '' ? difference : { ...difference, reason: `${difference.reason}${why}` };
}

/** Compares what is recorded with what came: numbers within the tolerance, all else exactly; keys left out are free. */
function compare(wanted: unknown, came: unknown, tolerance: Tolerance, path: string): Difference {
  if (typeof wanted === 'number' && typeof came === 'number') {
    const error = Math.abs(came - wanted);
    const within = error <= tolerance.atol + tolerance.rtol * Math.abs(wanted);
    return { reason: within ? '' : `${path} is ${came} instead of ${wanted}, error ${error}`, error };
  }
  if (typeof wanted !== 'object' || wanted === null || typeof came !== 'object' || came === null) {
    return wanted === came
      ? { reason: '' }
      : { reason: `${path} is ${JSON.stringify(came)} instead of ${JSON.stringify(wanted)}` };
  }
  let error = 0;
  for (const [key, value] of Object.entries(wanted)) {
    const difference = compare(value, (came as Record<string, unknown>)[key], tolerance, `${path}.${key}`);
    if (difference.reason !== '') return difference;
    error = Math.max(error, difference.error ?? 0);
  }
  return { reason: '', error };
}
