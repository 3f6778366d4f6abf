/**
 * Levels at which records give way when there is no room, each only when the one before has nothing left to give:
 * confirmed rows; every second, fourth, eighth prediction; all predictions; summaries; and only then what else waits.
 * What is folded stays in summaries. This file only decides; `thinning.ts` does it.
 */
export const LEVEL = { none: 0, half: 1, quarter: 2, eighth: 3, summaries: 4, coarser: 5, dropping: 6 } as const;

/** How far giving way has come. */
export interface DegradationState {
  readonly level: number;
  /** Per priority, lowest first: ids up to this one have been treated at this level. */
  readonly cursors: readonly number[];
  /** Ids up to this one had been treated at the level before. */
  readonly edge: number;
  /** Ids up to this one have been looked at for coarser summaries. */
  readonly coarse: number;
  /** Whether this pass over them has merged any. */
  readonly coarsened: boolean;
  /**
   * Newest id when the level rose, or something gave way. Once all up to it have left, nothing that waits is thinned.
   */
  readonly touched: number;
}

/** Work begins above this share of the room, so that nothing has to be dropped for what comes. */
export const PRESSURE = 0.9;
/** Share of the room by level; below it the level is left for the one before. */
const HOLD: readonly number[] = [0, 0, 0.3, 0.45, 0.6, 0.7, 0.8];

/** What a technician reads: what gives way next. */
export type GivesWay = 'confirmed' | 'predictions' | 'summaries' | 'alarms';

/** The state in which nothing has given way. */
export function undegraded(priorities: number): DegradationState {
  const cursors = Array<number>(priorities).fill(0);
  return { level: LEVEL.none, cursors, edge: 0, coarse: 0, coarsened: false, touched: 0 };
}

/**
 * Number of predictions in a row of one asset of which one is kept: two where the level before has thinned them
 * already.
 */
export function keepsOneIn(state: DegradationState, id: number): number {
  if (state.level >= LEVEL.summaries) return Number.POSITIVE_INFINITY;
  return id <= state.edge ? 2 : 2 ** state.level;
}

/** The next level, once the present one has nothing more to give. Undefined where the last one has nothing either. */
export function raiseLevel(state: DegradationState, newest: number): DegradationState | undefined {
  if (state.level >= LEVEL.coarser) {
    // Merging what has been merged halves it again, until nothing is left to merge.
    if (state.coarsened) return { ...state, coarse: 0, coarsened: false };
    return state.level === LEVEL.dropping ? undefined : { ...state, level: LEVEL.dropping };
  }
  const level = state.level + 1;
  // Level `summaries` folds all that is left, so the cursors go on where they are.
  const cursors = level > LEVEL.summaries ? state.cursors : state.cursors.map(() => 0);
  return { level, cursors, edge: newest, coarse: 0, coarsened: false, touched: newest };
}

/**
 * Lowers the level when the queue drains: to none once nothing that was thinned waits, else by one as the queue gets
 * shorter.
 * @param fill share of the room that is taken
 * @param oldest id of the oldest waiting record that is not urgent
 */
export function lowerLevel(state: DegradationState, fill: number, oldest: number | undefined): DegradationState {
  if (state.level === LEVEL.none) return state;
  if (oldest === undefined || oldest > state.touched) return undegraded(state.cursors.length);
  if (state.level === LEVEL.half || fill >= (HOLD[state.level] ?? 0)) return state;
  // What waits is thinner by now than the level asks for; only what comes after it is not.
  const cursors = state.cursors.map((cursor) => Math.max(cursor, state.touched));
  return { ...state, level: state.level - 1, cursors, edge: state.touched };
}

/** What gives way next, by the records that are there; null where there are none. */
export function givesWay(waiting: {
  readonly confirmed: boolean;
  readonly predictions: number;
  readonly summaries: number;
  readonly others: number;
}): GivesWay | null {
  if (waiting.confirmed) return 'confirmed';
  if (waiting.predictions > 0) return 'predictions';
  if (waiting.summaries > 0) return 'summaries';
  return waiting.others > 0 ? 'alarms' : null;
}

/** Reads a saved state. Where it is damaged, or of other priorities, nothing counts as thinned. */
export function parseState(text: string | undefined, priorities: number): DegradationState {
  try {
    const saved = JSON.parse(text ?? '') as Partial<DegradationState>;
    const fresh = undegraded(priorities);
    const numbers = [saved.level, saved.edge, saved.coarse, saved.touched, ...(saved.cursors ?? [])];
    if (!numbers.every((value) => Number.isSafeInteger(value))) return fresh;
    const cursors = saved.cursors?.length === priorities ? saved.cursors : fresh.cursors;
    return { ...fresh, ...saved, cursors };
  } catch {
    return undegraded(priorities);
  }
}
