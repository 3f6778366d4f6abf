"""What the two bundles say of themselves: manifests and model cards."""

from pathlib import Path

import numpy as np

from edgewright_training import card
from edgewright_training.bundle import data_file, ranges

from .calibration import COSTS, MISSED, THRESHOLD, Platt, cost
from .data import CODES, DERIVED, MEASURED, TAGS, Rows
from .validation import FLOAT_NET, INT8_NET, PER, SEEDS, TREES as OF_TREES, Validated, difference, metrics, slices

TREES, NET = "machine-failure", "machine-failure-mlp"
VERSION = "1.0.0"
LABELS = ["ok", "failure"]


def manifest(name: str, rows: Rows, statistics: list[dict[str, object]], output: dict[str, object]) -> dict[str, object]:
    seen = ranges({tag: rows.tags[tag] for tag in MEASURED})
    return {
        "schema": "edgewright.manifest/1",
        "name": name,
        "version": VERSION,
        "release": 1,
        "description": "Whether a workpiece on a milling machine (AI4I 2020) fails, and whether to stop before.",
        "requires": {"memoryMiB": 8},
        "tags": {
            tag: {
                "unit": unit,
                "description": text,
                **({"values": CODES} if tag == "type" else {"range": seen[tag]}),
            }
            for tag, (_, unit, text) in TAGS.items()
        },
        "window": {"count": 1, "every": 1},
        "maxMissing": 0,
        "input": {
            "tensor": "features",
            "statistics": statistics,
            "derived": {derived: {"formula": formula, "unit": unit} for derived, (formula, unit) in DERIVED.items()},
        },
        "outputs": {"failure": {"kind": "binary", "labels": LABELS, **output, "costs": COSTS}},
        # Six tags: all 64 combinations of what is known and what is not.
        "explanation": {"method": "shapley"},
    }


def trees_manifest(rows: Rows, calibration: Platt) -> dict[str, object]:
    statistics = [{"tags": list(TAGS), "features": ["mean"]}]
    output = {"tensor": "probabilities", "calibration": calibration.manifest()}
    return manifest(TREES, rows, statistics, output)


def net_manifest(rows: Rows, calibration: Platt) -> dict[str, object]:
    one_hot = [{"feature": "share", "of": code} for code in CODES.values()]
    statistics = [{"tags": ["type"], "features": one_hot}, {"tags": MEASURED, "features": ["mean"]}]
    output = {"tensor": "logits", "activation": "sigmoid", "calibration": calibration.manifest()}
    return manifest(NET, rows, statistics, output)


def model_card(
    name: str,
    path: Path,
    rows: Rows,
    found: Validated,
    p: np.ndarray,
    made: dict[str, object],
) -> dict[str, object]:
    """
    `p`: of the shipped model, of the rows that it was trained on. `made`: of the card, what only the one who trained
    knows: quantization and cost.
    """
    own, other, beside = (OF_TREES, INT8_NET, NET) if name == TREES else (INT8_NET, OF_TREES, TREES)
    parent = None if name == TREES else FLOAT_NET
    more = difference(rows, found, own, other)
    low, high = more.interval
    verdict = "costs less than" if high < 0 else "costs more than" if low > 0 else "is not told apart by costs from"
    return {
        "schema": "edgewright.model-card/1",
        "name": name,
        "version": VERSION,
        "intendedUse": "Says after each workpiece whether the next state of the machine is one to stop at, where a missed "
        f"failure costs {MISSED} times a false alarm. A demonstration on a public, synthetic data set.",
        "limits": [
            "AI4I 2020 is made up: its failures follow five rules, one of which (RNF) is chance. Another machine needs "
            "training anew.",
            "Rows are judged one by one: no trend of a tool or a machine is looked at.",
            "The costs are an assumption; `overrides.costs` states those of a plant, and then the figures are others.",
            "Settings of the training were chosen on the same folds: expect new workpieces to cost a little more.",
            "The columns TWF, HDF, PWF, OSF and RNF say why a workpiece failed; they are known afterwards and no inputs.",
        ],
        "data": {
            "sources": [
                {
                    "name": "AI4I 2020 Predictive Maintenance (UCI 601, Matzka 2020)",
                    "licence": "CC BY 4.0",
                    "files": [data_file(path, len(rows.failed))],
                }
            ],
            "splits": "Every row judged by a model that saw neither it nor, for calibration, its fold. Intervals from a "
            "bootstrap over tools. The shipped model is trained on all rows.",
            "seeds": SEEDS,
        },
        "decision": {
            "costs": COSTS,
            "stopsAbove": round(THRESHOLD, 6),
            "comparedWith": {
                "bundle": beside,
                "verdict": f"{verdict} {beside}",
                "costDifference": {
                    "per": PER,
                    "value": round(more.value, 1),
                    "interval": [round(low, 1), round(high, 1)],
                    "n": more.n,
                },
            },
            # Not how good the model is: it was trained on them.
            "onTrainingRows": counts(p > THRESHOLD, rows),
        },
        "metrics": [metric.entry() for metric in metrics(rows, found, own, parent)],
        "slices": slices(rows, found, own),
        **made,
        "approvals": [],
    }


def counts(stopped: np.ndarray, rows: Rows) -> dict[str, int]:
    return {
        "rows": len(stopped),
        "stopped": int(stopped.sum()),
        "missed": int((rows.failed & ~stopped).sum()),
        "falseAlarms": int((stopped & ~rows.failed).sum()),
        "cost": int(cost(stopped, rows.failed).sum()),
    }


def net_quantization(int8: np.ndarray, parent: np.ndarray) -> dict[str, object]:
    apart = int8 - parent
    return card.quantization(
        {"rmsDifferenceLogit": float(np.sqrt((apart**2).mean())), "largestDifferenceLogit": float(abs(apart).max())}
    )
