import { stat } from 'node:fs/promises';
import { EdgewrightError, type Reading, reasonOf } from '../../../common/core/index.ts';
import { fileUnreadable } from '../errors.ts';
import { Pacer } from '../pacer.ts';
import { type Emission, play } from '../playback.ts';
import { shapeOf } from '../shapes/catalogue.ts';
import { timeFormOf } from '../shapes/time-form.ts';
import type { Source, SourceDeps, SourceSink } from '../source.ts';
import { TimeReader } from '../time.ts';
import { JsonLinesRecording } from './json-lines.ts';
import { formatOf, type ListedFile, listFiles, rootOf } from './listing.ts';
import { checkOf, type Position, parsePosition, placeOf, positionOf, rowToken } from './position.ts';
import type { Recording, RecordingOptions, RowBatch } from './recording.ts';
import type { FileConfig } from './schema.ts';
import { rawLayout, SignalRecording } from './signal.ts';
import { TableRecording } from './table.ts';
import { compileTemplate } from './template.ts';
import { readWaveHeader } from './wave.ts';
import { WideRecording } from './wide.ts';

function createRecording(options: RecordingOptions): Recording {
  if (options.config.format === 'wide') return new WideRecording(options);
  switch (formatOf(options.config, options.name)) {
    case 'csv':
      return new TableRecording(options);
    case 'jsonl':
      return new JsonLinesRecording(options);
    case 'f32':
      return new SignalRecording(options, rawLayout);
    case 'wav':
      return new SignalRecording(options, readWaveHeader);
  }
}

/**
 * Bytes of files before the one where reading goes on that are read again, for an hour that comes twice; the one before it
 * in any case.
 */
export const MAX_REMEMBERED = 16 * 1024 * 1024;

/** Recordings of a file or folder, played back in name order; resumes behind any reading. */
export class FileSource implements Source {
  readonly #config: FileConfig;
  readonly #deps: SourceDeps;
  readonly #stop = new AbortController();
  /** Whether rows without a time of their own count on from file to file. */
  readonly #countsOn: boolean;
  readonly #times: TimeReader;
  #started: Promise<void> | undefined;
  #running: Promise<void> | undefined;

  constructor(config: FileConfig, deps: SourceDeps) {
    this.#config = config;
    this.#deps = deps;
    this.#times = new TimeReader(timeFormOf(config.time, shapeOf(config.shape)));
    this.#countsOn = !compileTemplate(config.asset ?? '{file}').usesFile;
  }

  start(sink: SourceSink): Promise<void> {
    this.#started ??= this.#open(sink);
    return this.#started;
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#started?.catch(() => undefined);
    await this.#running;
  }

  async probe(): Promise<void> {
    await this.#look();
  }

