import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Problem } from '../../src/common/settings/index.ts';
import { type Config, loadConfig } from '../../src/device/config/index.ts';

export type Json = Readonly<Record<string, unknown>>;

export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'edgewright-config-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

/** A small gateway that is good. */
export const GOOD = {
  site: 'lab',
  device: 'gateway-1',
  sources: { rig: { type: 'simulator' } },
  pipelines: { anomaly: { source: 'rig', model: 'models/anomaly' } },
  uplink: { url: 'mqtt://broker:1883' },
} as const;

/** Writes a configuration, text or data (JSON is YAML), into a folder of its own; returns its path. */
export async function configFile(content: string | Json): Promise<string> {
  const file = join(await temporaryFolder(), 'gateway.yaml');
  await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
}

export async function load(content: string | Json, env: NodeJS.ProcessEnv = {}) {
  return loadConfig(await configFile(content), env);
}

export async function problemsOf(content: string | Json, env: NodeJS.ProcessEnv = {}): Promise<readonly Problem[]> {
  return (await load(content, env)).problems;
}

export async function good(content: string | Json, env: NodeJS.ProcessEnv = {}): Promise<Config> {
  const { config, problems } = await load(content, env);
  if (!config) throw new Error(`not good: ${JSON.stringify(problems)}`);
  return config;
}
