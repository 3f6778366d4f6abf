import { asMap, suggest } from '../../common/core/index.ts';
import type { Problem } from '../../common/settings/index.ts';
import { connectsToBroker } from '../../scoring/sources/index.ts';

/**
 * Finds what no schema of a single part sees: names that one part uses and another does not have, and promises that this
 * version cannot keep. The data are as they are written, and may be wrong otherwise.
 */
export function referenceProblems(data: Readonly<Record<string, unknown>>): Problem[] {
  const sources = Object.entries(asMap(data['sources'])).map(([name, source]) => ({ name, source: asMap(source) }));
  const known = sources.map(({ name }) => name);
  const uses = Object.entries(asMap(data['pipelines'])).flatMap(([pipeline, config]) =>
    [asMap(config)['source']].flat().flatMap((name) => (typeof name === 'string' ? [{ pipeline, name }] : [])),
  );
  const unknown = uses.filter(({ name }) => !known.includes(name));
  const brokerless = sources.filter(
    ({ source }) => connectsToBroker(source['type']) && source['url'] === undefined && data['uplink'] === undefined,
  );
  const unused = sources.filter(
    ({ name, source }) => source['use'] !== 'replay' && !uses.some((use) => use.name === name),
  );
  return [
    ...unknown.map(({ pipeline, name }) => unknownSource(pipeline, name, known)),
    ...brokerless.map(({ name }) => noBroker(name)),
    ...unused.map(({ name }) => unusedSource(name)),
  ];
}

function unknownSource(pipeline: string, name: string, known: readonly string[]): Problem {
  return {
    severity: 'error',
    path: `pipelines.${pipeline}.source`,
    code: 'config.unknown-source',
    message: `there is no source ${name}`,
    hint: suggest(name, known),
  };
}

/** A source that names no broker reads from the uplink's, so there has to be one. */
function noBroker(name: string): Problem {
  return {
    severity: 'error',
    path: `sources.${name}.url`,
    code: 'config.missing-key',
    message: 'is required where there is no uplink',
    hint: `Add sources.${name}.url.`,
  };
}

function unusedSource(name: string): Problem {
  return {
    severity: 'warning',
    path: `sources.${name}`,
    code: 'config.unused-source',
    message: 'no pipeline reads this source',
    hint: 'Name it under pipelines.<name>.source, or remove it.',
  };
}
