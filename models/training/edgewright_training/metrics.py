"""Metrics of groups of rows, with intervals from a bootstrap over the groups (engines, combinations, runs)."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import stats

REPLICATES = 2000
LEVEL = 0.95


@dataclass(frozen=True)
class Estimate:
    value: float
    n: int
    interval: tuple[float, float]

    def __str__(self) -> str:
        return f"{self.value:.3f} [{self.interval[0]:.3f}, {self.interval[1]:.3f}] n={self.n}"


def grouped_mean(
    per_row: np.ndarray, groups: np.ndarray, finish: Callable[[np.ndarray], np.ndarray] = lambda mean: mean
) -> Estimate:
    """
    `finish` of the mean of `per_row`. The rows of a group are alike, so whole groups are drawn, with replacement
    (percentile bootstrap).
    """
    _, index = np.unique(groups, return_inverse=True)
    sums = np.bincount(index, per_row)
    counts = np.bincount(index)
    draws = np.random.default_rng(0).multinomial(len(sums), np.full(len(sums), 1 / len(sums)), REPLICATES)
    replicates = finish((draws @ sums) / (draws @ counts))
    tail = 50 * (1 - LEVEL)
    low, high = np.percentile(replicates, [tail, 100 - tail])
    return Estimate(float(finish(np.mean(per_row))), len(per_row), (float(low), float(high)))


def rmse(answers: np.ndarray, truth: np.ndarray, groups: np.ndarray) -> Estimate:
    return grouped_mean((answers - truth) ** 2, groups, np.sqrt)


def accuracy(answers: np.ndarray, truth: np.ndarray, groups: np.ndarray) -> Estimate:
    return grouped_mean((answers == truth).astype(float), groups)


def nasa_score(answers: np.ndarray, truth: np.ndarray, groups: np.ndarray, assets: int = 100) -> Estimate:
    """Saxena et al. 2008, for `assets` answers: late ones (too much life left) cost more than early ones."""
    error = answers - truth
    return grouped_mean(np.where(error < 0, np.expm1(-error / 13), np.expm1(error / 10)), groups, lambda m: m * assets)


def proportion(successes: np.ndarray) -> Estimate:
    """Of independent trials, one per asset (Clopper and Pearson)."""
    n, k = len(successes), int(np.sum(successes))
    interval = stats.binomtest(k, n).proportion_ci(LEVEL, method="exact")
    return Estimate(k / n, n, (float(interval.low), float(interval.high)))


def rate(events: int, exposure: float) -> Estimate:
    """Events per unit of exposure (exact interval of a Poisson count); n is the number of events."""
    tail = (1 - LEVEL) / 2
    low = stats.chi2.ppf(tail, 2 * events) / 2 if events else 0.0
    high = stats.chi2.ppf(1 - tail, 2 * events + 2) / 2
    return Estimate(events / exposure, events, (low / exposure, high / exposure))
