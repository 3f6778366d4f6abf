/** Zones change their offset at whole quarters of an hour only. */
const QUARTER_MS = 900_000;

/** Gives how far the local time of an IANA zone is ahead of UTC, ms. Throws RangeError for an unknown zone. */
export function createZone(name: string): (t: number) => number {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: name,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  let quarter = Number.NaN;
  let offset = 0;
  return (t) => {
    const asked = Math.floor(t / QUARTER_MS);
    if (asked === quarter) return offset;
    const at = asked * QUARTER_MS;
    const field: Record<string, number> = {};
    for (const { type, value } of format.formatToParts(at)) field[type] = Number(value);
    const { year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0 } = field;
    quarter = asked;
    offset = Date.UTC(year, month - 1, day, hour, minute, second) - at;
    return offset;
  };
}
