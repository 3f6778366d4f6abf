import type { Statement, Store } from '../../../../common/store/index.ts';

/** A few values of the outbox's own that are neither records nor books. */
export class Meta {
  readonly #select: Statement<[string], string>;
  readonly #upsert: Statement<[string, string]>;

  constructor(store: Store) {
    this.#select = store.prepare<[string], string>('SELECT value FROM meta WHERE key = ?', 'value');
    this.#upsert = store.prepare<[string, string]>(
      'INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
    );
  }

  get(key: string): string | undefined {
    return this.#select.get(key);
  }

  /** Belongs into a transaction. */
  set(key: string, value: string): void {
    this.#upsert.run(key, value);
  }
}
