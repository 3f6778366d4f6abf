import type { Statement, Store } from '../../../../common/store/index.ts';
import { checkRow, rowChecksum } from './checksum.ts';
import type { SourcePosition } from './entry.ts';

/** The table `mark`: how far each source had been read when the newest record of it was committed. */
export class SourcePositions {
  readonly #select: Statement<[], [string, string, number | null]>;
  readonly #upsert: Statement<[string, string, number]>;
  readonly #path: string;

  constructor(store: Store) {
    this.#path = store.path;
    this.#select = store.prepare<[], [string, string, number | null]>(
      'SELECT source, position, crc FROM mark',
      'array',
    );
    this.#upsert = store.prepare<[string, string, number]>(
      `INSERT INTO mark (source, position, crc) VALUES (?, ?, ?)
       ON CONFLICT (source) DO UPDATE SET position = excluded.position, crc = excluded.crc`,
    );
  }

  read(): Record<string, string> {
    const rows = this.#select.all();
    for (const [source, position, crc] of rows) checkRow(this.#path, 'mark', [source, position], crc);
    return Object.fromEntries(rows.map(([source, position]) => [source, position]));
  }

  write(positions: readonly SourcePosition[]): void {
    for (const { source, position } of positions) {
      this.#upsert.run(source, position, rowChecksum('mark', source, position));
    }
  }
}
