import { noReading, objectOf, type Shape, type ShapeMessage, type ShapeOutlet } from './shape.ts';
import { bareValue, ValueGatherer } from './values.ts';

type Json = Readonly<Record<string, unknown>>;

/** Last levels of topics that are no attribute of an entity. */
const ASIDE = /^(config|set|command|availability|status|last_changed|last_updated|last_reported)$/;
/** States in which an entity has no value. */
const NONE = /^(unavailable|unknown|none|)$/i;

/**
 * Home Assistant: `BASE/DOMAIN/NAME/state` of MQTT Statestream with a bare state, beside it an attribute each; or the
 * object of a state, alone, in an array, or in an event `state_changed` (MQTT Eventstream, WebSocket).
 */
export const homeassistant: Shape = {
  name: 'homeassistant',
  topic: 'homeassistant/#',
  unit: 'ms',
  content: 'either',
  read(message, out) {
    const given = message.json;
    if (Array.isArray(given) && objectOf(given[0])?.['entity_id'] !== undefined) {
      for (const state of given) readState(objectOf(state), out);
      return;
    }
    const object = objectOf(given);
    if (object?.['entity_id'] !== undefined && 'state' in object) readState(object, out);
    else if (object !== undefined && ('event_type' in object || typeof object['type'] === 'string')) {
      readEvent(message, object, out);
    } else readTopic(message, out);
  },
};

function readEvent(message: ShapeMessage, given: Json, out: ShapeOutlet): void {
  const event = objectOf(given['event']) ?? given;
  const data = objectOf(event['data']) ?? objectOf(event['event_data']);
  const state = objectOf(data?.['new_state']);
  if (event['event_type'] === 'state_changed' && state !== undefined) readState(state, out);
  else noReading(message, out, 'an event that changes no state');
}

function readState(state: Json | undefined, out: ShapeOutlet): void {
  if (state === undefined) {
    out.reject('unknown-shape', 'a state that is no object');
    return;
  }
  const { entity_id: asset, attributes, last_updated, last_changed } = state as Record<string, unknown>;
  const gathered = new ValueGatherer(out);
  gathered.add('state', stateOf(state['state']));
  gathered.addAll(objectOf(attributes) ?? {}, '', 0, (key) => key === 'state');
  out.item({ asset, t: last_updated ?? last_changed, values: gathered.values });
}

function readTopic(message: ShapeMessage, out: ShapeOutlet): void {
  const { levels, json, text, place } = message;
  const key = levels.at(-1) ?? '';
  if (levels.length === 0) out.reject('unknown-shape', 'neither a state nor an event');
  else if (ASIDE.test(key)) noReading(message, out, 'about an entity, or a command');
  else if (levels.length < 4) out.reject('unknown-topic', 'not BASE/DOMAIN/NAME/state');
  else {
    const gathered = new ValueGatherer(out);
    gathered.add(place.tag ?? key, key === 'state' ? stateOf(text) : (json ?? bareValue(text)));
    out.item({ asset: levels.slice(-3, -1).join('.'), t: undefined, values: gathered.values });
  }
}

/** A state, which comes as text; null where the entity has none. */
function stateOf(state: unknown): unknown {
  if (typeof state !== 'string') return state;
  return NONE.test(state.trim()) ? null : bareValue(state);
}
