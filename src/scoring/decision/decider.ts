import type { Decision, Output, OutputBatch, TargetOutput, TensorInfo } from '../../common/core/index.ts';
import { checkOverrides, type DecisionOverrides } from './overrides.ts';
import { checkPart } from './parts/check-part.ts';
import { examinePart } from './parts/examine.ts';
import type { Answered, InputPlace, Part } from './parts/part.ts';
import { TensorReader } from './parts/tensor-reader.ts';
import type { Witnesses } from './parts/witness.ts';
import { outputMismatch } from './schema/errors.ts';
import { countOf, type Target } from './schema/schema.ts';
import { binary } from './targets/binary.ts';
import { classes } from './targets/classes.ts';
import type { Interpreter, TargetVerdict } from './targets/interpreter.ts';
import { label } from './targets/label.ts';
import { reconstruction } from './targets/reconstruction.ts';
import { regression } from './targets/regression.ts';
import { score } from './targets/score.ts';

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
   * Decides row `row`. `summary` gets `names.length` numbers, NaN where there is none. `vector` is the input of the row,
   * for targets that are held against it. The result is the caller's to keep.
   */
  decide(batch: OutputBatch, row: number, summary: Float64Array, vector?: Float64Array): Verdict;
  /** Whether a target is held against the input of the model. */
  readonly readsInput: boolean;
  /**
   * Throws `decision.output-mismatch`, with the subject, where a model cannot carry the targets: by the shapes that it
   * gave to one row, where that is known, else by those that it declares. A free dimension is checked when it answers.
   */
  checkModel(outputs: readonly TensorInfo[], subject: string, answered?: Answered): void;
  /**
   * Holds the targets against what the model itself says of trial rows. Throws `decision.output-contradicted`, with the
   * subject; returns what has to be known although it is not refused, in sentences.
   */
  examine(batch: OutputBatch, rows: number, subject: string): readonly string[];
}

/** What a decider is told of the model beside its targets. */
export interface DeciderContext {
  /** Outputs that name the class beside the columns of a target. */
  readonly witnesses?: Witnesses | undefined;
  /** Where the model's inputs lie in a vector, for targets that are held against one. */
  readonly inputs?: readonly InputPlace[];
}

const NO_WITNESSES: Witnesses = new Map();
const NO_REASONS: readonly string[] = Object.freeze([]);

function interpret(
  name: string,
  target: Target,
  overrides: DecisionOverrides,
  places: readonly string[] | undefined,
  input: InputPlace | undefined,
): Interpreter {
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
      return label(target, places);
    case 'reconstruction':
      return reconstruction(target, threshold ?? target.threshold, input?.length ?? 0);
  }
}

function columnsOf(target: Target): Part['columns'] {
  if ('columns' in target && target.columns) return { first: target.columns[0], count: countOf(target.columns) };
  return 'column' in target && target.column !== undefined ? { first: target.column, count: 1 } : undefined;
}

/** Finds the input that a target is held against. */
function inputOf(name: string, target: Target, inputs: readonly InputPlace[]): InputPlace | undefined {
  if (target.kind !== 'reconstruction') return undefined;
  const [first, second] = inputs;
  const found = target.input === undefined ? first : inputs.find(({ tensor }) => tensor === target.input);
  const path = `outputs.${name}.input`;
  const known = inputs.map(({ tensor }) => tensor).join(', ');
  if (found === undefined) throw outputMismatch(path, `there is no input ${target.input}, only ${known}`, { path });
  if (target.input === undefined && second !== undefined) {
    throw outputMismatch(path, `is missing, and there are several inputs: ${known}`, { path });
  }
  return found;
}

/**
 * Makes what decides from raw outputs. Throws `decision.unknown-override` and `.output-mismatch`. Pure but for scratch
 * memory: one decider serves one thread.
 */
export function createDecider(
  targets: Readonly<Record<string, Target>>,
  overrides: DecisionOverrides = {},
  { witnesses = NO_WITNESSES, inputs = [] }: DeciderContext = {},
): Decider {
  checkOverrides(targets, overrides);
  const read = Object.values(targets).map((target) => target.tensor);
  const outputs = [...new Set([...read, ...[...witnesses.values()].map((witness) => witness.tensor)])];
  const labels = labelsOf(targets, witnesses);
  const names: string[] = [];
  const parts = Object.entries(targets).map(([name, target]): Part => {
    const input = inputOf(name, target, inputs);
    const interpreter = interpret(name, target, overrides, labels.get(target.tensor), input);
    const at = names.length;
    names.push(...interpreter.suffixes.map((suffix) => (suffix === '' ? name : `${name}.${suffix}`)));
    const { kind, tensor } = target;
    const quantization = 'quantization' in target ? target.quantization : undefined;
    const [output, columns, witness] = [outputs.indexOf(tensor), columnsOf(target), witnesses.get(name)];
    return { name, kind, tensor, output, at, interpreter, columns, quantization, input, target, witness };
  });
  const reader = new TensorReader();
  const single = parts.length === 1;
  return {
    outputs,
    labels,
    names,
    thresholds: Object.fromEntries(
      parts.flatMap(({ name, interpreter: { threshold } }) => (threshold === undefined ? [] : [[name, threshold]])),
    ),
    readsInput: parts.some(({ input }) => input !== undefined),
    decide: (batch, row, summary, vector) => {
      summary.fill(Number.NaN, 0, names.length);
      return combine(parts, single, (part) => reader.read(part, batch, row, summary, vector));
    },
    checkModel: (declared, subject, answered) => {
      for (const part of parts) checkPart(part, declared, answered?.given ?? [], subject);
      reader.learn(declared, answered);
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
    const other = all.find(([, { tensor, kind }]) => kind !== 'label' && tensor === target.tensor);
    const path = `outputs.${name}`;
    if (other) throw outputMismatch(path, `${other[0]} reads the labels of ${target.tensor} too`, { path });
    labels.set(target.tensor, [...new Set([...(labels.get(target.tensor) ?? []), ...target.labels])]);
  }
  return labels;
}

function combine(parts: readonly Part[], single: boolean, read: (part: Part) => TargetVerdict): Verdict {
  const answers: Record<string, TargetOutput | null> = {};
  let reasons: string[] | undefined;
  let last: TargetOutput | null = null;
  let answered = false;
  let anomaly = false;
  let judged = false;
  let open = false;
  for (const part of parts) {
    const verdict = read(part);
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
