import type { ValueInfo } from './value-info.ts';

/** Classes that a model file names for one of its outputs. */
export interface OutputClasses {
  /** Names in the order of the model's columns; whole numbers as text. */
  readonly labels: readonly string[];
  /** True where the file has whole numbers, which may stand for names that it does not know. */
  readonly integers: boolean;
  /** What in the file names them: an operator, and a table where one holds them. */
  readonly source: string;
  /** True where the columns are margins or votes in an order of their own, and only the names are known. */
  readonly unordered?: boolean;
  /** `columns`: numbers, one column a class; `label`: the class itself; `beside`: numbers that the label of `label` goes with. */
  readonly role: 'columns' | 'label' | 'beside';
  /** The output that gives the class where this one gives numbers; undefined where there is none. */
  readonly label?: string;
  /** True where that label is the greatest of these columns; false where the model chooses it in another way. */
  readonly greatest?: boolean;
}

/** Most names of a table that are read: a target has as many labels at most. */
export const MAX_CLASSES = 1000;

/** A table of classes. */
export interface ClassTable {
  readonly labels: readonly string[];
  readonly integers: boolean;
}

/** A node of the main graph. */
export interface ClassNode {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Attributes that hold classes, or say how they are chosen, by name; a number of them for those that hold floats. */
  readonly attributes: ReadonlyMap<string, ClassTable>;
}

/** Attributes whose content is kept, of any operator. */
export const CLASS_ATTRIBUTES: ReadonlySet<string> = new Set([
  'classlabels_strings',
  'classlabels_int64s',
  'classlabels_ints',
  'classes_strings',
  'keys_int64s',
  'keys_strings',
  'values_int64s',
  'values_strings',
  'keys_tensor',
  'values_tensor',
]);
/** The attribute by whose presence a support vector machine is known to make probabilities apart from its labels. */
export const SVM_PROBABILITIES = 'prob_a';

/** Operators with two outputs, the class and a number a class. */
const CLASSIFIERS = new Set(['TreeEnsembleClassifier', 'LinearClassifier', 'SVMClassifier']);
/** Operators through which columns and classes stay what they are; the first input is the data. */
const THROUGH = new Set([
  ...['Identity', 'Cast', 'CastLike', 'Reshape', 'Flatten', 'Squeeze', 'Unsqueeze', 'Dropout', 'Clip'],
  ...['Normalizer', 'LpNormalization', 'Softmax', 'Sigmoid', 'Exp', 'Sub', 'Mul', 'Div', 'ZipMap'],
  ...['DequantizeLinear', 'QuantizeLinear'],
]);
/** Operators that leave numbers as they are. */
const UNCHANGED = new Set([
  ...['Identity', 'Cast', 'Reshape', 'Flatten', 'Squeeze', 'Unsqueeze', 'Dropout', 'Clip', 'Transpose'],
  ...['DequantizeLinear', 'QuantizeLinear', 'ZipMap', 'Normalizer'],
]);
/** Operators that make probabilities of logits. */
const ACTIVATIONS = new Set(['Sigmoid', 'HardSigmoid', 'Softmax', 'QLinearSigmoid', 'QLinearSoftmax']);
/** Operators that take something out of a table by its place. */
const LOOK_UPS = new Set(['ArrayFeatureExtractor', 'Gather', 'GatherElements', 'GatherND']);
/** Longest way back from an output; a loop in a damaged graph ends there. */
const MAX_WAY = 64;

interface Found extends ClassTable {
  readonly source: string;
  readonly role: 'columns' | 'label';
  readonly unordered?: boolean;
  /** Tensor whose greatest column is the label. */
  readonly chosenBy?: string;
}

/** Finds what classes a model file names, of which output, and where. Nodes and tables may come in any order. */
export class ClassSearch {
  readonly #makers = new Map<string, ClassNode>();
  readonly #tables = new Map<string, ClassTable>();

  /** Adds a node of the main graph. */
  addNode(node: ClassNode): void {
    for (const output of node.outputs) if (output !== '') this.#makers.set(output, node);
  }

  /** Adds a constant of the main graph that may be a table of classes. */
  addTable(name: string, table: ClassTable): void {
    this.#tables.set(name, table);
  }

