import * as z from 'zod';
import { file } from './file/index.ts';
import { mqtt } from './mqtt/index.ts';
import { simulator } from './simulator/index.ts';
import type { Source, SourceBroker, SourceCommand, SourceDefinition, SourceDeps, SourceTraits } from './source.ts';

/** Every way in. A new one is a folder beside this file, a line here, and an input for the contract of all sources. */
const definitions = [mqtt, file, simulator] as const;

type Schemas<D extends readonly unknown[]> = {
  [I in keyof D]: D[I] extends { readonly schema: infer S } ? S : never;
};
const schemas = definitions.map((definition) => definition.schema) as unknown as Schemas<typeof definitions>;

/** One entry under `sources` in the configuration. */
export const sourceSchema = z.discriminatedUnion('type', schemas);
/** The configuration of one source; durations in ms, sizes in bytes. */
export type SourceConfig = z.output<typeof sourceSchema>;

const byType = new Map<string, SourceDefinition<SourceConfig>>(
  (definitions as readonly SourceDefinition<SourceConfig>[]).map((definition) => [definition.type, definition]),
);

/** The types that a configuration may name. */
export const SOURCE_TYPES: readonly string[] = [...byType.keys()];

/** A recording, and the same source over another one, as fast as it goes. */
export interface SourceRecording {
  readonly path: string;
  at(path: string): SourceConfig;
}

/** The source of a validated configuration. Throws only on a type that the schema does not know. */
export function createSource(config: SourceConfig, deps: SourceDeps): Source {
  return definitionOf(config).create(config, deps);
}

/** Whether what is read up to `position` was read when the source stood at `reached`; both are positions of its own. */
export function isUpTo(config: SourceConfig, position: string, reached: string): boolean {
  return traitsOf(config).isUpTo?.(position, reached) ?? false;
}

/** Whether a command opens it. */
export function opensIn(config: SourceConfig, command: SourceCommand): boolean {
  return traitsOf(config).opensIn(config).includes(command);
}

/** Whether nothing is lost while it gets no credit. */
export function canWait(config: SourceConfig): boolean {
  return traitsOf(config).canWait;
}

/** Whether each of its readings surely has one tag. */
export function carriesOneTag(config: SourceConfig): boolean {
  return traitsOf(config).carriesOneTag?.(config) ?? false;
}

/** The recording that a source reads; undefined for a live one. */
export function recordingOf(config: SourceConfig): SourceRecording | undefined {
  const { replayable } = traitsOf(config);
  return replayable && { path: replayable.pathOf(config), at: (path) => replayable.at(config, path) };
}

/** The broker that a source connects to; undefined for a source without one. */
export function brokerOf(config: SourceConfig): SourceBroker | undefined {
  return traitsOf(config).broker?.(config);
}

/** Whether sources of a type, as a configuration has it, connect to a broker; false for a type that is not known. */
export function connectsToBroker(type: unknown): boolean {
  return typeof type === 'string' && byType.get(type)?.traits.broker !== undefined;
}

function traitsOf(config: SourceConfig): SourceTraits<SourceConfig> {
  return definitionOf(config).traits;
}

function definitionOf({ type }: SourceConfig): SourceDefinition<SourceConfig> {
  const definition = byType.get(type);
  if (definition === undefined) throw new TypeError(`no source of type ${type}`);
  return definition;
}
