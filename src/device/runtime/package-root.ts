import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { HostOptions } from '../../scoring/inference/index.ts';

/** Where this installation keeps its parts; the same rule for a clone, its tests and the packed artifact. */
export interface Installation {
  readonly root: string;
  readonly version: string;
  readonly inference: Pick<HostOptions, 'workerUrl' | 'processUrl' | 'wasmDir'>;
  readonly storeWorker: URL;
  /** The SQLite addon of a packed artifact; in a clone it is found in node_modules. */
  readonly nativeBinding: string | undefined;
}

/** Finds the package from any of its files; workers are always the built ones in `dist`. */
export function findInstallation(from: string = import.meta.url): Installation {
  let root = dirname(fileURLToPath(from));
  while (!isPackage(root)) {
    const parent = dirname(root);
    if (parent === root) throw new Error(`no package.json of edgewright above ${fileURLToPath(from)}`);
    root = parent;
  }
  const dist = join(root, 'dist');
  const addon = join(root, 'native', 'better_sqlite3.node');
  return {
    root,
    version: manifestOf(root).version ?? '0.0.0',
    inference: {
      workerUrl: pathToFileURL(join(dist, 'inference-worker.js')),
      processUrl: pathToFileURL(join(dist, 'inference-process.js')),
      wasmDir: dist,
    },
    storeWorker: pathToFileURL(join(dist, 'store-worker.js')),
    nativeBinding: existsSync(addon) ? addon : undefined,
  };
}

function manifestOf(folder: string): { name?: string; version?: string } {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
}

function isPackage(folder: string): boolean {
  return existsSync(join(folder, 'package.json')) && manifestOf(folder).name === 'edgewright';
}
