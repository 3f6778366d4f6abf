import { describe, expect, it } from 'vitest';
import { requireConfig } from '../../src/device/config/index.ts';
import { SOURCE_TYPES } from '../../src/scoring/sources/index.ts';
import { configFile, GOOD, good, type Json, load, problemsOf } from './support.ts';

const MQTT = { type: 'mqtt', topic: 'plant/{asset}' };
const WIDE = { type: 'file', path: 'data', format: 'wide', tags: [{ tag: 'TS1', rate: 1 }], time: { period: '60s' } };

/** The one error of a configuration that is good but for these changes. */
async function only(changes: Json) {
  const problems = (await problemsOf({ ...GOOD, ...changes })).filter(({ severity }) => severity === 'error');
  expect(problems).toHaveLength(1);
  return problems[0];
}

const pipeline = (changes: Json) => ({ pipelines: { anomaly: { ...GOOD.pipelines.anomaly, ...changes } } });
const source = (config: Json) => ({
  sources: { other: config },
  pipelines: { anomaly: { source: 'other', model: 'm' } },
});

it('a good configuration has none', async () => {
  expect(await problemsOf(GOOD)).toEqual([]);
  expect(await problemsOf({ ...GOOD, ...source(MQTT) })).toEqual([]);
  expect(await problemsOf({ ...GOOD, ...source(WIDE) })).toEqual([]);
});

describe('an unknown key is named with the nearest known one', () => {
  it.each<[where: string, changes: Json, path: string, near: string]>([
    ['at the top', { upllink: {} }, 'upllink', 'uplink'],
    ['in another case', { Http: {} }, 'Http', 'http'],
    ['in a part', { http: { prot: 1 } }, 'http.prot', 'port'],
    ['in an mqtt source', source({ ...MQTT, topics: 'x' }), 'sources.other.topics', 'topic'],
    ['in a file source', source({ ...WIDE, fromat: 'csv' }), 'sources.other.fromat', 'format'],
    ['in a simulator', source({ type: 'simulator', sed: 1 }), 'sources.other.sed', 'seed'],
    [
      'in an entry of a list',
      source({ ...WIDE, tags: [{ tag: 'a', rate: 1, rat: 2 }] }),
      'sources.other.tags.0.rat',
      'rate',
    ],
    ['in a pipeline', pipeline({ latness: '1s' }), 'pipelines.anomaly.latness', 'lateness'],
    [
      'in an alarm',
      pipeline({ alarms: { hot: { serverity: 'low' } } }),
      'pipelines.anomaly.alarms.hot.serverity',
      'severity',
    ],
  ])('%s', async (_where, changes, path, near) => {
    expect(await only(changes)).toEqual({
      severity: 'error',
      path,
      code: 'config.unknown-key',
      message: `unknown key ${path.split('.').at(-1)}`,
      hint: `Did you mean ${near}?`,
    });
  });

  it('and with all known ones where none is near', async () => {
    const problem = await only({ http: { something: 1 } });
    expect(problem?.hint).toBe('Known here: host, port, tokenFile.');
  });

  it('of the source’s own type, not of the others', async () => {
    const problem = await only(source({ ...MQTT, sedd: 1 }));
    expect(problem?.hint).not.toContain('seed');
  });
});

