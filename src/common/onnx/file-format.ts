const ascii = (bytes: Uint8Array, from: number, to: number) => String.fromCharCode(...bytes.subarray(from, to));

/** Tells whether a file is in the ORT format, by its FlatBuffers identifier. */
export function isOrtFormat(bytes: Uint8Array): boolean {
  return ascii(bytes, 4, 8) === 'ORTM';
}

const startingWith = (start: string) => (head: string) => head.startsWith(start);

const others: readonly (readonly [(head: string) => boolean, string])[] = [
  [
    (head) => /^\s*<(!doctype|html|\?xml|head|body)/i.test(head),
    'it is an HTML or XML page, perhaps of an error or a login',
  ],
  [startingWith('version https://git-lfs'), 'it is a Git LFS pointer, not the file itself; run git lfs pull'],
  [(head) => /^\s*[{[]/.test(head), 'it is JSON text'],
  [startingWith('PK\x03\x04'), 'it is a ZIP archive; a PyTorch or Keras file has to be exported to ONNX'],
  [startingWith('\x1f\x8b'), 'it is gzip-compressed; unpack it first'],
  [
    (head) => head[0] === '\x80' && head[1] !== undefined && head[1] < '\x06',
    'it is a Python pickle; export the model to ONNX',
  ],
  [startingWith('\x89HDF'), 'it is an HDF5 file; export the Keras model to ONNX'],
  [(head) => head.slice(4, 8) === 'TFL3', 'it is a TensorFlow Lite model; convert it to ONNX'],
];

/** Says in words what a file that is no model looks like; undefined where it looks like nothing known. */
export function recognizeOther(bytes: Uint8Array): string | undefined {
  if (bytes.length === 0) return 'it is empty';
  const head = ascii(bytes, 0, 64);
  return others.find(([matches]) => matches(head))?.[1];
}
