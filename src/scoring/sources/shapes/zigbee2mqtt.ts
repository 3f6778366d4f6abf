import { noReading, objectOf, type Shape, type ShapeMessage, type ShapeOutlet } from './shape.ts';
import { bareValue, ValueGatherer } from './values.ts';

/** The last level of topics that carry no state of a device. */
const ASIDE = new Set(['availability', 'set', 'get']);

/**
 * Zigbee2MQTT: `BASE/NAME` with the state of a device as an object, or `BASE/NAME/TAG` with one value of it. A name may
 * have several levels.
 */
export const zigbee2mqtt: Shape = {
  name: 'zigbee2mqtt',
  topic: 'zigbee2mqtt/#',
  unit: 'ms',
  content: 'either',
  read(message, out) {
    const { open, json, text } = message;
    if (isAside(message)) {
      noReading(message, out, 'of the bridge, of availability, or a command');
      return;
    }
    const state = objectOf(json);
    if (state !== undefined) readState(message, state, out);
    else readValue(message, json ?? bareValue(text), open, out);
  },
};

function isAside({ open }: ShapeMessage): boolean {
  const [first, second] = open;
  // A device may be called bridge; what the bridge says stands below it.
  if (first === 'bridge' && second !== undefined) return true;
  return open.length > 1 && (ASIDE.has(open.at(-1) ?? '') || (open.length > 2 && /^[sg]et$/.test(open.at(-2) ?? '')));
}

function readState(message: ShapeMessage, state: Readonly<Record<string, unknown>>, out: ShapeOutlet): void {
  const gathered = new ValueGatherer(out);
  gathered.addAll(state, '', 0, (key) => key === 'last_seen' || key === 'device');
  if (gathered.isEmpty) noReading(message, out, 'a state without values');
  else out.item({ asset: nameOf(message.open), t: state['last_seen'], values: gathered.values });
}

function readValue(message: ShapeMessage, value: unknown, open: readonly string[], out: ShapeOutlet): void {
  const { place } = message;
  const tag = place.tag ?? (open.length > 1 ? open.at(-1) : undefined);
  if (tag === undefined) {
    out.reject('missing-tag', 'a bare value in the topic of a device');
    return;
  }
  const gathered = new ValueGatherer(out);
  gathered.add(tag, value);
  out.item({ asset: nameOf(open.slice(0, -1)), t: undefined, values: gathered.values });
}

function nameOf(levels: readonly string[]): string {
  return levels.join('/');
}
