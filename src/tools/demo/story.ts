import type { FaultName } from '../../scoring/sources/index.ts';

/** What the demo does to its plant. */
export type Act =
  | { readonly act: 'fault-on'; readonly asset: string; readonly fault: FaultName; readonly growth: number }
  | { readonly act: 'fault-off'; readonly asset: string; readonly fault: FaultName }
  | { readonly act: 'link-cut' }
  | { readonly act: 'link-mended' };

/** An act and its time: `at` is ms since the story began. */
export type Beat = Act & { readonly at: number };

/** How long a telling takes, and how fast its machines run. */
export interface Story {
  /** ms of wall time that one telling takes. */
  readonly length: number;
  /** Event time over wall time: in a short story the machines run faster, so that their windows fit in. */
  readonly speed: number;
}

/** ms of one telling without `--for`, and of the machine time that every shorter one is given. */
export const STORY_MS = 60_000;
/** ms of the shortest telling in which one still sees one thing after the other. */
export const SHORTEST_MS = 10_000;

/**
 * Places in the telling, 0 its beginning and 1 its end. Between them: an alarm, a queue that grows, one that drains.
 */
const PLACES = { 'fault-on': 0.15, 'link-cut': 0.45, 'link-mended': 0.68, 'fault-off': 0.85 } as const;

/** What breaks in each telling; after the last comes the first again. */
const FAULTS: readonly { readonly pump: number; readonly fault: FaultName }[] = [
  { pump: 1, fault: 'bearing-wear' },
  { pump: 2, fault: 'cavitation' },
  { pump: 0, fault: 'leak' },
];

/** ms of machine time in which a fault grows to its full severity. */
const GROWTH_MS = 10_000;

/** Plans a story whose telling takes so many ms of wall time. */
export function planStory(length: number): Story {
  return { length, speed: Math.max(1, STORY_MS / length) };
}

/** The beats of a telling, in order of time. The first telling is number 0. */
export function beatsOf({ length }: Story, telling: number, assets: readonly string[]): Beat[] {
  const { pump, fault } = FAULTS[telling % FAULTS.length] ?? { pump: 0, fault: 'bearing-wear' };
  const asset = assets[pump % assets.length] ?? '';
  const at = (place: keyof typeof PLACES) => (telling + PLACES[place]) * length;
  return [
    { at: at('fault-on'), act: 'fault-on', asset, fault, growth: GROWTH_MS },
    { at: at('link-cut'), act: 'link-cut' },
    { at: at('link-mended'), act: 'link-mended' },
    { at: at('fault-off'), act: 'fault-off', asset, fault },
  ];
}

/**
 * Event time `elapsed` ms after the story began at wall time `began`. It runs `speed` times as fast as the wall and
 * has caught up with it when the story ends, so that no reading comes from the future; from then on they go together.
 */
export function eventTime({ length, speed }: Story, began: number, elapsed: number): number {
  const behind = (speed - 1) * Math.max(0, length - elapsed);
  return began + elapsed - behind;
}
