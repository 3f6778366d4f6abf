"""The recording: one row a workpiece of a milling machine, and whether it failed."""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np

FILE = "ai4i2020.csv"
# Tag of the model: column of the file, unit, what it is. The file's failure modes (TWF, HDF, PWF, OSF, RNF) say why a
# workpiece failed and are known only afterwards: they are no inputs.
TAGS = {
    "type": ("Type", "grade", "Quality of the workpiece: low, medium, high"),
    "air": ("Air temperature [K]", "K", "Temperature of the air"),
    "process": ("Process temperature [K]", "K", "Temperature of the process"),
    "speed": ("Rotational speed [rpm]", "rpm", "Speed of the spindle"),
    "torque": ("Torque [Nm]", "Nm", "Torque at the spindle"),
    "wear": ("Tool wear [min]", "min", "Minutes that the tool has been cutting"),
}
TRUTH = "Machine failure"
CODES = {"L": 0, "M": 1, "H": 2}
MEASURED = [tag for tag in TAGS if tag != "type"]

RADIANS_PER_REVOLUTION_MINUTE = 2 * np.pi / 60
# As the runtime computes them: formula over the tags' means, unit.
DERIVED = {
    "temperature_difference": ("process.mean - air.mean", "K"),
    "power": (f"torque.mean * speed.mean * {RADIANS_PER_REVOLUTION_MINUTE!r}", "W"),
    "strain": ("wear.mean * torque.mean", "min Nm"),
}


@dataclass(frozen=True)
class Rows:
    tags: dict[str, np.ndarray]
    failed: np.ndarray
    # Number of the tool: rows of one tool follow each other until its wear is less again.
    tool: np.ndarray

    def features(self) -> dict[str, np.ndarray]:
        """What both models see, by the name that the runtime gives it."""
        t = self.tags
        means = {f"{tag}.mean": t[tag] for tag in TAGS}
        derived = {
            "temperature_difference": t["process"] - t["air"],
            "power": t["torque"] * t["speed"] * RADIANS_PER_REVOLUTION_MINUTE,
            "strain": t["wear"] * t["torque"],
        }
        shares = {f"type.share(of={code})": (t["type"] == code).astype(float) for code in CODES.values()}
        return {**means, **shares, **derived}


def load(path: Path) -> Rows:
    with open(path, newline="", encoding="utf-8-sig") as file:
        table = list(csv.DictReader(file))
    tags = {tag: np.array([float(row[TAGS[tag][0]]) for row in table]) for tag in MEASURED}
    tags["type"] = np.array([CODES[row["Type"]] for row in table], float)
    failed = np.array([row[TRUTH] == "1" for row in table])
    return Rows(tags, failed, np.cumsum(np.diff(tags["wear"], prepend=np.inf) < 0))
