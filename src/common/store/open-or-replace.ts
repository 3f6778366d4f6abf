import { setAside } from './set-aside.ts';
import { isDamage } from './sqlite.ts';
import { openStore, type Store, type StoreOptions } from './store.ts';

/** What became of a damaged file. */
export interface Replaced {
  /** What was wrong with it. */
  readonly reason: string;
  /** Where it lies now. */
  readonly setAside: string;
}

/**
 * Opens a file and begins with it. Where either fails because the file is damaged, sets it aside and begins with a
 * fresh one in its place; `begin` is then given what became of the other. Damage may show only when `begin` first
 * writes.
 * @param isDamaged whether what opening or `begin` threw says that the file is damaged
 * @throws store errors, and what `begin` throws; the file is closed then
 */
export function openOrReplace<T>(
  path: string,
  options: StoreOptions,
  begin: (store: Store, replaced: Replaced | undefined) => T,
  isDamaged: (error: unknown) => error is Error = isDamage,
): T {
  try {
    return openAndBegin(path, options, (store) => begin(store, undefined));
  } catch (error) {
    if (!isDamaged(error)) throw error;
    const replaced: Replaced = { reason: error.message, setAside: setAside(path) };
    return openAndBegin(path, options, (store) => begin(store, replaced));
  }
}

function openAndBegin<T>(path: string, options: StoreOptions, begin: (store: Store) => T): T {
  const store = openStore(path, options);
  try {
    return store.guard(() => begin(store));
  } catch (error) {
    store.close();
    throw error;
  }
}
