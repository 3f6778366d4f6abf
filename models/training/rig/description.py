"""What the bundle says of itself: manifest and model card."""

from pathlib import Path

import numpy as np
import onnx

from edgewright_training import card
from edgewright_training.bundle import data_file, ranges

from .alarms import FALSE_ALARMS_PER_DAY, K, N
from .data import FILE, LINEAR, LOGARITHMIC, TAGS, WINDOW, Run
from .net import TRAINING_SEED, scores
from .validation import HEALTHY, Detector, delays, windows_above

NAME = "rig-anomaly"
VERSION = "1.0.0"
SIMULATOR_SEED = 20240  # of rig-data.mjs
# Share of the pumps below which the card says that a fault is not detected reliably.
RELIABLE = 0.9


def manifest(runs: list[Run], threshold: float) -> dict[str, object]:
    healthy = [run for run in runs if not run.fault]
    seen = ranges({tag: np.array([run.extremes[tag] for run in healthy]) for tag in TAGS})
    return {
        "schema": "edgewright.manifest/1",
        "name": NAME,
        "version": VERSION,
        "release": 1,
        "description": "How far the signals of a pump are from hanging together as they do on healthy pumps.",
        "requires": {"memoryMiB": 8},
        "tags": {
            tag: {"unit": unit, "description": text, "range": seen[tag], "period": f"{period}ms"}
            for tag, (period, unit, text) in TAGS.items()
        },
        "window": {"length": f"{WINDOW}s", "every": "1s"},
        # One of the five temperatures of a window.
        "maxMissing": 0.2,
        "input": {"tensor": "features", "statistics": LOGARITHMIC + LINEAR},
        "outputs": {"anomaly": {"kind": "score", "tensor": "score", "threshold": threshold}},
        # Each residual is relative to its usual spread already.
        "explanation": {"method": "squared_error", "tensor": "residual"},
    }


def model_card(
    folder: Path,
    runs: list[Run],
    found: list[card.Metric],
    detector: Detector,
    model: onnx.ModelProto,
    int8: onnx.ModelProto,
) -> dict[str, object]:
    x = np.concatenate([run.features for run in runs if run.set == "test"])
    ratio = scores(int8, x) / scores(model, x)
    shown = windows_above(runs, detector)
    missed = [f"{m.target} ({m.int8.value:.2f})" for m in found if m.target and m.int8.value < RELIABLE]
    faint = [f"{s['where']} ({s['value']:.2f})" for s in shown if HEALTHY not in s["where"] and s["value"] < RELIABLE]
    return {
        "schema": "edgewright.model-card/1",
        "name": NAME,
        "version": VERSION,
        "intendedUse": "Tells when a simulated pump of the demo does not behave as healthy ones do, in any mode "
        "and through changes of mode. A score, not a diagnosis: the output `residual` says which features stand out.",
        "limits": [
            "Knows the simulated rig only; a real machine needs training anew.",
            f"The threshold is meant for alarms by {K} of {N} windows, one a second; single ones exceed it more often.",
            *(
                [f"At their worst these show in part of the windows, an alarm may clear: {'; '.join(faint)}."]
                if faint
                else []
            ),
            *([f"Not detected reliably within the time asked for: {', '.join(missed)}."] if missed else []),
        ],
        "data": {
            "sources": [
                {
                    "name": "Edgewright's pump rig simulator, by models/training/rig-data.mjs",
                    "licence": "Apache-2.0",
                    "files": [data_file(folder / FILE, len(runs))],
                }
            ],
            "splits": "By pump: training, calibration of the threshold, test of false alarms, faults.",
            "seeds": {"simulator": SIMULATOR_SEED, "training": TRAINING_SEED},
        },
        "metrics": [metric.entry() for metric in found],
        "delays": delays(runs, detector),
        "slices": shown,
        "threshold": {"value": detector.threshold, "falseAlarmsPerAssetDayInCalibration": FALSE_ALARMS_PER_DAY},
        "quantization": card.quantization({"medianRatioOfScores": float(np.median(ratio))}),
        "cost": card.cost(int8, model),
        "approvals": [],
    }
