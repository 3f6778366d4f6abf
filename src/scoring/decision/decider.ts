import type { Decision, Output, OutputBatch, TargetOutput, TensorInfo } from '../../common/core/index.ts';
import { binary } from './binary.ts';
import { classes } from './classes.ts';
import { outputMismatch } from './errors.ts';
import { abstain, type Interpreter, type TargetVerdict } from './interpreter.ts';
import { label } from './label.ts';
import { checkOverrides, type DecisionOverrides } from './overrides.ts';
import { regression } from './regression.ts';
import type { Target } from './schema.ts';
import { score } from './score.ts';

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
}

interface Part {
  readonly name: string;
  readonly kind: Target['kind'];
  readonly tensor: string;
  readonly output: number;
  readonly at: number;
  readonly interpreter: Interpreter;
}

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
export function createDecider(targets: Readonly<Record<string, Target>>, overrides: DecisionOverrides = {}): Decider {
  checkOverrides(targets, overrides);
  const outputs = [...new Set(Object.values(targets).map((target) => target.tensor))];
  const labels = labelsOf(targets);
  const names: string[] = [];
  const parts = Object.entries(targets).map(([name, target]): Part => {
    const interpreter = interpret(name, target, overrides);
    const at = names.length;
    names.push(...interpreter.suffixes.map((suffix) => (suffix === '' ? name : `${name}.${suffix}`)));
    const { kind, tensor } = target;
    return { name, kind, tensor, output: outputs.indexOf(tensor), at, interpreter };
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
  };
}

function labelsOf(targets: Readonly<Record<string, Target>>): ReadonlyMap<string, readonly string[]> {
  const all = Object.entries(targets);
  const labels = new Map<string, readonly string[]>();
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
  return part.interpreter.read(data, row * width, width, summary, part.at);
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
