"""False alarms and detected faults, on pumps that neither training nor the threshold has seen."""

import numpy as np
import onnx

from edgewright_training import card
from edgewright_training.metrics import proportion, rate

from .alarms import IN_TIME, Detector, K, N, Score, asset_days, calibrate
from .data import Run
from .graph import transform
from .net import scores

# The best of 6 to 16.
COMPONENTS = 12
HEALTHY = "healthy"
SPLIT = "other pumps (trims, modes, noise)"


def detectors(runs: list[Run], model: onnx.ModelProto, int8: onnx.ModelProto) -> dict[str, Detector]:
    """Each with a threshold of its own, for equally many false alarms on the pumps of the calibration set."""
    healthy = [run for run in runs if run.set == "calibration"]
    made = {
        "int8": lambda features: scores(int8, features),
        "float": lambda features: scores(model, features),
        **simple_scores(np.concatenate([run.features for run in runs if run.set == "train"])),
    }
    return {name: calibrate(score, healthy) for name, score in made.items()}


def simple_scores(features: np.ndarray) -> dict[str, Score]:
    """What one would try first: limits for each feature, and the rest that principal components leave."""
    x = transform(features)
    mean, deviation = x.mean(0), x.std(0)
    z = (x - mean) / deviation
    components = np.linalg.eigh(z.T @ z)[1][:, -COMPONENTS:]
    rest = np.eye(z.shape[1]) - components @ components.T
    spread = (z @ rest).std(0)

    def standardised(features: np.ndarray) -> np.ndarray:
        return (transform(features) - mean) / deviation

    return {
        "limits per feature": lambda features: abs(standardised(features)).max(1),
        "principal components": lambda features: ((standardised(features) @ rest / spread) ** 2).mean(1),
    }


def faults(runs: list[Run]) -> dict[str, list[Run]]:
    kinds = dict.fromkeys(run.fault for run in runs if run.fault)
    return {kind: [run for run in runs if run.fault == kind] for kind in kinds}


def metrics(runs: list[Run], found: dict[str, Detector]) -> list[card.Metric]:
    healthy = [run for run in runs if run.set == "test"]
    false = {
        name: rate(sum(len(detector.raised(run)) for run in healthy), asset_days(healthy))
        for name, detector in found.items()
    }
    # No baseline: all thresholds are made for the same false alarms.
    quiet = card.Metric(f"false alarms per asset-day, {K} of {N}", SPLIT, false["int8"], false["float"], {})
    detected = {
        kind: {name: np.array([detector.delay(run) <= IN_TIME for run in befallen]) for name, detector in found.items()}
        for kind, befallen in faults(runs).items()
    }
    all_faults = {name: np.concatenate([hits[name] for hits in detected.values()]) for name in found}
    return [quiet, *(detection(kind, hits) for kind, hits in {"all faults": all_faults, **detected}.items())]


def detection(kind: str, hits: dict[str, np.ndarray]) -> card.Metric:
    figures = {name: proportion(values) for name, values in hits.items()}
    int8, parent = figures.pop("int8"), figures.pop("float")
    return card.Metric(f"detected within {IN_TIME} s", SPLIT, int8, parent, figures, kind, higher_is_better=True)


def delays(runs: list[Run], detector: Detector) -> dict[str, dict[str, float | None]]:
    """Seconds to the alarm per fault: median and nine of ten pumps; None where it never came."""
    quantiles = {}
    for kind, befallen in faults(runs).items():
        seconds = np.sort([detector.delay(run) for run in befallen])
        picked = {name: seconds[int(np.ceil(q * len(seconds))) - 1] for name, q in {"median": 0.5, "p90": 0.9}.items()}
        quantiles[kind] = {name: float(s) if np.isfinite(s) else None for name, s in picked.items()}
    return quantiles


def windows_above(runs: list[Run], detector: Detector) -> list[dict[str, object]]:
    """
    Share of windows above the threshold by the mode at their end: on healthy pumps, and once a fault stands at its
    worst, which tells whether an alarm lasts.
    """
    kinds = {HEALTHY: [run for run in runs if run.set == "test"], **faults(runs)}
    entries = []
    for kind, members in kinds.items():
        settled = [np.arange(len(run.features)) > max(run.at, -IN_TIME) + IN_TIME for run in members]
        above = np.concatenate([(detector.score(r.features) > detector.threshold)[s] for r, s in zip(members, settled)])
        mode = np.concatenate([run.mode[s] for run, s in zip(members, settled)])
        for letter, name in {"i": "idle", "p": "part-load", "f": "full-load"}.items():
            rows = above[mode == letter]
            share = round(float(rows.mean()), 5)
            entries.append(
                {"metric": "windows above threshold", "where": f"{kind}, {name}", "value": share, "n": len(rows)}
            )
    return entries
