import { type Clock, EdgewrightError, type GoldenCases, type OipTensor, reasonOf } from '../core/index.ts';
import { Dialogue } from './dialogue.ts';
import type { EngineName, SessionInfo } from './engine.ts';
import { closed, goldenInvalid, goldenMismatch, notATensor, runFailed } from './errors.ts';
import { runGolden } from './golden.ts';
import { findHost, type Host, type HostOptions, shareBytes } from './host.ts';
import { makeUpInputs, TRIAL_SIZES } from './made-up.ts';
import { screenModel } from './screen.ts';

/** `ran`: there were no golden cases and made-up inputs were answered. */
export type Verdict = 'equal' | 'ran' | 'refused' | 'differs';

export interface ModelVerdict {
  readonly verdict: Verdict;
  readonly code?: string;
  readonly reason?: string;
  readonly hint?: string;
  /** Of `equal` and `differs`: the largest absolute error over all golden cases; infinite where one is no number. */
  readonly maxError?: number;
}

export interface TestRequest {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly golden?: GoldenCases;
}

export interface TesterOptions extends HostOptions {
  readonly engine: EngineName;
  readonly clock: Pick<Clock, 'monotonic'>;
  /** What one model may cost altogether, ms: loading and all runs. */
  readonly budget?: number;
}

/** Leaves room for starting and ending the thread within the 15 s that a hostile model may cost. */
const DEFAULT_BUDGET = 11_000;

/** Tests models, each in a thread of its own that ends with the test; the engine is made ready once. */
export class ModelTester {
  readonly #options: TesterOptions;
  readonly #clock: TesterOptions['clock'];
  readonly #budget: number;
  #host: Promise<Host> | undefined;

  constructor(options: TesterOptions) {
    this.#options = options;
    this.#clock = options.clock;
    this.#budget = options.budget ?? DEFAULT_BUDGET;
  }

  /** Never fails because of the model; fails with `inference.engine-unavailable`. */
  async test(request: TestRequest): Promise<ModelVerdict> {
    this.#host ??= findHost(this.#options.engine, this.#options);
    const host = await this.#host;
    try {
      screenModel(request.name, request.bytes);
      return await this.#run(host, request);
    } catch (error) {
      if (error instanceof EdgewrightError) return refused(error);
      throw error;
    }
  }

  async #run(host: Host, { name, bytes, golden }: TestRequest): Promise<ModelVerdict> {
    const thread = host.thread({ name, shortestDeadline: this.#budget, onDeath: () => undefined });
    const end = this.#clock.monotonic() + this.#budget;
    const left = () => Math.max(0, end - this.#clock.monotonic());
    const dialogue = new Dialogue(thread, {
      get create() {
        return left();
      },
      get run() {
        return left();
      },
    });
    try {
      const { session } = await dialogue.create(shareBytes(bytes));
      return await (golden === undefined ? tryOut(name, session, dialogue) : answer(name, session, dialogue, golden));
    } finally {
      await thread.close(closed(name, 'the test is over'));
    }
  }
}

async function answer(
  name: string,
  { inputs, outputs, opaque }: SessionInfo,
  dialogue: Dialogue,
  golden: GoldenCases,
): Promise<ModelVerdict> {
  if (opaque.inputs.length > 0) throw notATensor(name, `input ${opaque.inputs[0]} is a sequence or a map`);
  const known = (tensors: SessionInfo['inputs'], tensor: OipTensor) => tensors.some((t) => t.name === tensor.name);
  for (const [index, test] of golden.cases.entries()) {
    const stranger = test.inputs.find((t) => !known(inputs, t)) ?? test.outputs.find((t) => !known(outputs, t));
    if (stranger !== undefined)
      throw goldenInvalid(name, `case ${index} names ${stranger.name}, which the model has not`);
  }
  const { equal, maxError, where, reason } = await runGolden(golden, dialogue.infer);
  if (equal) return { verdict: 'equal', maxError };
  const { kind } = goldenMismatch;
  return { verdict: 'differs', code: kind.code, reason: `${where}: ${reason}`, hint: kind.hint, maxError };
}

async function tryOut(
  name: string,
  { inputs, outputs, opaque }: SessionInfo,
  dialogue: Dialogue,
): Promise<ModelVerdict> {
  if (opaque.inputs.length > 0) throw notATensor(name, `input ${opaque.inputs[0]} is a sequence or a map`);
  if (outputs.length === 0) throw notATensor(name, `its outputs are sequences or maps: ${opaque.outputs.join(', ')}`);
  const names = outputs.map((output) => output.name);
  let failure = runFailed(name, 'its inputs are too large to be made up');
  for (const size of TRIAL_SIZES) {
    const made = makeUpInputs(inputs, size);
    if (made === undefined) break;
    try {
      await dialogue.infer(made, names);
      return { verdict: 'ran', ...(opaque.outputs.length > 0 && { hint: notATensor.kind.hint }) };
    } catch (error) {
      if (!(error instanceof EdgewrightError) || error.code !== runFailed.kind.code) throw error;
      failure = error;
    }
  }
  throw runFailed(name, `made-up inputs were not answered: ${reasonOf(failure)}`, {
    hint: 'Give golden cases beside the model: its free dimensions may depend on one another.',
  });
}

const refused = ({ code, message, hint }: EdgewrightError): ModelVerdict => ({
  verdict: 'refused',
  code,
  reason: message,
  hint,
});
