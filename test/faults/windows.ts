import type { Prediction } from './records.ts';

export interface WindowAudit {
  readonly predictions: readonly Prediction[];
  /** Tags of the model, by pipeline. */
  readonly tags: Readonly<Record<string, readonly string[]>>;
  /** Event times of readings that were sent and cannot have been taken, in order, by asset and tag. */
  readonly lost: (asset: string, tag: string) => readonly number[];
}

/** What is wrong with windows that contain readings that were lost: none of them is good. */
export function windowFaults({ predictions, tags, lost }: WindowAudit): string[] {
  const faults: string[] = [];
  for (const { pipeline, asset, from, to, quality, boot, seq } of predictions) {
    if (quality !== 'Good') continue;
    for (const tag of tags[pipeline] ?? []) {
      const times = lost(asset, tag);
      const first = firstFrom(times, from);
      const gone = firstFrom(times, to) - first;
      if (gone === 0) continue;
      const where = `${boot.slice(0, 8)} ${seq}`;
      faults.push(
        `${pipeline} ${asset} ${from} to ${to} is Good, and lacks ${gone} of ${tag} from ${times[first]} (${where})`,
      );
      break;
    }
  }
  return faults;
}

/** Index of the first time that is not before `t`. */
function firstFrom(times: readonly number[], t: number): number {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((times[middle] ?? 0) < t) low = middle + 1;
    else high = middle;
  }
  return low;
}
