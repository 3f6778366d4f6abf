import { EdgewrightError } from '../../../common/core/index.ts';
import {
  corrupt,
  failed,
  isDamage,
  openStore,
  PAGE_BYTES,
  type Store,
  type StoreOptions,
  setAside,
} from '../../../common/store/index.ts';

/** Every page of a file up to this size is checked after a stop that was not in order: two seconds on a slow card. */
const WHOLE_CHECK_PAGES = (64 * 1024 * 1024) / PAGE_BYTES;
/** Of a larger one these are, which say what is to become of the records; those are checked when they are claimed. */
const SMALL_TABLES = ['boot', 'ledger', 'settled', 'mark', 'meta', 'urgent'] as const;

/**
 * Opens the file and begins with it; where that cannot be done because it is damaged, a fresh one in its place, and `begin`
 * is told why. It may come upon damage only when it first writes.
 */
export function openSound<T>(
  path: string,
  options: StoreOptions,
  begin: (store: Store, damage: string | undefined) => T,
): T {
  let store: Store | undefined;
  try {
    store = openStore(path, options);
    const opened = store;
    return opened.guard(() => begin(opened, undefined));
  } catch (error) {
    // A schema that is not what it says it is fails in a statement.
    const unusable = error instanceof EdgewrightError && error.kind === failed.kind && isSqlError(error.cause);
    if (!isDamage(error) && !unusable) throw error;
    store?.close();
    setAside(path);
    return begin(openStore(path, options), error.message);
  }
}

function isSqlError(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === 'SQLITE_ERROR';
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
