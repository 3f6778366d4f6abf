import type { Reading } from '../../../common/core/index.ts';
import { NOWHERE, PayloadDecoder, type Place } from '../payload/decoder.ts';
import { lineText } from '../payload/text.ts';
import type { RejectReason } from '../reject.ts';
import { shapeOf } from '../shapes/catalogue.ts';
import { ShapeReader } from '../shapes/reader.ts';
import { stemOf } from './listing.ts';
import type { Recording, RecordingOptions, RowBatch } from './recording.ts';
import { readRows } from './row-files.ts';
import type { Line } from './text/lines.ts';

/** A file of JSON payloads, one a line. */
export class JsonLinesRecording implements Recording<Line> {
  readonly #options: RecordingOptions;
  readonly #decoder: PayloadDecoder;
  /** Reads lines of a ready shape, in place of the decoder. */
  readonly #shape: ShapeReader | undefined;
  readonly #place: Place;

  constructor(options: RecordingOptions) {
    const { config, name } = options;
    this.#options = options;
    this.#decoder = new PayloadDecoder(config, options.times);
    const shape = shapeOf(config.shape);
    const { assetTag, decimal } = config;
    this.#shape = shape && new ShapeReader(shape, config.time, { assetTag, decimal, times: options.times });
    const asset = config.asset?.replaceAll('{file}', stemOf(name));
    this.#place = asset === undefined ? NOWHERE : { ...NOWHERE, asset };
  }

  rows(): AsyncGenerator<RowBatch<Line>> {
    return readRows(this.#options.path, this.#options.config);
  }

  textOf(row: Line): string {
    return row ?? '';
  }

  read(row: Line, index: number, out: Reading[]): void {
    const reject = (reason: RejectReason, detail: string) =>
      this.#options.reject(reason, `${this.#options.name} row ${index + 1}: ${detail}`);
    if (row === undefined) {
      reject('line-too-long', `more than ${this.#options.config.maxLine} characters`);
      return;
    }
    const push = (reading: Reading) => void out.push(reading);
    if (this.#shape === undefined) this.#decoder.read(lineText(row), this.#place, undefined, { push, reject });
    else this.#shape.read(lineText(row), undefined, this.#place, undefined, { push, reject });
  }
}
