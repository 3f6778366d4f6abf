/**
 * Schema of control.db. The commit note and the ledger's copy are one row, so that a commit costs one
 * page of the log. A checkpoint's rows belong to a round; those of a round that is not complete do not count.
 */
export const MIGRATIONS: readonly string[] = [
  `CREATE TABLE note (
     id INTEGER PRIMARY KEY CHECK (id = 1),
     boot TEXT NOT NULL,
     seq INTEGER NOT NULL,
     at REAL NOT NULL,
     ledger TEXT NOT NULL
   );
   CREATE TABLE boot (boot TEXT PRIMARY KEY, since REAL NOT NULL, last INTEGER NOT NULL) WITHOUT ROWID;
   CREATE TABLE checkpoint (
     pipeline TEXT NOT NULL,
     asset TEXT NOT NULL,
     round INTEGER NOT NULL,
     body BLOB NOT NULL,
     UNIQUE (pipeline, asset, round)
   );
   CREATE TABLE audit (
     n INTEGER PRIMARY KEY,
     at REAL NOT NULL,
     event TEXT NOT NULL,
     body TEXT NOT NULL,
     hash TEXT NOT NULL
   );
   CREATE TABLE counter (key TEXT PRIMARY KEY, value) WITHOUT ROWID;`,
];
