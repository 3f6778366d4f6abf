import { spawn, spawnSync } from 'node:child_process';
import { getEventListeners, once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Result, runCampaign } from './campaign.ts';
import { parseOptions } from './options.ts';
import type { Scenario } from './scenario.ts';
import { SCENARIOS } from './scenarios/index.ts';
import { rowsOf, tableOf, verdictOf } from './table.ts';

const hasMosquitto = spawnSync('mosquitto', ['-h']).error === undefined;

/** Processes `edgewright run` with this parent. */
function gatewaysOf(parent: number | undefined): number {
  const processes = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return processes.filter((id) => {
    try {
      const command = readFileSync(`/proc/${id}/cmdline`, 'utf8');
      if (!command.includes('main.js\0run') || !command.includes('edgewright-faults-')) return false;
      return readFileSync(`/proc/${id}/stat`, 'utf8').split(') ').at(-1)?.split(' ')[1] === String(parent);
    } catch {
      // It has ended meanwhile.
      return false;
    }
  }).length;
}

const FIGURES = {
  ...{ faults: 3, boots: 4, committed: 1_000, delivered: 990, copies: 7, twice: 0 },
  ...{ folded: 0, dropped: 10, dead: 0, unreadable: 0, pending: 0 },
};

function result(index: number, failures: readonly string[] = []): Result {
  return { scenario: 'kill', index, seed: 7, form: 'short', figures: FIGURES, failures, notes: {}, seconds: 1 };
}

describe('the report of a campaign', () => {
  it('adds up trials, and ends with the verdict', () => {
    const [row] = rowsOf(SCENARIOS, [result(0), result(1)], new Map());
    expect(row).toMatchObject({ scenario: 'kill', trials: 2, committed: 2_000, dropped: 20, verdict: 'adds up' });
    expect(verdictOf([result(0), result(1)])).toBe('ledger: adds up');
  });

  it('names what failed, what is skipped and why', () => {
    const results = [result(0), result(1, ['boot x is short'])];
    expect(verdictOf(results)).toBe('ledger: does not add up in kill:1');
    const rows = rowsOf(SCENARIOS, results, new Map([['power-cut', 'no C compiler']]));
    expect(rows.map(({ verdict }) => verdict)).toEqual(['1 of 2 FAILED', 'skipped: no C compiler']);
    expect(tableOf(rows).split('\n')).toHaveLength(4);
  });

  it('is no success where nothing was tried', () => {
    expect(verdictOf([])).not.toBe('ledger: adds up');
  });
});

describe('its options', () => {
  it('are read', () => {
    const options = parseOptions(['--short', '--seed', '9', '--only', 'kill:3,broker', '--shard', '2/4']);
    expect(options).toMatchObject({
      form: 'short',
      seed: 9,
      only: [
        { name: 'kill', index: 3 },
        { name: 'broker', index: undefined },
      ],
      shard: { part: 2, of: 4 },
    });
  });

  it.each([['--seed', 'x'], ['--shard', '5/4'], ['--unknown']])(
    'are refused where they are wrong: %s %s',
    (...args) => {
      expect(() => parseOptions(args)).toThrow();
    },
  );
});

it('trials leave nothing behind at the signal that stops them, whatever the collector does meanwhile', async () => {
  const out = await mkdtemp(join(tmpdir(), 'edgewright-campaign-'));
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  const run = async () => {
    await nextTurn();
    collect();
    return FIGURES;
  };
  const scenario: Scenario = { name: 'idle', title: 'nothing', trials: { tiny: 20, short: 0, long: 0 }, run };
  const units = Array.from({ length: 20 }, (_, index) => ({ scenario, index }));
  const { signal } = new AbortController();
  const rest = { seed: 7, form: 'tiny', jobs: 4, shim: undefined, onResult: () => undefined } as const;
  const results = await runCampaign({ units, out, scratch: out, signal, ...rest });
  await rm(out, { recursive: true, force: true });
  expect(results.map(({ failures }) => failures)).toEqual(units.map(() => []));
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});

describe.skipIf(!hasMosquitto)('a campaign (skipped without mosquitto)', () => {
  let out: string;

  beforeAll(async () => {
    out = await mkdtemp(join(tmpdir(), 'edgewright-campaign-'));
  });

  afterAll(() => rm(out, { recursive: true, force: true }));

  function campaign(...args: string[]) {
    const all = ['--import', 'tsx', 'test/faults/main.ts', '--tiny', '--seed', '7', '--out', out, ...args];
    return spawnSync(process.execPath, all, { encoding: 'utf8' });
  }

  it('kills a gateway again and again, and finds every record', async () => {
    const { status, stdout, stderr } = campaign('--only', 'kill');
    expect(stderr).toMatch(/kill:0 +adds up/);
    expect(stdout.trimEnd().split('\n').at(-1)).toBe('ledger: adds up');
    expect(status).toBe(0);
    const [first] = (await readFile(join(out, 'results.jsonl'), 'utf8')).split('\n');
    const { figures } = JSON.parse(first ?? '') as Result;
    expect(figures?.committed).toBeGreaterThan(0);
    expect(figures?.delivered).toBe(figures?.committed);
  }, 120_000);

  it('takes everything along that it started when it is stopped', async () => {
    const all = [
      '--import',
      'tsx',
      'test/faults/main.ts',
      '--tiny',
      '--seed',
      '8',
      '--only',
      'kill',
      '--out',
      `${out}-stopped`,
    ];
    const child = spawn(process.execPath, all, { stdio: ['ignore', 'ignore', 'pipe'] });
    const ended = once(child, 'close');
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    await vi.waitFor(() => expect(gatewaysOf(child.pid)).toBeGreaterThan(0), { timeout: 60_000, interval: 50 });
    child.kill('SIGTERM');
    expect(await ended).toEqual([1, null]);
    expect(said).toMatch('it goes on with --resume');
    expect([gatewaysOf(child.pid), gatewaysOf(1)]).toEqual([0, 0]);
  }, 120_000);

  it('goes on where it was stopped', () => {
    const { status, stdout, stderr } = campaign('--only', 'kill', '--resume');
    expect(stderr).not.toMatch('kill:0');
    expect(stdout).toMatch(/\| kill +\| +1 \|/);
    expect(status).toBe(0);
  });

  it('tells a name that it does not have', () => {
    const { status, stderr } = campaign('--only', 'flod');
    expect(stderr).toMatch('there is no flod');
    expect(status).toBe(2);
  });
});
