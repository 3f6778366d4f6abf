"""The net: one small head per target, each on what shows it, as float and as int8 graph."""

from dataclasses import dataclass

import numpy as np
import onnx

from edgewright_training.engine import quantize, run
from edgewright_training.graph import Graph
from edgewright_training.mlp import Ensemble, Schedule, cross_entropy, softmax

from .data import LABELS, POINTS, TAGS, Cycles

# The valve shows in how fast the flow comes back when it switches, 9.0 to 11.6 s into the cycle.
SWITCHING = slice(90, 116)
# Everything else shows in means of 5 s.
POOL = 50
# Judged on stretches of the recording it does no better than guessing: it ships as a prior that always abstains.
NOT_WORKING = "accumulator"

MEMBERS = 5
SCHEDULE = Schedule(steps=800, batch=128, rate=5e-3, decay=0.1, noise=0.05)
TRAINING_SEED = 1


@dataclass(frozen=True)
class Head:
    """What one target looks at, and its hidden layers."""

    channels: tuple[str, ...]  # adjacent in TAGS; means over 5 s of these
    switching: bool
    hidden: tuple[int, ...]


HEADS = {
    "cooler": Head(("CE",), False, ()),
    "valve": Head((), True, (24,)),
    "pump": Head(("SE", "TS1"), False, (24,)),
    "accumulator": Head(("FS1", "SE", "TS1"), True, (24,)),
}


def features(head: Head, x: np.ndarray) -> np.ndarray:
    """What the graph computes for a head before its first layer."""
    first, last = channel_range(head)
    pooled = x[:, first:last].reshape(len(x), last - first, POINTS // POOL, POOL).mean(3).reshape(len(x), -1)
    return np.hstack([x[:, 0, SWITCHING], pooled]) if head.switching else pooled


def channel_range(head: Head) -> tuple[int, int]:
    names = list(TAGS)
    return (names.index(head.channels[0]), names.index(head.channels[-1]) + 1) if head.channels else (0, 0)


def add_features(graph: Graph, target: str, head: Head) -> str:
    parts = []
    if head.switching:
        parts.append(
            add_slice(graph, "cycle", f"{target}_switching", [0, SWITCHING.start], [1, SWITCHING.stop], [1, 2])
        )
    if head.channels:
        first, last = channel_range(head)
        parts.append(add_slice(graph, "pooled", f"{target}_pooled", [first], [last], [1]))
    flat = [graph.add("Flatten", [part], f"{part}_flat", axis=1) for part in parts]
    return graph.add("Concat", flat, f"{target}_features", axis=1) if len(flat) > 1 else flat[0]


def add_slice(graph: Graph, x: str, name: str, starts: list[int], ends: list[int], axes: list[int]) -> str:
    bounds = {"starts": starts, "ends": ends, "axes": axes}
    return graph.add("Slice", [x, *(graph.constant(f"{name}_{k}", np.array(v)) for k, v in bounds.items())], name)


def train(data: Cycles, shipped: bool) -> tuple[onnx.ModelProto, onnx.ModelProto]:
    """The float model and its int8 twin. `shipped`: with the prior in place of the target that does not work."""
    graph = Graph("hydraulic_condition", "cycle", [len(TAGS), POINTS])
    graph.add("AveragePool", ["cycle"], "pooled", kernel_shape=[POOL], strides=[POOL])
    for i, (target, head) in enumerate(HEADS.items()):
        x, classes = features(head, data.x), data.labels[:, i]
        mean, deviation = x.mean(0), x.std(0)
        z = graph.standardise(add_features(graph, target, head), mean, deviation, f"{target}_z")
        count = len(LABELS[target])
        if shipped and target == NOT_WORKING:
            shares = np.bincount(classes, minlength=count) / len(classes)
            layers = [(np.zeros((x.shape[1], count)), np.log(shares))]
        else:
            ensemble = Ensemble([x.shape[1], *head.hidden, count], MEMBERS, TRAINING_SEED)
            layers = ensemble.fit((x - mean) / deviation, cross_entropy(classes, count), SCHEDULE).layers()
        graph.dense(z, layers, target, target)
    model = graph.model({target: len(labels) for target, labels in LABELS.items()})
    # The node of a prior has nothing to quantize.
    return model, quantize(model, data.x, keep_float=(NOT_WORKING,) if shipped else ())


def labels_of(model: onnx.ModelProto, data: Cycles) -> np.ndarray:
    logits = run(model, data.x)
    return np.column_stack([logits[target].argmax(1) for target in LABELS])


def probabilities(model: onnx.ModelProto, data: Cycles) -> dict[str, np.ndarray]:
    logits = run(model, data.x)
    return {f"{t}.{label}": softmax(logits[t])[:, k] for t, labels in LABELS.items() for k, label in enumerate(labels)}
