"""Anomalies of the simulated pump rig from windows of 5 s: trains, sets the threshold, tests, writes the bundle."""

import argparse
from pathlib import Path

import numpy as np

import edgewright_training  # noqa: F401  before numpy: one thread
from edgewright_training.bundle import MODELS, Bundle, golden
from edgewright_training.profiles import profile
from rig.data import FILE, NAMES, Run, load
from rig.description import NAME, manifest, model_card
from rig.net import scores, train
from rig.validation import delays, detectors, faults, metrics, windows_above

# Where engines round a logarithm differently, an activation may fall into the next of its 256 steps.
GOLDEN_RTOL, GOLDEN_ATOL = 0.02, 0.2


def golden_rows(runs: list[Run]) -> np.ndarray:
    """A healthy pump in each mode, and the end of the first run of each fault."""
    healthy = next(run for run in runs if run.set == "test")
    by_mode = [healthy.features[np.flatnonzero(healthy.mode == mode)[-1]] for mode in "ipf"]
    return np.stack([*by_mode, *(befallen[0].features[-1] for befallen in faults(runs).values())])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help=f"folder with {FILE}, written by rig-data.mjs")
    parser.add_argument("--out", type=Path, default=MODELS / NAME)
    args = parser.parse_args()

    runs = load(args.data)
    healthy = np.concatenate([run.features for run in runs if run.set == "train"])
    model, int8 = train(healthy)
    found = detectors(runs, model, int8)
    measured = metrics(runs, found)
    for metric in measured:
        print(metric)
    for fault, seconds in delays(runs, found["int8"]).items():
        print(f"{fault}: {seconds}")
    for entry in windows_above(runs, found["int8"]):
        print(entry)
    threshold = found["int8"].threshold
    print("thresholds:", {name: detector.threshold for name, detector in found.items()})
    Bundle(
        int8,
        manifest(runs, threshold),
        profile(dict(zip(NAMES, healthy.T)), {"anomaly": scores(int8, healthy)}),
        golden(int8, golden_rows(runs), ["score"], GOLDEN_RTOL, GOLDEN_ATOL),
        model_card(args.data, runs, measured, found["int8"], model, int8),
    ).write(args.out)


if __name__ == "__main__":
    main()
