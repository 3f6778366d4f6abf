import type { PredictionRecord } from '../../../src/common/core/index.ts';
import { edgewright, type Overrides } from '../../support/gateway.ts';
import { HASTE } from './haste.ts';

/** What a prediction says, without who asked and when. */
export interface Answer {
  readonly from: number;
  readonly to: number;
  readonly output: PredictionRecord['output'];
  readonly decision: PredictionRecord['decision'];
  readonly quality: PredictionRecord['quality'];
}

export type Answers = Readonly<Record<string, readonly Answer[]>>;

/** Per asset, in the order given. */
export function answersOf(records: readonly PredictionRecord[]): Answers {
  const answers: Record<string, Answer[]> = {};
  for (const { asset, from, to, output, decision, quality } of records) {
    answers[asset] ??= [];
    answers[asset].push({ from, to, output, decision, quality });
  }
  return answers;
}

/** Throws at the first answer that is another one; of thousands nobody wants to see every difference. */
export function expectAnswers(given: Answers, expected: Answers): void {
  const [mine, wanted] = [given, expected].map((answers) => Object.keys(answers).sort().join());
  if (mine !== wanted) throw new Error(`answers for ${mine} and not for ${wanted}`);
  for (const [asset, all] of Object.entries(expected)) {
    const some = given[asset] ?? [];
    for (let at = 0; at < Math.max(all.length, some.length); at += 1) {
      const [one, other] = [some[at], all[at]].map((answer) => JSON.stringify(answer));
      if (one === other) continue;
      throw new Error(`${asset}, ${some.length} answers of ${all.length}: number ${at + 1} is ${one} and not ${other}`);
    }
  }
}

interface Summary {
  readonly readings: number;
  readonly rejected: Readonly<Record<string, number>>;
  readonly pipelines: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

export interface Replayed {
  readonly stdout: string;
  /** The last line of stderr. */
  readonly summary: Summary;
  readonly records: readonly (PredictionRecord & Record<string, unknown>)[];
  readonly answers: Answers;
}

/** `edgewright replay`; a failure is a failure of the test. */
export async function replay(
  config: string,
  input: string,
  overrides: Overrides = {},
  more: readonly string[] = [],
): Promise<Replayed> {
  const args = ['replay', config, '--input', input, ...more];
  const { status, stdout, stderr } = await edgewright(args, { ...HASTE, ...overrides });
  if (status !== 0) throw new Error(`replay ended with ${status}: ${stderr}`);
  const records = stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
  const predictions = records.filter(({ type }) => type === 'prediction');
  const summary = JSON.parse(stderr.trimEnd().split('\n').at(-1) ?? '');
  return { stdout, summary, records, answers: answersOf(predictions) };
}

/**
 * What became of the windows of one asset when the gateway was away once: those of the first boot, those of the second
 * one, and how many in between nobody answered. Throws where the answers are not the expected ones, in order.
 */
export function gapBetween(
  expected: readonly Answer[],
  before: readonly Answer[],
  after: readonly Answer[],
): { readonly missing: number; readonly twice: number } {
  const text = expected.map((answer) => JSON.stringify(answer));
  const head = before.map((answer) => JSON.stringify(answer));
  const tail = after.map((answer) => JSON.stringify(answer));
  const prefix = head.every((answer, index) => answer === text[index]);
  const suffix = tail.every((answer, index) => answer === text[text.length - tail.length + index]);
  if (!prefix || !suffix)
    throw new Error(`the answers ${prefix ? 'after' : 'before'} the stop are not those of replay`);
  const between = text.length - head.length - tail.length;
  return { missing: Math.max(0, between), twice: Math.max(0, -between) };
}
