import type { Explanation, OutputBatch, TensorInfo } from '../../../common/core/index.ts';
import { medianOf, type Profile, varianceOf } from '../../../common/profile/index.ts';
import {
  contributionsOf,
  type Decider,
  MAX_GROUPS,
  MAX_SHAPLEY_GROUPS,
  masksOf,
  polesOf,
  ranked,
  squaredErrorShares,
} from '../../decision/index.ts';
import type { Seen, Vectorizer } from '../../features/index.ts';
import { explanationImpossible } from '../schema/errors.ts';
import type { Manifest } from '../schema/manifest.ts';
import { groupOfFeatures, groupSensors, type SensorGroup } from './sensor-groups.ts';

/** A window that was scored, kept for a question about it. */
export interface ScoredWindow extends Seen {
  /** Errors of an autoencoder, one per feature, where explanations are made of them. */
  readonly errors: Float64Array;
  /** The numbers of the decision, in the order of `Decider.names`. */
  readonly outputs: Float64Array;
  /** The label that was chosen, where the target has several. */
  readonly label: string | undefined;
}

/**
 * Finds the sensors that an answer rests on: by the errors that an autoencoder gave along with it, or by the model's
 * answers to inputs in which sensors show their reference. Pure: it writes the questions down and reads the answers.
 */
export interface Explainer {
  readonly target: string;
  /** Rows that the model has to answer first; 0 where all is known already. */
  readonly questions: number;
  /** Columns of the tensor of errors; 0 where the method needs none. */
  readonly errors: number;
  /** Copies the errors out of a batch; false where the model did not give them. */
  readErrors(batch: OutputBatch, row: number, out: Float64Array): boolean;
  /** Writes the input of a question into `out`: the window's, with the sensors of that question at their reference. */
  ask(scored: ScoredWindow, question: number, out: Float64Array): void;
  /** The number that the answer has for the target; NaN where it abstains. */
  readAnswer(scored: ScoredWindow, question: number, batch: OutputBatch, row: number): number;
  /** Makes the explanation of the answers; undefined where one is missing. */
  conclude(scored: ScoredWindow, answers: Float64Array): Explanation | undefined;
  /** Throws, with the subject, where the model cannot give what is needed. */
  checkModel(outputs: readonly TensorInfo[], subject: string): void;
}

/**
 * Makes the explainer that the manifest asks for; undefined where it asks for none. Throws
 * `pipeline.explanation-impossible`.
 */
export function createExplainer(
  { explanation, outputs: targets }: Manifest,
  tags: readonly string[],
  vectorizer: Vectorizer,
  decider: Decider,
  profile: Profile | undefined,
): Explainer | undefined {
  if (explanation === undefined) return undefined;
  const target = explanation.target ?? Object.keys(targets)[0] ?? '';
  const declared = Object.hasOwn(targets, target) ? targets[target] : undefined;
  if (declared === undefined) throw explanationImpossible('explanation.target', `there is no target ${target}`);
  if (declared.kind === 'label') {
    throw explanationImpossible('explanation.target', `${target} is a label without a number to explain`);
  }
  const groups = groupSensors(explanation.groups ?? {}, tags);
  const most = explanation.method === 'shapley' ? MAX_SHAPLEY_GROUPS : MAX_GROUPS;
  if (groups.length > most) {
    const reason = `${groups.length} groups are more than the ${most} of ${explanation.method}`;
    throw explanationImpossible('explanation.groups', reason);
  }
  /** Name of the number that is explained. */
  const nameOf = ({ label }: ScoredWindow): string => {
    if (declared.kind === 'binary') return `${target}.${polesOf(declared)[1]}`;
    // Of a forecast the first step.
    if (declared.kind === 'regression') return decider.names.find((name) => isOf(name, target)) ?? target;
    return declared.kind === 'classes' ? `${target}.${label ?? declared.labels[0]}` : target;
  };
  const numberOf = (scored: ScoredWindow, outputs: Float64Array) =>
    outputs[decider.names.indexOf(nameOf(scored))] ?? Number.NaN;
  const common = { target, groups, vectorizer, profile, nameOf, numberOf };
  return explanation.method === 'squared_error'
    ? fromErrors(explanation.tensor, explanation.variance, common)
    : fromOcclusion(explanation.method, decider, common);
}

