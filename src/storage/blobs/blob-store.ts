import { constants, type Stats } from 'node:fs';
import { lstat, mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { EdgewrightError, formatBytes, isNoRoom, type Logger, reasonOf } from '../../common/core/index.ts';
import { narrowFile, PRIVATE_FILE } from '../../common/store/index.ts';
import { failed, noRoom } from './errors.ts';
import { hashOf } from './hash-file.ts';
import { Part } from './part.ts';
import { diskRoom } from './room.ts';

const BLOB = /^[0-9a-f]{64}$/;
const PART = '.part';
const PRIVATE_FOLDER = 0o700;

/** A blob by its content. */
export interface BlobName {
  /** SHA-256 of its content, in hex. */
  readonly sha256: string;
  /** Bytes. */
  readonly length: number;
}

/** Where blobs are, and how much room they have. */
export interface BlobStoreOptions {
  /** The folder; blobs lie below it as `blobs/sha256/HEX`. */
  readonly path: string;
  /** Most bytes of blobs and parts. */
  readonly max: number;
  /** Bytes of the disk that are left to others, at most an eighth of it. */
  readonly freeFloor: number;
  readonly logger: Logger;
}

/**
 * The files of delivered bundles, by their content: what two bundles share is there once. A blob has its name only when
 * all of it is on the disk; until then it is a `.part`, which goes on after a power cut with what of it is whole.
 */
export class BlobStore {
  readonly #options: BlobStoreOptions;
  readonly #folder: string;
  /** Bytes of each file; those of an open part are all that it will have. */
  readonly #sizes = new Map<string, number>();
  readonly #open = new Set<string>();
  #damaged: string[] = [];

  private constructor(options: BlobStoreOptions) {
    this.#options = options;
    this.#folder = join(options.path, 'blobs', 'sha256');
  }

  /**
   * Makes the folder where it is missing, and hashes every blob: a damaged one is deleted, and has to come again. Throws
   * `blobs.failed`.
   */
  static async open(options: BlobStoreOptions): Promise<BlobStore> {
    const store = new BlobStore(options);
    await store.#guard(() => store.#look());
    return store;
  }

  /** The blobs whose content was not theirs when the store was opened, by name. They are deleted. */
  get damaged(): readonly string[] {
    return this.#damaged;
  }

  /** Bytes of all blobs and parts. */
  get used(): number {
    return [...this.#sizes.values()].reduce((sum, size) => sum + size, 0);
  }

  has(sha256: string): boolean {
    return this.#sizes.has(sha256);
  }

  /** The file of a blob that is there. */
  pathOf(sha256: string): string {
    return join(this.#folder, sha256);
  }

  /** The content of a short blob that is there. Throws `blobs.failed`. */
  read(sha256: string): Promise<Uint8Array> {
    return this.#guard(async () => {
      const file = await open(this.pathOf(sha256), 'r');
      try {
        return await file.readFile();
      } finally {
        await file.close();
      }
    });
  }

  /** Throws `blobs.no-room` where these blobs, as far as they are missing, do not fit. Throws `blobs.failed`. */
  async demandRoomFor(blobs: readonly BlobName[]): Promise<void> {
    const missing = new Map(blobs.filter(({ sha256 }) => !this.has(sha256)).map((blob) => [blob.sha256, blob.length]));
    if (missing.size === 0) return;
    let [wanted, begun, written] = [0, 0, 0];
    for (const [sha256, length] of missing) {
      wanted += length;
      begun += this.#sizes.get(sha256 + PART) ?? 0;
      written += Math.min(length, await this.#writtenOf(sha256));
    }
    const left = this.#options.max - (this.used - begun);
    if (wanted > left) {
      throw noRoom(this.#folder, `${formatBytes(wanted)} are needed, and deployment.max leaves ${formatBytes(left)}`);
    }
    await this.#demandDisk(wanted - written);
  }

  /**
   * Opens the part of a blob that is missing. Throws `blobs.no-room` and `blobs.failed`, and a TypeError for one that is
   * open.
   */
  async part(blob: BlobName): Promise<Part> {
    const name = blob.sha256 + PART;
    if (!BLOB.test(blob.sha256) || this.#open.has(name)) throw new TypeError(`${name} is no part that can be opened`);
    await this.demandRoomFor([blob]);
    this.#open.add(name);
    const path = join(this.#folder, name);
    try {
      const flags = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW;
      const file = await this.#guard(() => open(path, flags, PRIVATE_FILE));
      this.#sizes.set(name, blob.length);
      return new Part(blob, file, {
        demandRoom: (bytes) => this.#demandDisk(bytes),
        adopt: () => this.#adopt(blob),
        released: () => this.#open.delete(name),
        guard: (work) => this.#guard(work),
      });
    } catch (error) {
      this.#open.delete(name);
      throw error;
    }
  }

  /** Stores a short blob as a whole; false where the content is not its own. Throws as `part` does. */
  async put(blob: BlobName, content: Uint8Array): Promise<boolean> {
    if (this.has(blob.sha256)) return true;
    const part = await this.part(blob);
    try {
      await part.write(0, content);
      return await part.finish();
    } finally {
      await part.close();
    }
  }

  /**
   * Deletes every blob and part that nothing names; a part that is open stays until it is closed. Throws
   * `blobs.failed`.
   */
  async keepOnly(named: ReadonlySet<string>): Promise<void> {
    for (const name of [...this.#sizes.keys()]) {
      if (!named.has(name.replace(PART, '')) && !this.#open.has(name)) await this.remove(name);
    }
  }

  /** Deletes a blob, or its part by the name with `.part`. Throws `blobs.failed`. */
  async remove(name: string): Promise<void> {
    await this.#guard(() => rm(join(this.#folder, name), { force: true, recursive: true }));
    this.#sizes.delete(name);
  }

  async #look(): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: PRIVATE_FOLDER });
    for (const name of await readdir(this.#folder)) {
      const isPart = name.endsWith(PART);
      if (!BLOB.test(isPart ? name.slice(0, -PART.length) : name)) continue;
      const path = join(this.#folder, name);
      const stat = await lstat(path);
      if (isPart ? stat.isFile() : await isWhole(path, name, stat)) {
        narrowFile(path);
        this.#sizes.set(name, stat.size);
      } else {
        this.#damaged.push(name);
        await this.remove(name);
      }
    }
    if (this.#damaged.length > 0) {
      this.#options.logger.error('delivered files were damaged and are deleted', { blobs: this.#damaged.slice(0, 8) });
    }
  }

  /** Only now, with its content on the disk, has the blob its name, and the name is on the disk, too. */
  async #adopt({ sha256, length }: BlobName): Promise<void> {
    await rename(join(this.#folder, sha256 + PART), this.pathOf(sha256));
    const folder = await open(this.#folder, 'r');
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
    this.#sizes.delete(sha256 + PART);
    this.#sizes.set(sha256, length);
  }

  async #writtenOf(sha256: string): Promise<number> {
    if (!this.#sizes.has(sha256 + PART)) return 0;
    const { blocks } = await this.#guard(() => lstat(join(this.#folder, sha256 + PART)));
    return blocks * 512;
  }

  async #demandDisk(bytes: number): Promise<void> {
    const left = await this.#guard(() => diskRoom(this.#folder, this.#options.freeFloor));
    if (bytes > left) {
      const has = formatBytes(Math.max(0, left));
      throw noRoom(this.#folder, `${formatBytes(bytes)} are needed, and the disk has ${has} beside outbox.freeFloor`);
    }
  }

  async #guard<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof EdgewrightError) throw error;
      const kind = isNoRoom(error) ? noRoom : failed;
      throw kind(this.#folder, reasonOf(error), { cause: error });
    }
  }
}

async function isWhole(path: string, sha256: string, stat: Stats): Promise<boolean> {
  if (!stat.isFile()) return false;
  const file = await open(path, 'r');
  try {
    return (await hashOf(file, stat.size)) === sha256;
  } catch {
    // A block that the disk cannot read is damage, too.
    return false;
  } finally {
    await file.close();
  }
}
