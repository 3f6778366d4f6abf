import { nearest } from './known-keys.ts';
import type { Problem } from './problem.ts';
import type { ConfigData } from './schema.ts';

/** Names that one part of the configuration uses and another should have. */
export function referenceProblems(config: ConfigData): Problem[] {
  const known = Object.keys(config.sources);
  const problems: Problem[] = Object.entries(config.pipelines).flatMap(([pipeline, { source }]) =>
    [source].flat().flatMap((name) => {
      if (known.includes(name)) return [];
      const near = nearest(name, known);
      return [
        {
          severity: 'error' as const,
          path: `pipelines.${pipeline}.source`,
          code: 'config.unknown-source',
          message: `there is no source ${name}`,
          hint: near === undefined ? `Known sources: ${known.join(', ')}.` : `Did you mean ${near}?`,
        },
      ];
    }),
  );
  return [...problems, ...brokerless(config), ...unused(config)];
}

/** A source that names no broker takes the uplink's, so there has to be one. */
function brokerless(config: ConfigData): Problem[] {
  return Object.entries(config.sources).flatMap(([name, source]) => {
    if (source.type !== 'mqtt' || source.url !== undefined || config.uplink) return [];
    return [
      {
        severity: 'error' as const,
        path: `sources.${name}.url`,
        code: 'config.missing-key',
        message: 'is required where there is no uplink',
        hint: `Add sources.${name}.url.`,
      },
    ];
  });
}

function unused(config: ConfigData): Problem[] {
  const used = new Set(Object.values(config.pipelines).flatMap(({ source }) => source));
  return Object.entries(config.sources).flatMap(([name, source]) => {
    if (used.has(name) || ('use' in source && source.use === 'replay')) return [];
    return [
      {
        severity: 'warning' as const,
        path: `sources.${name}`,
        code: 'config.unused-source',
        message: 'no pipeline reads this source',
        hint: `Name it under pipelines.<name>.source, or remove it.`,
      },
    ];
  });
}
