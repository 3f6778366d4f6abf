import { noReading, objectOf, type Shape, type ShapeOutlet } from './shape.ts';
import { ValueGatherer } from './values.ts';

/** Last levels of topics that carry no telemetry. */
const ASIDE = /^(attributes|connect|disconnect|claim|rpc|request|response|provision)$/;

/**
 * What devices and gateways send to ThingsBoard: `{"Device A": [{"ts", "values"}]}` of a gateway; `{"ts", "values"}`,
 * bare values, or an array of these of a device, which the topic has to name.
 */
export const thingsboard: Shape = {
  name: 'thingsboard',
  topic: 'v1/gateway/telemetry',
  unit: 'ms',
  content: 'json',
  read(message, out) {
    const { json, levels } = message;
    if (levels.some((level) => ASIDE.test(level))) {
      noReading(message, out, 'no telemetry');
      return;
    }
    const given = objectOf(json);
    if (given !== undefined && isGateway(given, levels)) {
      for (const [asset, entries] of Object.entries(given)) {
        for (const entry of Array.isArray(entries) ? entries : [entries]) readEntry(asset, entry, out);
      }
    } else for (const entry of Array.isArray(json) ? json : [json]) readEntry(undefined, entry, out);
  },
};

/** Whether it names devices: by its topic, else where each value is an array of entries. */
function isGateway(given: Readonly<Record<string, unknown>>, levels: readonly string[]): boolean {
  if (levels.includes('gateway')) return true;
  if (levels.includes('devices')) return false;
  const parts = Object.values(given);
  return parts.length > 0 && parts.every((part) => Array.isArray(part) && objectOf(part[0]) !== undefined);
}

function readEntry(asset: string | undefined, found: unknown, out: ShapeOutlet): void {
  const entry = objectOf(found);
  if (entry === undefined) {
    out.reject('unknown-shape', 'an entry that is no object');
    return;
  }
  const values = objectOf(entry['values']);
  const gathered = new ValueGatherer(out);
  gathered.addAll(values ?? entry, '', 0, values === undefined ? (key) => key === 'ts' : undefined);
  out.item({ asset, t: entry['ts'], values: gathered.values });
}
