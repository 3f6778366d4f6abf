"""Validation on combinations of conditions, and on stretches of the recording, that a model never saw."""

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold
from sklearn.neighbors import NearestCentroid
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from edgewright_training import card
from edgewright_training.metrics import accuracy

from .data import LABELS, Cycles
from .net import NOT_WORKING, TRAINING_SEED, labels_of, train

SEEDS = {"training": TRAINING_SEED, "folds": 0}
FOLDS = 5
COMBINATIONS, STRETCHES = "unseen combinations", "unseen stretches"


def simple_models(data: Cycles, inside: np.ndarray, outside: np.ndarray) -> dict[str, np.ndarray]:
    """Answers of what one would try first, from the mean of every tag of the rig over the cycle."""
    candidates = {
        "nearest centroid of cycle means": lambda: make_pipeline(StandardScaler(), NearestCentroid()),
        "logistic regression on cycle means": lambda: make_pipeline(StandardScaler(), LogisticRegression(max_iter=500)),
    }
    answers = {}
    for name, make in candidates.items():
        columns = [
            make().fit(data.means[inside], truth[inside]).predict(data.means[outside]) for truth in data.labels.T
        ]
        answers[name] = np.column_stack(columns)
    return answers


def cross_validate(data: Cycles, fold: np.ndarray) -> dict[str, np.ndarray]:
    """Labels [cycles, targets] by models that never saw the fold."""
    answers: dict[str, np.ndarray] = {}
    for k in np.unique(fold):
        inside, outside = fold != k, fold == k
        model, int8 = train(data.pick(inside), shipped=False)
        found = {"int8": labels_of(int8, data.pick(outside)), "float": labels_of(model, data.pick(outside))}
        for name, labels in {**found, **simple_models(data, inside, outside)}.items():
            answers.setdefault(name, np.empty_like(data.labels))[outside] = labels
    return answers


def unseen_combinations(data: Cycles) -> np.ndarray:
    fold = np.empty(len(data.x), int)
    split = GroupKFold(FOLDS, shuffle=True, random_state=SEEDS["folds"])
    for k, (_, outside) in enumerate(split.split(data.x, groups=data.combination)):
        fold[outside] = k
    return fold


def metrics(data: Cycles, answers: dict[str, dict[str, np.ndarray]]) -> list[card.Metric]:
    """`answers` by split. The target that does not work is judged where it cannot cheat, on stretches."""
    constant = np.tile([np.bincount(truth).argmax() for truth in data.labels.T], (len(data.labels), 1))
    groups = {COMBINATIONS: data.combination, STRETCHES: data.stretch}
    made = []
    for split, found in answers.items():
        for i, target in enumerate(LABELS):
            if target == NOT_WORKING and split != STRETCHES:
                continue
            given = {"always the most frequent": constant, **found}
            figures = {k: accuracy(v[:, i], data.labels[:, i], groups[split]) for k, v in given.items()}
            int8, parent = figures.pop("int8"), figures.pop("float")
            made.append(card.Metric("accuracy", split, int8, parent, figures, target, higher_is_better=True))
    return made


def slices(data: Cycles, found: np.ndarray) -> list[dict[str, object]]:
    """On unseen combinations, of the targets that work."""
    entries = []
    for i, target in enumerate(LABELS):
        if target == NOT_WORKING:
            continue
        wheres = {"stable conditions": data.stable, "conditions not yet stable": ~data.stable}
        wheres |= {f"truth {label}": data.labels[:, i] == k for k, label in enumerate(LABELS[target])}
        for where, rows in wheres.items():
            estimate = accuracy(found[rows, i], data.labels[rows, i], data.combination[rows])
            entries.append(card.slice_entry("accuracy", where, estimate, target))
    return entries
