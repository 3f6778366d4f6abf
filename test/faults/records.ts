/** What the books keep of the records that came, for the audits that look over several of them. */
export interface Place {
  readonly boot: string;
  readonly seq: number;
}

export interface Told extends Place {
  readonly pipeline: string;
  readonly asset: string;
}

export interface Prediction extends Told {
  readonly from: number;
  readonly to: number;
  readonly decision: string;
  /** Quality by name. */
  readonly quality: string;
}

export interface AlarmChange extends Told {
  readonly t: number;
  readonly alarm: string;
  readonly state: string;
  /** Event time of the raise that it continues. */
  readonly since: number;
  /** Whether it rests on a prediction; otherwise it has to say why. */
  readonly rests: boolean;
  readonly reason: string | undefined;
}

export interface Summary extends Told {
  readonly from: number;
  readonly to: number;
  readonly predictions: number;
  /** Whether it says why predictions may be missing in it. */
  readonly incomplete: boolean;
}

export interface Loss {
  /** Seqs, inclusive at both ends. */
  readonly span: readonly [first: number, last: number];
  readonly cause: string;
  /** Event time of what is gone. */
  readonly from: number;
  readonly to: number;
  /** Records that gave way, by type. */
  readonly counts: ReadonlyMap<string, number>;
}

/** Groups by a text that names the group. */
export function grouped<T>(all: readonly T[], nameOf: (one: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const one of all) {
    const name = nameOf(one);
    const group = groups.get(name);
    if (group) group.push(one);
    else groups.set(name, [one]);
  }
  return groups;
}

/** In the order in which they were made: by boot, as they followed one another, then by seq. */
export function inOrder<T extends Place>(all: readonly T[], boots: readonly string[]): T[] {
  const places = new Map(boots.map((boot, index) => [boot, index]));
  const placeOf = ({ boot }: Place) => places.get(boot) ?? boots.length;
  return [...all].sort((a, b) => placeOf(a) - placeOf(b) || a.seq - b.seq);
}
