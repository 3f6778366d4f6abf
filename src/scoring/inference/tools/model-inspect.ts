import { createHash } from 'node:crypto';
import type { Datatype } from '../../../common/core/index.ts';
import type { ModelDescription, Quantization, ValueInfo } from '../../../common/onnx/index.ts';
import { readDescription } from '../model/precheck.ts';
import { lint, type Warning } from './lint.ts';

/** Input or output; one that the Open Inference Protocol has no tensor for has its `type` in ONNX Runtime's words. */
export interface InspectedValue {
  readonly name: string;
  readonly datatype: Datatype | null;
  /** Sizes, -1 for a free dimension; null where not even the rank is declared. */
  readonly shape: readonly number[] | null;
  readonly type?: string;
}

/** Classes of an output, and what in the file names them. */
export interface InspectedClasses {
  readonly output: string;
  /** In the order of the columns. */
  readonly labels: readonly string[];
  /** An operator, with the table where one holds them. */
  readonly source: string;
  /** The output that gives the class itself, where this one gives numbers. */
  readonly label?: string;
}

/** Description of a model's file, as `model inspect` prints it. */
export interface ModelInspection {
  readonly sha256: string;
  readonly bytes: number;
  readonly format: ModelDescription['format'];
  readonly opsets: ModelDescription['opsets'];
  readonly producer: string;
  readonly inputs: readonly InspectedValue[];
  /** Inputs with a default inside the file. */
  readonly optionalInputs: readonly InspectedValue[];
  readonly outputs: readonly InspectedValue[];
  /** Of each output of which the file names the classes. */
  readonly classes: readonly InspectedClasses[];
  readonly ops: ModelDescription['ops'];
  readonly quantization: Quantization;
  readonly parameters: number;
  readonly parameterBytes: number;
  /** Most memory that loading takes, without the activations of a run: the file, its weights, and those repacked. */
  readonly memoryBytes: number;
  readonly warnings: readonly Warning[];
}

/** Describes a model and what it will need, without running it. Throws `onnx.*`. */
export function inspectModel(name: string, bytes: Uint8Array): ModelInspection {
  const model = readDescription(name, bytes);
  const { format, opsets, producer, ops, quantization, parameters, parameterBytes } = model;
  return {
    sha256: createHash('sha256').update(bytes).digest('hex'),
    bytes: bytes.length,
    format,
    opsets,
    producer,
    inputs: model.inputs.map(inspected),
    optionalInputs: model.optionalInputs.map(inspected),
    outputs: model.outputs.map(inspected),
    classes: [...model.classes].flatMap(([output, { labels, source, label }]) =>
      labels.length === 0 ? [] : [{ output, labels, source, ...(label === undefined ? {} : { label }) }],
    ),
    ops,
    quantization,
    parameters,
    parameterBytes,
    memoryBytes: bytes.length + 2 * parameterBytes,
    warnings: lint(model),
  };
}

function inspected({ name, type, datatype, shape }: ValueInfo): InspectedValue {
  return { name, datatype: datatype ?? null, shape: shape ?? null, ...(datatype === undefined && { type }) };
}
