"""Validation on a fault diameter that training did not see: whole recordings are on one side or the other."""

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from edgewright_training import card
from edgewright_training.metrics import accuracy

from .data import DIAMETERS, LABELS, SECONDS, Windows
from .net import labels_of, train

# A line this far above the background is one, said before anything was trained.
STANDS_OUT = 4.0
MIL = "mil, trained on the other two diameters"
# Where the one healthy recording is cut, s: windows of one side overlap none of the other.
HALF = 1.25


def rule(x: np.ndarray) -> np.ndarray:
    """Without training: the race whose frequency stands out more, if it does; else the ball."""
    bpfo, bpfi = x[:, 0], x[:, 1]
    race = np.where(bpfo > bpfi, LABELS.index("outer_race"), LABELS.index("inner_race"))
    return np.where(np.maximum(bpfo, bpfi) > STANDS_OUT, race, LABELS.index("ball"))


def simple_models(inside: Windows, x: np.ndarray) -> dict[str, np.ndarray]:
    candidates = {
        "logistic regression on the same features": lambda: LogisticRegression(max_iter=2000, class_weight="balanced"),
        "net of 16 hidden units on the same features": lambda: MLPClassifier(
            (16,), alpha=1.0, max_iter=2000, random_state=0
        ),
    }
    answers = {"the race that stands out 4 times, else the ball (no training)": rule(x)}
    for name, make in candidates.items():
        fitted = make_pipeline(StandardScaler(), make()).fit(np.log(inside.x), inside.label)
        answers[name] = fitted.predict(np.log(x))
    answers["always the ball"] = np.full(len(x), LABELS.index("ball"))
    return answers


def cross_validate(training: Windows, judged: Windows) -> dict[str, np.ndarray]:
    """Labels of the judged windows of damage by models that never saw their diameter; -1 for healthy ones."""
    answers: dict[str, np.ndarray] = {}
    for diameter in DIAMETERS:
        inside = training.pick(training.diameter != diameter)
        outside = judged.diameter == diameter
        model, int8 = train(inside)
        x = judged.x[outside]
        found = {"int8": labels_of(int8, x), "float": labels_of(model, x), **simple_models(inside, x)}
        for name, labels in found.items():
            answers.setdefault(name, np.full(len(judged.x), -1))[outside] = labels
    return answers


def other_half(training: Windows) -> tuple[np.ndarray, np.ndarray, Windows]:
    """Labels of healthy windows by models that saw the other half of the same recording: int8, float, and the windows."""
    healthy = training.diameter == 0
    early = healthy & (training.start + SECONDS <= HALF)
    late = healthy & (training.start >= HALF)
    labels = {"int8": [], "float": []}
    for seen in (early, late):
        model, int8 = train(training.pick(~healthy | seen))
        unseen = training.x[late if seen is early else early]
        labels["int8"].append(labels_of(int8, unseen))
        labels["float"].append(labels_of(model, unseen))
    rows = np.concatenate([np.flatnonzero(late), np.flatnonzero(early)])
    return np.concatenate(labels["int8"]), np.concatenate(labels["float"]), training.pick(rows)


def metrics(training: Windows, judged: Windows, answers: dict[str, np.ndarray]) -> list[card.Metric]:
    splits = {"each diameter by models trained on the other two": judged.diameter > 0}
    splits |= {f"{diameter} {MIL}": judged.diameter == diameter for diameter in DIAMETERS}
    made = []
    for split, rows in splits.items():
        figures = {k: accuracy(v[rows], judged.label[rows], judged.recording[rows]) for k, v in answers.items()}
        int8, parent = figures.pop("int8"), figures.pop("float")
        made.append(card.Metric("accuracy", split, int8, parent, figures, "fault", higher_is_better=True))
    int8, parent, half = other_half(training)
    # One recording is one group: the windows say nothing about another motor.
    same = (accuracy(labels, half.label, half.recording) for labels in (int8, parent))
    split = "healthy, the other half of the one recording: no evidence about another motor"
    made.append(card.Metric("accuracy", split, *same, {}, "fault", higher_is_better=True))
    return made


def confusion(judged: Windows, labels: np.ndarray) -> dict[str, dict[str, int]]:
    """Windows by recording and label."""
    return {
        str(name): {LABELS[k]: int(n) for k, n in zip(*np.unique(labels[judged.recording == name], return_counts=True))}
        for name in dict.fromkeys(judged.recording)
        if (labels[judged.recording == name] >= 0).all()
    }
