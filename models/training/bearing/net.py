"""The net: each race speaks for itself, by how far its own frequency stands out; fitted, then int8."""

import numpy as np
import onnx
from scipy.optimize import minimize

from edgewright_training.engine import quantize, run
from edgewright_training.graph import Graph
from edgewright_training.mlp import softmax

from .data import FEATURES, LABELS, Windows

LEAST = 1e-9  # below it a logarithm says nothing more
DECAY = 0.02


def logits(parameters: np.ndarray, z: np.ndarray) -> np.ndarray:
    """
    Of log features. A race needs its own frequency and nothing of the other one's; a ball is what is damaged without
    either; normal is quiet where damage rings. Five numbers: nine recordings of damage bear no more.
    """
    own, threshold, other, quiet, level = parameters
    bpfo, bpfi, power = z.T
    return np.column_stack(
        [
            level - quiet * power,
            own * bpfi - other * bpfo - threshold,
            own * bpfo - other * bpfi - threshold,
            np.zeros(len(z)),
        ]
    )


def fit(data: Windows) -> np.ndarray:
    """Every recording counts the same, however many windows it has."""
    z = np.log(data.x)
    _, index, counts = np.unique(data.recording, return_inverse=True, return_counts=True)
    weight = 1 / counts[index] / len(counts)

    def loss(parameters: np.ndarray) -> float:
        p = softmax(logits(parameters, z))[np.arange(len(z)), data.label]
        own, _, other, quiet, _ = parameters
        return float(-(weight * np.log(p)).sum() + DECAY * (own**2 + other**2 + quiet**2))

    return minimize(loss, np.array([1.0, 1.0, 0.0, 1.0, -6.0]), method="BFGS").x


def train(data: Windows) -> tuple[onnx.ModelProto, onnx.ModelProto]:
    """The float model and its int8 twin."""
    parameters = fit(data)
    z = np.log(data.x)
    mean, deviation = z.mean(0), z.std(0)
    # The logits are linear in z: their values at 0 and at each unit vector are the layer.
    at_mean = logits(parameters, mean[None])[0]
    weights = np.stack([logits(parameters, (mean + row)[None])[0] - at_mean for row in np.diag(deviation)])
    graph = Graph("bearing_envelope", "features", [len(FEATURES)])
    floored = graph.add("Max", ["features", graph.constant("least", np.array([LEAST]))], "floored")
    x = graph.standardise(graph.add("Log", [floored], "log"), mean, deviation, "z")
    graph.dense(x, [(weights, at_mean)], "layer", "fault")
    model = graph.model({"fault": len(LABELS)})
    return model, quantize(model, data.x)


def labels_of(model: onnx.ModelProto, x: np.ndarray) -> np.ndarray:
    return run(model, x)["fault"].argmax(1)


def probabilities(model: onnx.ModelProto, x: np.ndarray) -> dict[str, np.ndarray]:
    p = softmax(run(model, x)["fault"])
    return {f"fault.{label}": p[:, k] for k, label in enumerate(LABELS)}
