"""Failures on a milling machine (AI4I 2020), by boosted trees and by a small int8 net: trains both, validates, writes both bundles."""

import argparse
from pathlib import Path

import numpy as np

import edgewright_training  # noqa: F401  before numpy: one thread
from edgewright_training import card
from edgewright_training.bundle import MODELS, Bundle, golden
from edgewright_training.profiles import profile
from milling import net, trees
from milling.calibration import Platt
from milling.data import FILE, Rows, load
from milling.description import LABELS, NET, TREES, model_card, net_manifest, net_quantization, trees_manifest
from milling.validation import INT8_NET, TREES as OF_TREES, Validated, calibrate, columns, fit_net, fit_trees, validate

# Engines add the leaves of trees in one order; a net's activation may fall into the next of its 256 steps.
TREES_ATOL, NET_ATOL = 1e-5, 0.5


def reference(rows: Rows, names: list[str], p: np.ndarray) -> dict[str, object]:
    features = rows.features()
    outputs = {f"failure.{label}": values for label, values in zip(LABELS, (1 - p, p))}
    return profile({name: features[name] for name in names}, outputs, medians=True)


def report(made_card: dict[str, object]) -> None:
    print(made_card["name"], made_card["decision"]["comparedWith"], made_card["decision"]["onTrainingRows"])
    for metric in made_card["metrics"]:
        print({key: metric[key] for key in ("name", "value", "interval", "float", "baselines") if key in metric})


def golden_rows(p: np.ndarray) -> np.ndarray:
    """Lowest, highest and evenly spread probabilities."""
    order = np.argsort(p, kind="stable")
    return order[np.linspace(0, len(order) - 1, 10).astype(int)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help=f"folder with {FILE}")
    parser.add_argument("--out", type=Path, default=MODELS, help="folder that both bundles are written into")
    args = parser.parse_args()

    path = args.data / FILE
    rows = load(path)
    found = validate(rows)
    write_trees(path, rows, found, args.out / TREES)
    write_net(path, rows, found, args.out / NET)


def write_trees(path: Path, rows: Rows, found: Validated, out: Path) -> None:
    x = columns(rows, trees.NAMES)
    model = trees.train(x, rows.failed)
    calibration: Platt = calibrate(rows, fit_trees, x, OF_TREES)
    p = calibration.probability(trees.logits(model, x))
    made_card = model_card(TREES, path, rows, found, p, {"quantization": None, "cost": trees.size(model)})
    report(made_card)
    Bundle(
        model,
        trees_manifest(rows, calibration),
        reference(rows, trees.NAMES, p),
        golden(model, x[golden_rows(p)], ["probabilities"], rtol=0.0, atol=TREES_ATOL),
        made_card,
    ).write(out)


def write_net(path: Path, rows: Rows, found: Validated, out: Path) -> None:
    x = columns(rows, net.NAMES)
    model, int8 = net.train(x, rows.failed)
    calibration: Platt = calibrate(rows, fit_net, x, INT8_NET)
    p = calibration.probability(net.logits(int8, x))
    quantization = net_quantization(net.logits(int8, x), net.logits(model, x))
    made = {"quantization": quantization, "cost": card.cost(int8, model)}
    made_card = model_card(NET, path, rows, found, p, made)
    report(made_card)
    Bundle(
        int8,
        net_manifest(rows, calibration),
        reference(rows, net.NAMES, p),
        golden(int8, x[golden_rows(p)], ["logits"], rtol=0.0, atol=NET_ATOL),
        made_card,
    ).write(out)


if __name__ == "__main__":
    main()
