import { EdgewrightError, type GoldenCases, reasonOf } from '../../../common/core/index.ts';
import { goldenMismatch, notATensor, runFailed } from '../engine/errors.ts';
import type { EngineTensor } from '../engine/tensors.ts';
import { runGolden } from '../model/golden.ts';
import { precheck } from '../model/precheck.ts';
import { ModelSandbox, type ModelSandboxOptions, type SandboxedModel } from './model-sandbox.ts';
import { synthesizeInputs, TRIAL_SIZES } from './synthetic-inputs.ts';

/** `ran`: there were no golden cases and made-up inputs were answered. */
export type TestVerdict = 'equal' | 'ran' | 'refused' | 'differs';

export interface TestResult {
  readonly verdict: TestVerdict;
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
  readonly #sandbox: ModelSandbox;

  constructor(options: ModelSandboxOptions) {
    this.#sandbox = new ModelSandbox(options);
  }

  /** Never fails because of the model; fails with `inference.engine-unavailable`. */
  async test({ name, bytes, golden, external }: TestRequest): Promise<TestResult> {
    await this.#sandbox.ready();
    const given = golden?.cases[0]?.inputs.map((input) => input.name) ?? [];
    try {
      const prechecked = precheck(name, bytes, { given, ...(external && { external }) });
      return await this.#sandbox.open(name, prechecked.bytes, (model) =>
        golden === undefined ? tryOut(name, model) : answer(name, model, golden),
      );
    } catch (error) {
      if (error instanceof EdgewrightError) return refused(error);
      throw error;
    }
  }
}

async function answer(name: string, { session, client }: SandboxedModel, golden: GoldenCases): Promise<TestResult> {
  const { equal, maxError, where, reason } = await runGolden(golden, { name, session }, client.infer);
  if (equal) return { verdict: 'equal', maxError };
  const { kind } = goldenMismatch;
  return { verdict: 'differs', code: kind.code, reason: `${where}: ${reason}`, hint: kind.hint, maxError };
}

async function tryOut(name: string, model: SandboxedModel): Promise<TestResult> {
  const { opaque } = model.session;
  await findInputs(name, model);
  return { verdict: 'ran', ...(opaque.outputs.length > 0 && { hint: notATensor.kind.hint }) };
}

/** Made-up inputs that the model answers. Throws `inference.*` where there are none. */
export async function findInputs(
  name: string,
  { session: { inputs, outputs, opaque }, client }: SandboxedModel,
): Promise<ReadonlyMap<string, EngineTensor>> {
  if (opaque.inputs.length > 0) throw notATensor(name, `input ${opaque.inputs[0]} is a sequence or a map`);
  if (outputs.length === 0) throw notATensor(name, `its outputs are sequences or maps: ${opaque.outputs.join(', ')}`);
  const names = outputs.map((output) => output.name);
  let failure = runFailed(name, 'its inputs are too large to be made up');
  for (const size of TRIAL_SIZES) {
    const made = synthesizeInputs(inputs, size);
    if (made === undefined) break;
    try {
      await client.infer(made, names);
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

const refused = ({ code, message, hint }: EdgewrightError): TestResult => ({
  verdict: 'refused',
  code,
  reason: message,
  hint,
});
