import * as z from 'zod';
import { edgex } from './edgex.ts';
import { homeassistant } from './homeassistant.ts';
import { influx } from './influx.ts';
import { opcua } from './opcua.ts';
import { senml } from './senml.ts';
import { ASSET_TAGS } from './series.ts';
import type { Shape } from './shape.ts';
import { shelly, shellyGen2 } from './shelly.ts';
import { tasmota } from './tasmota.ts';
import { telegraf } from './telegraf.ts';
import { thingsboard } from './thingsboard.ts';
import { zigbee2mqtt } from './zigbee2mqtt.ts';

/** Every ready shape. A new one is a file beside this one, a line here, and a row in docs/data.md. */
export const SHAPES: readonly Shape[] = [
  zigbee2mqtt,
  tasmota,
  shelly,
  shellyGen2,
  edgex,
  thingsboard,
  telegraf,
  influx,
  homeassistant,
  opcua,
  senml,
];

const names = SHAPES.map(({ name }) => name);

/** The keys of a source that say which ready shape its messages have. */
export const shapeKeys = {
  shape: z
    .enum(names)
    .optional()
    .describe(
      'The ready shape of messages that are in another form than the plain one, by the name of who sends them.',
    ),
  assetTag: z
    .string()
    .min(1)
    .max(256)
    .optional()
    .describe(
      `With the shapes telegraf and influx: the tag that names the asset; the first of ${ASSET_TAGS.join(', ')} where absent.`,
    ),
};

interface ShapeConfig {
  readonly shape?: string | undefined;
  readonly assetTag?: string | undefined;
  readonly paths?: object | undefined;
}

/** Says what does not go together; `issue` takes the key and the reason. */
export function checkShape(
  { shape, assetTag, paths }: ShapeConfig,
  issue: (path: string, message: string) => void,
): void {
  if (shape !== undefined && paths !== undefined) {
    issue('paths', `a shape says where things stand: leave out either paths or shape (${shape})`);
  }
  if (assetTag !== undefined && shape !== 'telegraf' && shape !== 'influx') {
    issue('assetTag', 'only the shapes telegraf and influx have tags of a series');
  }
}

/** Fills in the unit of times where neither it nor a shape, which has one of its own, is declared. */
export function withUnit<Config extends { readonly shape?: string | undefined; readonly time: { unit?: unknown } }>(
  config: Config,
): Config {
  if (config.shape !== undefined || config.time.unit !== undefined) return config;
  return { ...config, time: { ...config.time, unit: 'ms' } };
}

/** The shape of a name that the schema knows; undefined for none. */
export function shapeOf(name: string | undefined): Shape | undefined {
  return SHAPES.find((shape) => shape.name === name);
}
