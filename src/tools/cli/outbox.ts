import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { EdgewrightError, reasonOf } from '../../common/core/index.ts';
import { PRIVATE_FILE } from '../../common/store/index.ts';
import { type Config, requireConfig } from '../../device/config/index.ts';
import { OutboxArchive } from '../../storage/outbox/index.ts';
import type { CommandContext, DefineCommand } from './command.ts';
import { cannotWrite, usage } from './errors.ts';
import { type Io, writeLine } from './io.ts';

interface Options {
  readonly out?: string;
  readonly all?: boolean;
  readonly confirm?: boolean;
  readonly json?: boolean;
}

interface Exported {
  records: number;
  damaged: number;
}

const HELP = `
For a gateway without a link: carry the file to the consumer. One record a line, as in a batch, each with site, device,
boot and seq, so that a record that also comes another way counts once. The gateway has to be stopped.
With --confirm the records count as confirmed once the file is safely on the disk; without it nothing changes.

Examples:
  edgewright outbox export gateway.yaml --out /media/usb/records.jsonl --confirm
  edgewright outbox export gateway.yaml | gzip > records.jsonl.gz`;

export const outboxCommand: DefineCommand = (program, context) => {
  program
    .command('outbox')
    .description('Take records out of the outbox of a stopped gateway.')
    .command('export')
    .argument('<config>', 'configuration of the gateway')
    .option('--out <file>', 'file to write (default: stdout)')
    .option('--all', 'include confirmed records that are still kept')
    .option('--confirm', 'confirm what was exported, so that it is not sent again; needs --out')
    .option('--json', 'write the counts as one JSON object')
    .description('Write the waiting records as JSON Lines.')
    .addHelpText('after', HELP)
    .action((file: string, options: Options) => exportRecords(file, options, context));
};

async function exportRecords(file: string, options: Options, { io, installation }: CommandContext): Promise<void> {
  const { out, all = false, confirm = false, json = false } = options;
  if (confirm && out === undefined)
    throw usage('--confirm', 'records are safe only in a file that is on the disk: give --out FILE');
  const config = await requireConfig(file, io.env);
  const archive = openArchive(config, installation.nativeBinding);
  try {
    const exported = out === undefined ? await toStdout(archive, all, io) : toFile(archive, all, out);
    const confirmed = confirm ? archive.confirm(Date.now()) : 0;
    report(io, { ...exported, confirmed, out }, json);
  } finally {
    archive.close();
  }
}

function openArchive({ site, device, outbox }: Config, nativeBinding: string | undefined): OutboxArchive {
  const { path, keepAcked } = outbox;
  try {
    return OutboxArchive.open({ path, site, device, keepAcked, nativeBinding });
  } catch (error) {
    if (!(error instanceof EdgewrightError) || error.code !== 'store.locked') throw error;
    const reason = error.message.slice(error.subject.length + 2);
    const hint = 'Stop the gateway first; while it runs, its records go over the uplink.';
    throw new EdgewrightError(error.kind, error.subject, reason, { cause: error, hint });
  }
}

async function toStdout(archive: OutboxArchive, all: boolean, io: Io): Promise<Exported> {
  const exported = { records: 0, damaged: 0 };
  for (const { lines, damaged } of archive.pages(all)) {
    exported.records += lines.length;
    exported.damaged += damaged;
    if (lines.length > 0) await writeLine(io, lines.join('\n'));
  }
  return exported;
}

/** Writes the file so that it is on the disk as a whole, or not there at all. */
function toFile(archive: OutboxArchive, all: boolean, out: string): Exported {
  const partial = `${out}.partial`;
  const exported = { records: 0, damaged: 0 };
  try {
    rmSync(partial, { force: true });
    const file = openSync(partial, 'wx', PRIVATE_FILE);
    try {
      for (const { lines, damaged } of archive.pages(all)) {
        exported.records += lines.length;
        exported.damaged += damaged;
        for (const line of lines) writeWhole(file, `${line}\n`);
      }
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(partial, out);
    syncFolder(dirname(out));
    return exported;
  } catch (error) {
    rmSync(partial, { force: true });
    if (error instanceof EdgewrightError) throw error;
    throw cannotWrite(out, reasonOf(error), { cause: error });
  }
}

function writeWhole(file: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
}

function syncFolder(folder: string): void {
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/** Writes the counts: to stderr where stdout has the records. */
function report(io: Io, account: Exported & { confirmed: number; out: string | undefined }, json: boolean): void {
  const { records, damaged, confirmed, out } = account;
  const where = out === undefined ? '' : ` to ${out}`;
  const left = damaged === 0 ? '' : `, ${damaged} damaged left out`;
  const text = `${records} records${where}${left}, ${confirmed} confirmed`;
  const stream = out === undefined ? io.stderr : io.stdout;
  stream.write(`${json ? JSON.stringify(account) : text}\n`);
}
