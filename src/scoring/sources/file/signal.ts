import { type Reading, type SampleBlock, sampleTime } from '../../../common/core/index.ts';
import { badLayout } from '../errors.ts';
import { toAsset } from '../payload/decoder.ts';
import { put } from '../payload/values.ts';
import { ByteCursor, openBytes } from './bytes.ts';
import { rateOf, stemOf } from './listing.ts';
import { channelOf, ENCODINGS, type Encoding } from './pcm.ts';
import type { Recording, RecordingOptions, RowBatch } from './recording.ts';

/**
 * Samples of each channel in one reading: few enough that a window of a model rarely closes twice within one, so that a
 * restart goes on behind the last window.
 */
const BLOCK = 1024;

/** How the samples of a file lie. */
export interface SignalLayout {
  /** Samples a second. */
  readonly rate: number;
  readonly channels: number;
  readonly encoding: Encoding;
  /** Bytes of samples by the file's own word; undefined where they go on to its end. */
  readonly length: number | undefined;
}

/** Reads what stands before the samples. Throws `sources.bad-layout` where the file is not what was declared. */
export type LayoutReader = (bytes: ByteCursor, options: RecordingOptions) => Promise<SignalLayout>;

/** Whole frames, one sample of each channel. */
type Frames = Buffer;

/** The layout of raw little-endian float32: channels interleaved, rate and channels as declared. */
export const rawLayout: LayoutReader = async (_, { name, config }) => {
  const rate = rateOf(config, name);
  if (rate === undefined) throw badLayout(name, 'a raw file does not say its rate', { path: 'rate' });
  return { rate, channels: config.tags?.length ?? 0, encoding: ENCODINGS.f32, length: undefined };
};

/** A file of evenly spaced samples, read as blocks; its rows are counted in samples. */
export class SignalRecording implements Recording<Frames> {
  readonly #options: RecordingOptions;
  readonly #readLayout: LayoutReader;
  readonly #tags: readonly string[];
  readonly #asset: string;
  #layout: SignalLayout | undefined;

  constructor(options: RecordingOptions, readLayout: LayoutReader) {
    const { config, name } = options;
    this.#options = options;
    this.#readLayout = readLayout;
    this.#tags = (config.tags ?? []).map((tag) => (typeof tag === 'string' ? tag : tag.tag));
    this.#asset = (config.asset ?? '{file}').replaceAll('{file}', stemOf(name));
  }

  async *rows(): AsyncGenerator<RowBatch<Frames>> {
    const { name, path, reject } = this.#options;
    if (toAsset(this.#asset, this.#options) === undefined)
      throw badLayout(name, 'no name of the asset', { path: 'asset' });
    if (this.#tags.length === 0) throw badLayout(name, 'a recorded signal needs its channels', { path: 'tags' });
    const stream = await openBytes(path);
    try {
      const bytes = new ByteCursor(stream);
      this.#layout = await this.#readLayout(bytes, this.#options);
      const { encoding, channels, length } = this.#layout;
      const frame = encoding.width * channels;
      let left = length ?? Number.POSITIVE_INFINITY;
      for (let first = 0; left > 0; ) {
        const wanted = Math.min(left, BLOCK * frame);
        const data = await bytes.take(wanted);
        const frames = Math.floor(data.length / frame);
        if (frames > 0) yield { first, rows: [data.subarray(0, frames * frame)], span: frames };
        first += frames;
        left -= data.length;
        const odd = data.length % frame;
        if (odd > 0) reject('truncated-signal', `${name}: ${odd} bytes behind sample ${first} make none`);
        else if (data.length < wanted && length !== undefined)
          reject('truncated-signal', `${name}: ends ${left} bytes before the length that it states`);
        if (data.length < wanted || odd > 0) return;
      }
    } finally {
      stream.destroy();
    }
  }

  textOf(frames: Frames): Uint8Array {
    return frames;
  }

  read(frames: Frames, index: number, out: Reading[]): void {
    if (this.#layout === undefined) return;
    const { rate, channels, encoding } = this.#layout;
    const { config, base } = this.#options;
    const length = frames.length / (encoding.width * channels);
    const samples: Record<string, Float64Array> = {};
    for (const [channel, tag] of this.#tags.entries()) {
      const data = channelOf(frames, encoding, channels, channel, length);
      put(samples, tag, data);
      this.#countBad(tag, data, index);
    }
    const block: SampleBlock = { origin: config.time.origin, first: base + index, rate, length, samples };
    out.push({ asset: this.#asset, t: sampleTime(block, length - 1), values: {}, block });
  }

  /** Counts bad samples, once a block and tag: a sensor that gives NaN gives many. */
  #countBad(tag: string, samples: Float64Array, index: number): void {
    let bad = 0;
    for (const sample of samples) if (!Number.isFinite(sample)) bad += 1;
    if (bad === 0) return;
    const { name, reject } = this.#options;
    reject('non-finite', `${name} samples ${index + 1} to ${index + samples.length}: ${bad} of ${tag}`);
  }
}
