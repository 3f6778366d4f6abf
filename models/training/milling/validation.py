"""Five folds: every answer comes from a model, calibrated on its own rows, that never saw the row."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import stats
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score
from sklearn.model_selection import StratifiedKFold

from edgewright_training import card
from edgewright_training.metrics import LEVEL, REPLICATES, Estimate, grouped_mean

from . import net, trees
from .calibration import THRESHOLD, Platt, cost, platt
from .data import DERIVED, TAGS, Rows

FOLDS, INNER = 5, 4
SEEDS = {"folds": 1, "innerFolds": 2, "trees": trees.SEED, "net": net.SEED}
SPLIT = f"{FOLDS} folds by failure; calibrated on {INNER} folds within the others"
PER = 1000
TREES, INT8_NET, FLOAT_NET = "trees", "int8 net", "float net"

# Trains on some rows; returns the logits of others, by the name of the model: a net comes with its float parent.
Fit = Callable[[np.ndarray, np.ndarray, np.ndarray], dict[str, np.ndarray]]
Logits = dict[str, np.ndarray]


@dataclass(frozen=True)
class Validated:
    """Logits and calibrated probabilities of every row, by model."""

    logits: dict[str, np.ndarray]
    probability: dict[str, np.ndarray]

    def stopped(self, name: str) -> np.ndarray:
        return self.probability[name] > THRESHOLD


def folds(rows: Rows, chosen: np.ndarray, count: int, seed: int):
    split = StratifiedKFold(count, shuffle=True, random_state=seed)
    for inside, outside in split.split(chosen, rows.failed[chosen]):
        yield chosen[inside], chosen[outside]


def out_of_fold(fit: Fit, x: np.ndarray, rows: Rows, chosen: np.ndarray) -> Logits:
    """Logits of the chosen rows by models that were trained on the others of them."""
    found: Logits = {}
    for inside, outside in folds(rows, chosen, INNER, SEEDS["innerFolds"]):
        for name, logits in fit(x[inside], rows.failed[inside], x[outside]).items():
            found.setdefault(name, np.empty(len(x)))[outside] = logits
    return {name: logits[chosen] for name, logits in found.items()}


def fit_trees(x: np.ndarray, failed: np.ndarray, asked: np.ndarray) -> Logits:
    return {TREES: trees.logits(trees.train(x, failed), asked)}


def fit_plain_trees(x: np.ndarray, failed: np.ndarray, asked: np.ndarray) -> Logits:
    return {"trees on the six tags": trees.logits(trees.train(x, failed), asked)}


def fit_net(x: np.ndarray, failed: np.ndarray, asked: np.ndarray) -> Logits:
    model, int8 = net.train(x, failed)
    return {INT8_NET: net.logits(int8, asked), FLOAT_NET: net.logits(model, asked)}


def fit_logistic(x: np.ndarray, failed: np.ndarray, asked: np.ndarray) -> Logits:
    mean, deviation = x.mean(0), x.std(0)
    fitted = LogisticRegression(max_iter=1000).fit((x - mean) / deviation, failed)
    return {"logistic regression": fitted.decision_function((asked - mean) / deviation)}


def columns(rows: Rows, names: list[str]) -> np.ndarray:
    features = rows.features()
    return np.stack([features[name] for name in names], 1)


def validate(rows: Rows) -> Validated:
    plain = [f"{tag}.mean" for tag in TAGS]
    candidates: list[tuple[Fit, list[str]]] = [
        (fit_trees, trees.NAMES),
        (fit_net, net.NAMES),
        (fit_plain_trees, plain),
        (fit_logistic, [*plain, *DERIVED]),
    ]
    logits: Logits = {}
    probability: Logits = {}
    everything = np.arange(len(rows.failed))
    for fit, names in candidates:
        x = columns(rows, names)
        for inside, outside in folds(rows, everything, FOLDS, SEEDS["folds"]):
            within = out_of_fold(fit, x, rows, inside)
            for name, given in fit(x[inside], rows.failed[inside], x[outside]).items():
                calibration = platt(within[name], rows.failed[inside])
                logits.setdefault(name, np.empty(len(x)))[outside] = given
                probability.setdefault(name, np.empty(len(x)))[outside] = calibration.probability(given)
    return Validated(logits, probability)


def calibrate(rows: Rows, fit: Fit, x: np.ndarray, name: str) -> Platt:
    """For the model that is shipped, trained on all rows: by models trained on most of them."""
    return platt(out_of_fold(fit, x, rows, np.arange(len(x)))[name], rows.failed)


def metrics(rows: Rows, found: Validated, name: str, parent: str | None) -> list[card.Metric]:
    failed = rows.failed
    per = lambda mean: mean * PER

    def costs(stopped: np.ndarray) -> Estimate:
        return grouped_mean(cost(stopped, failed), rows.tool, per)

    others = [other for other in found.probability if other not in (name, parent, FLOAT_NET)]
    measured = {other: costs(found.stopped(other)) for other in found.probability}
    baselines = {
        "never stopping": costs(np.zeros(len(failed), bool)),
        "always stopping": costs(np.ones(len(failed), bool)),
        f"{name}, stopping above 0.5": costs(found.probability[name] > 0.5),
        **{other: measured[other] for other in others},
    }
    precision = {other: average_precision(failed, found.logits[other], rows.tool) for other in found.logits}
    stopped = found.stopped(name)
    return [
        card.Metric(
            f"cost per {PER} workpieces, in false alarms",
            SPLIT,
            measured[name],
            measured[parent] if parent else None,
            baselines,
            "failure",
        ),
        card.Metric(
            "average precision",
            SPLIT,
            precision[name],
            precision[parent] if parent else None,
            {other: precision[other] for other in others},
            "failure",
            higher_is_better=True,
        ),
        card.Metric(
            "failures caught",
            SPLIT,
            share(stopped[failed]),
            share(found.stopped(parent)[failed]) if parent else None,
            {},
            "failure",
            higher_is_better=True,
        ),
        card.Metric(
            f"false alarms per {PER} workpieces",
            SPLIT,
            grouped_mean((stopped & ~failed).astype(float), rows.tool, per),
            grouped_mean((found.stopped(parent) & ~failed).astype(float), rows.tool, per) if parent else None,
            {},
            "failure",
        ),
    ]


def difference(rows: Rows, found: Validated, name: str, other: str) -> Estimate:
    """What the one costs more than the other, row by row."""
    more = cost(found.stopped(name), rows.failed) - cost(found.stopped(other), rows.failed)
    return grouped_mean(more, rows.tool, lambda mean: mean * PER)


def share(successes: np.ndarray) -> Estimate:
    n, k = len(successes), int(np.sum(successes))
    interval = stats.binomtest(k, n).proportion_ci(LEVEL, method="exact")
    return Estimate(k / n, n, (float(interval.low), float(interval.high)))


def average_precision(failed: np.ndarray, logits: np.ndarray, groups: np.ndarray) -> Estimate:
    _, index = np.unique(groups, return_inverse=True)
    random = np.random.default_rng(0)
    weights = random.multinomial(index.max() + 1, np.full(index.max() + 1, 1 / (index.max() + 1)), REPLICATES // 10)
    replicates = [average_precision_score(failed, logits, sample_weight=w[index]) for w in weights]
    tail = 50 * (1 - LEVEL)
    low, high = np.percentile(replicates, [tail, 100 - tail])
    return Estimate(float(average_precision_score(failed, logits)), len(failed), (float(low), float(high)))


def slices(rows: Rows, found: Validated, name: str) -> list[dict[str, object]]:
    """By grade: what stopping by the model costs."""
    costs = cost(found.stopped(name), rows.failed)
    entries = []
    for letter, code in {"L": 0, "M": 1, "H": 2}.items():
        chosen = rows.tags["type"] == code
        estimate = grouped_mean(costs[chosen], rows.tool[chosen], lambda mean: mean * PER)
        entries.append(card.slice_entry(f"cost per {PER} workpieces", f"grade {letter}", estimate, "failure"))
    return entries
