import * as z from 'zod';
import { type OipTensor, reasonOf } from '../../../common/core/index.ts';
import { oipTensorSchema } from '../../../common/onnx/index.ts';
import { notATensor, outputMismatch, requestInvalid } from '../engine/errors.ts';
import { type EngineTensor, fromOip, toOip } from '../engine/tensors.ts';
import { explained, precheck } from '../model/precheck.ts';
import type { ModelSandbox } from './model-sandbox.ts';

type Element = number | string | boolean;
type Nested = Element | readonly Nested[];

/** Inference request of the Open Inference Protocol v2, REST form. */
const requestSchema = z.looseObject({
  id: z.string().optional(),
  inputs: z.array(oipTensorSchema.extend({ data: z.array(z.unknown()) })),
  outputs: z.array(z.looseObject({ name: z.string() })).optional(),
});

/** Request whose tensors were checked and converted. */
export interface InferenceRequest {
  readonly id?: string | undefined;
  readonly inputs: ReadonlyMap<string, EngineTensor>;
  /** Names of the wanted outputs; undefined for all that are tensors. */
  readonly outputs?: readonly string[] | undefined;
}

/** Inference response of the Open Inference Protocol v2. */
export interface InferenceResponse {
  readonly model_name: string;
  readonly id?: string;
  readonly outputs: readonly OipTensor[];
}

/**
 * Reads the text of a request, which came from `file`. Throws `inference.request-invalid` with the path inside the
 * text, and `inference.tensor-invalid`.
 */
export function parseRequest(text: string, file: string): InferenceRequest {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw requestInvalid(file, `not JSON: ${reasonOf(error)}`, { cause: error });
  }
  const result = requestSchema.safeParse(json);
  if (!result.success) {
    const [issue] = result.error.issues;
    const path = issue?.path.join('.') ?? '';
    throw requestInvalid(file, `${path || 'request'}: ${issue?.message ?? 'invalid'}`, { path });
  }
  const { id, inputs, outputs } = result.data;
  const tensors = new Map<string, EngineTensor>();
  for (const [index, input] of inputs.entries()) {
    if (tensors.has(input.name))
      throw requestInvalid(file, `input ${input.name} is given twice`, { path: `inputs.${index}` });
    tensors.set(input.name, fromOip({ ...input, data: flatten(input.data, file, `inputs.${index}.data`) }));
  }
  return { id, inputs: tensors, outputs: outputs?.map(({ name }) => name) };
}

/** Flattens data, which the protocol allows as nested arrays, row-major, beside the flat form. */
function flatten(data: readonly unknown[], file: string, path: string): Element[] {
  const flat: Element[] = [];
  for (const item of data as readonly Nested[]) {
    if (Array.isArray(item)) for (const element of flatten(item, file, path)) flat.push(element);
    else if (['number', 'string', 'boolean'].includes(typeof item)) flat.push(item as Element);
    else throw requestInvalid(file, `${JSON.stringify(item)} is no element of a tensor`, { path });
  }
  return flat;
}

/** Response to a request, and what it leaves out. */
export interface RunAnswer {
  readonly response: InferenceResponse;
  /** Outputs that were not asked for by name and that no response can hold: sequences and maps. */
  readonly leftOut: readonly string[];
}

/** Answers one request with one model in the sandbox. Throws `onnx.*`, `inference.*`. */
export async function runModel(
  sandbox: ModelSandbox,
  model: { readonly name: string; readonly bytes: Uint8Array; readonly external?: ReadonlyMap<string, Uint8Array> },
  { id, inputs, outputs }: InferenceRequest,
): Promise<RunAnswer> {
  const { name, bytes, external } = model;
  const prechecked = precheck(name, bytes, { given: [...inputs.keys()], ...(external && { external }) });
  const answer = sandbox.open(name, prechecked.bytes, async ({ session, client }) => {
    const known = session.outputs.map((output) => output.name);
    const stranger = outputs?.find((output) => !known.includes(output));
    if (stranger !== undefined && session.opaque.outputs.includes(stranger)) {
      throw notATensor(name, `output ${stranger} is a sequence or a map`);
    }
    if (stranger !== undefined) {
      throw outputMismatch(name, `it has no tensor output ${stranger}; it has ${known.join(', ')}`, {
        hint: 'Ask for an output that the model has, or leave outputs out to get all.',
      });
    }
    const missing = session.inputs.find((input) => !inputs.has(input.name));
    if (missing !== undefined) throw requestInvalid(name, `the request lacks the input ${missing.name}`);
    const unknown = [...inputs.keys()].find((input) => !session.inputs.some((known) => known.name === input));
    if (unknown !== undefined) throw requestInvalid(name, `the model has no input ${unknown}`);
    const wanted = outputs ?? known;
    const answers = await client.infer(inputs, wanted);
    const response = {
      model_name: name,
      ...(id === undefined ? {} : { id }),
      outputs: answers.map((answer, index) => toOip(wanted[index] ?? '', answer)),
    };
    return { response, leftOut: outputs === undefined ? session.opaque.outputs : [] };
  });
  return answer.catch((error: unknown) => {
    throw explained(error, prechecked.description);
  });
}
