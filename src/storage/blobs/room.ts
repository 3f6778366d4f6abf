import { statfs } from 'node:fs/promises';

/** Share of the disk that the floor may keep, so that a small disk stays of use. */
const MOST_OF_DISK = 1 / 8;

/** Bytes that may still be written on the disk of a folder while `floor` bytes stay free. Throws raw errors. */
export async function diskRoom(folder: string, floor: number): Promise<number> {
  const { bavail, blocks, bsize } = await statfs(folder);
  return bavail * bsize - Math.min(floor, blocks * bsize * MOST_OF_DISK);
}
