import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Config } from '../../device/config/index.ts';
import { inputInvalid } from './errors.ts';

type FileSource = Extract<Config['sources'][string], { type: 'file' }>;

/** File sources to read, with their paths replaced by what `--input` gives (`PATH`, or `NAME=PATH` where there are several). */
export function selectInputs(config: Config, inputs: readonly string[]): ReadonlyMap<string, FileSource> {
  const files = new Map(
    Object.entries(config.sources).flatMap(([name, source]) =>
      source.type === 'file' ? [[name, source] as const] : [],
    ),
  );
  const known = [...files.keys()].join(', ');
  if (files.size === 0) throw inputInvalid(config.file, 'has no file source', { path: 'sources' });
  const selected = new Map<string, FileSource>();
  for (const input of inputs) {
    const [name, path] = split(input, files);
    const source = files.get(name);
    if (!source) throw inputInvalid(input, `names none of the file sources (${known})`);
    if (!existsSync(path)) throw inputInvalid(path, 'does not exist');
    selected.set(name, { ...source, path: resolve(path), speed: 'max' });
  }
  return selected;
}

function split(input: string, files: ReadonlyMap<string, FileSource>): [string, string] {
  const at = input.indexOf('=');
  const name = at > 0 ? input.slice(0, at) : '';
  if (files.has(name)) return [name, input.slice(at + 1)];
  const recorded = [...files].filter(([, { use }]) => use !== 'run');
  const [only, ...others] = (recorded.length > 0 ? recorded : [...files]).map(([key]) => key);
  if (only === undefined || others.length > 0) {
    throw inputInvalid(input, `does not say which of the file sources it is for (${[...files.keys()].join(', ')})`);
  }
  return [only, input];
}
