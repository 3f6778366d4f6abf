import type { ModelDescription, OutputClasses } from '../../../common/onnx/index.ts';
import { OUTLIER, type Target, type Witness, type Witnesses } from '../../decision/index.ts';
import { labelsContradicted } from '../schema/errors.ts';

type Targets = Readonly<Record<string, Target>>;

/** Where the problem is: the manifest's file. */
interface Place {
  readonly subject: string;
  readonly name: string;
}

const WHOLE = /^-?\d+$/;
const list = (labels: readonly string[]) => `[${labels.join(', ')}]`;
const same = (a: readonly string[], b: readonly string[]) =>
  a.length === b.length && a.every((each, i) => each === b[i]);
const sameSet = (a: readonly string[], b: readonly string[]) =>
  a.length === b.length && a.every((each) => b.includes(each));

/**
 * Holds the labels of targets against the classes that the model's file names, and its activations against those of the
 * manifest. Throws `pipeline.labels-contradicted`. Returns the targets, with the labels of one that names its `positive`
 * in the order of the file.
 */
export function heldAgainst(targets: Targets, model: ModelDescription, subject: string): Targets {
  return Object.fromEntries(
    Object.entries(targets).map(([name, target]) => {
      refuseSecondActivation(target, model, { subject, name });
      const classes = model.classes.get(target.tensor);
      return [
        name,
        classes === undefined || classes.labels.length === 0 ? target : held(target, classes, { subject, name }),
      ];
    }),
  );
}

function held(target: Target, classes: OutputClasses, place: Place): Target {
  if (target.kind === 'label') {
    checkNames(target.labels, classes, place);
    return target;
  }
  if (target.kind !== 'binary' && target.kind !== 'classes') return target;
  const { labels } = target;
  if (target.columns) {
    const [first, last] = target.columns;
    checkColumns(labels, { ...classes, labels: classes.labels.slice(first, last + 1) }, place);
    return target;
  }
  if ('column' in target && target.column !== undefined) {
    checkColumn(target.column, labels, classes, place);
    return target;
  }
  const named = 'positive' in target && target.positive !== undefined && sameSet(labels, classes.labels);
  if (named && classes.unordered !== true) return { ...target, labels: classes.labels as [string, string] };
  checkColumns(labels, classes, place);
  return target;
}

/** A label target reads names, in any order; it may leave some out, and abstains at those. */
function checkNames(
  labels: readonly string[],
  { labels: known, source }: OutputClasses,
  { subject, name }: Place,
): void {
  const strangers = labels.filter((label) => !known.includes(label));
  if (strangers.length === 0) return;
  throw labelsContradicted(
    subject,
    `target ${name} has the labels ${list(labels)}, and the model can name only ${list(known)} (${source}), not ${strangers.join(', ')}`,
    { path: `outputs.${name}.labels`, hint: `Write "labels": ${JSON.stringify(known)}.` },
  );
}

function checkColumns(labels: readonly string[], classes: OutputClasses, { subject, name }: Place): void {
  const { labels: known, source, integers, unordered } = classes;
  const wanted = integers ? orderOf(labels, known) : known;
  const agrees = wanted === undefined || (unordered ? sameSet(labels, wanted) : same(labels, wanted));
  if (labels.length === known.length && agrees) return;
  const what =
    labels.length === known.length
      ? sameSet(labels, wanted ?? known)
        ? 'in this order'
        : 'by these names'
      : `${known.length} of them`;
  throw labelsContradicted(
    subject,
    `target ${name} has the labels ${list(labels)}, and the model's file has the classes ${list(known)} (${source}), ${what}`,
    { path: `outputs.${name}.labels`, hint: hintFor(labels, known, wanted, name) },
  );
}

/** One column alone is that of the second label. */
function checkColumn(
  column: number,
  [other = '', label = '']: readonly string[],
  { labels: known, source, integers, unordered }: OutputClasses,
  { subject, name }: Place,
): void {
  const found = known[column];
  if (integers || unordered || found === undefined || found === label) return;
  throw labelsContradicted(
    subject,
    `target ${name} reads column ${column} as that of ${label}, and the model's file has it for ${found} (${source}: ${list(known)})`,
    {
      path: `outputs.${name}.column`,
      hint:
        found === other
          ? `Write "labels": ${JSON.stringify([label, found])}.`
          : `Write "column": ${known.indexOf(label)}.`,
    },
  );
}