describe('a wrong value is named with what belongs there', () => {
  it.each<[what: string, changes: Json, path: string, message: string, hint: string]>([
    ['a missing name', { site: undefined }, 'site', 'is required and missing', 'Add site: Name of the plant'],
    [
      'a missing key of a source',
      source({ type: 'mqtt' }),
      'sources.other.topic',
      'is required and missing',
      'Add sources.other.topic: Topics',
    ],
    [
      'no type of a source',
      source({}),
      'sources.other.type',
      'is required and missing',
      `one of ${SOURCE_TYPES.join(', ')}`,
    ],
    [
      'another type of a source',
      source({ type: 'mqt' }),
      'sources.other.type',
      `must be one of ${SOURCE_TYPES.join(', ')}`,
      'Did you mean mqtt?',
    ],
    [
      'text for a number',
      { http: { port: 'many' } },
      'http.port',
      'expected number, received string',
      'Change http.port: TCP port',
    ],
    ['a number out of bounds', { http: { port: 70000 } }, 'http.port', '65535', 'Change http.port'],
    [
      'a part that is left empty',
      { uplink: null },
      'uplink',
      'expected object, received null',
      'Change uplink: The broker',
    ],
    [
      'a word that is none of the known',
      { log: { level: 'inof' } },
      'log.level',
      'must be one of debug, info, warn, error',
      'Did you mean info?',
    ],
    [
      'neither of two kinds',
      pipeline({ source: 5 }),
      'pipelines.anomaly.source',
      'expected string, received number, or expected array',
      'Name of the source',
    ],
    [
      'a list with a wrong entry',
      source({ ...WIDE, tags: [{ tag: 'a' }] }),
      'sources.other.tags.0.rate',
      'is required and missing',
      'Samples a second',
    ],
    [
      'a duration without a unit',
      pipeline({ idle: '30' }),
      'pipelines.anomaly.idle',
      'must be a duration such as 250ms',
      'Silence',
    ],
    [
      'a duration as a number',
      pipeline({ idle: 30 }),
      'pipelines.anomaly.idle',
      'expected string, received number',
      'Silence',
    ],
    ['a negative duration', pipeline({ idle: '-5s' }), 'pipelines.anomaly.idle', 'must be a duration', 'Silence'],
    ['a size without a unit', { outbox: { max: '5' } }, 'outbox.max', 'must be a size such as 64KiB', 'Most bytes'],
    ['a size that is too small', { outbox: { max: '5KiB' } }, 'outbox.max', 'must be at least 1MiB', 'Most bytes'],
    [
      'an alarm that can never be',
      pipeline({ alarms: { hot: { raise: { k: 3, n: 2 } } } }),
      'pipelines.anomaly.alarms.hot.raise',
      'k must not be greater than n',
      'How many decisions',
    ],
    [
      'a key that another one needs',
      source({ ...WIDE, time: undefined }),
      'sources.other.time',
      'needs the period',
      'Add sources.other.time',
    ],
    [
      'a name with a double underscore',
      { assets: { a__b: {} } },
      'assets.a__b',
      'the name must be lower case letters',
      'Change assets.a__b',
    ],
    [
      'a name that ends like a secret’s file',
      { assets: { pump_file: {} } },
      'assets.pump_file',
      'the name must be',
      'Change assets.pump_file',
    ],
    ['a name in capitals', { assets: { Pump: {} } }, 'assets.Pump', 'the name must be', 'Change assets.Pump'],
    ['a site that no topic can have', { site: 'a/b' }, 'site', 'must be 1 to 64 letters', 'Change site'],
  ])('%s', async (_what, changes, path, message, hint) => {
    const problem = await only(changes);
    expect(problem).toMatchObject({ severity: 'error', path });
    expect(problem?.code).toBe(
      message === 'is required and missing' || hint.startsWith('Add') ? 'config.missing-key' : 'config.invalid-value',
    );
    expect(problem?.message).toContain(message);
    expect(problem?.hint).toContain(hint);
  });
});

