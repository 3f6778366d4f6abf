"""The graph of the autoencoder, and in numpy what it computes before its first layer."""

from dataclasses import dataclass, replace

import numpy as np
import onnx

from edgewright_training.graph import Graph
from edgewright_training.mlp import Layers

from .data import COLUMNS, LOGARITHMIC, NAMES, columns

POSITIVE = columns(LOGARITHMIC)
# Added before the logarithm: about what a sensor resolves, so that one that stands still is far off but not infinitely.
FLOOR = {"speed": 0.1, "pressure": 0.001, "flow": 0.01, "temperature": 0.03, "vibration": 0.001}
FLOORS = np.array([FLOOR[tag] for tag, _ in POSITIVE])
# The affinity laws: pressure goes with the speed squared, flow with the speed. What is left is the state of the pipes,
# a few per cent, which 8 bits then resolve well.
EXPONENTS = {"pressure.mean": 2.0, "flow.mean": 1.0}
AFFINITY = np.array([EXPONENTS.get(f"{tag}.{feature}", 0.0) for tag, feature in POSITIVE])
SPEED = NAMES.index("speed.mean")
# Features that tell whether the pump runs steadily or changes its mode, where residuals are greater.
STATE = [NAMES.index(name) for name in ("speed.mean", "speed.std", "speed.slope", "pressure.std", "flow.std")]
# No residual is taken for more precise than this, relative to its usual spread.
LEAST_LOG_VARIANCE = -6.0


def transform(features: np.ndarray) -> np.ndarray:
    k = len(POSITIVE)
    logarithms = np.log(np.maximum(features[:, :k], 0) + FLOORS)
    return np.hstack([logarithms - AFFINITY * logarithms[:, [SPEED]], features[:, k:]])


@dataclass(frozen=True)
class Autoencoder:
    mean: np.ndarray
    deviation: np.ndarray
    reconstruction: Layers
    precision: np.ndarray | None = None
    spread: Layers | None = None

    def with_precision(self, precision: np.ndarray) -> "Autoencoder":
        return replace(self, precision=precision)

    def with_spread(self, spread: Layers) -> "Autoencoder":
        return replace(self, spread=spread)

    def state(self, features: np.ndarray) -> np.ndarray:
        return ((transform(features) - self.mean) / self.deviation)[:, STATE]

    def graph(self) -> onnx.ModelProto:
        """Outputs: `score` [N, 1], the mean of the squared `residual` [N, features], each relative to its spread."""
        graph = Graph("rig_anomaly", "features", [len(COLUMNS)])
        z = graph.standardise(add_transform(graph), self.mean, self.deviation, "z")
        again = graph.dense(z, self.reconstruction, "autoencoder", "reconstruction")
        residual = graph.add("Sub", [z, again], "error" if self.precision is not None else "residual")
        if self.precision is not None:
            precision = graph.constant("precision", self.precision)
            residual = graph.add("Mul", [residual, precision], "even" if self.spread else "residual")
        if self.spread:
            residual = graph.add("Mul", [residual, add_precision_of_state(graph, z, self.spread)], "residual")
        add_mean_square(graph, residual, "score")
        return graph.model({"score": 1, "residual": len(COLUMNS)})


def add_transform(graph: Graph) -> str:
    k = len(POSITIVE)
    floored = graph.add("Max", [add_columns(graph, "positive", 0, k), graph.constant("zero", np.array(0.0))], "floored")
    raised = graph.add("Add", [floored, graph.constant("floors", FLOORS)], "raised")
    logarithms = graph.add("Log", [raised], "logarithms")
    speed = graph.add("Gather", [logarithms, graph.constant("speed_column", np.array([SPEED]))], "log_speed", axis=1)
    share = graph.add("Mul", [speed, graph.constant("affinity", AFFINITY)], "share_of_speed")
    similar = graph.add("Sub", [logarithms, share], "similar")
    return graph.add("Concat", [similar, add_columns(graph, "linear", k, len(COLUMNS))], "x", axis=1)


def add_columns(graph: Graph, name: str, start: int, end: int) -> str:
    bounds = {"start": [start], "end": [end], "axis": [1]}
    constants = [graph.constant(f"{name}_{key}", np.array(value)) for key, value in bounds.items()]
    return graph.add("Slice", ["features", *constants], name)


def add_precision_of_state(graph: Graph, z: str, spread: Layers) -> str:
    """One over the standard deviation that is usual in the pump's state."""
    state = graph.add("Gather", [z, graph.constant("state_columns", np.array(STATE))], "state", axis=1)
    log_variance = graph.dense(state, spread, "spread", "log_variance")
    least = graph.constant("least_log_variance", np.array(LEAST_LOG_VARIANCE))
    bounded = graph.add("Max", [log_variance, least], "bounded_log_variance")
    halved = graph.add("Mul", [bounded, graph.constant("minus_half", np.array(-0.5))], "log_precision")
    return graph.add("Exp", [halved], "precision_of_state")


def add_mean_square(graph: Graph, x: str, name: str) -> str:
    # A pool and not ReduceMean, whose order of adding depends on the batch in some engines.
    squared = graph.add("Mul", [x, x], "squared")
    channel = graph.add("Unsqueeze", [squared, graph.constant("channel_axis", np.array([1]))], "channel")
    pooled = graph.add("AveragePool", [channel], "mean_square", kernel_shape=[len(COLUMNS)])
    return graph.add("Flatten", [pooled], name, axis=1)
