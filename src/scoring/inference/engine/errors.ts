import { defineError } from '../../../common/core/index.ts';

/** The engine is not installed, damaged, or does not work on this machine. */
export const engineUnavailable = defineError(
  'inference.engine-unavailable',
  'Set inference.engine to wasm or auto, or install it beside the program: npm install --no-save --ignore-scripts onnxruntime-node@1.30.0 in its folder.',
);

/** The engine cannot load a model, for a reason that has no code of its own. */
export const modelRefused = defineError(
  'inference.model-refused',
  'ONNX Runtime cannot load this model: check it with onnx.checker and export it again with opset 17 to 21.',
  { exit: 2 },
);

/** A shape that the model declares contradicts the inferred one. */
export const declaredShape = defineError(
  'inference.declared-shape',
  'A declared shape contradicts the one that ONNX Runtime infers: run onnx.shape_inference, or remove the declared output shape.',
  { exit: 2 },
);

/** The model uses an operator or a version that the engine does not have. */
export const operatorUnavailable = defineError(
  'inference.operator-unavailable',
  'The model uses an operator or version that this engine does not have: export it with standard operators and opset 17 to 21.',
  { exit: 2 },
);

/** The file has a version of the format that no bundled engine reads. */
export const formatTooNew = defineError(
  'inference.format-too-new',
  'Write the file in an older format, which changes nothing else: m = onnx.load(path); m.ir_version = 10; onnx.save(m, path).',
  { exit: 2 },
);

/** Weights lie in files that are not there. */
export const externalData = defineError(
  'inference.external-data',
  'Put the files beside the model, as plain files without folders in their names, or save it as one: onnx.save(onnx.load(path), path).',
  { exit: 2 },
);

/** The native engine lacks the locale in which a model compares strings. */
export const localeMissing = defineError(
  'inference.locale-missing',
  'The native engine compares strings in the locale that the model names, en_US.UTF-8 unless it says another: install it (Debian: apt-get install locales, then localedef -i en_US -f UTF-8 en_US.UTF-8), or set inference.engine to wasm.',
);

/** A load or run wanted more memory than the worker's cap leaves. */
export const outOfMemory = defineError(
  'inference.out-of-memory',
  'Raise inference.memory, or use a smaller model or smaller inputs.',
);

/** An input or output is a sequence or a map. */
export const notATensor = defineError(
  'inference.not-a-tensor',
  'Sequences and maps cannot leave the engine. If a ZipMap in a .ort file makes them, give the .onnx that it was made from, where it becomes a tensor, or export without ZipMap (skl2onnx: options={"zipmap": False}, onnxmltools: zipmap=False). Else ask for tensor outputs only.',
  { exit: 2 },
);

/** A tensor has a datatype that JavaScript cannot exchange with the engine, or that rows cannot hold. */
export const unsupportedType = defineError(
  'inference.unsupported-type',
  'Export the model with float32 inputs and outputs (a Cast inside the graph does).',
  { exit: 2 },
);

/** What is given does not fit the model's inputs. */
export const inputMismatch = defineError(
  'inference.input-mismatch',
  'Make input in manifest.json and the model agree: tensor name, features or tags, window length; the first dimension of the model is the batch.',
  { exit: 2 },
);

/** A number is beyond what float16 holds. */
export const float16Overflow = defineError(
  'inference.float16-overflow',
  'Scale the input so that it stays within 65504 (input.scaling in manifest.json), or export the model with float32 inputs.',
);

/** What is wanted does not fit the model's outputs. */
export const outputMismatch = defineError(
  'inference.output-mismatch',
  'Name an output of the model in the targets of manifest.json; its size per row may not change from run to run.',
  { exit: 2 },
);

/** The model does not answer its golden cases within their tolerance. */
export const goldenMismatch = defineError(
  'inference.golden-mismatch',
  'The model does not answer as its maker recorded: the file was changed or damaged, or `tolerance` (rtol, atol) in golden.json is too tight for this engine; engines differ most on models in 8 bits.',
);

/** An inference request does not follow the protocol, or does not fit the model. */
export const requestInvalid = defineError(
  'inference.request-invalid',
  'Write the request as in the Open Inference Protocol v2: {"inputs": [{"name", "shape", "datatype", "data"}]}, with every input that edgewright model inspect lists.',
  { exit: 2 },
);

/** A tensor has data that its shape or datatype does not allow. */
export const tensorInvalid = defineError(
  'inference.tensor-invalid',
  'Write the tensor as in the Open Inference Protocol v2: flat data as long as its shape says, values of its datatype.',
  { exit: 2 },
);

/** A load overran its deadline; its worker was ended. */
export const createDeadline = defineError(
  'inference.create-deadline',
  'Loading took longer than inference.deadline.create: use a smaller model, or raise the deadline.',
);

/** A run overran its deadline; its worker was ended. */
export const runDeadline = defineError(
  'inference.run-deadline',
  'A run took longer than inference.deadline.run, and its thread was replaced: look for Loop or Scan without an end, or raise the deadline.',
);

/** A worker ended, or answered what it was not asked. */
export const workerCrashed = defineError(
  'inference.worker-crashed',
  'The inference thread ended and was replaced; if it keeps happening, run edgewright model test on the model.',
  { retry: true },
);

/** The engine could not answer an input. */
export const runFailed = defineError(
  'inference.run-failed',
  'ONNX Runtime could not answer this input: compare its values with what the model was trained on.',
);

/** A model has used up its restarts. */
export const modelFailed = defineError(
  'inference.model-failed',
  'The model used up its restarts and stays off until it is loaded again: replace it, or raise inference.restarts.',
);

/** Too many rows wait for an answer. */
export const overloaded = defineError(
  'inference.overloaded',
  'More windows close than the model can answer: raise inference.workers or batch.size, or use a smaller model.',
  { retry: true },
);

/** A model was closed before a row was answered or its load was over. */
export const closed = defineError('inference.closed', 'The model was unloaded before this input was answered.');
