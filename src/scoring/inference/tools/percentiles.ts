/** Percentiles of independent measurements of any distribution. */
export interface Percentiles {
  readonly p50: number;
  readonly p99: number;
  /** Upper bound of the true 99th percentile, with 95% confidence; undefined for fewer than 299 measurements. */
  readonly p99Upper: number | undefined;
}

const CONFIDENCE = 0.95;
const TAIL = 0.01;

/** Fewest measurements of which the greatest bounds the 99th percentile: 0.99^n <= 0.05. */
export const LEAST_RUNS = 299;

/**
 * Computes percentiles by nearest rank; the bound is the order statistic that the binomial distribution of exceedances
 * gives.
 */
export function percentiles(values: Float64Array): Percentiles {
  const sorted = values.slice().sort();
  const rank = (q: number) => sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? Number.NaN;
  const above = exceedances(sorted.length);
  return {
    p50: rank(0.5),
    p99: rank(0.99),
    p99Upper: above === undefined ? undefined : sorted[sorted.length - 1 - above],
  };
}

/**
 * Counts how many of n measurements may lie above the bound: the most for which fewer or equally many exceed the true
 * 99th percentile with a probability of at most 5%. Sums P(Y <= m), Y ~ Binomial(n, 0.01), from its logarithms.
 */
function exceedances(n: number): number | undefined {
  let logTerm = n * Math.log1p(-TAIL);
  let sum = Math.exp(logTerm);
  if (sum > 1 - CONFIDENCE) return undefined;
  let m = 0;
  for (;;) {
    logTerm += Math.log((n - m) / (m + 1)) + Math.log(TAIL / (1 - TAIL));
    sum += Math.exp(logTerm);
    if (sum > 1 - CONFIDENCE) return m;
    m += 1;
  }
}
