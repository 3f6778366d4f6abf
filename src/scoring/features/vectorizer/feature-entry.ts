import * as z from 'zod';
import { describeIssues, jsonSchemaOf, suggest } from '../../../common/core/index.ts';
import type { FeatureDefinition } from '../definition.ts';
import { invalidParameters, unknownFeature } from '../errors.ts';
import { features } from '../registry.ts';
import type { FeatureInput } from '../schema.ts';

/** A feature as a manifest names it: its name, or an object with parameters. */
export type FeatureEntry = FeatureInput['statistics'][number]['features'][number];

/** A feature that is ready to be made. */
export interface ResolvedFeature {
  readonly definition: FeatureDefinition;
  readonly params: unknown;
  /**
   * The second part of its name: `mean`, with parameters `band_power(high=200,low=100)`, or what the manifest calls it.
   */
  readonly suffix: string;
  /** What the feature is where samples that it needs are missing; undefined where the manifest does not say. */
  readonly fill: number | undefined;
}

const noParameters = z.strictObject({});

const PLAIN = (feature: string) => ({ feature, as: undefined, fill: undefined });

/**
 * Finds the feature that an entry of a manifest names, and checks its parameters. Throws `features.unknown-feature` or
 * `invalid-parameters`.
 */
export function resolveFeature(entry: FeatureEntry, path: string): ResolvedFeature {
  const { feature, as, fill, ...given } = typeof entry === 'string' ? PLAIN(entry) : entry;
  const definition = features.find((candidate) => candidate.name === feature);
  if (!definition) {
    const known = features.map((candidate) => candidate.name);
    const hint = suggest(feature, known);
    throw unknownFeature(feature, 'there is no such feature', { path, hint });
  }
  const schema = definition.params ?? noParameters;
  const parsed = schema.safeParse(given);
  if (!parsed.success) {
    const { reason, hint } = describeIssues(parsed.error.issues, given, jsonSchemaOf(schema));
    throw invalidParameters(feature, reason, { path, hint });
  }
  return { definition, params: parsed.data, suffix: as ?? spelledOut(feature, given), fill };
}

function spelledOut(feature: string, given: Readonly<Record<string, unknown>>): string {
  const shown = Object.entries(given)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`);
  return shown.length > 0 ? `${feature}(${shown.join(',')})` : feature;
}
