import type { Statement, Store } from '../store/index.ts';
import type { Mark } from './entry.ts';

/** How far each source has been read, as of the records that are committed. */
export class Marks {
  private readonly select: Statement<[], [string, string]>;
  private readonly upsert: Statement<[string, string]>;

  constructor(store: Store) {
    this.select = store.prepare<[], [string, string]>('SELECT source, position FROM mark', 'array');
    this.upsert = store.prepare<[string, string]>(
      'INSERT INTO mark (source, position) VALUES (?, ?) ON CONFLICT (source) DO UPDATE SET position = excluded.position',
    );
  }

  read(): Record<string, string> {
    return Object.fromEntries(this.select.all());
  }

  write(marks: readonly Mark[]): void {
    for (const { source, position } of marks) this.upsert.run(source, position);
  }
}
