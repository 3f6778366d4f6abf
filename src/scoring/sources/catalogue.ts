import * as z from 'zod';
import { file } from './file/index.ts';
import { mqtt } from './mqtt/index.ts';
import { simulator } from './simulator/index.ts';
import type { Source, SourceDefinition, SourceDeps } from './source.ts';

/** Every way in. A new one is a file (or folder) and a line here. */
const definitions = [mqtt, file, simulator] as const;

type Schemas<D extends readonly unknown[]> = {
  [I in keyof D]: D[I] extends { readonly schema: infer S } ? S : never;
};
const schemas = definitions.map((definition) => definition.schema) as unknown as Schemas<typeof definitions>;

/** One entry under `sources` in the configuration. */
export const sourceSchema = z.discriminatedUnion('type', schemas);
export type SourceConfig = z.output<typeof sourceSchema>;

const byType = new Map<string, SourceDefinition<SourceConfig>>(
  (definitions as readonly SourceDefinition<SourceConfig>[]).map((definition) => [definition.type, definition]),
);

export const SOURCE_TYPES: readonly string[] = [...byType.keys()];

/** The source of a validated configuration. Throws only on a type that the schema does not know. */
export function createSource(config: SourceConfig, deps: SourceDeps): Source {
  const definition = byType.get(config.type);
  if (definition === undefined) throw new TypeError(`no source of type ${config.type}`);
  return definition.create(config, deps);
}

/** Whether a position is not behind another one, both of a source of this type. */
export function isUpTo({ type }: SourceConfig, position: string, mark: string): boolean {
  return byType.get(type)?.isUpTo?.(position, mark) ?? false;
}

/** Whether `run` or `replay` opens it. Live sources belong to `run`. */
export function opensIn(config: SourceConfig, command: 'run' | 'replay'): boolean {
  if (config.type !== 'file') return command === 'run';
  return config.use === 'both' || config.use === command;
}

/** Whether nothing is lost while it waits: a recording does, a machine goes on. */
export function canWait(config: SourceConfig): boolean {
  return config.type === 'file';
}
