/** Reasons for which something that came in is refused. They are labels of a counter, so the set is closed. */
export const REJECT_REASONS = {
  'malformed-json': 'The payload or line is not JSON.',
  'malformed-row': 'A row that cannot be split into the columns declared: too few, too many, or bad quotes.',
  'malformed-number':
    'A cell that is a number in another form than declared (decimal, thousands, missing), or text among numbers; it counts as text.',
  'malformed-line': 'A line that is no line protocol.',
  'no-reading':
    'A message of a ready shape that carries no reading: availability, a command, what a device says of itself.',
  'unknown-shape': 'JSON, but none of the forms declared.',
  'wrong-type': 'A value that is not a number, string, boolean or null.',
  'non-finite': 'NaN or infinity where a number is due; the other values of the reading count.',
  'missing-asset': 'Neither payload nor topic nor column says which asset it is.',
  'bad-asset':
    'The name of the asset is neither text of 1 to 256 bytes, percent-encoded, nor a whole number below 2^53.',
  'missing-tag': 'A single value without the name of its tag.',
  'missing-time': 'A row or line without a time.',
  'bad-time': 'A time that cannot be read or is out of range.',
  'unknown-topic': 'A topic that does not fit the template.',
  'payload-too-large': 'Longer than the limit configured.',
  'line-too-long': 'Longer than the limit configured.',
  'unreadable-file': 'The file broke off in the middle: damaged gzip, I/O error.',
  'truncated-signal': 'A recorded signal that ends within a sample, or before the length that it states.',
  'uneven-files': 'The files of a wide layout do not have the same number of rows.',
  'position-lost': 'The file is not the one in which reading stopped; it is read from its beginning.',
  failed: 'Something that was thrown while it was decoded or taken; the rest of its message or file goes on.',
  'not-held': 'A message without acknowledgement (QoS 0) that came while the pipeline took nothing.',
} as const;

/** A reason by its name. */
export type RejectReason = keyof typeof REJECT_REASONS;
