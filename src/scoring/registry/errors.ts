import { defineError } from '../../common/core/index.ts';

/** A folder, or a file that a bundle has to have, is not there. */
export const bundleMissing = defineError(
  'registry.bundle-missing',
  'Give the folder of a bundle: it holds manifest.json and model.onnx or model.ort.',
  { exit: 2 },
);
/** A folder or file of a bundle cannot be read. */
export const bundleUnreadable = defineError(
  'registry.bundle-unreadable',
  'Let the user who runs this read the folder of the bundle and the files in it.',
  { exit: 2 },
);
/** A bundle breaks a rule: too many or too large files, folders or links in it, or text that is not JSON. */
export const bundleInvalid = defineError(
  'registry.bundle-invalid',
  'Build the bundle again, or run `edgewright model pack FOLDER` after a wanted change.',
  { exit: 2 },
);
/** A file is not the one that the manifest lists. */
export const bundleTampered = defineError(
  'registry.bundle-tampered',
  'The file differs from what the manifest lists. Copy the bundle again from its source; after a wanted change run `edgewright model pack FOLDER`.',
);
/** A bundle that is to be signed has no list of its files. */
export const bundleUnpacked = defineError(
  'registry.bundle-unpacked',
  'Run `edgewright model pack FOLDER`, which tries the model and lists its files, and sign it then.',
  { exit: 2 },
);
/** A model file cannot be read, or is no regular file. */
export const modelUnreadable = defineError(
  'registry.model-unreadable',
  'Let the user who runs this read the file; a link must lead to one.',
  { exit: 2 },
);
/** A path has no model, or more than are tested at once. */
export const modelMissing = defineError(
  'registry.model-missing',
  'Give a .onnx or .ort file, or a folder that holds some.',
  { exit: 2 },
);
/** The file of a root cannot be read. */
export const rootUnreadable = defineError(
  'registry.root-unreadable',
  'Give the file of a root that the user who runs this may read; `edgewright trust init` makes one.',
  { exit: 2 },
);