  /** Says what the file names for each output; outputs of which it says nothing are left out. */
  find(outputs: readonly ValueInfo[]): ReadonlyMap<string, OutputClasses> {
    const found = new Map<string, Found>();
    for (const { name } of outputs) {
      const classes = this.#resolve(name, MAX_WAY);
      if (classes !== undefined) found.set(name, classes);
    }
    const labels = [...found].filter(([, { role }]) => role === 'label');
    const matched = new Map<string, string>();
    for (const output of outputs) {
      if (found.get(output.name)?.role === 'label' || !isNumeric(output)) continue;
      const match = labels.find(([, { chosenBy }]) => chosenBy !== undefined && this.#meet(output.name, chosenBy));
      if (match !== undefined) matched.set(output.name, match[0]);
    }
    const result = new Map<string, OutputClasses>();
    for (const output of outputs) {
      const own = found.get(output.name);
      const classes = own?.role === 'label' ? shown(own) : this.#ofNumbers(output, own, labels, matched);
      if (classes !== undefined) result.set(output.name, classes);
    }
    return result;
  }

  /** Operators that make probabilities of an output's numbers inside the file, by output. */
  activations(outputs: readonly ValueInfo[]): ReadonlyMap<string, string> {
    const found = outputs.map(({ name }) => [name, this.#activation(name)] as const);
    return new Map(found.flatMap(([name, op]) => (op === undefined ? [] : [[name, op] as const])));
  }

  #activation(output: string): string | undefined {
    let maker = this.#makers.get(output);
    for (let way = 0; way < MAX_WAY && maker !== undefined && UNCHANGED.has(maker.op); way += 1) {
      maker = this.#makers.get(maker.inputs[0] ?? '');
    }
    return maker && ACTIVATIONS.has(maker.op) ? maker.op : undefined;
  }

  /** What is known of an output with numbers: its own columns, and the label that goes with them. */
  #ofNumbers(
    output: ValueInfo,
    own: Found | undefined,
    labels: readonly (readonly [string, Found])[],
    matched: ReadonlyMap<string, string>,
  ): OutputClasses | undefined {
    const [only] = labels;
    const taken = new Set(matched.values());
    const alone = labels.length === 1 && only !== undefined && !taken.has(only[0]) ? only : undefined;
    const name =
      matched.get(output.name) ?? (alone && isNumeric(output) && fits(output, alone[1]) ? alone[0] : undefined);
    const label = labels.find(([each]) => each === name)?.[1];
    const classes = own ?? label;
    if (classes === undefined) return undefined;
    // Numbers of columns say nothing about names where the label beside them has some (StackingClassifier).
    const placed = classes.integers && label?.integers === false && label.labels.length === classes.labels.length;
    const unnamed = classes.labels.length === 0 && label !== undefined;
    const named = label !== undefined && (placed || unnamed) ? label : classes;
    const beside =
      name === undefined ? {} : { label: name, greatest: this.#isGreatest(name, matched.has(output.name)) };
    return { ...shown(named), role: own ? 'columns' : 'beside', ...beside };
  }

  /** Whether a label is the greatest of the columns that it was matched with. */
  #isGreatest(label: string, matched: boolean): boolean {
    const maker = this.#behind(label);
    return matched && maker?.attributes.has(SVM_PROBABILITIES) !== true;
  }

  /** The node that really makes a tensor, behind those that pass it on. */
  #behind(tensor: string): ClassNode | undefined {
    let maker = this.#makers.get(tensor);
    for (let way = 0; way < MAX_WAY && maker !== undefined && THROUGH.has(maker.op); way += 1) {
      maker = this.#makers.get(maker.inputs[0] ?? '');
    }
    return maker;
  }

