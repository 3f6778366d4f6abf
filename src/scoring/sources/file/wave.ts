import { badLayout } from '../errors.ts';
import type { ByteCursor } from './bytes.ts';
import { rateOf } from './listing.ts';
import { ENCODINGS, type Encoding } from './pcm.ts';
import type { RecordingOptions } from './recording.ts';
import type { SignalLayout } from './signal.ts';

const PCM = 1;
const IEEE_FLOAT = 3;
/** WAVE_FORMAT_EXTENSIBLE: the code proper stands in the first two bytes of the sub-format. */
const EXTENSIBLE = 0xfffe;
const SUB_FORMAT_AT = 24;
const LEAST_FORMAT = 16;
/** The most bytes of a format chunk; a file that claims more is no WAVE file. */
const MOST_FORMAT = 4096;
/** Lengths by writers that did not know it, or could not go back to fill it in. */
const UNKNOWN_LENGTHS = [0, 0xffffffff];

const WIDTHS: Readonly<Record<string, Encoding>> = {
  [`${PCM}/8`]: ENCODINGS.u8,
  [`${PCM}/16`]: ENCODINGS.i16,
  [`${PCM}/24`]: ENCODINGS.i24,
  [`${PCM}/32`]: ENCODINGS.i32,
  [`${IEEE_FLOAT}/32`]: ENCODINGS.f32,
  [`${IEEE_FLOAT}/64`]: ENCODINGS.f64,
};

/** Reads a RIFF WAVE file up to its samples (Microsoft, "Multiple channel audio data and WAVE files"). */
export async function readWaveHeader(bytes: ByteCursor, { name, config }: RecordingOptions): Promise<SignalLayout> {
  const riff = await bytes.take(12);
  if (riff.toString('latin1', 0, 4) !== 'RIFF' || riff.toString('latin1', 8, 12) !== 'WAVE')
    throw badLayout(name, 'is no WAVE file: it does not begin with RIFF and WAVE', {
      path: 'format',
      hint: 'Convert RF64, AIFF or FLAC to WAV, or declare raw samples as f32.',
    });
  let format: Format | undefined;
  for (;;) {
    const { id, size } = await chunkHeader(bytes, name);
    if (id === 'data') {
      if (format === undefined) throw badLayout(name, 'has its samples before their format', { path: 'format' });
      const length = UNKNOWN_LENGTHS.includes(size) ? undefined : size;
      return { ...checked(format, name, rateOf(config, name), config.tags?.length ?? 0), length };
    }
    // Chunks are padded to an even length.
    if (id === 'fmt ') format = formatOf(await bytes.take(Math.min(size + (size % 2), MOST_FORMAT)), name);
    else if (!(await bytes.skip(size + (size % 2)))) throw badLayout(name, 'ends before its samples', { path: 'path' });
  }
}

async function chunkHeader(bytes: ByteCursor, name: string): Promise<{ id: string; size: number }> {
  const header = await bytes.take(8);
  if (header.length < 8) throw badLayout(name, 'ends before its samples', { path: 'path' });
  return { id: header.toString('latin1', 0, 4), size: header.readUInt32LE(4) };
}

interface Format {
  readonly code: number;
  readonly channels: number;
  readonly rate: number;
  readonly frame: number;
  readonly bits: number;
}

function formatOf(chunk: Buffer, name: string): Format {
  if (chunk.length < LEAST_FORMAT) throw badLayout(name, 'has a format of too few bytes', { path: 'format' });
  const code = chunk.readUInt16LE(0);
  const extended = code === EXTENSIBLE && chunk.length >= SUB_FORMAT_AT + 2;
  return {
    code: extended ? chunk.readUInt16LE(SUB_FORMAT_AT) : code,
    channels: chunk.readUInt16LE(2),
    rate: chunk.readUInt32LE(4),
    frame: chunk.readUInt16LE(12),
    bits: chunk.readUInt16LE(14),
  };
}

/** Checks what the file says against what is declared. */
function checked(format: Format, name: string, declared: number | undefined, tags: number): SignalLayout {
  const { code, channels, rate, frame, bits } = format;
  const encoding = WIDTHS[`${code}/${bits}`];
  if (encoding === undefined)
    throw badLayout(name, `has samples of ${bits} bits in format ${code}`, {
      path: 'format',
      hint: 'Convert it to PCM of 8, 16, 24 or 32 bits, or to float.',
    });
  if (channels !== tags)
    throw badLayout(name, `has ${channels} channels, ${tags} tags are declared`, {
      path: 'tags',
      hint: 'Name every channel of the file in order; a pipeline need not use them all.',
    });
  if (rate === 0 || (declared !== undefined && declared !== rate))
    throw badLayout(name, `has ${rate} samples a second${declared === undefined ? '' : `, ${declared} are declared`}`, {
      path: 'rate',
      hint: 'Declare the rate that the file says, or leave `rate` out; give recordings of another rate a source of their own.',
    });
  if (frame !== channels * encoding.width)
    throw badLayout(name, `has frames of ${frame} bytes for ${channels} channels of ${bits} bits`, { path: 'format' });
  return { rate, channels, encoding, length: undefined };
}
