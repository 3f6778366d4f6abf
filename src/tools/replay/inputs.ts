import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Config } from '../../device/config/index.ts';
import { opensIn, recordingOf, type SourceConfig } from '../../scoring/sources/index.ts';
import { inputInvalid } from './errors.ts';

/**
 * Selects the sources to read, over the recordings that `--input` gives: `PATH`, or `NAME=PATH` where several could read
 * one; each with its recordings in the order given.
 *
 * @throws `replay.input-invalid`
 */
export function selectInputs(config: Config, inputs: readonly string[]): ReadonlyMap<string, readonly SourceConfig[]> {
  const replayable = Object.entries(config.sources).filter(([, source]) => recordingOf(source) !== undefined);
  if (replayable.length === 0) throw inputInvalid(config.file, 'has no file source', { path: 'sources' });
  const known = new Map(replayable);
  const selected = new Map<string, SourceConfig[]>();
  const given = new Set<string>();
  for (const input of inputs) {
    const [name, path] = split(input, known);
    const source = known.get(name);
    const recording = source && recordingOf(source);
    if (!recording) throw inputInvalid(input, `names none of the file sources (${namesOf(known)})`);
    if (!existsSync(path)) throw inputInvalid(path, 'does not exist');
    const place = `${name}=${resolve(path)}`;
    if (given.has(place)) throw inputInvalid(path, 'is given twice');
    given.add(place);
    selected.set(name, [...(selected.get(name) ?? []), recording.at(resolve(path))]);
  }
  return selected;
}

function split(input: string, known: ReadonlyMap<string, SourceConfig>): [string, string] {
  const at = input.indexOf('=');
  const name = at > 0 ? input.slice(0, at) : '';
  if (known.has(name)) return [name, input.slice(at + 1)];
  const recorded = [...known].filter(([, source]) => opensIn(source, 'replay'));
  const [only, ...others] = (recorded.length > 0 ? recorded : [...known]).map(([key]) => key);
  if (only === undefined || others.length > 0) {
    throw inputInvalid(input, `does not say which of the file sources it is for (${namesOf(known)})`);
  }
  return [only, input];
}

function namesOf(sources: ReadonlyMap<string, SourceConfig>): string {
  return [...sources.keys()].join(', ');
}
