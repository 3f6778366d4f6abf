import type { Statement, Store } from '../../../../common/store/index.ts';
import { BY_ID } from './record-statements.ts';

/** The table `urgent`: ids of urgent records that wait. */
export class Urgent {
  readonly #insert: Statement<[number]>;
  readonly #statements: ReturnType<typeof prepareAll>;

  constructor(store: Store) {
    this.#insert = store.prepare<[number]>('INSERT INTO urgent (id) VALUES (?)');
    this.#statements = prepareAll(store);
  }

  add(id: number): void {
    this.#insert.run(id);
  }

  /** Whether this record is listed as waiting. */
  has(id: number): boolean {
    return this.#statements.listed.get(id) !== undefined;
  }

  /** Ids that wait, newest first. */
  newest(limit: number): number[] {
    return this.#statements.newest.all(limit);
  }

  /** Counts those that wait and have a higher id. */
  countAfter(id: number): number {
    return this.#statements.countAfter.get(id) ?? 0;
  }

  oldest(): number | undefined {
    return this.#statements.oldest.get();
  }

  /** Ids that wait within [first, last], oldest first. */
  within(first: number, last: number): number[] {
    return this.#statements.within.all(first, last);
  }

  /** Ids that wait and are not of this kind, oldest first. */
  oldestBut(kind: number, limit: number): number[] {
    return this.#statements.oldestBut.all(kind, limit);
  }

  /** Counts those that wait by kind. */
  countKinds(): [kind: number, count: number][] {
    return this.#statements.kinds.all();
  }

  /** Takes ids off the list; their rows stay. */
  remove(ids: readonly number[]): void {
    this.#statements.remove.run(JSON.stringify(ids));
  }
}

function prepareAll(store: Store) {
  type Pair = [number, number];
  return {
    listed: store.prepare<[number], number>('SELECT id FROM urgent WHERE id = ?', 'value'),
    newest: store.prepare<[number], number>('SELECT id FROM urgent ORDER BY id DESC LIMIT ?', 'value'),
    countAfter: store.prepare<[number], number>('SELECT count(*) FROM urgent WHERE id > ?', 'value'),
    oldest: store.prepare<[], number>('SELECT id FROM urgent ORDER BY id LIMIT 1', 'value'),
    within: store.prepare<Pair, number>('SELECT id FROM urgent WHERE id BETWEEN ? AND ? ORDER BY id', 'value'),
    oldestBut: store.prepare<Pair, number>(
      'SELECT id FROM urgent JOIN record USING (id) WHERE kind <> ? ORDER BY id LIMIT ?',
      'value',
    ),
    kinds: store.prepare<[], Pair>('SELECT kind, count(*) FROM urgent JOIN record USING (id) GROUP BY kind', 'array'),
    remove: store.prepare<[string]>(`DELETE FROM urgent WHERE ${BY_ID}`),
  };
}
