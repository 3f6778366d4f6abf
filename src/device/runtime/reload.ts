import type { Clock, EventRecord, Logger } from '../../common/core/index.ts';
import type { LogLevel } from '../../common/observability/index.ts';
import { diffSettings, type SettingsChange } from '../../common/settings/index.ts';
import { openBundle } from '../../scoring/registry/index.ts';
import type { ControlClient, OutboxClient } from '../../storage/thread/index.ts';
import { type Config, configSchema } from '../config/index.ts';
import { tellConfigChange } from './config-change.ts';
import type { Driver, Scored } from './driver.ts';
import type { Engine } from './engine.ts';
import type { SourceHost } from './source-host.ts';

/** What a configuration that was read again changed, by dotted path: at once, or at the next start only. */
export interface Reloaded {
  readonly applied: readonly string[];
  readonly restart: readonly string[];
}

export interface ReloaderDeps {
  /** What runs. */
  readonly config: Config;
  readonly engine: Pick<Engine, 'prepare'>;
  readonly driver: Driver;
  readonly sources: Pick<SourceHost, 'change'>;
  readonly outbox: Pick<OutboxClient, 'event'>;
  readonly control: Pick<ControlClient, 'exchangeConfig'>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly setLogLevel: (level: LogLevel) => void;
  /** Told of assets of pipelines that are gone. */
  readonly forget: (assets: readonly (readonly [pipeline: string, asset: string])[]) => void;
}

/** Processing time for which a change of what acts waits for silent assets, ms; then these begin anew. */
const PATIENCE_MS = 3_600_000;

/** A change of what acts that is under way. */
interface Under {
  readonly since: number;
  readonly done: Promise<void>;
}

/**
 * Has a running gateway take another configuration: first everything that the change needs is read, loaded and warmed, and
 * where that fails nothing has changed; then it acts. One at a time.
 */
export class Reloader {
  readonly #deps: ReloaderDeps;
  #config: Config;
  #turn: Promise<unknown> = Promise.resolve();
  /** By pipeline. */
  readonly #under = new Map<string, Under>();

  constructor(deps: ReloaderDeps) {
    this.#deps = deps;
    this.#config = deps.config;
  }

