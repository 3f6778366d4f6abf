"""From what a model says to a probability, and from there to what costs least."""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

# What it costs, in false alarms, to go on where the workpiece fails.
MISSED = 50
COSTS = {
    "unit": "false alarms",
    "normal": "continue",
    "actions": {"continue": {"ok": 0, "failure": MISSED}, "stop": {"ok": 1, "failure": 0}},
}
# Above this probability stopping costs less: (C10 - C00) / (C10 - C00 + C01 - C11).
THRESHOLD = 1 / (1 + MISSED)
# As in the runtime: a probability nearer to 0 or 1 counts as this far off.
LEAST = 1e-7


@dataclass(frozen=True)
class Platt:
    slope: float
    intercept: float

    def probability(self, logits: np.ndarray) -> np.ndarray:
        return expit(self.slope * logits + self.intercept)

    def manifest(self) -> dict[str, object]:
        return {"method": "platt", "slope": self.slope, "intercept": self.intercept}


def platt(logits: np.ndarray, failed: np.ndarray) -> Platt:
    """`logits`: of rows that the model was not trained on."""
    fitted = LogisticRegression(C=1e6).fit(logits[:, None], failed)
    return Platt(round(float(fitted.coef_[0, 0]), 6), round(float(fitted.intercept_[0]), 6))


def log_odds(p: np.ndarray) -> np.ndarray:
    bounded = np.clip(p, LEAST, 1 - LEAST)
    return np.log(bounded / (1 - bounded))


def cost(stopped: np.ndarray, failed: np.ndarray) -> np.ndarray:
    """Per row."""
    return np.where(failed, np.where(stopped, 0, MISSED), np.where(stopped, 1, 0)).astype(float)