function hintFor(
  labels: readonly string[],
  known: readonly string[],
  wanted: readonly string[] | undefined,
  name: string,
): string {
  const columns = JSON.stringify(wanted ?? known);
  if (labels.length !== known.length) {
    const kind = known.length === 2 ? 'binary' : 'classes';
    return `Write a label for each class, in the order of the file: ${known.join(', ')}; ${known.length} of them are a target of kind ${kind}.`;
  }
  const positive = known.length === 2 ? `, and name the anomaly with "positive" in outputs.${name}` : '';
  return `Write "labels": ${columns}${positive}: the columns of the model are in this order.`;
}

/**
 * The order that labels have to have where the file has whole numbers; undefined where they may be names of their own.
 * 0 to n - 1 are often places in a list of other names, and numbers then mean something else.
 */
function orderOf(labels: readonly string[], known: readonly string[]): readonly string[] | undefined {
  if (sameSet(labels, known)) return known;
  const truth = known.length === 2 && same(known, ['0', '1']) ? truthOf(labels) : undefined;
  if (truth !== undefined) return truth;
  const places = known.every((label, index) => label === String(index));
  return !places && labels.every((label) => WHOLE.test(label)) ? known : undefined;
}

/** Labels that are a false and a true, in that order, as 0 and 1 are. */
function truthOf(labels: readonly string[]): readonly string[] | undefined {
  const [no, yes] = ['false', 'true'].map((word) => labels.find((label) => label.toLowerCase() === word));
  return no === undefined || yes === undefined ? undefined : [no, yes];
}

/** An activation in the manifest beside one in the file would be the second. Platt's method takes any score. */
function refuseSecondActivation(target: Target, { activations }: ModelDescription, { subject, name }: Place): void {
  if (target.kind !== 'binary' && target.kind !== 'classes') return;
  const op = activations.get(target.tensor);
  if (op === undefined || target.activation === 'none' || target.calibration?.method === 'platt') return;
  throw labelsContradicted(
    subject,
    `target ${name} has \`activation: ${target.activation}\`, and the model's file makes ${target.tensor} with ${op} already: the second would blur its probabilities`,
    { path: `outputs.${name}.activation`, hint: 'Leave `activation` out.' },
  );
}

/** Finds the outputs by which the model itself says what the columns of targets say, in the order of the targets' labels. */
export function witnessesOf(targets: Targets, model: ModelDescription): Witnesses {
  const taken = new Map<string, readonly string[]>();
  for (const target of Object.values(targets)) if (target.kind === 'label') taken.set(target.tensor, target.labels);
  const witnesses = new Map<string, Witness>();
  for (const [name, target] of Object.entries(targets)) {
    const witness = witnessOf(target, model, Object.keys(targets).length);
    if (witness === undefined || !isOneValue(model, witness.tensor)) continue;
    // An output is read by one list of labels.
    const other = taken.get(witness.tensor);
    if (other !== undefined && !same(other, witness.says)) continue;
    taken.set(witness.tensor, witness.says);
    witnesses.set(name, witness);
  }
  return witnesses;
}

/** Whether an output has one value a row, as far as it is declared: it is fetched with every row. */
function isOneValue({ outputs }: ModelDescription, tensor: string): boolean {
  const inner = outputs.find(({ name }) => name === tensor)?.shape?.slice(1) ?? [];
  return inner.every((size) => size === 1);
}

function witnessOf(target: Target, model: ModelDescription, targets: number): Witness | undefined {
  if (target.kind === 'score') return outlierOf(model, targets);
  if (target.kind !== 'binary' && target.kind !== 'classes') return undefined;
  const classes = model.classes.get(target.tensor);
  // The places of classes are those of all columns.
  if (target.columns) return undefined;
  if (classes?.label !== undefined) {
    const { label: tensor, greatest = false } = classes;
    const { labels = [] } = model.classes.get(tensor) ?? {};
    const places = target.labels.map((_, index) => String(index));
    const says = labels.length === 0 ? places : sameSet(labels, target.labels) ? target.labels : labels;
    return { tensor, says, greatest };
  }
  // Of a label that the file makes in an unknown way, only the names can be compared.
  const [text, ...others] = model.outputs.filter(({ datatype }) => datatype === 'BYTES');
  if (text === undefined || others.length > 0 || targets > 1 || classes?.role === 'label') return undefined;
  return { tensor: text.name, says: target.labels, greatest: false };
}

/** The label of an outlier detector: the only output of whole numbers, whose classes the file does not name. */
function outlierOf({ outputs, classes }: ModelDescription, targets: number): Witness | undefined {
  const [label, ...others] = outputs.filter(({ datatype }) => datatype === 'INT64');
  if (label === undefined || others.length > 0 || targets > 1 || classes.has(label.name)) return undefined;
  return { tensor: label.name, says: OUTLIER, greatest: false };
}
