"""The autoencoder: learns how the features of a healthy pump hang together; a score is how far they do not."""

import numpy as np
import onnx

from edgewright_training.engine import quantize, run
from edgewright_training.graph import Graph
from edgewright_training.mlp import Ensemble, Layers, Schedule, relative_error

from .data import COLUMNS, LOGARITHMIC, columns

HIDDEN = [48, 10, 48]
MEMBERS = 3
# In standard deviations; 8 bits tell no more apart.
RESOLUTION = 0.02
SCHEDULE = Schedule(steps=12_000, batch=256, rate=3e-3, decay=1e-3, noise=0.02)
TRAINING_SEED = 0
CALIBRATION_ROWS = 20_000

# Added before the logarithm: about what a sensor resolves, so that one that stands still is far off but not infinitely.
FLOOR = {"speed": 0.1, "pressure": 0.001, "flow": 0.01, "temperature": 0.03, "vibration": 0.001}
FLOORS = np.array([FLOOR[tag] for tag, _ in columns(LOGARITHMIC)])


def transform(features: np.ndarray) -> np.ndarray:
    """Ratios become differences: by the affinity laws pressure goes with speed squared, flow with speed."""
    k = len(FLOORS)
    return np.hstack([np.log(np.maximum(features[:, :k], 0) + FLOORS), features[:, k:]])


def train(features: np.ndarray) -> tuple[onnx.ModelProto, onnx.ModelProto]:
    """The float model and its int8 twin, each with the spread of its own residuals on healthy pumps."""
    x = transform(features)
    mean, deviation = x.mean(0), x.std(0)
    z = (x - mean) / deviation
    ensemble = Ensemble([z.shape[1], *HIDDEN, z.shape[1]], MEMBERS, TRAINING_SEED)
    layers = ensemble.fit(z, relative_error(z, RESOLUTION), SCHEDULE).layers()
    calibration = features[:: max(1, len(features) // CALIBRATION_ROWS)]

    def build(spread: np.ndarray) -> onnx.ModelProto:
        return autoencoder(mean, deviation, layers, spread)

    def finish(make) -> onnx.ModelProto:
        residuals = run(make(np.ones(len(COLUMNS))), features)["residual"]
        return make(residuals.std(0))

    return finish(build), finish(lambda spread: quantize(build(spread), calibration))


def autoencoder(mean: np.ndarray, deviation: np.ndarray, layers: Layers, spread: np.ndarray) -> onnx.ModelProto:
    """Outputs: `score` [N, 1], the mean of the squared `residual` [N, features], each relative to its spread."""
    graph = Graph("rig_anomaly", "features", [len(COLUMNS)])
    k, count = len(FLOORS), len(COLUMNS)
    positive = add_columns(graph, "positive", 0, k)
    floored = graph.add("Max", [positive, graph.constant("zero", np.array(0.0))], "floored")
    raised = graph.add("Add", [floored, graph.constant("floors", FLOORS)], "raised")
    logarithms = graph.add("Log", [raised], "logarithms")
    x = graph.add("Concat", [logarithms, add_columns(graph, "linear", k, count)], "x", axis=1)
    z = graph.standardise(x, mean, deviation, "z")
    again = graph.dense(z, layers, "autoencoder", "reconstruction")
    error = graph.add("Sub", [z, again], "error")
    residual = graph.add("Mul", [error, graph.constant("precision", 1 / spread)], "residual")
    squared = graph.add("Mul", [residual, residual], "squared")
    # A pool and not ReduceMean, whose order of adding depends on the batch in some engines.
    channel = graph.add("Unsqueeze", [squared, graph.constant("channel_axis", np.array([1]))], "channel")
    mean_square = graph.add("AveragePool", [channel], "mean_square", kernel_shape=[count])
    graph.add("Flatten", [mean_square], "score", axis=1)
    return graph.model({"score": 1, "residual": count})


def add_columns(graph: Graph, name: str, start: int, end: int) -> str:
    bounds = {"start": [start], "end": [end], "axis": [1]}
    return graph.add(
        "Slice", ["features", *(graph.constant(f"{name}_{k}", np.array(v)) for k, v in bounds.items())], name
    )


def scores(model: onnx.ModelProto, features: np.ndarray) -> np.ndarray:
    return run(model, features)["score"][:, 0]
