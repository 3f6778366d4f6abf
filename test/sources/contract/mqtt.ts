import mqtt from 'mqtt';
import { onTestFinished } from 'vitest';
import { type Mosquitto, startMosquitto } from '../../support/mosquitto.ts';
import type { ContractInput, ContractSuite } from '../contract.ts';
import { hasMosquitto, makeSource } from '../support.ts';

const seconds = (count: number) => Array.from({ length: count }, (_, i) => i);

let broker: Promise<Mosquitto> | undefined;
let opened = 0;

export const suite: ContractSuite = {
  least: { type: 'mqtt', url: 'mqtt://localhost', topic: 'f/{asset}' },
  resumes: false,
  skipped: hasMosquitto ? undefined : 'mosquitto is not installed',
  inputs: { 'version 5': () => messages('5'), 'version 3.1.1': () => messages('3.1.1') },
  close: async () => (await broker)?.stop(),
};

/** Messages through a real broker. */
async function messages(version: '5' | '3.1.1'): Promise<ContractInput> {
  opened += 1;
  const run = `run${opened}`;
  broker ??= startMosquitto();
  const { url } = await broker;
  const publisher = await mqtt.connectAsync(url, { protocolVersion: version === '5' ? 5 : 4 });
  onTestFinished(() => publisher.endAsync());
  let made = 0;
  return {
    create(deps) {
      made += 1;
      const topic = `${run}/{line}/{asset}`;
      const clientId = `${run}-${made}`;
      return makeSource({ type: 'mqtt', url, version, topic, clientId, session: '30s' }, deps);
    },
    async feed() {
      const send = (asset: string, payload: string) =>
        publisher.publishAsync(`${run}/line1/${asset}`, payload, { qos: 1 });
      for (const i of seconds(10)) {
        await send(`pump-${i % 2}`, JSON.stringify(seconds(3).map((k) => ({ t: 1e12 + 3 * i + k, values: { x: i } }))));
      }
      await send('pump-0', '{');
      await send('pump-0', '{"t":"soon","values":{"x":1}}');
      await send('pump-0', '7');
    },
    count: 30,
    refused: ['malformed-json', 'bad-time', 'unknown-shape'],
    ends: false,
    grain: 3,
  };
}
