import { readdir, stat, statfs } from 'node:fs/promises';
import { arch, availableParallelism, cpus, freemem, loadavg, platform, release, totalmem, uptime } from 'node:os';
import { join } from 'node:path';
import { reasonOf } from '../../common/core/index.ts';

/** Describes what runs here, and on what. Of the environment it has names alone. */
export function describeMachine(version: string, env: NodeJS.ProcessEnv): Readonly<Record<string, unknown>> {
  return {
    edgewright: version,
    node: process.versions,
    system: { platform: platform(), release: release(), arch: arch(), uptimeS: Math.round(uptime()) },
    time: { now: new Date().toISOString(), zone: Intl.DateTimeFormat().resolvedOptions().timeZone },
    cpu: { model: cpus()[0]?.model ?? 'unknown', cores: availableParallelism(), load: loadavg() },
    memory: { totalBytes: totalmem(), freeBytes: freemem() },
    variables: Object.keys(env).filter((name) => name.toUpperCase().startsWith('EDGEWRIGHT')),
  };
}

/** Lists the files of a folder with their sizes, and the room on its disk; says why where it cannot. */
export async function describeFolder(folder: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    const { bavail, bsize, blocks } = await statfs(folder);
    const names = (await readdir(folder)).sort().slice(0, 200);
    const files = names.map(async (name) => {
      const { size, mtime } = await stat(join(folder, name));
      return { name, bytes: size, changed: mtime.toISOString() };
    });
    return { folder, disk: { freeBytes: bavail * bsize, totalBytes: blocks * bsize }, files: await Promise.all(files) };
  } catch (error) {
    return { folder, reason: reasonOf(error) };
  }
}
