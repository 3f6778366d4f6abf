import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Logger } from '../../src/common/core/index.ts';
import { silentLogger } from '../../src/common/observability/index.ts';
import { requireConfig } from '../../src/device/config/index.ts';
import {
  BUILD_TIME,
  createSystemClock,
  findInstallation,
  type Gateway,
  startGateway,
} from '../../src/device/runtime/index.ts';
import { type Keeping, type Part, Parts } from '../../src/device/runtime/parts.ts';
import { writeConfig } from '../support/gateway.ts';

const folder = mkdtempSync(join(tmpdir(), 'edgewright-parts-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** All parts of a gateway with everything in it, from the first to the last that starts. */
const NAMES = [
  ...[
    'engine',
    'storage',
    'uplink',
    'outbox',
    'models',
    'asset limits',
    'checkpoints',
    'positions',
    'summaries',
    'pipelines',
  ],
  ...['sources', 'clock', 'reload', 'ticks', 'api'],
];

/** Those of them that have something to start. */
const STARTED = ['engine', 'storage', 'uplink', 'sources', 'ticks', 'api'];

/** Parts of which one fails: instead of its start, or after its stop. */
class FailingParts extends Parts {
  readonly started: string[] = [];
  readonly stopped: string[] = [];
  readonly #fails: (name: string, at: 'start' | 'stop') => void;

  constructor(logger: Logger, failing: string | undefined, when: 'start' | 'stop') {
    super(logger);
    this.#fails = (name, at) => {
      if (name === failing && at === when) throw new Error(`${name} fails at its ${at}`);
    };
  }

  override add(part: Keeping): void {
    const { start: _, ...kept } = this.#watched({ ...part, start: () => {} });
    this.started.push(part.name);
    super.add(kept);
  }

  override start<T>(part: Part<T>): Promise<T> {
    return super.start(this.#watched(part));
  }

  override startTogether<A, B>(first: Part<A>, second: Part<B>): Promise<[A, B]> {
    return super.startTogether(this.#watched(first), this.#watched(second));
  }

  #watched<T>(part: Part<T>): Part<T> {
    return {
      ...part,
      start: async () => {
        this.#fails(part.name, 'start');
        const running = await part.start();
        this.started.push(part.name);
        return running;
      },
      stop: async (running) => {
        await part.stop?.(running);
        this.stopped.push(part.name);
        this.#fails(part.name, 'stop');
      },
    };
  }
}

async function start(failing?: string, when: 'start' | 'stop' = 'start') {
  const file = await writeConfig(folder, {
    site: 'lab',
    device: 'parts',
    sources: { rig: { type: 'simulator' } },
    pipelines: { stroke: { source: 'rig', model: resolve('models/examples/int64'), tags: { strokes: 'speed' } } },
    inference: { engine: 'wasm', warmup: '0s' },
    uplink: { url: 'mqtt://127.0.0.1:1' },
    outbox: { path: 'state' },
    http: { port: 0 },
  });
  const logged: string[] = [];
  const logger: Logger = { ...silentLogger, error: (message) => logged.push(message) };
  const parts = new FailingParts(logger, failing, when);
  const starting = startGateway(
    await requireConfig(file, {}),
    { installation: findInstallation(), logger, clock: createSystemClock(BUILD_TIME), onFailure: () => {} },
    parts,
  );
  return { parts, starting, logged };
}

describe('a gateway', () => {
  it('has these parts, which stop in the reverse of their start', async () => {
    const { parts, starting } = await start();
    await (await starting).stop();
    expect(parts.started.toSorted()).toEqual(NAMES.toSorted());
    expect(parts.started.slice(2)).toEqual(NAMES.slice(2));
    expect(parts.stopped).toEqual(NAMES.toReversed());
  });

  it.each(STARTED)('of which %s fails at its start stops all that had started, and says why', async (name) => {
    const { parts, starting } = await start(name);
    await expect(starting).rejects.toThrow(`${name} fails at its start`);
    const expected = NAMES.filter((one) => parts.started.includes(one)).toReversed();
    expect(parts.stopped).toEqual(expected);
    expect(parts.stopped).not.toContain(name);
  });

  it.each(NAMES)('of which %s fails at its stop stops all others, and tells it', async (name) => {
    const { parts, starting, logged } = await start(name, 'stop');
    await expect((await starting).stop()).rejects.toThrow(`${name} fails at its stop`);
    expect(parts.stopped).toEqual(NAMES.toReversed());
    expect(logged).toEqual([`${name} did not stop in order`]);
  });

  it('goes on afterwards, with the audit chain of all these starts', async () => {
    const gateway: Gateway = await (await start()).starting;
    expect(await gateway.verifyAudit()).toMatchObject({ ok: true });
    await gateway.stop();
  });
});
