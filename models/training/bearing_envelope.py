"""Damage of a rolling bearing (CWRU) from windows of 1 s of vibration: trains, validates, writes the bundle."""

import argparse
from pathlib import Path

import numpy as np

import edgewright_training  # noqa: F401  before numpy: one thread
from bearing.data import FEATURES, NORMAL, load, motor_lines
from bearing.description import NAME, manifest, model_card
from bearing.net import fit, probabilities, train
from bearing.validation import confusion, cross_validate, metrics
from edgewright_training.bundle import MODELS, Bundle, golden
from edgewright_training.profiles import profile

# Where engines round a logarithm differently, an activation may fall into the next of its 256 steps.
GOLDEN_ATOL = 0.2


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help=f"folder with {NORMAL} and the other recordings")
    parser.add_argument("--out", type=Path, default=MODELS / NAME)
    args = parser.parse_args()

    training, judged = load(args.data)
    print("lines of the motor in the healthy recording, by rate:", motor_lines(args.data))
    answers = cross_validate(training, judged)
    found = metrics(training, judged, answers)
    for metric in found:
        print(metric)
    for recording, labels in confusion(judged, answers["int8"]).items():
        print(f"{recording}: {labels}")
    print("parameters:", np.round(fit(training), 3))
    model, int8 = train(training)
    made_card = model_card(args.data, judged, found, answers["int8"], model, int8)
    print("int8 against float:", made_card["quantization"]["againstFloat"])
    first = [int(np.flatnonzero(judged.recording == name)[0]) for name in dict.fromkeys(judged.recording)]
    names = [f"vibration.{name}" for name in FEATURES]
    Bundle(
        int8,
        manifest(judged),
        profile(dict(zip(names, judged.x.T)), probabilities(int8, judged.x)),
        golden(int8, judged.x[first], ["fault"], rtol=0.0, atol=GOLDEN_ATOL),
        made_card,
    ).write(args.out)


if __name__ == "__main__":
    main()
