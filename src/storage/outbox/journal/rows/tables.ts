/**
 * Schema of telemetry.db. Record ids grow by one per record over all boots and are never used twice: the newest row is
 * never deleted, so the table itself remembers where they stand. A record's seq is its id from its boot's `first_id`
 * on. A record waits while it is in `urgent`, or is not flagged urgent and its id is in no range of `settled`.
 */
export const MIGRATIONS: readonly string[] = [
  `CREATE TABLE record (
     id INTEGER PRIMARY KEY,
     kind INTEGER NOT NULL,
     t REAL NOT NULL,
     flags INTEGER NOT NULL,
     body TEXT NOT NULL
   );
   CREATE TABLE urgent (id INTEGER PRIMARY KEY);
   CREATE TABLE settled (first INTEGER PRIMARY KEY, last INTEGER NOT NULL, at INTEGER NOT NULL);
   CREATE TABLE boot (first_id INTEGER PRIMARY KEY, boot TEXT NOT NULL, ended INTEGER NOT NULL);
   CREATE TABLE ledger (
     kind INTEGER PRIMARY KEY,
     pipeline TEXT NOT NULL,
     type TEXT NOT NULL,
     committed INTEGER NOT NULL,
     acked INTEGER NOT NULL,
     pending INTEGER NOT NULL,
     dead INTEGER NOT NULL,
     folded INTEGER NOT NULL,
     dropped INTEGER NOT NULL,
     unreadable INTEGER NOT NULL,
     UNIQUE (pipeline, type),
     CHECK (committed = acked + pending + dead + folded + dropped + unreadable)
   );
   CREATE TABLE mark (source TEXT PRIMARY KEY, position TEXT NOT NULL) WITHOUT ROWID;`,
  // Rows written before this migration have no checksum.
  `ALTER TABLE record ADD COLUMN crc INTEGER;
   ALTER TABLE settled ADD COLUMN crc INTEGER;
   ALTER TABLE boot ADD COLUMN crc INTEGER;
   ALTER TABLE ledger ADD COLUMN crc INTEGER;
   ALTER TABLE mark ADD COLUMN crc INTEGER;
   CREATE TABLE meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID;`,
];

/** Name of the file in its folder. */
export const FILE = 'telemetry.db';

/** Bit of `record.flags`: the record was committed at once and is sent before the backlog. */
export const URGENT = 1;
/** Bit of `record.flags`: the clock was trusted when the record was made. */
export const CLOCK_TRUSTED = 2;
