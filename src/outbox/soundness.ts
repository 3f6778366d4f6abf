import { EdgewrightError } from '../core/index.ts';
import {
  corrupt,
  failed,
  notADatabase,
  openStore,
  PAGE_BYTES,
  type Store,
  type StoreOptions,
  setAside,
} from '../store/index.ts';

/** Every page of a file up to this size is checked after a stop that was not in order: two seconds on a slow card. */
const WHOLE_CHECK_PAGES = (64 * 1024 * 1024) / PAGE_BYTES;
/** Of a larger one these are, which say what is to become of the records; those are checked when they are claimed. */
const SMALL_TABLES = ['boot', 'ledger', 'settled', 'mark', 'meta', 'urgent'] as const;

export interface OpenedStore {
  readonly store: Store;
  /** Why the file that was there is set aside; undefined where it was not. */
  readonly damage: string | undefined;
}

/** Opens the file; where that cannot be done because it is damaged, a fresh one in its place. */
export function openOrSetAside(path: string, options: StoreOptions): OpenedStore {
  try {
    return { store: openStore(path, options), damage: undefined };
  } catch (error) {
    // A schema that is not what it says it is fails in a statement.
    if (!isDamage(error) && !(error instanceof EdgewrightError && error.kind === failed.kind)) throw error;
    setAside(path);
    return { store: openStore(path, options), damage: error.message };
  }
}

export function isDamage(error: unknown): error is EdgewrightError {
  return error instanceof EdgewrightError && (error.kind === corrupt.kind || error.kind === notADatabase.kind);
}

/** Throws `store.corrupt` where a bounded look at the file finds it damaged. */
export function checkStructure(store: Store): void {
  const whole = isSmall(store);
  const problems = whole ? store.quickCheck() : SMALL_TABLES.flatMap((table) => store.quickCheck(table));
  const [first] = problems;
  if (first !== undefined) throw corrupt(store.path, first.replaceAll(/\s+/g, ' '));
}

/** Whether all of the file can be looked at in one go. */
export function isSmall(store: Store): boolean {
  return store.pages().total <= WHOLE_CHECK_PAGES;
}
