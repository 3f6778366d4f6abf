"""The statistics of a window, by the formulas that the runtime uses (population moments, scipy's conventions)."""

import numpy as np

NAMES = (
    "mean",
    "std",
    "rms",
    "peak_to_peak",
    "min",
    "max",
    "skewness",
    "kurtosis",
    "crest_factor",
    "zero_crossings",
    "slope",
)


def statistics(x: np.ndarray, period: float) -> dict[str, np.ndarray]:
    """All statistics of windows `x` [rows, samples], sampled every `period` seconds."""
    mean = x.mean(1)
    deviation = x - mean[:, None]
    variance = (deviation**2).mean(1)
    constant = variance <= (np.finfo(float).eps * mean) ** 2
    rms = np.sqrt((x**2).mean(1))
    time = np.arange(x.shape[1]) * period
    time -= time.mean()
    below = deviation < 0
    crossings = (below[:, 1:] != below[:, :-1]).sum(1)
    safe = np.where(constant, 1.0, variance)
    values = {
        "mean": mean,
        "std": np.where(constant, 0.0, np.sqrt(variance)),
        "rms": rms,
        "peak_to_peak": np.ptp(x, axis=1),
        "min": x.min(1),
        "max": x.max(1),
        "skewness": np.where(constant, 0.0, (deviation**3).mean(1) / safe**1.5),
        "kurtosis": np.where(constant, 0.0, (deviation**4).mean(1) / safe**2 - 3),
        "crest_factor": np.where(rms == 0, 0.0, abs(x).max(1) / np.where(rms == 0, 1.0, rms)),
        "zero_crossings": np.where(constant, 0, crossings).astype(float),
        "slope": deviation @ time / (time @ time),
    }
    return {name: values[name] for name in NAMES}
