"""From scores to alarms, as the runtime debounces them, and the threshold that keeps false ones rare."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .data import WINDOW, Run

# Scores [windows] of features [windows, columns].
Score = Callable[[np.ndarray], np.ndarray]

K, N = 3, 5
DAY = 86_400
# Alarms per pump and day on healthy pumps, at which the threshold is set; rounding it up leaves a margin.
FALSE_ALARMS_PER_DAY = 0.25
# How soon after its beginning a fault must be told to count as detected, s.
IN_TIME = 60


def alarms(active: np.ndarray) -> list[int]:
    """Rows at which an alarm is raised: K of the last N are active; it is cleared when N in a row are not."""
    raised: list[int] = []
    recent: list[int] = []
    standing, before = False, -1
    # Only an active row can raise, and only a gap between two of them can have cleared.
    for row in np.flatnonzero(active).tolist():
        if standing and row - before > N:
            standing = False
        recent = [] if standing else [*(r for r in recent if r > row - N), row]
        if len(recent) >= K:
            raised.append(row)
            standing, recent = True, []
        before = row
    return raised


@dataclass(frozen=True)
class Detector:
    """Scores of runs and the threshold that goes with them."""

    score: Score
    threshold: float

    def raised(self, run: Run) -> list[int]:
        """Seconds after the start of the run."""
        return [row + WINDOW for row in alarms(self.score(run.features) > self.threshold)]

    def delay(self, run: Run) -> float:
        """Seconds from the beginning of the fault to the first alarm after it."""
        return next((second - run.at for second in self.raised(run) if second > run.at), np.inf)


def calibrate(score: Score, healthy: list[Run]) -> Detector:
    """The least threshold, to two digits, that gives no more than the false alarms that are put up with."""
    scored = [score(run.features) for run in healthy]
    allowed = FALSE_ALARMS_PER_DAY * asset_days(healthy)
    highest = np.sort(np.concatenate(scored))[::-1]
    # The more windows are above, the more alarms there are: bisection over how many.
    few, many = 0, len(highest) - 1
    while many - few > 1:
        middle = (few + many) // 2
        if sum(len(alarms(s > highest[middle])) for s in scored) > allowed:
            many = middle
        else:
            few = middle
    least = highest[few]
    magnitude = 10.0 ** (np.floor(np.log10(least)) - 1)
    return Detector(score, float(round(np.ceil(least / magnitude) * magnitude, 6)))


def asset_days(runs: list[Run]) -> float:
    return sum(len(run.features) for run in runs) / DAY
