import { writeFileSync } from 'node:fs';
import { featureReference } from './feature-reference.ts';
import { goldenReference } from './golden-reference.ts';
import { manifestReference } from './manifest-reference.ts';

writeFileSync('models/FEATURES.md', featureReference());
writeFileSync('models/MANIFEST.md', manifestReference());
writeFileSync('models/GOLDEN.md', goldenReference());
