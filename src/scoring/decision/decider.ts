import type { Decision, Output, OutputBatch, TargetOutput, TensorInfo } from '../../common/core/index.ts';
import { binary } from './binary.ts';
import { classes } from './classes.ts';
import { outputContradicted, outputMismatch } from './errors.ts';
import { abstain, type Interpreter, type TargetVerdict } from './interpreter.ts';
import { label } from './label.ts';
import { checkOverrides, type DecisionOverrides } from './overrides.ts';
import { regression } from './regression.ts';
import type { Target } from './schema.ts';
import { score } from './score.ts';
import {
  type Columns,
  chosenColumn,
  columnsOf,
  compare,
  noProbabilities,
  objectionTo,
  oddRow,
  type Witness,
  type Witnesses,
} from './witness.ts';

/** What one row of outputs comes to, over all targets. */
export interface Verdict {
  /** Null when every target abstains. */
  readonly output: Output | null;
  readonly decision: Decision;
  /** Why a target abstains, `target: reason`. */
  readonly reasons: readonly string[];
}

/** From raw outputs to a verdict. */
export interface Decider {
  /** Model outputs needed, without repetition, in the order of their first target. */
  readonly outputs: readonly string[];
  /** The labels of outputs that name one, by output. Each is read as its label's place among them, -1 for any other. */
  readonly labels: ReadonlyMap<string, readonly string[]>;
  /** The numbers of `summary`, in order: a target's name, and `target.label` for each probability. */
  readonly names: readonly string[];
  /**
   * The threshold in force by target, costs and overrides counted in: the score or positive probability beyond which it
   * is an anomaly.
   */
  readonly thresholds: Readonly<Record<string, number>>;
  /**
   * Decides row `row`. `summary` gets `names.length` numbers, NaN where there is none. The result is the caller's to
   * keep.
   */
  decide(batch: OutputBatch, row: number, summary: Float64Array): Verdict;
  /**
   * Throws `decision.output-mismatch`, with the subject, where what a model declares cannot carry the targets. A free
   * dimension is checked when it answers.
   */
  checkModel(outputs: readonly TensorInfo[], subject: string): void;
  /**
   * Holds the targets against what the model itself says of trial rows. Throws `decision.output-contradicted`, with the
   * subject; returns what has to be known although it is not refused, in sentences.
   */
  examine(batch: OutputBatch, rows: number, subject: string): readonly string[];
}

interface Part {
  readonly name: string;
  readonly kind: Target['kind'];
  readonly tensor: string;
  readonly output: number;
  readonly at: number;
  readonly interpreter: Interpreter;
  readonly target: Target;
  readonly witness: Witness | undefined;
}

const NO_WITNESSES: Witnesses = new Map();
const ONE_COLUMN =
  'Give it one column: split the tensor into one output a target (Split or Gather in the graph, or MultiOutput exported apart).';

/** What to do where a tensor has not the columns that a kind of target takes. */
const COLUMNS: Readonly<Record<Target['kind'], string>> = {
  regression: ONE_COLUMN,
  score: ONE_COLUMN,
  label: ONE_COLUMN,
  binary:
    'Give it one column per label, or one of the positive label alone; more than two labels are a target of kind classes.',
  classes:
    "Give it one column per label: name in `labels` what the model's columns stand for, all of them, in their order.",
};

const NO_REASONS: readonly string[] = Object.freeze([]);

function interpret(name: string, target: Target, overrides: DecisionOverrides): Interpreter {
  const threshold = overrides.threshold?.[name];
  const costs = overrides.costs?.[name];
  switch (target.kind) {
    case 'regression':
      return regression(target);
    case 'score':
      return score(target, threshold);
    case 'binary':
      return binary(target, threshold === undefined && costs === undefined ? target : { threshold, costs });
    case 'classes':
      return classes(target, costs);
    case 'label':
      return label(target);
  }
}

/**
 * Makes what decides from raw outputs. Throws `decision.unknown-override`. Pure but for scratch memory: one decider
 * serves one thread.
 */
export function createDecider(
  targets: Readonly<Record<string, Target>>,
  overrides: DecisionOverrides = {},
  witnesses: Witnesses = NO_WITNESSES,
): Decider {
  checkOverrides(targets, overrides);
  const read = Object.values(targets).map((target) => target.tensor);
  const outputs = [...new Set([...read, ...[...witnesses.values()].map((witness) => witness.tensor)])];
  const labels = labelsOf(targets, witnesses);
  const names: string[] = [];
  const parts = Object.entries(targets).map(([name, target]): Part => {
    const interpreter = interpret(name, target, overrides);
    const at = names.length;
    names.push(...interpreter.suffixes.map((suffix) => (suffix === '' ? name : `${name}.${suffix}`)));
    const { kind, tensor } = target;
    const output = outputs.indexOf(tensor);
    return { name, kind, tensor, output, at, interpreter, target, witness: witnesses.get(name) };
  });
  const single = parts.length === 1;
  return {
    outputs,
    labels,
    names,
    thresholds: Object.fromEntries(
      parts.flatMap(({ name, interpreter: { threshold } }) => (threshold === undefined ? [] : [[name, threshold]])),
    ),
    decide: (batch, row, summary) => {
      summary.fill(Number.NaN, 0, names.length);
      return combine(parts, single, batch, row, summary);
    },
    checkModel: (declared, subject) => {
      for (const part of parts) checkPart(part, declared, subject);
    },
    examine: (batch, rows, subject) => parts.flatMap((part) => examinePart(part, batch, rows, subject)),
  };
}

