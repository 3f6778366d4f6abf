import { defineError } from '../../common/core/index.ts';

export const bundleMissing = defineError(
  'registry.bundle-missing',
  'Give the folder of a bundle: it holds manifest.json and model.onnx or model.ort.',
  { exit: 2 },
);
export const bundleUnreadable = defineError(
  'registry.bundle-unreadable',
  'Let the user who runs this read the folder of the bundle and the files in it.',
  { exit: 2 },
);
export const bundleInvalid = defineError(
  'registry.bundle-invalid',
  'Build the bundle again, or run `edgewright model pack FOLDER` after a wanted change.',
  { exit: 2 },
);
export const bundleTampered = defineError(
  'registry.bundle-tampered',
  'The file differs from what the manifest lists. Copy the bundle again from its source; after a wanted change run `edgewright model pack FOLDER`.',
);
export const modelUnreadable = defineError(
  'registry.model-unreadable',
  'Let the user who runs this read the file; a link must lead to one.',
  { exit: 2 },
);
export const modelMissing = defineError(
  'registry.model-missing',
  'Give a .onnx or .ort file, or a folder that holds some.',
  { exit: 2 },
);
