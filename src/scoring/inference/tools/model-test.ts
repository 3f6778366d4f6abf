import { EdgewrightError, type GoldenCases } from '../../../common/core/index.ts';
import { goldenMismatch, notATensor } from '../engine/errors.ts';
import { explained, precheck } from '../model/precheck.ts';
import { runGolden, toleranceOf } from '../model/run-golden.ts';
import { ModelSandbox, type ModelSandboxOptions, type SandboxedModel } from './model-sandbox.ts';
import { syntheticInputs } from './synthetic-inputs.ts';

/** Verdict on a model; `ran`: it has no golden cases and answered synthetic inputs. */
export type TestVerdict = 'equal' | 'ran' | 'refused' | 'differs';

/** Verdict with its reason, as `model test` prints it. */
export interface TestResult {
  readonly verdict: TestVerdict;
  readonly code?: string;
  readonly reason?: string;
  readonly hint?: string;
  /** Largest absolute error over all golden cases, for `equal` and `differs`; infinite where an answer is no number. */
  readonly maxError?: number;
}

/** Model to test, with what lies beside it. */
export interface TestRequest {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly golden?: GoldenCases;
  readonly external?: ReadonlyMap<string, Uint8Array>;
}

/** Tests models in a sandbox: with their golden cases, or else with synthetic inputs. */
export class ModelTester {
  readonly #sandbox: ModelSandbox;

  constructor(options: ModelSandboxOptions) {
    this.#sandbox = new ModelSandbox(options);
  }

  /** Tests a model. An error of the model is a verdict; fails only with `inference.engine-unavailable`. */
  async test({ name, bytes, golden, external }: TestRequest): Promise<TestResult> {
    const host = await this.#sandbox.ready();
    const given = golden?.cases[0]?.inputs.map((input) => input.name) ?? [];
    try {
      const prechecked = precheck(name, bytes, { given, ...(external && { external }) });
      const opened = this.#sandbox.open(name, prechecked.bytes, (model) =>
        golden === undefined ? tryOut(name, model) : answer(name, model, golden, host.engine),
      );
      return await opened.catch((error: unknown) => {
        throw explained(error, prechecked.description);
      });
    } catch (error) {
      if (error instanceof EdgewrightError) return refused(error);
      throw error;
    }
  }
}

async function answer(
  name: string,
  { session, client, version }: SandboxedModel,
  golden: GoldenCases,
  engine: string,
): Promise<TestResult> {
  const { equal, maxError, where, reason } = await runGolden(golden, { name, session }, client.infer);
  if (equal) return { verdict: 'equal', maxError };
  const { kind } = goldenMismatch;
  return {
    verdict: 'differs',
    code: kind.code,
    reason: `on ${engine} ${version}, ${where}: ${reason}, largest error ${maxError}; ${toleranceOf(golden)}`,
    hint: kind.hint,
    maxError,
  };
}

async function tryOut(name: string, model: SandboxedModel): Promise<TestResult> {
  const { opaque } = model.session;
  await syntheticInputs(name, model);
  return { verdict: 'ran', ...(opaque.outputs.length > 0 && { hint: notATensor.kind.hint }) };
}

const refused = ({ code, message, hint }: EdgewrightError): TestResult => ({
  verdict: 'refused',
  code,
  reason: message,
  hint,
});
