import type { Moment } from '../core/index.ts';
import type { Root } from './root.ts';

/** An order that a device took. */
export interface LastOrder {
  /** Version of the root that it rests on. */
  readonly root: number;
  readonly counter: number;
  /** Hex SHA-256 of its payload. */
  readonly digest: string;
}

/** What a device knows when it judges an order. */
export interface DeviceTrust {
  readonly site: string;
  readonly device: string;
  /** ID of the device's own key; undefined where it has none. */
  readonly key?: string | undefined;
  /** The newest root that it trusts. */
  readonly root: Root;
  /** The order that it took last; undefined before the first, and after a new root. */
  readonly last?: LastOrder | undefined;
  /** Time below which it cannot be, by the build and by what was signed, in ms since the epoch. */
  readonly timeFloor: number;
  /** What the clock says: it judges while it is trusted, and is never remembered. */
  readonly clock: Moment;
  /** Least release by name of a model. */
  readonly floors: ReadonlyMap<string, number>;
}

/** What a device remembers of its trust. */
export type RememberedTrust = Pick<DeviceTrust, 'root' | 'last' | 'timeFloor' | 'floors'>;

/** What is remembered once an order was taken: its counter, and that it is not earlier than when it was issued. */
export function afterOrder<T extends RememberedTrust>(trust: T, last: LastOrder, issued: number): T {
  return { ...trust, last, timeFloor: Math.max(trust.timeFloor, issued) };
}

/** What is remembered once a model was committed whose entry has a floor. A floor never falls but by a new root. */
export function afterCommit<T extends RememberedTrust>(trust: T, model: string, floor: number): T {
  const floors = new Map(trust.floors).set(model, Math.max(floor, trust.floors.get(model) ?? 0));
  return { ...trust, floors };
}

/**
 * What is remembered once a new root is trusted: counter and time begin anew, and the floors that it names hold in the
 * place of those before. So a rotation alone cures a device whose counter, time or floor somebody drove up.
 *
 * @param build when this program was built, in ms since the epoch
 */
export function afterRoot<T extends RememberedTrust>(trust: T, root: Root, build: number): T {
  const floors = new Map([...trust.floors, ...root.floors]);
  return { ...trust, root, last: undefined, timeFloor: build, floors };
}
