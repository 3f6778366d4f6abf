import {
  type Clock,
  EdgewrightError,
  elementCount,
  type GoldenCases,
  type Logger,
  type ModelUse,
  type OutputBatch,
  type TensorInfo,
} from '../../../common/core/index.ts';
import type { EngineName, SessionInfo } from '../engine/engine.ts';
import { goldenMismatch, inputMismatch, outputMismatch, runFailed } from '../engine/errors.ts';
import { isWide, toTensor, widthOf } from '../engine/row.ts';
import { type EngineTensor, fromOip } from '../engine/tensors.ts';
import { padded } from '../worker/batch-runner.ts';
import type { Binding } from '../worker/messages.ts';
import type { ModelWorker } from '../worker/model-worker.ts';
import { type Deadlines, WorkerClient } from '../worker/worker-client.ts';
import { BatchProbe, probeSizes } from './batch-probe.ts';
import { bindInputs } from './bind-inputs.ts';
import { probeInputs } from './probe-inputs.ts';
import { runGolden, toleranceOf } from './run-golden.ts';

/** Model that is not trusted yet, and its use. */
export interface Candidate extends ModelUse {
  readonly model: Uint8Array;
  readonly golden?: GoldenCases;
  /** Takes what the model answers to trial rows; what it throws refuses the model. */
  readonly onTrial?: (batch: OutputBatch, rows: number) => void;
  /** Reasons, found in the file, why rows may not share a batch. */
  readonly batchHazards: readonly string[];
}

/** Least rows of a trial from which the model's answers are judged. */
const TRIAL_ROWS = 32;

