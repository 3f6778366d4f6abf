"""The autoencoder: learns how the features of a healthy pump hang together; a score is how far they do not."""

import numpy as np
import onnx

from edgewright_training.engine import quantize, run
from edgewright_training.mlp import Ensemble, Layers, Schedule, log_variance, relative_error, side_by_side

from .data import NAMES
from .graph import LEAST_LOG_VARIANCE, Autoencoder, transform

# What is reconstructed together, from everything outside of its group: what a sensor says is held against what the
# others let expect, so that a fault cannot vouch for itself. The casing's heat is known by its own level alone.
GROUPS = [
    *([name for name in NAMES if name.startswith(f"{tag}.")] for tag in ("speed", "pressure", "flow", "vibration")),
    ["temperature.mean"],
    ["temperature.std", "temperature.slope"],
]
HIDDEN = 64
SCHEDULE = Schedule(steps=8000, batch=256, rate=3e-3, decay=1e-3, noise=0.02)
# In standard deviations; 8 bits tell no more apart.
RESOLUTION = 0.02

SPREAD_HIDDEN, SPREAD_MEMBERS = 16, 2
SPREAD_SCHEDULE = Schedule(steps=6000, batch=256, rate=3e-3, decay=1e-3, noise=0.02)
TRAINING_SEED = 0
CALIBRATION_ROWS = 20_000


def train(features: np.ndarray) -> tuple[onnx.ModelProto, onnx.ModelProto]:
    """The float model and its int8 twin, each with the spread of its own residuals on healthy pumps."""
    x = transform(features)
    mean, deviation = x.mean(0), x.std(0)
    plain = Autoencoder(mean, deviation, reconstruction((x - mean) / deviation))
    calibration = features[:: max(1, len(features) // CALIBRATION_ROWS)]
    float_model = with_spread(plain, features, lambda net: net.graph())
    int8 = with_spread(plain, features, lambda net: quantize(net.graph(), calibration))
    return float_model, int8


def reconstruction(z: np.ndarray) -> Layers:
    nets = []
    for k, group in enumerate(GROUPS):
        answered = [NAMES.index(name) for name in group]
        seen = [column for column in range(len(NAMES)) if column not in answered]
        ensemble = Ensemble([len(seen), HIDDEN, len(answered)], 1, TRAINING_SEED + k)
        ensemble.fit(z[:, seen], relative_error(z[:, answered], RESOLUTION), SCHEDULE)
        nets.append((seen, answered, ensemble.layers()))
    return side_by_side(nets)


def with_spread(plain: Autoencoder, features: np.ndarray, make) -> onnx.ModelProto:
    """Learns from the residuals how great they usually are: overall, and in the state that the pump is in."""
    residual = run(make(plain), features)["residual"]
    precise = plain.with_precision(1 / residual.std(0))
    state = precise.state(features)
    ensemble = Ensemble([state.shape[1], SPREAD_HIDDEN, len(NAMES)], SPREAD_MEMBERS, TRAINING_SEED)
    squares = (residual * precise.precision) ** 2
    ensemble.fit(state, log_variance(squares, LEAST_LOG_VARIANCE), SPREAD_SCHEDULE)
    return make(precise.with_spread(ensemble.layers()))


def scores(model: onnx.ModelProto, features: np.ndarray) -> np.ndarray:
    return run(model, features)["score"][:, 0]
