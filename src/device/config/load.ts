import {
  type LoadedSettings,
  loadSettings,
  requireSettings,
  type Settings,
  type SettingsDefinition,
} from '../../common/settings/index.ts';
import { PATHS } from './places.ts';
import { referenceProblems } from './references.ts';
import { type ConfigData, configSchema } from './schema.ts';

/** The gateway's configuration: read once, checked, frozen. Its paths are absolute. */
export type Config = Settings<ConfigData>;
/** What came of reading a gateway's configuration. */
export type Loaded = LoadedSettings<ConfigData>;

const DEFINITION: SettingsDefinition<ConfigData> = {
  schema: configSchema,
  standIns: { site: 'site', device: 'device', sources: {}, pipelines: {} },
  paths: PATHS,
  referenceProblems,
};

/**
 * Reads and checks a gateway's configuration with the environment's overrides.
 *
 * @throws `config.missing` or `config.too-large` where the file cannot be read; everything else is a problem
 */
export function loadConfig(path: string, env: NodeJS.ProcessEnv): Promise<Loaded> {
  return loadSettings(path, env, DEFINITION);
}

/**
 * Reads a gateway's configuration for a command that cannot go on without it.
 *
 * @throws `config.invalid`, which lists every problem, beside what `loadConfig` throws
 */
export function requireConfig(path: string, env: NodeJS.ProcessEnv): Promise<Config> {
  return requireSettings(path, env, DEFINITION);
}
