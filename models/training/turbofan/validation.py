"""Validation by engine: every answer comes from a model that never saw the engine."""

import numpy as np
from sklearn.linear_model import Ridge

from edgewright_training import card
from edgewright_training.metrics import grouped_mean, nasa_score, rmse

from .data import CAP, WINDOW, Windows
from .net import TRAINING_SEED, answer, train, trends_of

SEEDS = {"training": TRAINING_SEED, "folds": 1, "truncation": 7}
FOLDS = 5
# As in the official test set, an engine is seen up to a flight at which it has 7 to 145 flights left.
TRUNCATIONS, LEAST_LEFT, MOST_LEFT = 20, 7, 145
SLICES = [(0, 30), (30, 60), (60, 100), (100, 126)]


def ridge(features: np.ndarray, train_rows: np.ndarray, truth: np.ndarray) -> np.ndarray:
    mean, deviation = features[train_rows].mean(0), features[train_rows].std(0)
    z = (features - mean) / deviation
    fitted = Ridge(1.0).fit(z[train_rows], truth[train_rows])
    return np.clip(fitted.predict(z), 0, CAP)


def cross_validate(data: Windows) -> dict[str, np.ndarray]:
    """Answers for every window by models that never saw its engine."""
    engines = np.unique(data.engine)
    fold_of = dict(zip(engines, np.random.default_rng(SEEDS["folds"]).permutation(len(engines)) % FOLDS))
    fold = np.array([fold_of[engine] for engine in data.engine])
    simple = {"last reading": data.x[:, -1], "window means": data.x.mean(1), "levels and trends": trends_of(data.x)}
    names = ["int8", "float", "mean life left", *(f"ridge on {features}" for features in simple)]
    answers = {name: np.empty(len(data.x)) for name in names}
    for k in range(FOLDS):
        inside, outside = fold != k, fold == k
        model, int8 = train(data.pick(inside))
        answers["float"][outside] = answer(model, data.pick(outside))
        answers["int8"][outside] = answer(int8, data.pick(outside))
        answers["mean life left"][outside] = data.truth[inside].mean()
        for features, values in simple.items():
            answers[f"ridge on {features}"][outside] = ridge(values, inside, data.truth)[outside]
    return answers


def truncate(data: Windows) -> np.ndarray:
    """Rows such as the official test set has: engines seen up to a flight with a uniform number of flights left."""
    random = np.random.default_rng(SEEDS["truncation"])
    rows = []
    for engine in np.unique(data.engine):
        own = np.flatnonzero(data.engine == engine)
        most = min(MOST_LEFT, data.left[own].max())
        rows.append(own[-1] - random.integers(LEAST_LEFT, most + 1, TRUNCATIONS))
    return np.concatenate(rows)


def metrics(data: Windows, answers: dict[str, np.ndarray]) -> list[card.Metric]:
    lives = f"{FOLDS} folds by engine, every flight from the {WINDOW}th", np.arange(len(data.x))
    ends = (
        f"{FOLDS} folds by engine, {TRUNCATIONS} ends per engine with {LEAST_LEFT} to {MOST_LEFT} left",
        truncate(data),
    )
    # No score over whole lives: it is exponential, a single bad engine would be all one sees.
    wanted = [("rmse", rmse, ends), ("rmse", rmse, lives), ("nasa-score-per-100", nasa_score, ends)]
    made = []
    for name, measure, (split, rows) in wanted:
        figures = {k: measure(v[rows], data.truth[rows], data.engine[rows]) for k, v in answers.items()}
        int8, parent = figures.pop("int8"), figures.pop("float")
        made.append(card.Metric(name, split, int8, parent, figures, "rul"))
    return made


def slices(data: Windows, answers: dict[str, np.ndarray]) -> list[dict[str, object]]:
    entries = []
    for low, high in SLICES:
        rows = (data.truth >= low) & (data.truth < high)
        error = answers["int8"][rows] - data.truth[rows]
        where = f"{low} <= truth < {high} cycles, every flight"
        entries.append(card.slice_entry("rmse", where, grouped_mean(error**2, data.engine[rows], np.sqrt), "rul"))
        entries.append(card.slice_entry("bias", where, grouped_mean(error, data.engine[rows]), "rul"))
    return entries