  /** Takes a configuration that was checked. Rejects where a model or a source cannot be had; then nothing has changed. */
  reload(next: Config): Promise<Reloaded> {
    const turn = this.#turn.then(() => this.#reload(next));
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  /** Ends changes that wait for silent assets too long. */
  tick(): void {
    const { driver, clock, logger } = this.#deps;
    for (const [name, { since }] of this.#under) {
      if (clock.monotonic() - since < PATIENCE_MS) continue;
      const assets = driver.finishChange(name);
      if (assets.length > 0) this.#tell({ pipeline: name, anew: assets.length });
      logger.info('assets begin anew with another model: they were silent', { pipeline: name, assets: assets.length });
    }
  }

  async #reload(next: Config): Promise<Reloaded> {
    const { driver, sources, setLogLevel } = this.#deps;
    const plan = await this.#plan(next);
    const prepared = await this.#prepare(plan, next);
    const opened = sources.change(next, plan.sources);
    for (const name of [...plan.removed, ...plan.changed]) await this.#finish(name);
    await opened.stop();
    for (const name of plan.removed) await this.#remove(name);
    for (const scored of prepared) {
      if (plan.changed.includes(scored.pipeline.name)) this.#replace(scored);
      else driver.add(scored);
    }
    setLogLevel(next.log.level);
    this.#config = {
      ...this.#config,
      sources: next.sources,
      assets: next.assets,
      pipelines: next.pipelines,
      log: next.log,
    };
    await opened.start();
    await tellConfigChange({ ...this.#deps, config: this.#config, scored: driver.scored, begunAnew: {} });
    return { applied: plan.applied, restart: plan.restart };
  }

  /** Loads what is new; where one cannot be had, none stays loaded. */
  async #prepare({ changed, added }: Plan, next: Config): Promise<Scored[]> {
    const prepared: Scored[] = [];
    try {
      for (const name of [...changed, ...added]) {
        prepared.push(await this.#deps.engine.prepare(name, next, this.#deps.driver));
      }
      return prepared;
    } catch (error) {
      await Promise.all(prepared.map(({ model }) => model.close()));
      throw error;
    }
  }

  async #plan(next: Config): Promise<Plan> {
    const { file: _, ...before } = this.#config;
    const { file: __, ...after } = next;
    const changes = diffSettings(before, after, configSchema);
    const at = (applies: SettingsChange['applies']) =>
      changes.filter((one) => one.applies === applies).map(({ path }) => path);
    const names = (paths: readonly string[], part: string) =>
      new Set(paths.filter((path) => path.startsWith(`${part}.`)).map((path) => path.split('.')[1] ?? ''));
    const [old, now] = [Object.keys(before.pipelines), Object.keys(after.pipelines)];
    const touched = names(at('pipeline'), 'pipelines');
    const bound = at('pipeline').some((path) => path.startsWith('assets'));
    const kept = now.filter((name) => old.includes(name));
    const replaced = await this.#otherBundles(kept, next);
    return {
      changed: kept.filter((name) => bound || touched.has(name) || replaced.includes(name)),
      added: now.filter((name) => !old.includes(name)),
      removed: old.filter((name) => !now.includes(name)),
      sources: [...names(at('source'), 'sources')],
      applied: [
        ...new Set([
          ...at('live'),
          ...at('source'),
          ...at('pipeline'),
          ...replaced.map((name) => `pipelines.${name}.model`),
        ]),
      ].sort(),
      restart: at('restart').filter((path) => !isOrdinary(path, next)),
    };
  }

  /** Names the pipelines whose bundle is another one at the same place. */
  async #otherBundles(names: readonly string[], { pipelines }: Config): Promise<string[]> {
    const acting = new Map(this.#deps.driver.scored.map(({ pipeline }) => [pipeline.name, pipeline.identity.digest]));
    const found = names.map(async (name) => {
      const { digest } = await openBundle(pipelines[name]?.model ?? '');
      return digest === acting.get(name) ? [] : [name];
    });
    return (await Promise.all(found)).flat();
  }

  #replace(next: Scored): void {
    const { driver, clock } = this.#deps;
    const { name } = next.pipeline;
    const done = driver.replace(name, next).then(async (before) => {
      this.#under.delete(name);
      await before.model.close();
    });
    this.#under.set(name, { since: clock.monotonic(), done });
  }

  async #remove(name: string): Promise<void> {
    const { driver, forget } = this.#deps;
    const assets = driver.scored.find(({ pipeline }) => pipeline.name === name)?.pipeline.names ?? [];
    const { model } = await driver.remove(name);
    await model.close();
    forget(assets.map((asset) => [name, asset] as const));
  }

  /** Ends a change of a pipeline that is under way, so that another one can begin. */
  async #finish(name: string): Promise<void> {
    if (!this.#under.has(name)) return;
    this.#deps.driver.finishChange(name);
    await this.#under.get(name)?.done;
  }

  #tell(detail: EventRecord['detail']): void {
    this.#deps.outbox.event('config', detail, this.#deps.clock.now());
  }
}

/** Whether it is the priority of a pipeline that is new and has the one that the outbox gives to all, or is gone. */
function isOrdinary(path: string, { pipelines }: Config): boolean {
  const [part, name = '', key] = path.split('.');
  return part === 'pipelines' && key === 'priority' && (pipelines[name]?.priority ?? 0) === 0;
}

/** What a change of the configuration means for pipelines and sources, by name, and for whoever asked, by path. */
interface Plan extends Reloaded {
  readonly changed: readonly string[];
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly sources: readonly string[];
}
