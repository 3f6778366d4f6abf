"""The net: an ensemble on level and trend of each sensor, as float and as int8 graph."""

import numpy as np
import onnx
from numpy.polynomial import legendre

from edgewright_training.engine import quantize, run
from edgewright_training.graph import Graph
from edgewright_training.mlp import Ensemble, Schedule, squared_error

from .data import CAP, SENSORS, WINDOW, Windows

# Level and trend of each sensor. The parabola as a third one made validation worse: noise.
DEGREES = 2
HIDDEN = [32, 16]
MEMBERS = 5
BASIS = np.linalg.pinv(legendre.legvander(np.linspace(-1, 1, WINDOW), DEGREES - 1))
SCHEDULE = Schedule(steps=1300, batch=256, rate=1e-2, decay=0.3, noise=0.1)
# Windows far before the end are four of ten rows and all say the same.
FAR, FAR_WEIGHT = 145, 0.15
# An engine that fails before its time costs more than one that is overhauled early.
LATE_WEIGHT = 1.2
TRAINING_SEED = 3


def trends_of(x: np.ndarray) -> np.ndarray:
    """Legendre coefficients [rows, degrees x sensors] of windows."""
    return (BASIS @ x).reshape(len(x), -1)


def train(data: Windows) -> tuple[onnx.ModelProto, onnx.ModelProto]:
    """The float model and its int8 twin."""
    centre = data.x.mean((0, 1))
    trends = trends_of(data.x - centre)
    mean, deviation = trends.mean(0), trends.std(0)
    ensemble = Ensemble([trends.shape[1], *HIDDEN, 1], MEMBERS, TRAINING_SEED)
    weights = np.where(data.left <= FAR, 1.0, FAR_WEIGHT)
    loss = squared_error((data.truth / CAP)[:, None], LATE_WEIGHT)
    ensemble.fit((trends - mean) / deviation, loss, SCHEDULE, weights)

    graph = Graph("turbofan_rul", "sensors", [WINDOW, len(SENSORS)])
    centred = graph.add("Sub", ["sensors", graph.constant("centre", centre)], "centred")
    trend = graph.add("MatMul", [graph.constant("legendre", BASIS), centred], "trend")
    flat = graph.add("Flatten", [trend], "trend_flat", axis=1)
    z = graph.standardise(flat, mean, deviation, "trend_z")
    *hidden, (w, b) = ensemble.layers()
    raw = graph.dense(z, [*hidden, (w * CAP, b * CAP)], "rul", "rul_raw")
    bounds = [graph.constant("least", np.array(0.0)), graph.constant("most", np.array(CAP))]
    graph.add("Clip", [raw, *bounds], "rul")
    model = graph.model({"rul": 1})
    return model, quantize(model, data.x)


def answer(model: onnx.ModelProto, data: Windows) -> np.ndarray:
    return run(model, data.x)["rul"][:, 0]
