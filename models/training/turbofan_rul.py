"""Remaining useful life of turbofans (C-MAPSS FD001) from the last 30 flights: trains, validates, writes the bundle."""

import argparse
from pathlib import Path

import numpy as np

import edgewright_training  # noqa: F401  before numpy: one thread
from edgewright_training.bundle import MODELS, Bundle, golden
from edgewright_training.profiles import profile
from turbofan.data import FILE, SENSORS, Windows, load
from turbofan.description import NAME, manifest, model_card
from turbofan.net import answer, train
from turbofan.validation import cross_validate, metrics

# Where engines round a reading differently, an activation may fall into the next of its 256 steps.
GOLDEN_ATOL = 0.25


def golden_rows(data: Windows, answers: np.ndarray) -> np.ndarray:
    """Lowest, highest and evenly spread answers, and the windows with the most extreme readings."""
    order = np.argsort(answers, kind="stable")
    spread = order[np.linspace(0, len(order) - 1, 6).astype(int)]
    z = (data.x - data.x.mean((0, 1))) / data.x.std((0, 1))
    extremes = [z.max((1, 2)).argmax(), z.min((1, 2)).argmin()]
    return np.concatenate([spread, extremes])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help=f"folder with {FILE}")
    parser.add_argument("--out", type=Path, default=MODELS / NAME)
    args = parser.parse_args()

    path = args.data / FILE
    data = load(path)
    answers = cross_validate(data)
    found = metrics(data, answers)
    for metric in found:
        print(metric)
    model, int8 = train(data)
    final = answer(int8, data)
    made_card = model_card(path, data, found, answers, model, int8)
    print("int8 against float:", made_card["quantization"]["againstFloat"])
    Bundle(
        int8,
        manifest(data),
        profile({name: data.x[:, -1, i] for i, name in enumerate(SENSORS)}, {"rul": final}),
        golden(int8, data.x[golden_rows(data, final)], ["rul"], rtol=0.0, atol=GOLDEN_ATOL),
        made_card,
    ).write(args.out)


if __name__ == "__main__":
    main()