  async #open(sink: SourceSink): Promise<void> {
    if (this.#stop.signal.aborted) return;
    const { files, many } = await this.#look();
    if (this.#stop.signal.aborted) return;
    const chunks = this.#chunks(files, many, sink);
    this.#running = play(chunks, new Pacer(this.#config.speed), sink, { ...this.#deps, placeOf }, this.#stop.signal);
  }

  /** Opens the first recording as far as its first rows, so that a wrong declaration fails the start. */
  async #look(): Promise<{ files: readonly ListedFile[]; many: boolean }> {
    const root = rootOf(this.#config, this.#deps.folder);
    const files = await listFiles(this.#config, root);
    for (const file of files.slice(0, 1)) {
      const recording = this.#recordingOf(file);
      try {
        for await (const _ of recording.rows()) break;
      } catch (error) {
        if (error instanceof EdgewrightError) throw error;
        throw fileUnreadable(file.path, reasonOf(error), { cause: error, path: 'path' });
      }
    }
    return { files, many: files[0]?.path !== root };
  }

  async *#chunks(files: readonly ListedFile[], many: boolean, sink: SourceSink): AsyncGenerator<Iterable<Emission>> {
    let from = this.#resumePoint(sink);
    let base = from?.base ?? 0;
    if (many && from !== undefined && this.#times.remembers) await this.#remember(files, from.file);
    for (const file of files) {
      // A file of a folder that comes before the position in name order has been read.
      if (many && from !== undefined && file.name < from.file) continue;
      if (from !== undefined && file.name !== from.file) {
        base = many ? from.base + from.row + 1 : 0;
        if (!many) this.#deps.onReset?.();
        from = this.#lost(sink, `${from.file} is gone`);
      }
      const rows = yield* this.#recording(file, base, from, sink);
      if (this.#countsOn) base += rows;
      from = undefined;
    }
    if (from !== undefined) this.#lost(sink, `${from.file} is gone`);
  }

  /** Reads the files before the one where reading goes on, for what the times in them say of the times to come. */
  async #remember(files: readonly ListedFile[], resumed: string): Promise<void> {
    const before: ListedFile[] = [];
    let bytes = 0;
    for (const file of files.filter(({ name }) => name < resumed).reverse()) {
      bytes += await stat(file.path).then(
        ({ size }) => size,
        () => 0,
      );
      if (before.length > 0 && bytes > MAX_REMEMBERED) break;
      before.unshift(file);
    }
    for (const file of before) {
      const recording = this.#recordingOf(file);
      try {
        for await (const { first, rows } of recording.rows()) readOver(recording, first, rows);
      } catch {
        // It was told when it was read.
      }
    }
  }

  /** Reads one recording; returns its number of rows. */
  async *#recording(
    file: ListedFile,
    base: number,
    from: Position | undefined,
    sink: SourceSink,
  ): AsyncGenerator<Iterable<Emission>, number> {
    const { name } = file;
    let start = from;
    let rows = 0;
    // What was read before was refused then, too.
    let isNew = from === undefined;
    const reject: RecordingOptions['reject'] = (reason, detail) => {
      if (isNew) sink.reject(reason, detail);
    };
    const recording = this.#recordingOf(file, base, reject);
    try {
      for await (const batch of recording.rows()) {
        if (this.#stop.signal.aborted) return rows;
        rows = batch.first + (batch.span ?? batch.rows.length);
        if (start !== undefined) {
          const read = batch.rows.slice(0, Math.max(0, start.row - batch.first));
          if (this.#times.remembers) readOver(recording, batch.first, read);
          if (rows <= start.row) continue;
          if (checkOf(recording.textOf(batch.rows[start.row - batch.first])) !== start.check) break;
        }
        const at = start;
        start = undefined;
        isNew = true;
        yield emissions(recording, batch, { base, file: name, reject }, at, this.#config.constants);
      }
    } catch (error) {
      if (this.#stop.signal.aborted) return rows;
      sink.reject('unreadable-file', `${name}: ${reasonOf(error)}`);
      this.#deps.logger.error('source file broke off', {
        source: this.#deps.name,
        file: name,
        reason: reasonOf(error),
      });
      return rows;
    }
    if (start === undefined || this.#stop.signal.aborted) return rows;
    this.#deps.onReset?.();
    this.#times.forget();
    this.#lost(sink, `${name} has another row ${start.row + 1}`);
    return yield* this.#recording(file, base, undefined, sink);
  }

  #recordingOf(file: ListedFile, base = 0, reject: RecordingOptions['reject'] = () => undefined): Recording {
    return createRecording({ ...file, config: this.#config, base, times: this.#times, reject });
  }

  #resumePoint(sink: SourceSink): Position | undefined {
    const { resumeFrom } = this.#deps;
    if (resumeFrom === undefined) return undefined;
    return parsePosition(resumeFrom) ?? this.#lost(sink, 'the position is none of this source');
  }

  #lost(sink: SourceSink, detail: string): undefined {
    sink.reject('position-lost', detail);
    this.#deps.logger.warn('source file is not the one that was read', { source: this.#deps.name, reason: detail });
    return undefined;
  }
}

/** Reads rows for what their times say of those to come. */
function readOver(recording: Recording, first: number, rows: readonly unknown[]): void {
  const readings: Reading[] = [];
  for (const [i, row] of rows.entries()) {
    readings.length = 0;
    try {
      recording.read(row, first + i, readings);
    } catch {
      // It was told when it was read.
    }
  }
}

/** Gives the readings of a batch with their positions; those up to `after` are left out, and a row that throws is refused. */
function* emissions(
  recording: Recording,
  batch: RowBatch<unknown>,
  { base, file, reject }: Pick<Position, 'base' | 'file'> & Pick<RecordingOptions, 'reject'>,
  after: Position | undefined,
  constants: FileConfig['constants'],
): Generator<Emission> {
  const readings: Reading[] = [];
  for (let i = after === undefined ? 0 : after.row - batch.first; i < batch.rows.length; i++) {
    const row = batch.first + i;
    const text = batch.rows[i];
    readings.length = 0;
    try {
      recording.read(text, row, readings);
    } catch (error) {
      reject('failed', `${file} row ${row + 1}: ${reasonOf(error)}`);
    }
    if (readings.length === 0) continue;
    const token = rowToken({ base, file, row, check: checkOf(recording.textOf(text)) });
    for (let index = row === after?.row ? after.index + 1 : 0; index < readings.length; index++) {
      const reading = readings[index];
      if (reading === undefined) continue;
      const whole = constants === undefined ? reading : { ...reading, values: { ...constants, ...reading.values } };
      yield { reading: whole, position: positionOf(index, token) };
    }
  }
}