describe('names that other parts should have', () => {
  it('a source that is not there is named with the nearest one', async () => {
    const problems = await problemsOf({ ...GOOD, ...pipeline({ source: ['rgi'] }) });
    expect(problems).toEqual([
      {
        severity: 'error',
        path: 'pipelines.anomaly.source',
        code: 'config.unknown-source',
        message: 'there is no source rgi',
        hint: 'Did you mean rig?',
      },
      expect.objectContaining({ severity: 'warning', path: 'sources.rig', code: 'config.unused-source' }),
    ]);
  });

  it('an mqtt source needs a broker, its own or the uplink’s', async () => {
    expect(await only({ ...source(MQTT), uplink: undefined })).toMatchObject({ path: 'sources.other.url' });
    expect(await problemsOf({ ...GOOD, ...source({ ...MQTT, url: 'mqtt://plant' }), uplink: undefined })).toEqual([]);
  });

  it('a source of replay alone need not be used', async () => {
    const recorded = { ...WIDE, use: 'replay' };
    expect(await problemsOf({ ...GOOD, sources: { ...GOOD.sources, recorded } })).toEqual([]);
  });

  it('a root of trust is a file beside the configuration, which is looked at with the models', async () => {
    const { config, problems } = await load({ ...GOOD, trust: { root: 'root.json' } });
    expect(problems).toEqual([]);
    expect(config?.trust.root).toMatch(/^\/.*\/root\.json$/);
  });

  it('a warning is no reason to refuse', async () => {
    const { config, problems } = await load({ ...GOOD, sources: { ...GOOD.sources, spare: MQTT } });
    expect(problems.map(({ severity }) => severity)).toEqual(['warning']);
    expect(config?.sources).toHaveProperty('spare');
  });
});

describe('all problems come at once', () => {
  const broken = {
    device: 7,
    colour: 'red',
    sources: { rig: { type: 'simulator', sed: 1, speed: 10 }, line: { type: 'mqtt', qos: 3 } },
    pipelines: {
      anomaly: { source: 'rgi', idle: 'soon', alarms: { hot: { raise: { k: 3, n: 2, of: 4 } } } },
      good: { source: 'rig', model: 'models/good' },
    },
    uplink: { url: 'http://broker' },
  };

  it('also those that a schema sees only when the rest is good', async () => {
    const problems = await problemsOf(broken);
    expect(problems.map(({ path, code }) => `${path} ${code}`).sort()).toEqual(
      [
        'colour config.unknown-key',
        'device config.invalid-value',
        'pipelines.anomaly.alarms.hot.raise config.invalid-value',
        'pipelines.anomaly.alarms.hot.raise.of config.unknown-key',
        'pipelines.anomaly.idle config.invalid-value',
        'pipelines.anomaly.model config.missing-key',
        'pipelines.anomaly.source config.unknown-source',
        'site config.missing-key',
        'sources.line config.unused-source',
        'sources.line.qos config.invalid-value',
        'sources.line.topic config.missing-key',
        'sources.rig.sed config.unknown-key',
        'sources.rig.start config.missing-key',
        'uplink.url config.invalid-value',
      ].sort(),
    );
  });

  it('and what is good can still be looked at, but not run', async () => {
    const { config, rest } = await load(broken);
    expect(config).toBeUndefined();
    expect(Object.keys(rest?.pipelines ?? {})).toEqual(['good']);
  });

  it('as one error that lists them for a command that cannot go on', async () => {
    const file = await configFile(broken);
    await expect(requireConfig(file, {})).rejects.toMatchObject({ code: 'config.invalid', kind: { exit: 2 } });
    await expect(requireConfig(file, {})).rejects.toThrow(/sources\.rig\.sed: unknown key sed\. Did you mean seed\?/);
  });

  it('without what only follows from another problem', async () => {
    const problems = await problemsOf({ ...GOOD, ...source({ ...WIDE, time: { period: 'long' } }) });
    expect(problems.map(({ path }) => path)).toEqual(['sources.other.time.period']);
  });
});

it('a configuration is frozen whole', async () => {
  const config = await good(GOOD);
  const open: string[] = [];
  const walk = (value: unknown, path: string) => {
    if (typeof value !== 'object' || value === null) return;
    if (!Object.isFrozen(value)) open.push(path);
    for (const [key, child] of Object.entries(value)) walk(child, `${path}.${key}`);
  };
  walk(config, 'config');
  expect(open).toEqual([]);
});