  #resolve(tensor: string, way: number): Found | undefined {
    const node = this.#makers.get(tensor);
    if (node === undefined || way === 0) return undefined;
    const { op, inputs, attributes } = node;
    const place = node.outputs.indexOf(tensor);
    const own = tableOf(attributes, 'classlabels_strings', 'classlabels_int64s', 'classlabels_ints');
    if (op === 'ZipMap' && own !== undefined) return { ...own, source: op, role: 'columns' };
    if (CLASSIFIERS.has(op)) {
      if (own === undefined) return undefined;
      const chosenBy = node.outputs[1];
      return place === 0
        ? { ...own, source: op, role: 'label', ...(chosenBy ? { chosenBy } : {}) }
        : { ...own, source: op, role: 'columns', ...(isMargin(node) ? { unordered: true } : {}) };
    }
    if (op === 'ArgMax') {
      const chosenBy = inputs[0];
      return { labels: [], integers: true, source: op, role: 'label', ...(chosenBy ? { chosenBy } : {}) };
    }
    if (LOOK_UPS.has(op)) return this.#lookUp(node, way);
    if (op === 'LabelEncoder') return this.#encoded(node, way);
    return THROUGH.has(op) ? this.#resolve(inputs[0] ?? '', way - 1) : undefined;
  }

  /** Classes of a label that is taken out of a table. */
  #lookUp({ op, inputs: [data = '', place = ''] }: ClassNode, way: number): Found | undefined {
    const table = this.#tables.get(data);
    const chosen = table && this.#resolve(place, way - 1);
    if (table === undefined || chosen?.role !== 'label' || table.labels.length < 2) return undefined;
    const { chosenBy } = chosen;
    return { ...table, source: `${op} of the table ${data}`, role: 'label', ...(chosenBy ? { chosenBy } : {}) };
  }

  /** Classes of a label that is written in another way. */
  #encoded({ op, inputs, attributes }: ClassNode, way: number): Found | undefined {
    const inner = this.#resolve(inputs[0] ?? '', way - 1);
    if (inner?.role !== 'label') return undefined;
    const { chosenBy } = inner;
    const rest = { source: op, role: 'label', ...(chosenBy ? { chosenBy } : {}) } as const;
    const byPlace = attributes.get('classes_strings');
    if (byPlace !== undefined) return { ...byPlace, ...rest };
    const keys = tableOf(attributes, 'keys_int64s', 'keys_strings', 'keys_tensor');
    const values = tableOf(attributes, 'values_strings', 'values_int64s', 'values_tensor');
    if (keys === undefined || values === undefined) return undefined;
    const written = new Map(keys.labels.map((key, index) => [key, values.labels[index] ?? '']));
    const places = keys.labels.map((_, index) => String(index));
    const labels = (inner.labels.length > 0 ? inner.labels : places).map((label) => written.get(label));
    if (labels.some((label) => label === undefined)) return undefined;
    return { labels: labels as string[], integers: values.integers, ...rest };
  }

  /** Whether two tensors are the same numbers, with only such operators between as leave the columns in order. */
  #meet(a: string, b: string): boolean {
    const way = this.#back(a);
    return [...this.#back(b)].some((tensor) => way.has(tensor));
  }

  #back(tensor: string): ReadonlySet<string> {
    const way = new Set([tensor]);
    let at = tensor;
    for (let step = 0; step < MAX_WAY; step += 1) {
      const maker = this.#makers.get(at);
      const through = maker && (THROUGH.has(maker.op) || this.#takesColumn(maker));
      if (!through) break;
      at = maker.inputs[0] ?? '';
      way.add(at);
    }
    return way;
  }

  /** Whether a node takes columns out of its data at places that do not change. */
  #takesColumn({ op, inputs }: ClassNode): boolean {
    return op === 'ArrayFeatureExtractor' && this.#tables.has(inputs[1] ?? '') && !this.#tables.has(inputs[0] ?? '');
  }
}

/** Whether the columns of a classifier are what its pairs of classes say of each other, which is no order of the classes. */
const isMargin = ({ op, attributes }: ClassNode) => op === 'SVMClassifier' && !attributes.has(SVM_PROBABILITIES);

const shown = ({ labels, integers, source, role, unordered }: Found): OutputClasses => ({
  labels,
  integers,
  source,
  role,
  ...(unordered ? { unordered } : {}),
});

const isNumeric = ({ type, datatype }: ValueInfo) =>
  type.startsWith('seq(map') || datatype === 'FP32' || datatype === 'FP64' || datatype === 'FP16';

/** Whether an output can have a column a class, or one for two of them, as far as it is declared. */
function fits({ shape }: ValueInfo, { labels }: Found): boolean {
  const columns = shape?.[1] ?? -1;
  return columns === -1 || labels.length === 0 || columns === labels.length || (columns === 1 && labels.length === 2);
}

function tableOf(attributes: ClassNode['attributes'], ...names: string[]): ClassTable | undefined {
  for (const name of names) {
    const table = attributes.get(name);
    if (table !== undefined && table.labels.length > 0) return table;
  }
  return undefined;
}
