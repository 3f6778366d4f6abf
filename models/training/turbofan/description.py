"""What the bundle says of itself: manifest and model card."""

from pathlib import Path

import numpy as np
import onnx

from edgewright_training import card
from edgewright_training.bundle import data_file, ranges

from .data import CAP, SENSORS, WINDOW, Windows
from .net import answer
from .validation import FOLDS, SEEDS, slices

NAME = "turbofan-rul"
VERSION = "1.0.0"


def manifest(data: Windows) -> dict[str, object]:
    seen = ranges({name: data.x[:, :, i] for i, name in enumerate(SENSORS)})
    return {
        "schema": "edgewright.manifest/1",
        "name": NAME,
        "version": VERSION,
        "release": 1,
        "description": f"Flights left to a turbofan (C-MAPSS FD001), at most {CAP:.0f}, from its last {WINDOW}.",
        "requires": {"memoryMiB": 8},
        "tags": {
            name: {"unit": unit, "description": text, "range": seen[name]} for name, (unit, text) in SENSORS.items()
        },
        "window": {"count": WINDOW, "every": 1},
        "maxMissing": 0,
        "input": {"tensor": "sensors", "layout": "TC", "tags": list(SENSORS)},
        "outputs": {"rul": {"kind": "regression", "tensor": "rul", "unit": "cycles", "range": [0, CAP]}},
    }


def model_card(
    path: Path,
    data: Windows,
    found: list[card.Metric],
    answers: dict[str, np.ndarray],
    model: onnx.ModelProto,
    int8: onnx.ModelProto,
) -> dict[str, object]:
    """`answers`: of the validation, by model."""
    difference = answer(int8, data) - answer(model, data)
    return {
        "schema": "edgewright.model-card/1",
        "name": NAME,
        "version": VERSION,
        "intendedUse": "Planning of overhauls for engines like those of C-MAPSS FD001: one operating regime (sea "
        "level), one failure mode (degradation of the high-pressure compressor). A demonstration on public data.",
        "limits": [
            f"The truth is capped at {CAP:.0f} flights: an answer near it means far from the end, not a number.",
            f"Needs {WINDOW} readings in a row; nothing before the {WINDOW}th flight of an engine.",
            "Other regimes or failure modes (FD002 to FD004) are outside of what it knows.",
            "The RMSE of 100 answers, as in the official test set, has a standard error of about 1 cycle.",
            "The settings were chosen by validation on the same engines: expect new engines to be a little worse.",
            "The official test set was not at hand when this was made; the truncations imitate it.",
        ],
        "data": {
            "sources": [
                {
                    "name": "NASA C-MAPSS turbofan engine degradation simulation, FD001 (Saxena et al. 2008)",
                    "licence": "public domain (NASA)",
                    "files": [data_file(path, len(data.x) + (WINDOW - 1) * len(np.unique(data.engine)))],
                }
            ],
            "splits": f"Validation in {FOLDS} folds by engine; the shipped model is trained on all 100 engines.",
            "seeds": SEEDS,
        },
        "metrics": [metric.entry() for metric in found],
        "slices": slices(data, answers),
        "quantization": card.quantization(
            {
                "rmsDifferenceCycles": float(np.sqrt((difference**2).mean())),
                "largestDifferenceCycles": float(abs(difference).max()),
            }
        ),
        "cost": card.cost(int8, model),
        "approvals": [],
    }
