import { badLayout } from '../../errors.ts';
import { openBytes } from '../bytes.ts';

type Decoder = InstanceType<typeof TextDecoder>;

/** Bytes that are looked at before the encoding is known. */
const LOOK = 512;
/** The share of NUL bytes in one half of all places by which text is taken for UTF-16. */
const UTF16_NULS = 0.5;

/**
 * Reads the text of a file, gzip or not, some at a time: UTF-8 unless it is declared, or begins with the mark of UTF-16.
 * Throws `sources.bad-layout` where it cannot be in that encoding, and what reading or unpacking throws.
 */
export async function* readText(path: string, declared: string | undefined): AsyncGenerator<string> {
  const stream = await openBytes(path);
  let decoder: Decoder | undefined;
  let begin = Buffer.alloc(0);
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      if (decoder !== undefined) {
        yield decoder.decode(chunk, { stream: true });
        continue;
      }
      begin = Buffer.concat([begin, chunk]);
      if (begin.length < LOOK) continue;
      decoder = decoderOf(path, begin, declared);
      yield decoder.decode(begin, { stream: true });
    }
    if (decoder === undefined) yield decoderOf(path, begin, declared).decode(begin);
    else yield decoder.decode();
  } finally {
    stream.destroy();
  }
}

/** Makes the decoder of a text that begins with these bytes; it drops a byte order mark. */
function decoderOf(path: string, begin: Buffer, declared: string | undefined): Decoder {
  const marked = markOf(begin);
  if (declared === undefined && marked === undefined) {
    const likely = likelyUtf16(begin.subarray(0, LOOK));
    if (likely !== undefined) {
      throw badLayout(path, 'has NUL bytes as UTF-16 has them', {
        path: 'encoding',
        hint: `Declare encoding: ${likely}.`,
      });
    }
  }
  if (declared !== undefined && marked !== undefined && marked !== declared) {
    throw badLayout(path, `begins with the mark of ${marked}, ${declared} is declared`, {
      path: 'encoding',
      hint: 'Declare the encoding that the file has, or none.',
    });
  }
  return new TextDecoder(declared ?? marked ?? 'utf-8');
}

function markOf(begin: Buffer): string | undefined {
  if (begin[0] === 0xff && begin[1] === 0xfe) return 'utf-16le';
  if (begin[0] === 0xfe && begin[1] === 0xff) return 'utf-16be';
  return begin[0] === 0xef && begin[1] === 0xbb && begin[2] === 0xbf ? 'utf-8' : undefined;
}

/** Names the UTF-16 that bytes without a mark look like: every other one is NUL in Latin text. */
function likelyUtf16(begin: Buffer): string | undefined {
  const nuls = [0, 0];
  begin.forEach((byte, at) => {
    if (byte === 0) nuls[at % 2] = (nuls[at % 2] ?? 0) + 1;
  });
  const [even = 0, odd = 0] = nuls.map((count) => count / (begin.length / 2));
  if (odd > UTF16_NULS && even < UTF16_NULS) return 'utf-16le';
  return even > UTF16_NULS && odd < UTF16_NULS ? 'utf-16be' : undefined;
}
