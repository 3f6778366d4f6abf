import type { Statement, Store } from '../../../../common/store/index.ts';

/** The table `meta`: values by name that have no table of their own, for example the degradation level. */
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

  /** Writes a value. The caller runs it within a transaction. */
  set(key: string, value: string): void {
    this.#upsert.run(key, value);
  }
}
