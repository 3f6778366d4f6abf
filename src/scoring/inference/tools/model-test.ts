import { EdgewrightError, type GoldenCases, reasonOf } from '../../../common/core/index.ts';
import { goldenMismatch, notATensor, runFailed } from '../engine/errors.ts';
import type { EngineTensor } from '../engine/tensors.ts';
import { runGolden } from '../model/golden.ts';
import { screenModel } from '../model/precheck.ts';
import { type Opened, Workbench, type WorkbenchOptions } from './model-sandbox.ts';
import { makeUpInputs, TRIAL_SIZES } from './synthetic-inputs.ts';

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
  readonly external?: ReadonlyMap<string, Uint8Array>;
}

/** Tests models; one that hangs, crashes or eats memory costs its own thread and a bounded time. */
export class ModelTester {
  readonly #workbench: Workbench;

  constructor(options: WorkbenchOptions) {
    this.#workbench = new Workbench(options);
  }

  /** Never fails because of the model; fails with `inference.engine-unavailable`. */
  async test({ name, bytes, golden, external }: TestRequest): Promise<ModelVerdict> {
    await this.#workbench.ready();
    const given = golden?.cases[0]?.inputs.map((input) => input.name) ?? [];
    try {
      const screened = screenModel(name, bytes, { given, ...(external && { external }) });
      return await this.#workbench.open(name, screened.bytes, (model) =>
        golden === undefined ? tryOut(name, model) : answer(name, model, golden),
      );
    } catch (error) {
      if (error instanceof EdgewrightError) return refused(error);
      throw error;
    }
  }
}

async function answer(name: string, { session, dialogue }: Opened, golden: GoldenCases): Promise<ModelVerdict> {
  const { equal, maxError, where, reason } = await runGolden(golden, { name, session }, dialogue.infer);
  if (equal) return { verdict: 'equal', maxError };
  const { kind } = goldenMismatch;
  return { verdict: 'differs', code: kind.code, reason: `${where}: ${reason}`, hint: kind.hint, maxError };
}

async function tryOut(name: string, model: Opened): Promise<ModelVerdict> {
  const { opaque } = model.session;
  await findInputs(name, model);
  return { verdict: 'ran', ...(opaque.outputs.length > 0 && { hint: notATensor.kind.hint }) };
}

/** Made-up inputs that the model answers. Throws `inference.*` where there are none. */
export async function findInputs(
  name: string,
  { session: { inputs, outputs, opaque }, dialogue }: Opened,
): Promise<ReadonlyMap<string, EngineTensor>> {
  if (opaque.inputs.length > 0) throw notATensor(name, `input ${opaque.inputs[0]} is a sequence or a map`);
  if (outputs.length === 0) throw notATensor(name, `its outputs are sequences or maps: ${opaque.outputs.join(', ')}`);
  const names = outputs.map((output) => output.name);
  let failure = runFailed(name, 'its inputs are too large to be made up');
  for (const size of TRIAL_SIZES) {
    const made = makeUpInputs(inputs, size);
    if (made === undefined) break;
    try {
      await dialogue.infer(made, names);
      return made;
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
