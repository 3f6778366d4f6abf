import { readDocuments } from '../payload/documents.ts';
import type { Text } from '../payload/text.ts';

/** The one JSON document that a text is; undefined for another text. */
export function parseWhole(text: Text): unknown {
  const { documents, broken } = readDocuments(text);
  return documents.length === 1 && broken.length === 0 ? documents[0]?.content : undefined;
}
