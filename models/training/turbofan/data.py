"""The recording: windows of the last flights of engines that ran to failure."""

import gzip
from dataclasses import dataclass
from pathlib import Path

import numpy as np

FILE = "train_FD001.txt.gz"
WINDOW = 30
CAP = 125.0
# The sensors of FD001 that are not constant, in the units of the simulation.
SENSORS = {
    "s2": ("degR", "Total temperature at LPC outlet"),
    "s3": ("degR", "Total temperature at HPC outlet"),
    "s4": ("degR", "Total temperature at LPT outlet"),
    "s7": ("psi", "Total pressure at HPC outlet"),
    "s8": ("rpm", "Physical fan speed"),
    "s9": ("rpm", "Physical core speed"),
    "s11": ("psi", "Static pressure at HPC outlet"),
    "s12": ("pps/psi", "Ratio of fuel flow to Ps30"),
    "s13": ("rpm", "Corrected fan speed"),
    "s14": ("rpm", "Corrected core speed"),
    "s15": ("1", "Bypass ratio"),
    "s17": ("1", "Bleed enthalpy"),
    "s20": ("lb/s", "HPT coolant bleed"),
    "s21": ("lb/s", "LPT coolant bleed"),
}
COLUMNS = [4 + int(name[1:]) for name in SENSORS]


@dataclass(frozen=True)
class Windows:
    x: np.ndarray  # [rows, WINDOW, sensors]
    left: np.ndarray  # flights left after the window
    engine: np.ndarray

    @property
    def truth(self) -> np.ndarray:
        return np.minimum(self.left, CAP)

    def pick(self, rows: np.ndarray) -> "Windows":
        return Windows(self.x[rows], self.left[rows], self.engine[rows])


def load(path: Path) -> Windows:
    with gzip.open(path, "rt") as file:
        table = np.loadtxt(file)
    x, left, engine = [], [], []
    for unit in np.unique(table[:, 0]):
        flights = table[table[:, 0] == unit]
        windows = np.lib.stride_tricks.sliding_window_view(flights[:, COLUMNS], WINDOW, axis=0).transpose(0, 2, 1)
        x.append(windows)
        left.append(np.arange(len(windows))[::-1])
        engine.append(np.full(len(windows), int(unit)))
    return Windows(np.concatenate(x), np.concatenate(left), np.concatenate(engine))
