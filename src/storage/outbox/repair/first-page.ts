import { closeSync, fstatSync, openSync, readFileSync, writeSync } from 'node:fs';
import { openStore, PAGE_BYTES, removeStore } from '../../../common/store/index.ts';
import { MIGRATIONS } from '../journal/rows/tables.ts';

/** Offsets of the fields in SQLite's file header that differ from file to file. */
const PAGES_AT = 28;
const FREE_TRUNK_AT = 32;
const FREE_COUNT_AT = 36;

/**
 * Gives a damaged file the first page of a fresh one: it says where the tables begin, and without it nothing can be
 * read. Tables that were made by the same scripts begin at the same pages, because a file that gives pages back keeps
 * the beginnings of its tables together at its front.
 */
export function replaceFirstPage(path: string, nativeBinding: string | undefined): void {
  const page = firstPage(`${path}.fresh`, nativeBinding);
  const file = openSync(path, 'r+');
  try {
    page.writeUInt32BE(Math.floor(fstatSync(file).size / PAGE_BYTES), PAGES_AT);
    page.writeUInt32BE(0, FREE_TRUNK_AT);
    page.writeUInt32BE(0, FREE_COUNT_AT);
    writeSync(file, page, 0, PAGE_BYTES, 0);
  } finally {
    closeSync(file);
  }
}

function firstPage(path: string, nativeBinding: string | undefined): Buffer {
  try {
    openStore(path, { migrations: MIGRATIONS, nativeBinding }).close();
    return Buffer.from(readFileSync(path).subarray(0, PAGE_BYTES));
  } finally {
    removeStore(path);
  }
}
