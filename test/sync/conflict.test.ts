import { describe, expect, it, onTestFinished } from 'vitest';
import { eventually, silent } from '../link/support.ts';
import { startMosquitto } from '../support/mosquitto.ts';
import { gateway } from './plant.ts';

describe.each(['5', '3.1.1'])('two devices with one identity, over MQTT %s', (version) => {
  it('are found out, told of once, and give each other time', async () => {
    const broker = await startMosquitto();
    onTestFinished(() => broker.stop());
    const told: unknown[] = [];
    const twins = [1, 2].map(() => gateway(broker.url, { version }, 'twin', silent, (detail) => told.push(detail)));
    for (const { uplink } of twins) {
      onTestFinished(() => uplink.stop(0));
      uplink.start();
    }
    await eventually('the conflict', () => told.length > 0);
    expect(told).toEqual([{ clientId: 'edgewright-plant-twin', certain: expect.any(Boolean) }]);
    const inConflict = twins.filter(({ uplink }) => uplink.status().identityConflict);
    expect(inConflict.map(({ uplink }) => uplink.status().state)).toEqual(['waiting']);
    await eventually('the other one in peace', () => twins.some(({ uplink }) => uplink.status().state === 'connected'));
  });
});
