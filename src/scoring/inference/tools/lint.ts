import type { ModelDescription, ValueInfo } from '../../../common/onnx/index.ts';
import { NEWEST_IR, NEWEST_OPSETS, OLDEST_OPSET } from '../engine/engine.ts';
import { isSupported } from '../engine/tensors.ts';

/** Fact about a model that its owner should know before it goes to a gateway. */
export interface Warning {
  /** Stable code: programs match on it. */
  readonly code: string;
  readonly message: string;
}

/** Domains whose operators both engines have. */
const KNOWN_DOMAINS = new Set(['ai.onnx.ml', 'com.microsoft', 'ai.onnx.training', 'com.microsoft.nchwc']);
const FOUR_BIT = new Set(['MatMulNBits', 'MatMulBnb4', 'GatherBlockQuantized']);
const ENDLESS = ['Loop', 'Scan'];
const RANDOM = /^(RandomNormal|RandomUniform|Multinomial$|Bernoulli$)/;
/** Bytes of weights beyond which loading takes seconds, and memory hundreds of megabytes. */
const LARGE_BYTES = 100 * 2 ** 20;

type Rule = (model: ModelDescription) => Warning | undefined;

const when = (holds: boolean, code: string, message: string): Warning | undefined =>
  holds ? { code, message } : undefined;

const has = ({ ops }: ModelDescription, ...names: string[]) => names.filter((name) => Object.hasOwn(ops, name));
const list = (names: readonly string[]) => names.join(', ');
const values = ({ inputs, outputs }: ModelDescription) => [...inputs, ...outputs];
const isTensor = ({ type }: ValueInfo) => type.startsWith('tensor(');

const rules: readonly Rule[] = [
  (model) =>
    when(
      has(model, 'ConvInteger').length > 0,
      'model.dynamic-conv',
      'dynamically quantized convolutions (ConvInteger) are slower than float ones on every engine: quantize statically (quantize_static, QDQ, per channel)',
    ),
  // Measured with 64 channels on x64, int8 against float32: 1.5 to 0.7 ms (3 x 3 over 25 x 13), 1.0 to 0.2 ms (9 over
  // 256).
  ({ integerDepthwise: count }) =>
    when(
      count > 0,
      'model.integer-depthwise',
      `${count} depthwise convolution${count === 1 ? '' : 's'} in 8 bits, which the engine wasm computes 2 to 5 times slower than in float32: keep the model in float32, unless size counts, or run it on the engine native`,
    ),
  (model) =>
    when(
      model.quantization === 'dynamic',
      'model.dynamic-quantization',
      'its activations are scaled by the whole batch, so rows are run one by one: quantize statically to batch over assets',
    ),
  (model) => {
    const bits = model.elements.filter((element) => /^u?int[24]$/.test(element));
    const ops = Object.keys(model.ops).filter((op) => FOUR_BIT.has(op));
    return when(
      bits.length > 0 || ops.length > 0,
      'model.four-bit',
      `weights of less than 8 bits (${list([...ops, ...bits])}) run some 20 times slower than float32 on the engine wasm: use 8 bits, or the engine native`,
    );
  },
  (model) =>
    when(
      has(model, ...ENDLESS).length > 0,
      'model.loop',
      `${list(has(model, ...ENDLESS))} can run for ever on some input: inference.deadline.run ends it, and its thread is replaced`,
    ),
  (model) =>
    when(
      model.externalData,
      'model.external-data',
      `weights lie in other files (${list(model.externalFiles)}): they have to be in the bundle, beside the model, or save it as one file`,
    ),
  ({ opsets }) => {
    const [newer] = Object.entries(opsets).filter(([domain, version]) => version > (NEWEST_OPSETS[domain] ?? Infinity));
    const [domain = '', opset = 0] = newer ?? [];
    return when(
      newer !== undefined,
      'model.opset-new',
      `opset ${opset} of ${domain} is newer than ${NEWEST_OPSETS[domain]}, the newest that the engines know: export with opset 17 to 21, of ai.onnx.ml 3`,
    );
  },
  ({ format, irVersion }) =>
    when(
      format === 'onnx' && irVersion > NEWEST_IR,
      'model.format-new',
      `its format (IR version ${irVersion}) is newer than ${NEWEST_IR}, the newest that the engines read: set ir_version to 10 and onnx.save it again`,
    ),
  ({ format, opsets: { 'ai.onnx': opset = 0 } }) =>
    when(
      format === 'onnx' && opset > 0 && opset < OLDEST_OPSET,
      'model.opset-old',
      `opset ${opset} is older than ${OLDEST_OPSET}, which the engines run only as far as they can: convert it (onnx.version_converter)`,
    ),
  (model) =>
    when(
      model.elements.includes('float16') || values(model).some(({ datatype }) => datatype === 'FP16'),
      'model.float16',
      'the engine wasm has few operators for float16 and converts around the others, or refuses: float32 is faster there',
    ),
  (model) =>
    when(
      model.batchHazards.some((hazard) => hazard.includes('first dimension')),
      'model.batch-fixed',
      'its first dimension is not free, so rows are run one by one: export with dynamic_axes or dynamic_shapes to batch over assets',
    ),
  (model) => {
    const foreign = model.domains.filter((domain) => !KNOWN_DOMAINS.has(domain));
    return when(
      foreign.length > 0,
      'model.custom-operators',
      `operators of ${list(foreign)} are in no engine here: export with standard operators`,
    );
  },
  ({ zipMaps }) => {
    const [entry] = Object.entries(zipMaps);
    if (entry === undefined) return undefined;
    const [name, labels] = entry;
    return when(
      true,
      'model.zip-map',
      `ZipMap makes maps, which cannot leave an engine: it is taken out when the model is loaded, and ${name} is a tensor with a column for each of ${list(labels)}`,
    );
  },
  (model) => {
    const opaque = values(model).filter((value) => !isTensor(value) && !Object.hasOwn(model.zipMaps, value.name));
    const zipped = model.format === 'ort' && has(model, 'ZipMap').length > 0;
    return when(
      opaque.length > 0,
      'model.not-a-tensor',
      `${list(opaque.map(({ name, type }) => `${name} is ${type}`))}: only tensors can be given to an engine and taken from it${zipped ? '; in the .onnx file that it was made from, its ZipMap becomes a tensor' : ''}`,
    );
  },
  (model) => {
    const strange = values(model).filter((value) => isTensor(value) && !isSupported(value.datatype));
    return when(
      strange.length > 0,
      'model.unsupported-type',
      `${list(strange.map(({ name, type }) => `${name} is ${type}`))}: put a Cast to float inside the graph`,
    );
  },
  (model) => {
    const random = Object.keys(model.ops).filter((op) => RANDOM.test(op));
    return when(
      random.length > 0,
      'model.random',
      `${list(random)}: the same input gives another answer each time, so golden cases cannot hold`,
    );
  },
  ({ parameterBytes }) =>
    when(
      parameterBytes > LARGE_BYTES,
      'model.large',
      `${Math.round(parameterBytes / 2 ** 20)} MiB of weights: see that inference.memory and inference.deadline.create leave room for them`,
    ),
];

/** Lists what speaks against a model, or has to be known of it, as far as its file shows. Nothing is run. */
export function lint(model: ModelDescription): Warning[] {
  return rules.flatMap((rule) => rule(model) ?? []);
}