function labelsOf(
  targets: Readonly<Record<string, Target>>,
  witnesses: Witnesses,
): ReadonlyMap<string, readonly string[]> {
  const all = Object.entries(targets);
  const labels = new Map([...witnesses.values()].map(({ tensor, says }) => [tensor, says]));
  for (const [name, target] of all) {
    if (target.kind !== 'label') continue;
    const other = all.find(([another, { tensor }]) => another !== name && tensor === target.tensor);
    const path = `outputs.${name}`;
    if (other) throw outputMismatch(path, `${other[0]} reads the labels of ${target.tensor} too`, { path });
    labels.set(target.tensor, target.labels);
  }
  return labels;
}

function read(part: Part, batch: OutputBatch, row: number, summary: Float64Array): TargetVerdict {
  // The engine is asked for `outputs` in this order; the name says whether it kept to it.
  const index = batch.names[part.output] === part.tensor ? part.output : batch.names.indexOf(part.tensor);
  const data = batch.data[index];
  const width = batch.widths[index];
  if (data === undefined || width === undefined) return abstain(`the model has no output ${part.tensor}`);
  if (!part.interpreter.widths.includes(width)) return abstain(`${part.tensor} has ${width} columns`);
  const verdict = part.interpreter.read(data, row * width, width, summary, part.at);
  const { witness } = part;
  if (witness?.greatest !== true || verdict.output === null) return verdict;
  return contradictionOf(part, witness, batch, row, { data, width }) ?? verdict;
}

/** What a model's own label has against its columns in a row. */
function contradictionOf(
  { target, tensor }: Part,
  witness: Witness,
  batch: OutputBatch,
  row: number,
  { data, width }: Columns,
): TargetVerdict | undefined {
  if (target.kind !== 'binary' && target.kind !== 'classes') return undefined;
  const places = batch.data[batch.names.indexOf(witness.tensor)];
  const column = chosenColumn(target, data, row * width, width);
  const place = places?.[row] ?? -1;
  if (place < 0 || column < 0 || place === column) return undefined;
  return abstain(
    `the model's label ${witness.tensor} is ${witness.says[place]}, and ${tensor} says ${witness.says[column]}`,
  );
}

function examinePart(
  { name, tensor, target, witness }: Part,
  batch: OutputBatch,
  rows: number,
  subject: string,
): string[] {
  const columns = columnsOf(batch, tensor);
  if (columns === undefined) return [];
  const places = witness && columnsOf(batch, witness.tensor);
  const objection = objectionTo(target, witness, columns, places?.width === 1 ? places.data : undefined, rows);
  if (objection !== undefined) {
    throw outputContradicted(subject, `target ${name}: ${objection.reason}`, {
      path: `outputs.${name}`,
      hint: objection.hint,
    });
  }
  if (target.kind !== 'binary' && target.kind !== 'classes') return [];
  const odd = noProbabilities(target, columns, rows);
  if (odd !== undefined) return [`target ${name}: ${oddRow(target, columns, odd)}; such a row abstains`];
  if (!witness || places?.width !== 1) return [];
  const { compared, contradicted } = compare(target, witness, columns, places.data, rows);
  if (contradicted === 0) return [];
  return [
    `target ${name}: the model's own label ${witness.tensor} is not the greatest of ${tensor} in ${contradicted} of ${compared} trial rows; it is chosen in another way, as by scikit-learn's SVC(probability=True), so the answer may differ from its predict()`,
  ];
}

function combine(
  parts: readonly Part[],
  single: boolean,
  batch: OutputBatch,
  row: number,
  summary: Float64Array,
): Verdict {
  const answers: Record<string, TargetOutput | null> = {};
  let reasons: string[] | undefined;
  let last: TargetOutput | null = null;
  let answered = false;
  let anomaly = false;
  let judged = false;
  let open = false;
  for (const part of parts) {
    const verdict = read(part, batch, row, summary);
    answers[part.name] = verdict.output;
    last = verdict.output;
    if (verdict.output === null) {
      reasons ??= [];
      reasons.push(`${part.name}: ${verdict.reason}`);
      open ||= part.interpreter.judges;
    } else {
      answered = true;
      anomaly ||= verdict.decision === 'anomaly';
      judged ||= part.interpreter.judges;
    }
  }
  if (!answered) return { output: null, decision: 'abstain', reasons: reasons ?? NO_REASONS };
  // Normal is a claim about all that is judged: with one of them open there is an answer, but not that one.
  const decision = anomaly ? 'anomaly' : judged && !open ? 'normal' : 'answer';
  return { output: single ? last : { outputs: answers }, decision, reasons: reasons ?? NO_REASONS };
}

function checkPart({ name, kind, tensor, interpreter }: Part, declared: readonly TensorInfo[], subject: string): void {
  const found = declared.find((info) => info.name === tensor);
  const path = `outputs.${name}`;
  if (found === undefined) {
    const known = declared.map((info) => info.name).join(', ');
    throw outputMismatch(subject, `target ${name} reads ${tensor}, and the model has only ${known}`, { path });
  }
  const inner = found.shape.slice(1);
  if (inner.some((dimension) => dimension < 0)) return;
  const width = inner.reduce((product, dimension) => product * dimension, 1);
  if (!interpreter.widths.includes(width)) {
    const wanted = interpreter.widths.join(' or ');
    const reason = `target ${name} of kind ${kind} takes ${wanted} column(s), and its tensor ${tensor} has ${width}`;
    throw outputMismatch(subject, reason, { path, hint: COLUMNS[kind] });
  }
}
