import * as catalogue from './catalogue.ts';
import type { FeatureDefinition } from './definition.ts';

/** The catalogue's features, by no order that means anything. */
export const features: readonly FeatureDefinition[] = Object.values(catalogue);
