import type { Numbers, OutputBatch } from '../../../common/core/index.ts';
import type { BinaryTarget, ClassesTarget, ScoreTarget, Target } from '../schema/schema.ts';
import { FIND_OUT, isProbability } from '../targets/interpreter.ts';

/** An output that names the class beside the columns that a target reads. */
export interface Witness {
  /** Name of that output. */
  readonly tensor: string;
  /** What it may say: of a target with columns the class of each, in their order; of a score -1 and 1. */
  readonly says: readonly string[];
  /** True where the model takes the greatest column for the class; false where it decides in another way. */
  readonly greatest: boolean;
}

/** One output of a batch: row after row of `width` columns. */
export interface Columns {
  readonly data: Numbers;
  readonly width: number;
}

/** Witnesses by target. */
export type Witnesses = ReadonlyMap<string, Witness>;

/** What the class of an outlier detector is, in the order of `says`: scikit-learn's -1 for an outlier. */
export const OUTLIER = ['-1', '1'] as const;

/** What speaks against a target, after rows were tried. */
export interface Objection {
  readonly reason: string;
  readonly hint: string;
}

/** Counts of a trial, over rows that could be compared. */
export interface Agreement {
  readonly compared: number;
  readonly contradicted: number;
  /** First contradiction: the row, the label of the witness, and the one of the columns. */
  readonly first: readonly [row: number, said: string, columns: string] | undefined;
}

/** Share of the greatest number by which two columns have to differ, so that rounding does not decide between them. */
const TIE = 1e-4;
/** Least rows that have to be probabilities before it is no chance. */
const LEAST_ROWS = 4;
/** How far columns of probabilities may be from adding up to 1. */
const SUM_SLACK = 1e-3;

/**
 * Column that is the greatest, as the model has it: neither activation nor calibration with one temperature changes
 * which it is. Of one column the side of its middle. -1 where two are too near to tell, or one is not finite.
 */
export function chosenColumn(
  target: BinaryTarget | ClassesTarget,
  data: Numbers,
  offset: number,
  width: number,
): number {
  if (width === 1) {
    const value = data[offset] ?? Number.NaN;
    const middle = target.activation === 'none' ? 0.5 : 0;
    if (!(Math.abs(value - middle) > TIE)) return -1;
    return value > middle ? 1 : 0;
  }
  let best = 0;
  let greatest = Number.NEGATIVE_INFINITY;
  let second = Number.NEGATIVE_INFINITY;
  for (let column = 0; column < width; column += 1) {
    const value = data[offset + column] ?? Number.NaN;
    if (!Number.isFinite(value)) return -1;
    if (value > greatest) {
      second = greatest;
      greatest = value;
      best = column;
    } else if (value > second) second = value;
  }
  return greatest - second > TIE * Math.max(1, Math.abs(greatest)) ? best : -1;
}

/** Says how often the class that a model names is the one of its columns. `place`: of the class in `says`, by row. */
export function compare(
  target: BinaryTarget | ClassesTarget,
  { says }: Witness,
  columns: Columns,
  places: Numbers,
  rows: number,
): Agreement {
  let compared = 0;
  let contradicted = 0;
  let first: Agreement['first'];
  for (let row = 0; row < rows; row += 1) {
    const column = chosenColumn(target, columns.data, row * columns.width, columns.width);
    if (column < 0) continue;
    compared += 1;
    const place = places[row] ?? Number.NaN;
    if (place === column) continue;
    contradicted += 1;
    first ??= [row, says[place] ?? 'none of them', says[column] ?? ''];
  }
  return { compared, contradicted, first };
}

/**
 * Whether every row is probabilities already: two columns or more, each from 0 to 1, which add up to 1. Of one column
 * nobody can tell.
 */
export function areProbabilities({ data, width }: Columns, rows: number): boolean {
  if (width < 2 || rows < LEAST_ROWS) return false;
  for (let row = 0; row < rows; row += 1) {
    let sum = 0;
    for (let column = 0; column < width; column += 1) {
      const value = data[row * width + column] ?? Number.NaN;
      if (!(value >= 0 && value <= 1)) return false;
      sum += value;
    }
    if (Math.abs(sum - 1) > SUM_SLACK) return false;
  }
  return true;
}