/** Settings with which a model is made ready. */
export interface Preparation {
  readonly deadlines: Deadlines;
  /** Most rows of a batch. */
  readonly size: number;
  /** Least time of trial runs before the model is ready, ms. */
  readonly warmUp: number;
  readonly engine: EngineName;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Findings about a model, enough to load it into another worker without trying it again. */
export interface Prepared {
  readonly info: SessionInfo;
  readonly version: string;
  readonly binding: Binding;
  /** Largest absolute error over the golden cases; undefined without any. */
  readonly maxError: number | undefined;
  /** The answer to one row, by its shapes. */
  readonly given: readonly TensorInfo[];
  /** Rows that the model was tried with. */
  readonly inputs: readonly Float64Array[];
}

/**
 * Loads a model that is not trusted yet: binds its inputs, runs its golden cases, probes batching, warms it up. Throws
 * `inference.*`.
 */
export async function prepare(worker: ModelWorker, candidate: Candidate, how: Preparation): Promise<Prepared> {
  const client = new WorkerClient(worker, how.deadlines);
  const { session: info, version } = await client.create(candidate.model);
  const { inputs: parts, free, fixed } = bindInputs(candidate, info);
  const maxError = await answerGolden(candidate, info, client, `${how.engine} ${version}`);
  const { golden, name, constants = [], states = [], labels = new Map() } = candidate;
  // Whether rows share a run of a fixed number of them is to be seen with two at least.
  const size = fixed === undefined ? how.size : Math.max(2, how.size);
  const rows = probeInputs(parts, candidate.onTrial ? Math.max(size, TRIAL_ROWS) : size, golden);
  const outputs = [...candidate.outputs, ...states.map(({ output }) => output)];
  const constantsOf = new Map(constants.map((constant) => [constant.name, fromOip(constant)]));
  const use = { inputs: parts, constants: constantsOf, outputs, ...(fixed === undefined ? {} : { fixed }) };
  const answer = (await answerOne(name, use, rows, client)).map((output, index) =>
    ofOneRow(name, outputs[index] ?? '', output, fixed ?? 1),
  );
  const given = answer.map(({ datatype, shape }, index) => ({ name: outputs[index] ?? '', datatype, shape }));
  const layout = { ...use, labels, widths: given.map(({ shape }) => elementCount(shape)), size };
  for (const [index, state] of states.entries()) {
    const given = layout.widths[candidate.outputs.length + index] ?? 0;
    if (given !== widthOf(state)) {
      throw outputMismatch(
        name,
        `state ${state.output} has ${given} values a row, and ${state.input} ${widthOf(state)}`,
      );
    }
  }
  const hazards = fixed === undefined ? candidate.batchHazards : hazardsBeside(candidate.batchHazards);
  const together = free && hazards.length === 0 && size > 1;
  const wide = isWide(
    parts,
    outputs.filter((output) => !labels.has(output)),
    info.outputs,
  );
  const binding = await warm(client, { ...layout, wide, together }, rows, how, candidate.onTrial);
  if (!binding.together && fixed !== undefined) {
    const why = hazards[0] ?? 'each changes what the model answers for the others';
    throw inputMismatch(name, `it takes exactly ${fixed} rows at once, and they are not apart: ${why}`, {
      hint: 'Export the model with a free first dimension (dynamic_axes, dynamic_shapes), or with batch 1. If its first dimension is no batch but the readings of a window, it needs a batch before it.',
    });
  }
  if (!binding.together && how.size > 1) {
    const why = hazards[0] ?? (free ? 'a batch changes its answers' : 'its batch is fixed at 1');
    how.logger.info('rows are run one by one', { model: name, why });
  }
  return { info, version, binding, given, maxError, inputs: rows };
}

/** Loads a prepared model into one more worker. */
export async function load(
  worker: ModelWorker,
  model: Uint8Array,
  prepared: Prepared,
  how: Preparation,
): Promise<void> {
  const client = new WorkerClient(worker, how.deadlines);
  await client.create(model);
  await client.bind(prepared.binding);
  await new BatchProbe(client, prepared.binding).learn(prepared.inputs.slice(0, 1));
}

/** Returns the largest error of the golden cases; undefined where there are none. */
async function answerGolden(
  { name, golden }: Candidate,
  session: SessionInfo,
  client: WorkerClient,
  engine: string,
): Promise<number | undefined> {
  if (golden === undefined || golden.cases.length === 0) return undefined;
  const { equal, where, reason, maxError } = await runGolden(golden, { name, session }, client.infer);
  if (equal) return maxError;
  const differs = `on ${engine}, ${where}: ${reason}, largest error ${maxError}; ${toleranceOf(golden)}`;
  throw goldenMismatch(name, differs);
}

/** Hazards but that the batch is fixed, which is known. */
const hazardsBeside = (hazards: readonly string[]) => hazards.filter((hazard) => !hazard.includes('first dimension'));

/** The datatype and shape of what one row gets of an answer to `rows` of them. */
function ofOneRow(
  name: string,
  output: string,
  { datatype, shape, data }: EngineTensor,
  rows: number,
): Pick<EngineTensor, 'datatype' | 'shape'> {
  if (rows === 1) return { datatype, shape };
  if (shape[0] === rows) return { datatype, shape: [1, ...shape.slice(1)] };
  throw outputMismatch(
    name,
    `it takes exactly ${rows} rows at once, and ${output} has ${data.length} values: [${shape}]`,
    {
      hint: `Give ${output} a row for each of them: its first dimension must be ${rows}.`,
    },
  );
}

/** Gives the answer to the first row that can be answered. */
async function answerOne(
  name: string,
  { inputs, constants, outputs, fixed = 1 }: Pick<Binding, 'inputs' | 'constants' | 'outputs' | 'fixed'>,
  rows: readonly Float64Array[],
  client: WorkerClient,
): Promise<EngineTensor[]> {
  let failure: unknown;
  for (const row of rows) {
    const feeds = new Map(constants);
    let at = 0;
    for (const input of inputs) {
      feeds.set(
        input.tensor,
        toTensor(input, padded(row.subarray(at, at + widthOf(input)), widthOf(input), fixed), fixed),
      );
      at += widthOf(input);
    }
    try {
      return await client.infer(feeds, outputs);
    } catch (error) {
      if (!(error instanceof EdgewrightError) || error.code !== runFailed.kind.code) throw error;
      failure ??= error;
    }
  }
  throw failure instanceof EdgewrightError
    ? runFailed(name, `no trial input could be answered: ${failure.message}`, {
        hint: 'Add golden cases to the bundle, whose inputs are tried first.',
      })
    : runFailed(name, 'there is no trial input');
}

/**
 * Makes trial runs for the warm-up's time, over the sizes that matter at least once. Returns the binding, with
 * `together` false where a batch changed an answer.
 */
async function warm(
  client: WorkerClient,
  binding: Binding,
  inputs: readonly Float64Array[],
  { clock, warmUp }: Preparation,
  onTrial: Candidate['onTrial'],
): Promise<Binding> {
  const start = clock.monotonic();
  await client.bind(binding);
  const probe = new BatchProbe(client, binding);
  await probe.learn(inputs);
  if (onTrial) {
    const { batch, rows } = probe.answers();
    onTrial(batch, rows);
  }
  let { together } = binding;
  const due = together ? probeSizes(binding.size) : [];
  for (let turn = 0; due.length > 0 || clock.monotonic() - start < warmUp; turn += 1) {
    const agrees = await probe.agrees(due.shift() ?? 1 + (turn % binding.size));
    if (agrees || !together) continue;
    together = false;
    due.length = 0;
    await client.bind({ ...binding, together });
  }
  return { ...binding, together };
}
