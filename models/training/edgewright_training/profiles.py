"""profile.json: how features and outputs are distributed in the reference data."""

import numpy as np

BINS = 20
# Sensors are read as float32 and scores come as float32: closer edges would split what is one value.
DIGITS = 6


def profile(
    features: dict[str, np.ndarray], outputs: dict[str, np.ndarray], medians: bool = False
) -> dict[str, object]:
    """
    Values by name, one entry per row of the reference data, without missing ones. `medians`: those of features, exactly;
    the runtime would tell them from the bins, which does not work for codes of categories.
    """
    rows = len(next(iter(features.values())))
    return {
        "schema": "edgewright.profile/1",
        "rows": rows,
        "features": {
            name: {**_reference(values), **({"median": float(np.median(values))} if medians else {})}
            for name, values in features.items()
        },
        "outputs": {name: _reference(values) for name, values in outputs.items()},
    }


def quantile_edges(values: np.ndarray) -> np.ndarray:
    """Bins of about equal count; fewer where values repeat, one around a constant."""
    edges = np.unique(_rounded(np.quantile(values, np.linspace(0, 1, BINS + 1))))
    low, high = values.min(), values.max()
    if len(edges) < 2:
        margin = max(abs(low), 1.0) * 1e-3
        return np.array([low - margin, high + margin])
    # Rounding must not put the extremes outside.
    edges[0], edges[-1] = min(edges[0], low), max(edges[-1], high)
    return edges


def _reference(values: np.ndarray) -> dict[str, object]:
    values = np.asarray(values, np.float64)
    edges = quantile_edges(values)
    mean = values.mean()
    return {
        "edges": edges.tolist(),
        "distribution": {
            "counts": np.histogram(values, edges)[0].tolist(),
            "underflow": 0,
            "overflow": 0,
            "missing": 0,
            "n": len(values),
            "mean": float(mean),
            "m2": float(((values - mean) ** 2).sum()),
            "min": float(values.min()),
            "max": float(values.max()),
        },
    }


def _rounded(values: np.ndarray) -> np.ndarray:
    return np.array([float(f"{value:.{DIGITS}g}") for value in values])
