"""What the bundle says of itself: manifest and model card."""

from pathlib import Path

import numpy as np
import onnx

from edgewright_training import card
from edgewright_training.bundle import data_file, ranges
from edgewright_training.metrics import accuracy

from .data import (
    BEARING,
    ENVELOPE_BAND,
    FAULTS,
    LABELS,
    NORMAL,
    NORMAL_RATE,
    POWER_BAND,
    RATE,
    SECONDS,
    SPEED,
    Windows,
    motor_lines,
)
from .net import labels_of
from .validation import confusion

NAME = "bearing-envelope"
VERSION = "1.0.0"
AS_SHIPPED = "as shipped, on the recordings that it was trained on"


def manifest(judged: Windows) -> dict[str, object]:
    def race(defect: str) -> dict[str, object]:
        low, high = ENVELOPE_BAND
        return {
            "feature": "envelope_prominence",
            "as": defect.lower(),
            "defect": defect,
            "bearing": BEARING,
            "speed": {"tag": "speed"},
            "low": low,
            "high": high,
        }

    low, high = POWER_BAND
    return {
        "schema": "edgewright.manifest/1",
        "name": NAME,
        "version": VERSION,
        "release": 1,
        "description": "Which part of a rolling bearing (SKF 6205) is damaged, from one second of vibration at its "
        "housing and the speed of its shaft.",
        "requires": {"memoryMiB": 8},
        "tags": {
            "vibration": {
                "unit": "g",
                "description": "Acceleration at the housing of the bearing, 12 kHz or more",
                "range": ranges({"vibration": judged.reach}, digits=2)["vibration"],
                # A hair more than 1/12 ms, so that a second has 12,000 samples at least.
                "period": "0.08334ms",
            },
            "speed": {"unit": "rpm", "description": "Speed of the shaft", "range": [1700, 1900]},
        },
        "window": {"length": f"{SECONDS:g}s"},
        "input": {
            "tensor": "features",
            "statistics": [
                {
                    "tags": ["vibration"],
                    "grid": {"rate": RATE, "method": "band_limited"},
                    "features": [
                        race("BPFO"),
                        race("BPFI"),
                        {"feature": "band_power", "as": "power", "low": low, "high": high},
                    ],
                }
            ],
        },
        "outputs": {"fault": {"kind": "classes", "tensor": "fault", "activation": "softmax", "labels": LABELS}},
    }


def model_card(
    folder: Path,
    judged: Windows,
    found: list[card.Metric],
    unseen: np.ndarray,
    model: onnx.ModelProto,
    int8: onnx.ModelProto,
) -> dict[str, object]:
    """`unseen`: the int8 models' labels of diameters that they never saw."""
    shipped = labels_of(int8, judged.x)
    damage = judged.diameter > 0
    slices = [card.slice_entry("accuracy", AS_SHIPPED, accuracy(shipped, judged.label, judged.recording), "fault")]
    for k, label in enumerate(LABELS[1:], 1):
        rows = damage & (judged.label == k)
        estimate = accuracy(unseen[rows], judged.label[rows], judged.recording[rows])
        slices.append(card.slice_entry("accuracy", f"unseen diameter, truth {label}", estimate, "fault"))
    lines = motor_lines(folder)
    return {
        "schema": "edgewright.model-card/1",
        "name": NAME,
        "version": VERSION,
        "intendedUse": "A hint which race of a bearing is damaged. A demonstration on public data: nine damaged bearings "
        "of one motor at one speed and one load, damage cut by electro-erosion. Another bearing needs its geometry in the "
        "manifest, another machine its own level of `power`.",
        "limits": [
            "Nine recordings of damage: the windows of one are alike, so the intervals draw recordings, and three to a "
            "fold say little. Features and form of the net were chosen with these recordings in view. The lead over a rule without "
            "training is three windows of 90, which is none.",
            "The outer race at 14 mil is never found: its frequency does not show in the envelope, which others report, "
            "too (Smith and Randall 2015). It is called a ball.",
            "Ball is what is damaged without either race showing. The ball's own frequency shows in none of the three "
            "recordings; at 21 mil most windows are called inner race.",
            "Healthy is one recording of 2.5 s. That it is told from damage rests on the power between 2 and 4 kHz, some "
            "20 times less than in the quietest damage, and may be the recording's as well as the bearing's.",
            f"The healthy recording is taken as sampled at {NORMAL_RATE // 1000} kHz: lines of the motor at 1437, 658 and "
            f"420 Hz stand {lines[NORMAL_RATE]:.0f} times out of it then, and {lines[RATE]:.0f} times at "
            f"{RATE // 1000} kHz. It is brought to {RATE // 1000} kHz by a band-limited grid.",
            "Windows of the same recording on both sides of a split give figures near 1; none here do, but for the "
            "healthy recording, which says so.",
        ],
        "data": {
            "sources": [
                {
                    "name": "Case Western Reserve University Bearing Data Center, drive end, 0 hp, the first 120,000 "
                    "samples of ten recordings",
                    "licence": "none stated; free to use with credit",
                    "files": [data_file(folder / name, int((judged.recording == name[:-4]).sum())) for name in [NORMAL, *FAULTS]],
                }
            ],
            "splits": "Three folds by diameter of the fault, whole recordings; the healthy one by halves. The shipped "
            "model is trained on all ten.",
            "speed": f"{SPEED} rpm throughout",
        },
        "metrics": [metric.entry() for metric in found],
        "slices": slices,
        "confusion": [
            {"split": "each diameter by models trained on the other two", "windows": confusion(judged, unseen)},
            {"split": AS_SHIPPED, "windows": confusion(judged, shipped)},
        ],
        "quantization": card.quantization({"sameLabel.fault": (shipped == labels_of(model, judged.x)).mean()}),
        "cost": card.cost(int8, model),
        "approvals": [],
    }
