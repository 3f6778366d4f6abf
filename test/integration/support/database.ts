import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';

export interface Committed {
  readonly boot: string;
  readonly lastSeq: number;
  /** Rows that are there. */
  readonly rows: number;
}

/** What an outbox folder holds of its newest boot, read with SQLite itself from a copy. */
export async function committedIn(folder: string): Promise<Committed> {
  const copy = await mkdtemp(join(tmpdir(), 'edgewright-copy-'));
  try {
    await cp(folder, copy, { recursive: true });
    const database = new Database(join(copy, 'telemetry.db'));
    try {
      const { boot, first } = database
        .prepare('SELECT boot, first_id AS first FROM boot ORDER BY first_id DESC LIMIT 1')
        .get() as { boot: string; first: number };
      const { newest, rows } = database
        .prepare('SELECT max(id) AS newest, count(*) AS rows FROM record WHERE id >= ?')
        .get(first) as { newest: number; rows: number };
      return { boot, lastSeq: newest - first + 1, rows };
    } finally {
      database.close();
    }
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}
