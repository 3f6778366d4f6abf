import { expect, it } from 'vitest';
import { type Config, loadConfig } from '../../src/device/config/index.ts';
import { configChange, digestConfig } from '../../src/device/runtime/config-change.ts';
import { configFile, GOOD } from '../config/support.ts';

/** Its paths do not depend on the folder of the file. */
const BASE = {
  ...GOOD,
  pipelines: { anomaly: { source: 'rig', model: '/models/anomaly' } },
  outbox: { path: '/var/outbox' },
};

async function digestOf(changes: object, models: Readonly<Record<string, string>> = {}) {
  const { config } = await loadConfig(await configFile({ ...BASE, ...changes }), {});
  if (config === undefined) throw new Error('the configuration has errors');
  return digestConfig(config, models);
}

it('tells what changed by its path, and nothing where nothing did', async () => {
  const before = await digestOf({}, { pump: 'aa' });
  expect(configChange(before, await digestOf({}, { pump: 'aa' }), {})).toBeUndefined();
  const after = await digestOf({ outbox: { path: '/var/other', keepAcked: '2h' } }, { pump: 'bb' });
  expect(configChange(before, after, { 'pump: windows': 3 })).toEqual({
    digest: after.digest,
    previous: before.digest,
    changed: ['models.pump', 'outbox.keepAcked', 'outbox.path'],
    more: 0,
    anew: { 'pump: windows': 3 },
  });
});

it('names the digest alone at the first start', async () => {
  const now = await digestOf({});
  expect(configChange(undefined, now, {})).toEqual({ digest: now.digest, previous: null, changed: [], more: 0 });
});

it('knows nothing of a secret', async () => {
  const [one, other] = [
    await digestOf({ uplink: { ...GOOD.uplink, password: 'one' } }),
    await digestOf({ uplink: { ...GOOD.uplink, password: 'other' } }),
  ];
  expect(one).toEqual(other);
});

it('digests each value as every version before has, so that an update of the program is no change', () => {
  const config = { file: 'f', a: { b: [1, { c: 2 }], d: {}, e: undefined, f: null }, g: 'x', empty: [] };
  expect(digestConfig(config as unknown as Config, { pump: 'aa' })).toEqual({
    digest: '7923f450fcf295e7',
    values: {
      'a.b': 'e19197af57b10712',
      'a.f': '74234e98afe7498f',
      g: 'ba2df4903a2c14e8',
      empty: '4f53cda18c2baa0c',
      'models.pump': 'd3044863e89722d2',
    },
  });
});
