"""The recording: working cycles of 60 s under changing conditions."""

import gzip
from dataclasses import dataclass
from pathlib import Path

import numpy as np

CYCLE_SECONDS = 60
SLOW, FAST = 1, 10  # Hz
# Tag: rate, unit, meaning. In this order they are the channels of the model.
TAGS = {
    "FS1": (FAST, "l/min", "Volume flow of the working circuit"),
    "SE": (SLOW, "%", "Efficiency factor"),
    "TS1": (SLOW, "degC", "Oil temperature"),
    "CE": (SLOW, "%", "Cooling efficiency"),
}
OTHER_TAGS = {"TS2": SLOW, "TS3": SLOW, "TS4": SLOW, "VS1": SLOW, "CP": SLOW, "FS2": FAST}
POINTS = CYCLE_SECONDS * FAST

LABELS = {
    "cooler": ["3", "20", "100"],
    "valve": ["73", "80", "90", "100"],
    "pump": ["0", "1", "2"],
    "accumulator": ["90", "100", "115", "130"],
}


@dataclass(frozen=True)
class Cycles:
    x: np.ndarray  # [cycles, tags, POINTS]
    means: np.ndarray  # [cycles, all tags of the rig]
    labels: np.ndarray  # [cycles, targets], index of the label
    combination: np.ndarray  # which conditions together
    stretch: np.ndarray  # part of the recording under one setting of cooler and accumulator
    stable: np.ndarray

    def pick(self, rows: np.ndarray) -> "Cycles":
        return Cycles(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))


def read(path: Path) -> np.ndarray:
    with gzip.open(path, "rt") as file:
        return np.loadtxt(file)


def load(folder: Path) -> Cycles:
    conditions = np.loadtxt(folder / "profile.txt").astype(int)
    series = {tag: read(folder / f"{tag}.txt.gz") for tag in [*TAGS, *OTHER_TAGS]}
    # A slow tag's sample holds until its next one, as the runtime's grid `previous` has it.
    channels = [np.repeat(series[tag], FAST // rate, axis=1) for tag, (rate, *_) in TAGS.items()]
    labels = [np.searchsorted([int(label) for label in LABELS[t]], conditions[:, i]) for i, t in enumerate(LABELS)]
    setting = conditions[:, 0] * 1000 + conditions[:, 3]
    return Cycles(
        np.stack(channels, axis=1),
        np.column_stack([values.mean(1) for values in series.values()]),
        np.column_stack(labels),
        np.unique(conditions[:, :4], axis=0, return_inverse=True)[1],
        np.concatenate([[0], np.cumsum(np.diff(setting) != 0)]),
        conditions[:, 4] == 0,
    )
