import type { SourceDefinition } from '../source.ts';
import { type SimulatorConfig, simulatorSchema } from './schema.ts';
import { SimulatorSource } from './source.ts';

/** Pump rigs that need no machine: for demonstrations and tests. */
export const simulator: SourceDefinition<SimulatorConfig> & { readonly schema: typeof simulatorSchema } = {
  type: 'simulator',
  schema: simulatorSchema,
  traits: { replayable: undefined, canWait: false, opensIn: () => ['run'] },
  create: (config, deps) => new SimulatorSource(config, deps),
};
