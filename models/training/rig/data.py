"""Runs of the simulated rig as features of windows, from the file that rig-data.mjs writes."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from edgewright_training.features import statistics

FILE = "rig.jsonl"
WINDOW = 5  # s, one every second
# Tag: sampling period in ms, unit, meaning.
TAGS = {
    "speed": (100, "rpm", "Speed of the pump"),
    "pressure": (100, "bar", "Pressure behind the pump"),
    "flow": (100, "l/min", "Flow at the meter"),
    "temperature": (1000, "degC", "Temperature of the casing"),
    "vibration": (50, "mm/s", "Vibration velocity at the bearing"),
}
# In the order of the manifest. Positive quantities first: the model takes their logarithm.
LOGARITHMIC = [
    {"tags": ["speed", "pressure", "flow", "vibration"], "features": ["mean", "std"]},
    {"tags": ["vibration"], "features": ["max"]},
    {"tags": ["temperature"], "features": ["std"]},
]
LINEAR = [
    {"tags": ["temperature"], "features": ["mean", "slope"]},
    {"tags": ["speed", "pressure", "flow"], "features": ["slope", "zero_crossings"]},
    {"tags": ["vibration"], "features": ["zero_crossings"]},
]


def columns(groups: list[dict[str, list[str]]]) -> list[tuple[str, str]]:
    return [(tag, feature) for group in groups for tag in group["tags"] for feature in group["features"]]


COLUMNS = columns(LOGARITHMIC + LINEAR)
NAMES = [f"{tag}.{feature}" for tag, feature in COLUMNS]


@dataclass(frozen=True)
class Run:
    """One pump. Row i is the window that ends i + WINDOW seconds after the start."""

    set: str
    fault: str | None
    at: float  # s, beginning of the fault; -inf without one
    features: np.ndarray  # [windows, COLUMNS]
    mode: np.ndarray  # letter per window, at its end
    extremes: dict[str, tuple[float, float]]  # least and greatest sample per tag


def load(folder: Path) -> list[Run]:
    with open(folder / FILE) as file:
        return [parse(json.loads(line)) for line in file]


def parse(run: dict) -> Run:
    windows, extremes = {}, {}
    for tag, (period, *_) in TAGS.items():
        samples = np.array(run["values"][tag])
        each = 1000 // period
        sliding = np.lib.stride_tricks.sliding_window_view(samples, WINDOW * each)[::each]
        windows[tag] = statistics(sliding, period / 1000)
        extremes[tag] = float(samples.min()), float(samples.max())
    fault = run.get("fault")
    return Run(
        run["set"],
        fault and describe(fault),
        fault["at"] / 1000 if fault else -np.inf,
        np.column_stack([windows[tag][feature] for tag, feature in COLUMNS]),
        np.array(list(run["modes"][WINDOW - 1 :])),
        extremes,
    )


def describe(fault: dict) -> str:
    if "tag" in fault:
        return f"{fault['fault']} {fault['tag']}"
    return fault["fault"] if fault["severity"] == 1 else f"{fault['fault']} at severity {fault['severity']}"
