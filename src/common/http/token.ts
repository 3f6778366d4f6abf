import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { EdgewrightError, isNoRoom, readSecretLine, reasonOf } from '../core/index.ts';
import { tokenNotWritten, tokenUnreadable } from './errors.ts';

/** A token that a header can carry. */
const WHOLE = /^[\x21-\x7e]+$/;

/**
 * Reads the token of the API from its file, or makes it there (256 random bits, readable by this user alone) where it
 * may be created. Throws `web.token-unreadable` and `web.token-not-written`.
 *
 * @param onNoRoom called where the disk is full: the token is then known to nobody until the next start
 */
export function loadToken(file: string, create: boolean, onNoRoom?: (error: EdgewrightError) => void): string {
  try {
    return load(file, create);
  } catch (error) {
    if (onNoRoom === undefined || !(error instanceof EdgewrightError) || !isNoRoom(error.cause)) throw error;
    onNoRoom(error);
    return newToken();
  }
}

/** Reads the token of the API from its file. Throws `web.token-unreadable`. */
export function readToken(file: string): string {
  const read = tokenIn(bytesOf(file));
  if ('problem' in read) throw tokenUnreadable(file, read.problem);
  return read.secret;
}

function load(file: string, create: boolean): string {
  if (create) {
    make(file, 'wx');
    // Power failed between making the file and filling it: it is empty, or as long as it should be and all zeros.
    if ('problem' in tokenIn(bytesOf(file))) make(file, 'w');
  }
  return readToken(file);
}

function tokenIn(bytes: Uint8Array): { readonly secret: string } | { readonly problem: string } {
  const read = readSecretLine(bytes);
  if ('problem' in read || WHOLE.test(read.secret)) return read;
  return { problem: 'has characters that no HTTP header may have' };
}

function newToken(): string {
  return randomBytes(32).toString('hex');
}

function make(file: string, flag: 'wx' | 'w'): void {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    // Synced: whoever was told the token can go on with it after a power cut.
    writeFileSync(file, `${newToken()}\n`, { mode: 0o600, flag, flush: true });
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException;
    if (code !== 'EEXIST' || syscall !== 'open') throw tokenNotWritten(file, reasonOf(error), { cause: error });
  }
}

function bytesOf(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw tokenUnreadable(file, reasonOf(error), { cause: error });
  }
}