/** First row whose numbers are no probabilities although no activation makes some of them; undefined for none. */
export function noProbabilities(
  { activation }: BinaryTarget | ClassesTarget,
  { data, width }: Columns,
  rows: number,
): number | undefined {
  if (activation !== 'none') return undefined;
  for (let row = 0; row < rows; row += 1) {
    const numbers = Array.from(data.subarray(row * width, (row + 1) * width));
    if (numbers.some((value) => Number.isFinite(value) && !isProbability(value))) return row;
  }
  return undefined;
}

/**
 * Whether a score says the opposite of the class that an outlier detector gives: every outlier of the rows lies beyond
 * all others on the side that the target calls normal.
 */
export function isTurned({ anomaly }: ScoreTarget, scores: Numbers, places: Numbers, rows: number): boolean {
  const of = (place: number) => Array.from(scores.subarray(0, rows)).filter((_, row) => places[row] === place);
  const [outliers, others] = [of(0), of(1)];
  if (outliers.length === 0 || others.length === 0) return false;
  return anomaly === 'above'
    ? Math.max(...outliers) <= Math.min(...others)
    : Math.min(...outliers) >= Math.max(...others);
}

/** Objection to a target whose columns are read otherwise than the model reads them. */
export function objectionTo(
  target: Target,
  witness: Witness | undefined,
  columns: Columns,
  places: Numbers | undefined,
  rows: number,
): Objection | undefined {
  if (target.kind === 'score') return witness && places && scoreObjection(target, witness, columns.data, places, rows);
  if (target.kind !== 'binary' && target.kind !== 'classes') return undefined;
  if (target.activation !== 'none' && target.calibration?.method !== 'platt' && areProbabilities(columns, rows)) {
    return {
      reason: `its ${columns.width} columns are from 0 to 1 and add up to 1 in each of ${rows} trial rows: they are probabilities already, and \`activation: ${target.activation}\` would blur them`,
      hint: 'Leave `activation` out.',
    };
  }
  if (witness === undefined || places === undefined) return undefined;
  const odd = noProbabilities(target, columns, rows);
  if (odd !== undefined) return { reason: oddRow(target, columns, odd), hint: labelInstead(witness) };
  const { compared, contradicted, first } = compare(target, witness, columns, places, rows);
  // Where the model does not take the greatest, it may differ in some rows, but not in most.
  const bound = witness.greatest ? 0 : compared / 2;
  if (contradicted <= bound || first === undefined) return undefined;
  const [row, said, read] = first;
  return {
    reason: `the model's own label ${witness.tensor} contradicts it in ${contradicted} of ${compared} trial rows; in row ${row} it says ${said}, and the columns of ${target.tensor}, read with \`activation: ${target.activation}\`, say ${read}: these are margins (a decision function) or votes, or columns in another order`,
    hint: labelInstead(witness),
  };
}

/** What is said of a trial row that is no probability. */
export function oddRow({ tensor }: Target, { data, width }: Columns, row: number): string {
  const numbers = Array.from(data.subarray(row * width, (row + 1) * width));
  return `${tensor} gives ${numbers.join(', ')} in trial row ${row}, which is not a probability; ${FIND_OUT}`;
}

const labelInstead = ({ tensor }: Witness) =>
  `Read the label itself, a target of kind \`label\` with the tensor ${tensor}, or export probabilities (scikit-learn: SVC(probability=True), CalibratedClassifierCV).`;

function scoreObjection(
  target: ScoreTarget,
  { tensor }: Witness,
  scores: Numbers,
  places: Numbers,
  rows: number,
): Objection | undefined {
  if (!isTurned(target, scores, places, rows)) return undefined;
  const side = target.anomaly === 'above' ? 'below' : 'above';
  return {
    reason: `the model's own label ${tensor} is -1, an outlier, where the score is ${side === 'below' ? 'low' : 'high'}, and the manifest has anomalies ${target.anomaly} the threshold`,
    hint: `Write \`anomaly: ${side}\`.`,
  };
}

/** Numbers of an output of a batch; undefined where it has none. */
export function columnsOf(batch: OutputBatch, tensor: string): Columns | undefined {
  const index = batch.names.indexOf(tensor);
  const [data, width] = [batch.data[index], batch.widths[index]];
  return data === undefined || width === undefined ? undefined : { data, width };
}
