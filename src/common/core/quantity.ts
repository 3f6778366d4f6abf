const durations: Readonly<Record<string, number>> = { ms: 1, s: 1e3, m: 60e3, min: 60e3, h: 3600e3, d: 86400e3 };
const sizes: Readonly<Record<string, number>> = {
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
};

function parseQuantity(text: string, units: Readonly<Record<string, number>>): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*([A-Za-z]+)$/.exec(text.trim());
  const factor = match?.[2] === undefined ? undefined : units[match[2]];
  return match?.[1] === undefined || factor === undefined ? undefined : Number(match[1]) * factor;
}

/** Reads `250ms`, `30s`, `5m`, `72h`, `7d` as milliseconds; undefined for anything else. */
export function parseDuration(text: string): number | undefined {
  return parseQuantity(text, durations);
}

/** Reads `128KiB`, `2GiB`, `10MB` as bytes; undefined for anything else. */
export function parseSize(text: string): number | undefined {
  return parseQuantity(text, sizes);
}

/** Bytes for a person: `17 B`, `1.5 GiB`. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let index = 0;
  let value = bytes;
  while (value >= 1024 && index < units.length - 1) {
    value /= 1024;
    index += 1;
  }
  return `${index === 0 ? value : value.toFixed(1)} ${units[index]}`;
}

/** Milliseconds for a person: `250 ms`, `1.5 s`, `90.0 min`, `3.0 d`. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 120e3) return `${(ms / 1e3).toFixed(1)} s`;
  if (ms < 2 * 3600e3) return `${(ms / 60e3).toFixed(1)} min`;
  return ms < 72 * 3600e3 ? `${(ms / 3600e3).toFixed(1)} h` : `${(ms / 86400e3).toFixed(1)} d`;
}
