// Makes plain text of the links in FOLDER's pages that lead to files which FOLDER lacks: sources and tests stay behind where a
// program is packed, the words about them do not.
// Usage: node packaging/plain-links.mjs FOLDER
import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

const [folder] = process.argv.slice(2);
const FENCE = /(^ *```[\s\S]*?^ *```)/m;
const LINK = /\[((?:[^[\]]|\[[^[\]]*\])*)\]\(([^()\s]+)(?:\s+"[^"]*")?\)/g;

/** Whether FOLDER has what the page links to; addresses and headings of the page itself are no files. */
const isThere = (page, target) => {
  const [path] = target.split('#');
  return /^[a-z]+:/.test(target) || path === '' || existsSync(join(dirname(page), path));
};

for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile() || !entry.name.endsWith('.md')) continue;
  const page = join(entry.parentPath, entry.name);
  const parts = (await readFile(page, 'utf8')).split(FENCE);
  const plain = parts.map((part, index) =>
    index % 2 === 1 ? part : part.replaceAll(LINK, (link, text, target) => (isThere(page, target) ? link : text)),
  );
  await writeFile(page, plain.join(''));
}
