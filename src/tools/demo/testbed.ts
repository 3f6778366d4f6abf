import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Config, requireConfig } from '../../device/config/index.ts';
import type { Installation } from '../../device/runtime/index.ts';
import { readModel } from '../../scoring/pipeline/index.ts';
import { openBundle } from '../../scoring/registry/index.ts';
import { type EmbeddedBroker, startBroker } from './broker.ts';
import { brokenConfig } from './errors.ts';
import { PLANT_TOPIC } from './feeder.ts';
import { type LinkSwitch, startLinkSwitch } from './link-switch.ts';

/** What the gateway of the demo needs around it: a temporary folder, a broker, and the network between the two. */
export interface Testbed {
  readonly folder: string;
  readonly broker: EmbeddedBroker;
  /** The network between gateway and broker, for what the gateway sends. */
  readonly uplink: LinkSwitch;
  readonly config: Config;
  readonly assets: readonly string[];
  readonly model: { readonly name: string; readonly threshold: number };
  /** Closes broker and network, and removes the folder. */
  close(): Promise<void>;
}

/**
 * Builds the testbed. The configuration is the shipped one, with source, broker and folders replaced by variables of
 * the environment, as an operator would.
 *
 * @throws `demo.config-changed` where the shipped configuration is not what the story needs
 */
export async function buildTestbed(installation: Installation): Promise<Testbed> {
  const folder = await mkdtemp(join(tmpdir(), 'edgewright-demo-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  // The folder goes as well where the program ends before its time.
  process.once('exit', remove);
  const broker = await startBroker();
  const uplink = await startLinkSwitch(broker.port);
  const close = async () => {
    await uplink.close();
    await broker.close();
    process.off('exit', remove);
    remove();
  };
  try {
    const file = join(installation.root, 'device-config', 'demo.yaml');
    const config = await requireConfig(file, {
      EDGEWRIGHT__SOURCES__RIG: JSON.stringify({ type: 'mqtt', url: broker.url, topic: PLANT_TOPIC }),
      EDGEWRIGHT__UPLINK__URL: uplink.url,
      EDGEWRIGHT__OUTBOX__PATH: join(folder, 'outbox'),
    });
    const assets = await assetsOf(file);
    return { folder, broker, uplink, config, assets, model: await modelOf(config), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The rigs that the file itself simulates. */
async function assetsOf(file: string): Promise<readonly string[]> {
  const rig = (await requireConfig(file, {})).sources['rig'];
  if (rig?.type !== 'simulator') throw brokenConfig(file, 'its source `rig` is no simulator');
  return typeof rig.assets === 'number'
    ? Array.from({ length: rig.assets }, (_, index) => `pump-${index + 1}`)
    : rig.assets;
}

async function modelOf({ file, pipelines }: Config): Promise<Testbed['model']> {
  const [pipeline] = Object.values(pipelines);
  if (pipeline === undefined) throw brokenConfig(file, 'it has no pipeline');
  const { manifest } = readModel(await openBundle(pipeline.model));
  const [[target, output] = []] = Object.entries(manifest.outputs);
  if (target === undefined || output?.kind !== 'score') throw brokenConfig(file, 'its model gives no score');
  const threshold = pipeline.overrides?.threshold?.[target] ?? output.threshold;
  return { name: `${manifest.name} ${manifest.version}`, threshold };
}
