"""What the bundle says of itself: manifest and model card."""

from pathlib import Path

import numpy as np
import onnx

from edgewright_training import card
from edgewright_training.bundle import data_file, ranges

from .data import CYCLE_SECONDS, FAST, LABELS, OTHER_TAGS, TAGS, Cycles
from .net import NOT_WORKING, labels_of
from .validation import FOLDS, SEEDS, slices

NAME = "hydraulic-condition"
VERSION = "1.0.0"
ABSTAIN_BELOW = 0.9


def manifest(data: Cycles) -> dict[str, object]:
    seen = ranges({tag: data.x[:, i] for i, tag in enumerate(TAGS)}, digits=3)
    tags = {
        tag: {"unit": unit, "description": text, "range": seen[tag], "period": f"{1000 // rate}ms"}
        for tag, (rate, unit, text) in TAGS.items()
    }
    outputs = {
        target: {"kind": "classes", "tensor": target, "activation": "softmax", "labels": labels}
        for target, labels in LABELS.items()
    }
    outputs[NOT_WORKING]["abstainBelow"] = ABSTAIN_BELOW
    return {
        "schema": "edgewright.manifest/1",
        "name": NAME,
        "version": VERSION,
        "release": 1,
        "description": "Condition of a hydraulic rig's cooler (%), valve (%), pump (leakage) and accumulator (bar) "
        "from one working cycle of 60 s. The accumulator has no signal in these tags and always abstains.",
        "requires": {"memoryMiB": 8},
        "tags": tags,
        "window": {"length": f"{CYCLE_SECONDS}s"},
        "maxMissing": 0.01,
        "input": {
            "tensor": "cycle",
            "layout": "CT",
            "tags": list(TAGS),
            "grid": {"period": f"{1000 // FAST}ms", "method": "previous"},
        },
        "outputs": outputs,
    }


def model_card(
    folder: Path,
    data: Cycles,
    found: list[card.Metric],
    unseen: np.ndarray,
    model: onnx.ModelProto,
    int8: onnx.ModelProto,
) -> dict[str, object]:
    """`unseen`: the int8 models' labels on combinations that they never saw."""
    same = labels_of(model, data) == labels_of(int8, data)
    files = ["profile.txt", *(f"{tag}.txt.gz" for tag in [*TAGS, *OTHER_TAGS])]
    return {
        "schema": "edgewright.model-card/1",
        "name": NAME,
        "version": VERSION,
        "intendedUse": "State of four components of the test rig of UCI 447 after each working cycle. A demonstration "
        "on public data; another rig, another load cycle or other sensors need training anew.",
        "limits": [
            "The accumulator does not work: on stretches of the recording that training did not see it is no better "
            "than guessing. What looks like skill on unseen combinations is the rig's slow drift, told from neighbours "
            "in time. The shipped head gives the shares of the training data and always abstains; its figures here are "
            "of a trained head that does not ship.",
            "Windows must begin with the working cycle: the valve is read from the flow between 9.0 and 11.6 s.",
            f"Of ten tags it uses {', '.join(TAGS)}; the others added nothing. Statistics of all ten over the whole "
            "cycle gave at most 0.65 for the valve on unseen combinations: it shows in the shape of one second.",
            "All recorded conditions come from one rig, in one order; drift between rigs is unknown.",
        ],
        "data": {
            "sources": [
                {
                    "name": "UCI 447, Condition monitoring of hydraulic systems (Helwig, Pignanelli, Schütze 2015), "
                    f"{len(data.x)} of 2205 cycles",
                    "licence": "CC BY 4.0",
                    "files": [data_file(folder / name, len(data.x)) for name in files],
                }
            ],
            "splits": f"{FOLDS} folds by combination of the four conditions; {data.stretch.max() + 1} folds by stretch "
            "of the recording. The shipped model is trained on all cycles, those not yet stable included.",
            "seeds": SEEDS,
        },
        "metrics": [metric.entry() for metric in found],
        "slices": slices(data, unseen),
        "quantization": card.quantization(
            {f"sameLabel.{t}": same[:, i].mean() for i, t in enumerate(LABELS) if t != NOT_WORKING}
        ),
        "cost": card.cost(int8, model),
        "approvals": [],
    }
