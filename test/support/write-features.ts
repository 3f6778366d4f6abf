import { writeFileSync } from 'node:fs';
import { featureReference } from './feature-reference.ts';

writeFileSync('models/FEATURES.md', featureReference());
