import { join } from 'node:path';
import type { Fed } from '../fed.ts';
import type { LiveFeed } from './feed.ts';
import { type LiveModel, writeModel } from './model.ts';

const SUMMARY_MS = 3_000;
const ALARM = 'high';

interface LivePipeline extends LiveModel {
  readonly config?: object;
}

/** Answers every reading by itself. */
export const SINGLE: LivePipeline = { name: 'single', tags: ['n'], window: { count: 1 } };
/** ms, of the longest window below. */
export const LONGEST_MS = 2_500;

/** Windows of each kind over the same readings; `lateness` of those that are counted, ms. */
export function windowed(lateness: number): LivePipeline[] {
  return [
    { name: 'counted', tags: ['n'], window: { count: 40, every: 8 }, config: { lateness: `${lateness}ms` } },
    { name: 'tumbling', tags: ['n', 'load'], window: { length: '1s' } },
    {
      name: 'hopping',
      tags: ['n'],
      window: { length: `${LONGEST_MS}ms`, every: '500ms' },
      config: { lateness: '100ms' },
    },
  ];
}

/** Writes the models and returns the `pipelines` of a configuration. */
export async function writePipelines(folder: string, all: readonly LivePipeline[], when?: string): Promise<object> {
  const entries = all.map(async (pipeline) => {
    const { name, config = {} } = pipeline;
    await writeModel(join(folder, name), pipeline);
    const entry = {
      source: 'live',
      model: name,
      ...(when !== undefined && { when }),
      alarms: { [ALARM]: { clear: { k: 1, n: 1 } } },
      summaries: { every: `${SUMMARY_MS}ms` },
      ...config,
    };
    return [name, entry] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

/** What is known of what these pipelines make of a feed. */
export function fedBy(feed: LiveFeed, all: readonly LivePipeline[], honest: boolean): Fed {
  return {
    alarms: Object.fromEntries(all.map(({ name }) => [name, [ALARM]])),
    every: Object.fromEntries(all.map(({ name }) => [name, SUMMARY_MS])),
    tags: Object.fromEntries(all.map(({ name, tags }) => [name, tags])),
    lost: (asset, tag) => (honest ? (feed.machine(asset)?.lost[tag] ?? []) : []),
    honest,
  };
}

/** What a prediction is about: one reading for `single`, a window of an asset for the others. */
export function truthOf(feed: () => LiveFeed) {
  return (record: Readonly<Record<string, unknown>>): string | undefined => {
    const { pipeline, asset, from, to, output } = record;
    const machine = feed().machine(String(asset));
    if (machine === undefined || !(Number(from) <= Number(to))) return undefined;
    if (pipeline === SINGLE.name) {
      const score = (output as { score?: number } | null)?.score;
      if (machine.sent.get(Number(to)) !== score) return undefined;
    }
    return `${pipeline} ${asset} ${from} ${to}`;
  };
}
