import { noReading, objectOf, type Shape, type ShapeMessage, type ShapeOptions, type ShapeOutlet } from './shape.ts';
import { bareValue, ValueGatherer } from './values.ts';

type Json = Readonly<Record<string, unknown>>;

/** The prefixes of what a device says, in any place of its topic. */
const PREFIX = /^(tele|stat)$/;
/** Names beside the values: the time, units of measurement. */
const ASIDE = /^(Time|Epoch|\w+Unit)$/;

/**
 * Tasmota: `tele/DEVICE/SENSOR`, its answer `STATUS8` or `STATUS10`, and `POWER` of a relay. The rest, `STATE`, `INFO`,
 * `LWT`, `RESULT`, is about the device itself.
 */
export const tasmota: Shape = {
  name: 'tasmota',
  topic: 'tele/#',
  unit: 's',
  content: 'either',
  read(message, out, options) {
    const { levels, json, text } = message;
    const kind = levels.at(-1) ?? 'SENSOR';
    const given = objectOf(json);
    const sensors = objectOf(given?.['StatusSNS']) ?? given;
    if (/^(SENSOR|STATUS8|STATUS10)$/.test(kind)) {
      if (sensors === undefined) out.reject('unknown-shape', 'no object of sensors');
      else readSensors(message, sensors, out, options);
    } else if (/^POWER\d*$/.test(kind) && levels.some((level) => PREFIX.test(level))) {
      const tag = message.place.tag ?? kind;
      out.item({ asset: deviceOf(levels), t: undefined, values: { [tag]: bareValue(text) } });
    } else noReading(message, out, 'about the device itself');
  },
};

function readSensors(message: ShapeMessage, sensors: Json, out: ShapeOutlet, options: ShapeOptions): void {
  const t = timeOf(sensors, options);
  const bridged = objectOf(sensors['ZbReceived']);
  for (const [address, found] of Object.entries(bridged ?? {})) {
    const device = objectOf(found) ?? {};
    const gathered = new ValueGatherer(out);
    gathered.addAll(device, '', 0, (key) => /^(Device|Name|Endpoint|IEEEAddr)$/.test(key));
    out.item({ asset: device['Name'] ?? device['Device'] ?? address, t, values: gathered.values });
  }
  const gathered = new ValueGatherer(out);
  gathered.addAll(sensors, '', 0, (key) => key === 'ZbReceived' || ASIDE.test(key));
  if (!gathered.isEmpty) out.item({ asset: deviceOf(message.levels), t, values: gathered.values });
  else if (bridged === undefined) noReading(message, out, 'a device without sensors');
}

/**
 * `Time` is the local time of a device that does not name its zone: it counts where the configuration names the zone, or
 * says `unit: iso`, that is UTC. Seconds, and times with a zone, are what they say.
 */
function timeOf(sensors: Json, { unit, zone }: ShapeOptions): unknown {
  const { Time, Epoch } = sensors as { Time?: unknown; Epoch?: unknown };
  if (unit === 'iso' || zone !== undefined) return Time;
  if (typeof Epoch === 'number') return Epoch;
  if (typeof Time !== 'string') return Time;
  return /(Z|[+-]\d\d:?\d\d)$/.test(Time) ? Time : undefined;
}

/** What is left of a topic without its prefix and the name of the message; undefined for none. */
function deviceOf(levels: readonly string[]): string | undefined {
  const prefix = levels.findIndex((level) => PREFIX.test(level));
  const rest = levels.slice(0, -1).filter((_, index) => index !== prefix);
  return rest.length === 0 ? undefined : rest.join('/');
}