function isOf(name: string, target: string): boolean {
  return name === target || name.startsWith(`${target}.`);
}

interface Common {
  readonly target: string;
  readonly groups: readonly SensorGroup[];
  readonly vectorizer: Vectorizer;
  readonly profile: Profile | undefined;
  nameOf(scored: ScoredWindow): string;
  numberOf(scored: ScoredWindow, outputs: Float64Array): number;
}

function fromOcclusion(
  method: 'occlusion' | 'shapley',
  decider: Decider,
  { target, groups, vectorizer, profile, nameOf, numberOf }: Common,
): Explainer {
  const masks = masksOf(method, groups.length);
  const hidden = masks.map((mask) => new Set(groups.flatMap(({ tags }, g) => (mask & (1 << g) ? [...tags] : []))));
  const reference = Float64Array.from(vectorizer.names, (name) => medianOf(referenceOf(profile, name)));
  const answer = new Float64Array(decider.names.length);
  const nothing = new Set<string>();
  const asked = new Float64Array(vectorizer.length);
  const ask: Explainer['ask'] = (scored, question, out) =>
    vectorizer.occlude(scored, hidden[question] ?? nothing, reference, out);
  return {
    target,
    questions: masks.length,
    errors: 0,
    readErrors: () => true,
    ask,
    readAnswer: (scored, question, batch, row) => {
      if (decider.readsInput) ask(scored, question, asked);
      decider.decide(batch, row, answer, asked);
      return numberOf(scored, answer);
    },
    conclude: (scored, answers) => {
      if (!answers.every(Number.isFinite)) return undefined;
      const names = groups.map(({ name }) => name);
      const value = answers[0] ?? Number.NaN;
      return {
        contributions: ranked(names, contributionsOf(method, groups.length, answers)),
        explained: { method, of: nameOf(scored), value, reference: answers.at(-1) ?? Number.NaN },
      };
    },
    checkModel: () => {},
  };
}

function fromErrors(
  tensor: string,
  variance: 'profile' | readonly number[] | undefined,
  { target, groups, vectorizer, profile, nameOf, numberOf }: Common,
): Explainer {
  const columns = vectorizer.names.length;
  const variances = Float64Array.from(vectorizer.names, (name, index) =>
    variance === 'profile'
      ? varianceOf(referenceOf(profile, name))
      : variance === undefined
        ? 1
        : (variance[index] ?? 0),
  );
  if (Array.isArray(variance) && variance.length !== columns) {
    throw explanationImpossible('explanation.variance', `has ${variance.length} entries for ${columns} features`);
  }
  const groupOf = groupOfFeatures(vectorizer.names, groups);
  return {
    target,
    questions: 0,
    errors: columns,
    readErrors: (batch, row, out) => {
      const index = batch.names.indexOf(tensor);
      const data = batch.data[index];
      if (data === undefined || batch.widths[index] !== columns) return false;
      out.set(data.subarray(row * columns, (row + 1) * columns));
      return true;
    },
    ask: () => {},
    readAnswer: () => Number.NaN,
    conclude: (scored) => {
      if (!scored.errors.every(Number.isFinite)) return undefined;
      const names = groups.map(({ name }) => name);
      return {
        contributions: ranked(names, squaredErrorShares(groups.length, scored.errors, variances, groupOf)),
        explained: { method: 'squared_error', of: nameOf(scored), value: numberOf(scored, scored.outputs) },
      };
    },
    checkModel: (outputs, subject) => {
      const found = outputs.find(({ name }) => name === tensor);
      const width = found?.shape.slice(1).reduce((product, size) => product * size, 1) ?? Number.NaN;
      const whole = found?.datatype.includes('INT') === true;
      if (found !== undefined && !whole && (width === columns || width < 0)) return;
      const reason = whole
        ? `${tensor} is ${found.datatype}, and its errors must be floating point`
        : found
          ? `${tensor} has ${width} columns, not ${columns}`
          : `the model has no output ${tensor}`;
      throw explanationImpossible(subject, `explanation.tensor: ${reason}`, { path: 'explanation.tensor' });
    },
  };
}

function referenceOf(profile: Profile | undefined, name: string) {
  const reference = profile?.features[name];
  if (reference !== undefined) return reference;
  throw explanationImpossible('explanation', `the bundle has no profile.json with a reference of ${name}`);
}
