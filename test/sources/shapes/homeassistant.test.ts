import { expect, it } from 'vitest';
import { ARRIVAL, shapeReader } from './support.ts';

const read = shapeReader('homeassistant');

// Topics: home-assistant.io/integrations/mqtt_statestream.
it.each([
  ['state', '21.5', 21.5],
  ['state', 'on', 'on'],
  ['state', 'unavailable', null],
  ['state', 'unknown', null],
  ['brightness', '128', 128],
  ['unit_of_measurement', '"°C"', '°C'],
  ['enabled', 'true', true],
])('a topic of the state stream is a tag of its entity: %s %s', (key, payload, value) => {
  expect(read(`homeassistant/sensor/living_room/${key}`, payload)).toEqual({
    readings: [{ asset: 'sensor.living_room', t: ARRIVAL, values: { [key]: value } }],
    reasons: [],
  });
});

it('a declared topic names asset and tag', () => {
  const declared = shapeReader('homeassistant', { topic: 'ha/sensor/{asset}/{tag}' });
  expect(declared('ha/sensor/pump/state', '3').readings).toEqual([{ asset: 'pump', t: ARRIVAL, values: { state: 3 } }]);
  const byTag = shapeReader('homeassistant', { topic: 'ha/{asset}/{tag}/state' });
  expect(byTag('ha/sensor/flow/state', '3').readings).toEqual([{ asset: 'sensor', t: ARRIVAL, values: { flow: 3 } }]);
});

// Sample: developers.home-assistant.io, docs/api/websocket and docs/api/rest.
const STATE = {
  entity_id: 'light.bed_light',
  last_changed: '2016-11-26T01:37:24.265390+00:00',
  last_updated: '2016-11-26T01:37:25.500000+00:00',
  state: 'on',
  attributes: { rgb_color: [254, 208], supported_features: 147, friendly_name: 'Bed Light' },
};
const READING = {
  asset: 'light.bed_light',
  t: Date.UTC(2016, 10, 26, 1, 37, 25, 500),
  values: {
    state: 'on',
    'rgb_color.0': 254,
    'rgb_color.1': 208,
    supported_features: 147,
    friendly_name: 'Bed Light',
  },
};

it.each([
  ['alone', STATE],
  ['of REST, in an array', [STATE]],
  [
    'in an event of the WebSocket',
    {
      id: 18,
      type: 'event',
      event: { data: { entity_id: 'light.bed_light', new_state: STATE, old_state: null }, event_type: 'state_changed' },
    },
  ],
  [
    'in an event of the event stream',
    {
      event_type: 'state_changed',
      event_data: { entity_id: 'light.bed_light', new_state: STATE, old_state: null },
    },
  ],
])('a state %s is a reading', (_form, message) => {
  expect(read('homeassistant/events', message)).toEqual({ readings: [READING], reasons: [] });
});

it('a state of an entity that is not available is a bad sample', () => {
  expect(read('homeassistant/events', { ...STATE, state: 'unavailable', attributes: {} }).readings[0]?.values).toEqual({
    state: null,
  });
});

it.each([
  ['homeassistant/status', 'online'],
  ['homeassistant/sensor/0x01/temperature/config', '{"name":"x"}'],
  ['homeassistant/sensor/x/last_updated', '2016-11-26T01:37:24.265390+00:00'],
  ['homeassistant/events', '{"event_type":"call_service","event_data":{}}'],
  ['homeassistant/events', '{"event_type":"state_changed","event_data":{"entity_id":"a.b","new_state":null}}'],
  ['homeassistant/events', '{"id":18,"type":"result","success":true,"result":null}'],
  ['homeassistant/sensor/x/state', ''],
])('is no reading, and no error: %s', (topic, payload) => {
  expect(read(topic, payload)).toEqual({ readings: [], reasons: ['no-reading'] });
});

it('another topic is refused', () => {
  expect(read('homeassistant/x', '7').reasons).toEqual(['unknown-topic']);
});
