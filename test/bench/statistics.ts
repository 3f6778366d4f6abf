export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
}

export function rounded(table: Record<string, Record<string, number>>): Record<string, Record<string, number>> {
  const round = (row: Record<string, number>) =>
    Object.fromEntries(Object.entries(row).map(([name, value]) => [name, Number(value.toFixed(2))]));
  return Object.fromEntries(Object.entries(table).map(([name, row]) => [name, round(row)]));
}

/** Prints the rows for people, and all of it as one line for programs. */
export function show(part: string, rows: Record<string, Record<string, number>>): void {
  console.table(rounded(rows));
  process.stdout.write(`${JSON.stringify({ [part]: rows })}\n`);
}
