"""The same as a small net: float, and its int8 twin."""

import numpy as np
import onnx

from edgewright_training.engine import quantize, run
from edgewright_training.graph import Graph
from edgewright_training.mlp import Ensemble, Schedule, cross_entropy

from .data import CODES, DERIVED, MEASURED

# A grade has no distance from the next one that a net should have to unlearn: it comes one-hot.
NAMES = [*(f"type.share(of={code})" for code in CODES.values()), *(f"{tag}.mean" for tag in MEASURED), *DERIVED]
HIDDEN, MEMBERS = [32, 16], 6
SCHEDULE = Schedule(steps=3000, batch=256, rate=1e-2, decay=1e-2, noise=0.02)
SEED = 0


def train(x: np.ndarray, failed: np.ndarray) -> tuple[onnx.ModelProto, onnx.ModelProto]:
    """The float model and its int8 twin."""
    mean, deviation = x.mean(0), x.std(0)
    ensemble = Ensemble([x.shape[1], *HIDDEN, 2], MEMBERS, SEED)
    ensemble.fit((x - mean) / deviation, cross_entropy(failed.astype(int), 2), SCHEDULE)
    graph = Graph("machine_failure_mlp", "features", [x.shape[1]])
    graph.dense(graph.standardise("features", mean, deviation, "z"), ensemble.layers(), "net", "logits")
    model = graph.model({"logits": 2})
    return model, quantize(model, x)


def logits(model: onnx.ModelProto, x: np.ndarray) -> np.ndarray:
    both = run(model, x)["logits"]
    return both[:, 1] - both[:, 0]
