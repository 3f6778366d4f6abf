import { crc32 } from 'node:zlib';
import type { CommitNote } from './ports.ts';
import type { KindRow } from './rows/ledger.ts';

/** A boot as control.db knows it. */
export interface NotedBoot {
  readonly id: string;
  readonly firstId: number;
  readonly ended: boolean;
}

/** What control.db says of telemetry.db: how far it had come, and its books as of then. */
export interface NotedState {
  readonly boot: string;
  readonly at: number;
  /** Id of the newest record. */
  readonly newestId: number;
  readonly ledger: readonly KindRow[];
  /** The newest ones, up to the present one. */
  readonly boots: readonly NotedBoot[];
}

/** Boots in a note; older ones of a device that starts again and again without its uplink are in telemetry.db alone. */
const MAX_BOOTS = 32;

export function packNote({ boot, at, newestId, ledger, boots }: NotedState): CommitNote {
  const known = boots.slice(-MAX_BOOTS);
  const firstId = known.at(-1)?.firstId ?? 1;
  const text = JSON.stringify({ newestId, ledger, boots: known });
  const seq = newestId - firstId + 1;
  return { boot, seq, at, ledger: `${checksum(boot, seq, text)} ${text}` };
}

/** Undefined where there is none, or it is not what was written. */
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
