import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeConfig } from '../support/gateway.ts';
import { readings } from './support/plant.ts';
import { BENCH_MODEL, hasMosquitto, Scene } from './support/scene.ts';

const DEVICE = 'metered';

describe.skipIf(!hasMosquitto)('the uplink of a gateway (skipped without mosquitto)', () => {
  let scene: Scene;

  beforeEach(() => {
    scene = new Scene();
  });

  afterEach(() => scene.close());

  const configuration = (url: string, uplink: object = {}) => ({
    ...{ site: 'plant', device: DEVICE },
    sources: { plant: { type: 'mqtt', topic: 'plant/readings', clientId: `reader-${Math.random()}` } },
    pipelines: { bench: { source: 'plant', model: BENCH_MODEL } },
    uplink: { url, ...uplink },
  });

  it('keeps to the bytes of a day, and keeps some of it for what is urgent', async () => {
    const broker = await scene.broker();
    const consumer = await scene.consumer(broker);
    const config = configuration(broker.url, { budget: '64KiB', gzip: false, batch: { records: 10 } });
    const file = await writeConfig(await scene.folder(), config);
    const first = await scene.gateway(file);
    const plant = await scene.plant(broker);
    await first.until('the source', ({ sources }) => sources[0]?.state === 'open');
    await plant.publish('plant/readings', readings(10, 330));
    const spent = await first.until('the end of it', ({ outbox, pipelines, link }) => {
      return (
        pipelines[0]?.predictions === 3_010 &&
        outbox.pending > 0 &&
        'reason' in link &&
        /budget/.test(link.reason ?? '')
      );
    });
    expect(spent.link).toMatchObject({ budget: { limit: 65_536 } });
    const { used = 0 } = ('budget' in spent.link && spent.link.budget) || {};
    expect(used).toBeGreaterThanOrEqual(0.75 * 65_536);
    const came = consumer.count(DEVICE, 'prediction');
    expect(came).toBeLessThan(3_010);
    await first.terminate();

    const second = await scene.gateway(file);
    const still = await second.until('what keeps it', ({ link }) => {
      return link.state === 'connected' && /budget/.test(link.reason ?? '');
    });
    expect(still.link).toMatchObject({ budget: { limit: 65_536 } });
    expect(('budget' in still.link && still.link.budget?.used) || 0).toBeGreaterThanOrEqual(used);
    await consumer.until('the second start', () => consumer.count(DEVICE, 'event') >= 3);
    expect(consumer.count(DEVICE, 'prediction')).toBe(came);
  }, 90_000);
});
