const PHASES = ['before', 'after'] as const;
const FILES = ['telemetry.db', 'telemetry.db-wal', 'control.db', 'control.db-wal'];

/**
 * The points of store and drain at which a process is killed: each system call that changes a file of the store, and
 * each of the uplink's connection, before and after it.
 */
export const POINTS: readonly string[] = [
  ...FILES.flatMap((file) =>
    ['create', 'write', 'sync'].flatMap((operation) => PHASES.map((phase) => `${file}.${operation}.${phase}`)),
  ),
  ...FILES.slice(1).flatMap((file) => PHASES.map((phase) => `${file}.truncate.${phase}`)),
  ...['connect', 'send'].flatMap((operation) => PHASES.map((phase) => `uplink.${operation}.${phase}`)),
  'uplink.receive.after',
];
