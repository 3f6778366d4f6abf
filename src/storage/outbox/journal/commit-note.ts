import { crc32 } from 'node:zlib';
import type { CommitNote } from './ports.ts';
import type { KindRow } from './rows/ledger.ts';

/** A boot as a commit note has it. */
export interface NotedBoot {
  readonly id: string;
  readonly firstId: number;
  readonly ended: boolean;
}

/**
 * State of the outbox after a commit, as control.db keeps it: how far telemetry.db had come, its ledger and its boots.
 */
export interface NotedState {
  readonly boot: string;
  readonly at: number;
  /** Id of the newest record. */
  readonly newestId: number;
  readonly ledger: readonly KindRow[];
  /** The newest boots, up to the present one. */
  readonly boots: readonly NotedBoot[];
}

/** Boots in a note. Older ones of a device that starts again and again without its uplink are in telemetry.db alone. */
const MAX_BOOTS = 32;

/** Writes a note, with a checksum over it. */
export function packNote({ boot, at, newestId, ledger, boots }: NotedState): CommitNote {
  const known = boots.slice(-MAX_BOOTS);
  const firstId = known.at(-1)?.firstId ?? 1;
  const text = JSON.stringify({ newestId, ledger, boots: known });
  const seq = newestId - firstId + 1;
  return { boot, seq, at, ledger: `${checksum(boot, seq, text)} ${text}` };
}

/** Reads a note. Undefined where there is none, or it does not fit its checksum. */
export function unpackNote(note: CommitNote | undefined): NotedState | undefined {
  if (note === undefined) return undefined;
  const { boot, seq, at, ledger } = note;
  const end = ledger.indexOf(' ');
  const text = ledger.slice(end + 1);
  if (ledger.slice(0, Math.max(0, end)) !== checksum(boot, seq, text)) return undefined;
  const { newestId, ledger: rows, boots } = JSON.parse(text);
  return { boot, at, newestId, ledger: rows, boots };
}

function checksum(boot: string, seq: number, text: string): string {
  return crc32(text, crc32(`${boot} ${seq} `)).toString(16);
}
