import { defineError } from '../../common/core/index.ts';

export const unknownFeature = defineError(
  'features.unknown-feature',
  'Use one of the features that the runtime has, or add it to its catalogue.',
  { exit: 2 },
);

export const invalidParameters = defineError(
  'features.invalid-parameters',
  'Give the feature the parameters that it documents, in the range that it allows.',
  { exit: 2 },
);

export const unknownTag = defineError(
  'features.unknown-tag',
  'Use only tags that the manifest declares under `tags`.',
  {
    exit: 2,
  },
);

export const duplicateFeature = defineError(
  'features.duplicate-feature',
  'Name each feature of a tag, and each tag of a raw tensor, only once.',
  { exit: 2 },
);

export const scalingLength = defineError(
  'features.scaling-length',
  'Give `offset` and `scale` one entry per feature, or per tag of a raw tensor, in the order of the vector.',
  { exit: 2 },
);

export const invalidGrid = defineError(
  'features.invalid-grid',
  'A raw tensor over a time window needs a grid whose period divides the length of the window; over a count window it has none.',
  { exit: 2 },
);

export const fillWithoutMissing = defineError(
  'features.fill-without-missing',
  'Declare under `tags` that the tag may be missing: "missing": "nan", or a fill of its own; else a window without it abstains.',
  { exit: 2 },
);

export const unknownZone = defineError(
  'features.unknown-zone',
  'Name a zone of the IANA time zone database, such as Europe/Berlin or UTC.',
  { exit: 2 },
);

export const notAcceleration = defineError(
  'features.not-acceleration',
  'Declare the unit of the tag as g, mg, m/s2 or mm/s2 if it is an acceleration; velocity is not told from anything else.',
  { exit: 2 },
);

export const shapeMismatch = defineError(
  'features.shape-mismatch',
  'Give `shape` as many numbers as a window has: readings or points of the grid times tags, or the features.',
  { exit: 2 },
);
