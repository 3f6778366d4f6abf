import { describe, expect, it } from 'vitest';
import { jsonSchemaOf } from '../../src/common/core/index.ts';
import { APPLIES, diffSettings } from '../../src/common/settings/index.ts';
import { configJsonSchema, configSchema } from '../../src/device/config/index.ts';
import { GOOD, good, type Json } from './support.ts';

const RIG = { source: 'rig', model: 'models/anomaly' };
const BASE = { ...GOOD, pipelines: { anomaly: RIG }, outbox: { path: '/var/outbox' } };

/** Classes of what a change of the file changes, by path. */
async function classesOf(changes: Json): Promise<Readonly<Record<string, string>>> {
  const [before, after] = [await good(BASE), await good({ ...BASE, ...changes })];
  const differing = diffSettings({ ...before, file: '' }, { ...after, file: '' }, configSchema);
  return Object.fromEntries(
    // Each configuration of this test lies in a folder of its own.
    differing.filter(({ path }) => path !== 'pipelines.anomaly.model').map(({ path, applies }) => [path, applies]),
  );
}

describe('how a changed key applies', () => {
  it.each([
    ['the level of the log', { log: { level: 'debug' } }, { 'log.level': 'live' }],
    [
      'the scale of a sensor',
      { assets: { pump: { tags: { p: { scale: 2 } } } } },
      {
        // It was an empty map, and is none any more.
        assets: 'pipeline',
        'assets.pump.attributes': 'pipeline',
        'assets.pump.tags.p.offset': 'pipeline',
        'assets.pump.tags.p.scale': 'pipeline',
      },
    ],
    [
      'the gate of a pipeline',
      { pipelines: { anomaly: { ...RIG, when: 'tags.speed > 1' } } },
      { 'pipelines.anomaly.when': 'pipeline' },
    ],
    [
      'the priority of a pipeline, which the outbox reads',
      { pipelines: { anomaly: { ...RIG, priority: 2 } } },
      { 'pipelines.anomaly.priority': 'restart' },
    ],
    ['the outbox', { outbox: { ...BASE.outbox, keepAcked: '2h' } }, { 'outbox.keepAcked': 'restart' }],
    ['the name of the device', { device: 'gateway-2' }, { device: 'restart' }],
    ['a password', { uplink: { ...GOOD.uplink, password: 'hunter2' } }, { 'uplink.password': 'restart' }],
  ])('%s', async (_what, changes, expected) => {
    expect(await classesOf(changes)).toEqual(expected);
  });

  it('is said of every part of the configuration, in a word that is known', () => {
    const parts = Object.entries((jsonSchemaOf(configSchema)['properties'] ?? {}) as Record<string, Json>);
    expect(parts.length).toBeGreaterThan(10);
    const silent = parts.filter(([, { applies }]) => !APPLIES.some((known) => known === applies));
    expect(silent.map(([key]) => key)).toEqual([]);
  });

  it('is not for editors', () => {
    expect(JSON.stringify(configJsonSchema())).not.toContain('"applies"');
  });
});
