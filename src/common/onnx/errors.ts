import { defineError } from '../core/index.ts';

/** Bytes are no model in ONNX or ORT format. */
export const notAModel = defineError('onnx.not-a-model', 'Give an ONNX (.onnx) or ORT-format (.ort) file.', {
  exit: 2,
});

/** A model ends before what it announces. */
export const truncated = defineError(
  'onnx.truncated',
  'The file ends in the middle: copy or download it again and compare its size or SHA-256 with the source.',
  { exit: 2 },
);

/** A model has bytes that no exporter writes. */
export const malformed = defineError(
  'onnx.malformed',
  'The file is damaged or was not written by an ONNX exporter: export it again and run onnx.checker on it.',
  { exit: 2 },
);

/** A model is beyond the limits of reading. */
export const tooLarge = defineError(
  'onnx.too-large',
  'The model exceeds the bounds of a gateway: export a smaller one, or simplify its graph (onnxsim).',
  { exit: 2 },
);

/** An input or output has a name with which every run would fail. */
export const badName = defineError(
  'onnx.bad-name',
  'Rename the input or output when exporting; with such a name every run fails.',
  { exit: 2 },
);

/** Error of golden cases, whose code begins as those of inference, where they were read once: codes stay. */
export const goldenInvalid = defineError(
  'inference.golden-invalid',
  'Write golden.json again from the same model: each case names every input, in the Open Inference Protocol v2 form; models/GOLDEN.md has every key.',
  { exit: 2 },
);
