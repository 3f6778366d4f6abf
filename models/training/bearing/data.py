"""The recordings: one motor, one load, one damaged bearing each, as float32 samples in g."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from edgewright_training.vibration import band_power, envelope_spectrum, fewer_samples, prominence

RATE = 12_000  # Hz, of the model
SPEED = 1797  # rpm, of every recording
BEARING = {"balls": 9, "ball": 7.94, "pitch": 39.04}  # SKF 6205-2RS, mm
LABELS = ["normal", "inner_race", "outer_race", "ball"]
DIAMETERS = [7, 14, 21]  # thousandths of an inch
SECONDS = 1.0

# The resonances that damage makes ring lie here; the second band ends below the filter of a recorder at 12 kHz.
POWER_BAND = (2000, 4000)
ENVELOPE_BAND = (2000, 5500)
FEATURES = ["bpfo", "bpfi", "power"]

NORMAL = "1797_Normal.f32"
# Its motor lines (1437, 658, 420 Hz) are where the other recordings have them only at this rate.
NORMAL_RATE = 48_000
FAULTS = {
    f"1797_{short}_{diameter}_DE12.f32": (label, diameter)
    for label, short in (("inner_race", "IR"), ("outer_race", "OR_at_6"), ("ball", "B"))
    for diameter in DIAMETERS
}
MOTOR_LINES = (1437.0, 658.4, 419.8)


@dataclass(frozen=True)
class Windows:
    x: np.ndarray  # [rows, FEATURES]
    label: np.ndarray  # index in LABELS
    diameter: np.ndarray  # 0: no fault
    recording: np.ndarray  # name of the file without its ending
    start: np.ndarray  # s
    reach: np.ndarray  # range of the samples

    def pick(self, rows: np.ndarray) -> "Windows":
        return Windows(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))


def read(path: Path) -> np.ndarray:
    return np.fromfile(path, "<f4").astype(np.float64)


def orders() -> tuple[float, float]:
    """Ball pass frequencies of outer and inner race, in turns of the shaft."""
    ratio = BEARING["ball"] / BEARING["pitch"]
    return BEARING["balls"] / 2 * (1 - ratio), BEARING["balls"] / 2 * (1 + ratio)


def features(samples: np.ndarray, rate: int) -> np.ndarray:
    """Of windows [rows, samples]."""
    x = fewer_samples(samples, rate // RATE)
    shaft = SPEED / 60
    spectrum = envelope_spectrum(x, RATE, *ENVELOPE_BAND)
    races = [prominence(*spectrum, order * shaft, shaft) for order in orders()]
    return np.column_stack([*races, band_power(x, RATE, *POWER_BAND)])


def windows(path: Path, label: str, diameter: int, rate: int, every: float) -> Windows:
    samples = read(path)
    length = int(SECONDS * rate)
    starts = np.arange(0, len(samples) - length + 1, int(every * rate))
    cut = np.stack([samples[start : start + length] for start in starts])
    rows = len(starts)
    return Windows(
        features(cut, rate),
        np.full(rows, LABELS.index(label)),
        np.full(rows, diameter),
        np.full(rows, path.name.removesuffix(".f32"), "U32"),
        starts / rate,
        np.column_stack([cut.min(1), cut.max(1)]),
    )


def load(folder: Path) -> tuple[Windows, Windows]:
    """Windows to train on, which overlap, and to judge by: those that the runtime cuts."""
    training = [windows(folder / name, *fault, RATE, SECONDS / 4) for name, fault in FAULTS.items()]
    # The healthy recording is a quarter as long.
    training.append(windows(folder / NORMAL, "normal", 0, NORMAL_RATE, SECONDS / 8))
    judged = [windows(folder / name, *fault, RATE, SECONDS) for name, fault in FAULTS.items()]
    judged.append(windows(folder / NORMAL, "normal", 0, NORMAL_RATE, SECONDS))
    return join(training), join(judged)


def join(parts: list[Windows]) -> Windows:
    return Windows(*(np.concatenate([getattr(p, name) for p in parts]) for name in Windows.__dataclass_fields__))


def motor_lines(folder: Path) -> dict[int, float]:
    """How far the motor's lines stand out of the healthy recording, by the rate that it is taken to have."""
    x = read(folder / NORMAL)
    spectrum = np.abs(np.fft.rfft((x - x.mean()) * np.hanning(len(x))))

    def ratio(rate: int, line: float) -> float:
        k = round(line * len(x) / rate)
        return spectrum[k - 3 : k + 4].max() / np.median(spectrum[k - 100 : k + 100])

    return {rate: float(np.mean([ratio(rate, line) for line in MOTOR_LINES])) for rate in (RATE, NORMAL_RATE)}
