import { noReading, objectOf, type Shape, type ShapeMessage, type ShapeOutlet } from './shape.ts';
import { bareValue, ValueGatherer } from './values.ts';

type Json = Readonly<Record<string, unknown>>;

/** Levels of topics that carry commands, or what a device says of itself. */
const ASIDE = /^(command|set|announce|online|info|rpc|debug|settings)$/;

/**
 * Shelly. First generation: `shellies/ID/relay/0/power` with a bare value. Later ones: `PREFIX/status/switch:0` with
 * the status of a component, and `PREFIX/events/rpc` with what changed.
 */
export const shelly: Shape = {
  name: 'shelly',
  topic: 'shellies/#',
  unit: 's',
  content: 'either',
  read(message, out) {
    const levels = message.levels.slice(message.levels.indexOf('shellies') + 1);
    const given = objectOf(message.json);
    const method = given?.['method'];
    if (given !== undefined && typeof method === 'string') {
      if (/^Notify(Full)?Status$/.test(method)) readNotification(message, given, levels, out);
      else noReading(message, out, 'an event or a call');
    } else if (levels.at(-2) === 'status' && given !== undefined) {
      const tag = levels.at(-1) ?? '';
      emit({ asset: levels.slice(0, -2).join('/'), tag, t: undefined }, given, out);
    } else if (levels.length < 2 || levels.slice(1).some((level) => ASIDE.test(level))) {
      noReading(message, out, 'a command, or about the device itself');
    } else readTopic(message, levels, out);
  },
};

/** The same, by the topics that later ones have where nobody changed their prefix. */
export const shellyGen2: Shape = { ...shelly, name: 'shelly-gen2', topic: '+/events/rpc' };

function readNotification(message: ShapeMessage, given: Json, levels: readonly string[], out: ShapeOutlet): void {
  const params = objectOf(given['params']);
  if (params === undefined) {
    out.reject('unknown-shape', 'a notification without params');
    return;
  }
  const named = levels.at(-2) === 'events' && levels.length > 2 ? levels.slice(0, -2).join('/') : given['src'];
  const gathered = new ValueGatherer(out);
  gathered.addAll(params, '', 0, (key) => key === 'ts');
  if (gathered.isEmpty) noReading(message, out, 'a notification without a change');
  else out.item({ asset: named, t: params['ts'], values: gathered.values });
}

/** A topic of the first generation: the levels behind the id are the tag. */
function readTopic({ json, text, place }: ShapeMessage, [asset, ...rest]: readonly string[], out: ShapeOutlet): void {
  const value = typeof json === 'object' && json !== null ? json : bareValue(text);
  emit({ asset, tag: place.tag ?? rest.join('.'), t: undefined }, value, out);
}

function emit({ asset, tag, t }: { asset: unknown; tag: string; t: unknown }, value: unknown, out: ShapeOutlet): void {
  const gathered = new ValueGatherer(out);
  gathered.add(tag, value);
  out.item({ asset, t, values: gathered.values });
}
