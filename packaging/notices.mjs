import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

const RULE = `\n${'-'.repeat(80)}\n\n`;

/** Packages that some of these files come from, the innermost one where they nest. */
function packagesOf(files) {
  const folders = files.flatMap((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? []);
  return [...new Set(folders)].sort();
}

async function noticeOf(folder) {
  const { name, version, license, author } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  const file = (await readdir(folder)).find((entry) => /^(licen[cs]e|copying)/i.test(entry));
  const holder = typeof author === 'string' ? author : (author?.name ?? `the authors of ${name}`);
  const text = file ? await readFile(join(folder, file), 'utf8') : `Copyright (c) ${holder}\n\n${standardText(license)}`;
  return `${name} ${version} (${license})\n\n${text.trim()}\n`;
}

/** @param files paths of bundled files */
export async function notices(files) {
  const texts = await Promise.all(packagesOf([...files, 'node_modules/better-sqlite3/x']).map(noticeOf));
  const head =
    'Edgewright contains the software below. The SQLite addon contains SQLite, which is in the public domain\n' +
    '(https://www.sqlite.org/copyright.html).\n';
  return [head, ...texts].join(RULE);
}

function standardText(license) {
  if (license !== 'MIT') throw new Error(`no text for the licence ${license}`);
  return `Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`;
}
