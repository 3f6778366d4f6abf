"""Condition of a hydraulic rig (UCI 447) from one working cycle of 60 s: trains, validates, writes the bundle."""

import argparse
from pathlib import Path

import numpy as np

import edgewright_training  # noqa: F401  before numpy: one thread
from edgewright_training.bundle import MODELS, Bundle, golden
from edgewright_training.profiles import profile
from hydraulic.data import LABELS, TAGS, Cycles, load
from hydraulic.description import NAME, manifest, model_card
from hydraulic.net import probabilities, train
from hydraulic.validation import COMBINATIONS, STRETCHES, cross_validate, metrics, unseen_combinations

# Where engines round a reading differently, an activation may fall into the next of its 256 steps.
GOLDEN_ATOL = 0.25


def golden_rows(data: Cycles) -> list[int]:
    """For each valve condition the first cycle, and the coldest and the hottest one."""
    first = [int(np.flatnonzero(data.labels[:, 1] == k)[0]) for k in range(len(LABELS["valve"]))]
    temperature = data.x[:, list(TAGS).index("TS1")].mean(1)
    return [*first, int(temperature.argmin()), int(temperature.argmax())]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with profile.txt and TAG.txt.gz")
    parser.add_argument("--out", type=Path, default=MODELS / NAME)
    args = parser.parse_args()

    data = load(args.data)
    answers = {
        COMBINATIONS: cross_validate(data, unseen_combinations(data)),
        STRETCHES: cross_validate(data, data.stretch),
    }
    found = metrics(data, answers)
    for metric in found:
        print(metric)
    model, int8 = train(data, shipped=True)
    made_card = model_card(args.data, data, found, answers[COMBINATIONS]["int8"], model, int8)
    print("int8 against float:", made_card["quantization"]["againstFloat"])
    Bundle(
        int8,
        manifest(data),
        profile({tag: data.x[:, i, -1] for i, tag in enumerate(TAGS)}, probabilities(int8, data)),
        golden(int8, data.x[golden_rows(data)], list(LABELS), rtol=0.0, atol=GOLDEN_ATOL),
        made_card,
    ).write(args.out)


if __name__ == "__main__":
    main()
