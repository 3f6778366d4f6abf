import { recordKindOf } from '../../../common/core/index.ts';

const ORDINARY = 0;
/** Rank of what gives way before all pipelines. */
export const FIRST = 0;

/** Order in which pipelines give way, from rank 0 on. */
export interface Ranks {
  readonly count: number;
  /** Rank of the records of a type; undefined where they are not thinned. */
  of(pipeline: string, type: string): number | undefined;
}

/**
 * Ranks pipelines by priority, lowest first. One that is not named, say of an earlier configuration, has priority 0.
 */
export function ranksOf(priorities: Readonly<Record<string, number>>): Ranks {
  const named = new Map(Object.entries(priorities));
  const different = [...new Set([...named.values(), ORDINARY])].sort((a, b) => a - b);
  return {
    count: 1 + different.length,
    of: (pipeline, type) => {
      const { givesWay, thinnedFirst } = recordKindOf(type);
      if (givesWay !== 'thinned') return undefined;
      return thinnedFirst ? FIRST : 1 + different.indexOf(named.get(pipeline) ?? ORDINARY);
    },
  };
}
