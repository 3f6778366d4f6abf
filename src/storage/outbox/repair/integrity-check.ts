import { EdgewrightError } from '../../../common/core/index.ts';
import { failed, isDamage, PAGE_BYTES, type Store } from '../../../common/store/index.ts';

/** Every page of a file up to this size is checked after a stop that was not in order: two seconds on a slow card. */
const WHOLE_CHECK_PAGES = (64 * 1024 * 1024) / PAGE_BYTES;
/**
 * Tables that are checked of a larger file: they say what becomes of the records, which are checked when they are
 * claimed.
 */
const SMALL_TABLES = ['boot', 'ledger', 'settled', 'mark', 'meta', 'urgent'] as const;

/** Whether an error of opening says that the file is damaged. */
export function isUnusable(error: unknown): error is EdgewrightError {
  return isDamage(error) || isWrongSchema(error);
}

/** Whether a statement failed because the schema is not what its version says. */
function isWrongSchema(error: unknown): boolean {
  const cause = error instanceof EdgewrightError && error.kind === failed.kind ? error.cause : undefined;
  return cause instanceof Error && 'code' in cause && cause.code === 'SQLITE_ERROR';
}

/** Throws `store.corrupt` where a bounded look at the file finds it damaged. */
export function checkStructure(store: Store): void {
  store.requireSound(isSmall(store) ? undefined : SMALL_TABLES);
}

/** Whether all of the file can be looked at in one go. */
export function isSmall(store: Store): boolean {
  return store.pages().total <= WHOLE_CHECK_PAGES;
}
