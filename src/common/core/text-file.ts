/** What the bytes of a small text file say: its text, or why they are none. */
export type TextResult = { readonly text: string } | { readonly problem: string };

const UTF16 = { le: 'utf-16le', be: 'utf-16be' } as const;

/**
 * Reads the text of a file that a person wrote: UTF-8, or UTF-16 as Windows writes it (Notepad, PowerShell), each without
 * its byte order mark. Other bytes are refused rather than read as something else.
 */
export function readText(bytes: Uint8Array): TextResult {
  const mark = (bytes[0] ?? 0) * 256 + (bytes[1] ?? 0);
  const wide = mark === 0xfffe ? UTF16.le : mark === 0xfeff ? UTF16.be : undefined;
  const text = decode(bytes, wide ?? 'utf-8');
  if (text === undefined) {
    return { problem: wide === undefined ? 'is not text in UTF-8' : 'is broken off in the middle of UTF-16' };
  }
  if (!text.includes('\0')) return { text };
  return { problem: 'has characters 0: it is no text, or UTF-16 without its mark' };
}

/**
 * Reads a secret, which is one line: without its line end, and without blanks around it, `trimmed` saying that there
 * were some.
 */
export function readSecretLine(
  bytes: Uint8Array,
): { readonly secret: string; readonly trimmed: boolean } | { readonly problem: string } {
  const read = readText(bytes);
  if ('problem' in read) return read;
  const line = read.text.replace(/^[\r\n]+|[\r\n]+$/g, '');
  const secret = line.trim();
  if (secret === '') return { problem: 'is empty' };
  const lines = secret.split(/\r\n|\n|\r/).length;
  if (lines > 1) return { problem: `has ${lines} lines, and a secret has one` };
  return { secret, trimmed: secret !== line };
}

/** Decodes bytes without their mark; undefined where they are none of this encoding. */
function decode(bytes: Uint8Array, encoding: string): string | undefined {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
