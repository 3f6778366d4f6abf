import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const SOURCES = ['hooks.c', 'mirror.c'].map((name) => join(import.meta.dirname, 'shim', name));

/** Compiles the shim once per content; undefined where there is no compiler, with what it said on stderr otherwise. */
export function compileShim(): string | undefined {
  if (process.platform !== 'linux' || spawnSync('cc', ['--version']).error !== undefined) return undefined;
  const digest = createHash('sha256');
  for (const file of [...SOURCES, join(import.meta.dirname, 'shim/faults.h')]) digest.update(readFileSync(file));
  const folder = join(tmpdir(), 'edgewright-shim');
  const library = join(folder, `faults-${digest.digest('hex').slice(0, 16)}.so`);
  if (existsSync(library)) return library;
  mkdirSync(folder, { recursive: true });
  const fresh = `${library}.${process.pid}`;
  const flags = ['-O2', '-shared', '-fPIC', '-pthread', '-o', fresh];
  const { status, stderr } = spawnSync('cc', [...flags, ...SOURCES, '-ldl'], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`the shim does not compile: ${stderr}`);
  renameSync(fresh, library);
  return library;
}

/** Why there is no shim. */
export function needsShim(): string | undefined {
  return compileShim() === undefined ? 'it needs Linux and a C compiler (cc)' : undefined;
}
