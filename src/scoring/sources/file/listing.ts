import { readdir, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { reasonOf } from '../../../common/core/index.ts';
import { badLayout, fileUnreadable, noFiles } from '../errors.ts';
import type { FileConfig } from './schema.ts';

/** A file to read: its name inside the folder, and its path. */
export interface ListedFile {
  readonly name: string;
  readonly path: string;
}

const JSON_LINES = /\.(jsonl|ndjson|json)(\.gz)?$/i;
/** What files with lines of a ready shape may be called besides. */
const MESSAGES = /\.(lp|influx|line|log|txt)(\.gz)?$/i;
const TABLES = /\.(csv|tsv|txt|dat)(\.gz)?$/i;

const RAW_SIGNALS = /\.(f32|raw|bin)(\.gz)?$/i;
const WAVES = /\.wav(\.gz)?$/i;

/** How a file is read. */
export type FileFormat = 'csv' | 'jsonl' | 'f32' | 'wav';

const ENDINGS: Readonly<Record<FileFormat, RegExp>> = {
  csv: TABLES,
  jsonl: JSON_LINES,
  f32: RAW_SIGNALS,
  wav: WAVES,
};

/** Says how a file is read: as declared, or by its name. */
export function formatOf({ format, shape }: FileConfig, name: string): FileFormat {
  if (shape !== undefined) return 'jsonl';
  if (format !== 'auto' && format !== 'wide') return format;
  return (['jsonl', 'f32', 'wav'] as const).find((known) => ENDINGS[known].test(name)) ?? 'csv';
}

/** Takes folders and endings off a name: `day-1` of `/data/day-1.csv.gz`. */
export function stemOf(name: string): string {
  return basename(name)
    .replace(/\.gz$/i, '')
    .replace(/\.[A-Za-z0-9]{1,6}$/, '');
}

/**
 * Says what a folder is looked through for: signals only where there is a rate, since other things are called .raw,
 * too.
 */
function formatsOf({ format, rate, rates }: FileConfig): readonly FileFormat[] {
  if (format !== 'auto' && format !== 'wide') return [format];
  return (rate ?? rates) === undefined ? ['csv', 'jsonl'] : ['csv', 'jsonl', 'f32', 'wav'];
}

/** Whether a file of a folder is read. */
export function fits(config: FileConfig, name: string): boolean {
  if (config.match === undefined) {
    if (config.shape !== undefined) return JSON_LINES.test(name) || MESSAGES.test(name);
    return formatsOf(config).some((format) => ENDINGS[format].test(name));
  }
  return matches(config.match, name);
}

/** Whether a name fits a pattern: `*` stands for any text, `?` for one character. */
function matches(pattern: string, name: string): boolean {
  const source = pattern
    .replace(/[\\^$.|+()[\]{}]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 's').test(name);
}

/**
 * Finds the samples a second that are declared for a recorded signal; undefined where its own header has to say them.
 */
export function rateOf({ rate, rates = {} }: FileConfig, name: string): number | undefined {
  return Object.entries(rates).find(([pattern]) => matches(pattern, name))?.[1] ?? rate;
}

/** Resolves the path that the source reads: an absolute one. */
export function rootOf(config: FileConfig, folder: string | undefined): string {
  return resolve(folder ?? '.', config.path);
}

/**
 * Lists the files to read, in name order (by code unit, the same on every machine). Throws `sources.file-unreadable`,
 * `no-files` or `bad-layout`.
 */
export async function listFiles(config: FileConfig, root: string): Promise<ListedFile[]> {
  const info = await stat(root).catch((error: unknown) => {
    throw fileUnreadable(root, reasonOf(error), { cause: error, path: 'path' });
  });
  if (config.format === 'wide') {
    if (!info.isDirectory()) throw badLayout(root, 'a wide layout is a folder with one file a tag', { path: 'path' });
    return [{ name: basename(root), path: root }];
  }
  if (info.isFile()) return [{ name: basename(root), path: root }];
  if (!info.isDirectory()) throw fileUnreadable(root, 'neither a file nor a folder', { path: 'path' });
  const entries = await readdir(root, { withFileTypes: true });
  const names = entries.filter((entry) => !entry.isDirectory() && fits(config, entry.name)).map((entry) => entry.name);
  if (names.length === 0) throw noFiles(root, 'no file fits', { path: 'path' });
  return names.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0)).map((name) => ({ name, path: join(root, name) }));
}
