"""Ensembles of small multilayer perceptrons, trained side by side in numpy."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.linalg import block_diag

Array = np.ndarray
Layers = list[tuple[Array, Array]]
# (outputs [members, batch, out], rows [members, batch]) -> gradient of the loss by the outputs
Gradient = Callable[[Array, Array], Array]


@dataclass(frozen=True)
class Schedule:
    """Adam with decoupled weight decay and a cosine from `rate` to zero."""

    steps: int
    batch: int
    rate: float
    decay: float
    # Standard deviation of normal noise on the standardised inputs: a smooth function, little disturbed by int8.
    noise: float


class Ensemble:
    """Members of equal shape, ReLU between layers, the mean of the members' linear outputs as answer."""

    def __init__(self, sizes: list[int], members: int, seed: int) -> None:
        self._random = np.random.default_rng(seed)
        self._members = members
        self._weights = [
            self._random.standard_normal((members, n_in, n_out)) * np.sqrt(2 / n_in)
            for n_in, n_out in zip(sizes, sizes[1:])
        ]
        self._biases = [np.zeros((members, 1, n_out)) for n_out in sizes[1:]]

    def fit(self, x: Array, gradient: Gradient, schedule: Schedule, weights: Array | None = None) -> "Ensemble":
        """`weights`: how often each row is drawn, relative to the others."""
        probability = None if weights is None else weights / weights.sum()
        parameters = self._weights + self._biases
        first = [np.zeros_like(p) for p in parameters]
        second = [np.zeros_like(p) for p in parameters]
        for step in range(1, schedule.steps + 1):
            rows = self._random.choice(len(x), (self._members, schedule.batch), p=probability)
            batch = x[rows]
            batch += schedule.noise * self._random.standard_normal(batch.shape)
            gradients = self._gradients(batch, rows, gradient)
            rate = schedule.rate * 0.5 * (1 + np.cos(np.pi * step / schedule.steps))
            for p, g, m, v in zip(parameters, gradients, first, second):
                m += 0.1 * (g - m)
                v += 0.001 * (g * g - v)
                p -= rate * (m / (1 - 0.9**step)) / (np.sqrt(v / (1 - 0.999**step)) + 1e-8)
            for w in self._weights:
                w *= 1 - rate * schedule.decay
        return self

    def predict(self, x: Array) -> Array:
        """Answers [rows, out]."""
        return self._forward(x[None])[-1].mean(0)

    def layers(self) -> Layers:
        """The same function as one wide net: the members beside each other, their mean in the last layer."""
        last = len(self._weights) - 1
        wide: Layers = []
        for i, (w, b) in enumerate(zip(self._weights, self._biases)):
            if last == 0:
                wide.append((w.mean(0), b[:, 0].mean(0)))
            elif i == last:
                wide.append((np.vstack(w) / self._members, b[:, 0].mean(0)))
            else:
                wide.append((np.hstack(w) if i == 0 else block_diag(*w), b[:, 0].ravel()))
        return wide

    def _forward(self, x: Array) -> list[Array]:
        values = [x]
        for i, (w, b) in enumerate(zip(self._weights, self._biases)):
            z = values[-1] @ w + b
            values.append(np.maximum(z, 0) if i < len(self._weights) - 1 else z)
        return values

    def _gradients(self, batch: Array, rows: Array, gradient: Gradient) -> list[Array]:
        """Of the mean loss, by the weights of all layers, then by their biases."""
        values = self._forward(batch)
        delta = gradient(values[-1], rows) / batch.shape[1]
        by_weights: list[Array] = []
        by_biases: list[Array] = []
        for i in reversed(range(len(self._weights))):
            by_weights.insert(0, values[i].transpose(0, 2, 1) @ delta)
            by_biases.insert(0, delta.sum(1, keepdims=True))
            if i > 0:
                delta = (delta @ self._weights[i].transpose(0, 2, 1)) * (values[i] > 0)
        return by_weights + by_biases


def side_by_side(nets: list[tuple[list[int], list[int], Layers]]) -> Layers:
    """
    Nets of equal depth as one: (columns that a net sees, columns that it answers, its layers). Together they answer
    each column once.
    """
    width = 1 + max(column for _, answered, _ in nets for column in answered)
    depth = len(nets[0][2])
    weights = [[layers[i][0] for *_, layers in nets] for i in range(depth)]
    biases = [np.concatenate([layers[i][1] for *_, layers in nets]) for i in range(depth)]
    seen = np.hstack([np.eye(width)[:, columns] @ w for (columns, *_), w in zip(nets, weights[0])])
    answered = np.concatenate([columns for _, columns, _ in nets])
    last = block_diag(*weights[-1])[:, np.argsort(answered)], biases[-1][np.argsort(answered)]
    between = [(block_diag(*weights[i]), biases[i]) for i in range(1, depth - 1)]
    return [(seen, biases[0]), *between, last]


def softmax(z: Array) -> Array:
    e = np.exp(z - z.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def squared_error(targets: Array, late_weight: float = 1.0) -> Gradient:
    """`targets` [rows, out]. `late_weight`: what an answer above the truth weighs more than one below it."""

    def gradient(outputs: Array, rows: Array) -> Array:
        error = outputs - targets[rows]
        return np.where(error > 0, late_weight * error, error)

    return gradient


def relative_error(targets: Array, resolution: float) -> Gradient:
    """
    Squared error of each output relative to its running mean, the gradient of the sum of log mean squares: what can be
    told exactly is learned exactly, however much noise stands beside it. `targets` [rows, out]; errors below the
    `resolution` do not matter.
    """
    running = np.ones(targets.shape[1])

    def gradient(outputs: Array, rows: Array) -> Array:
        error = outputs - targets[rows]
        running[:] += 0.02 * ((error**2).mean((0, 1)) - running)
        return error / np.maximum(running, resolution**2) / targets.shape[1]

    return gradient


def log_variance(squares: Array, least: float) -> Gradient:
    """
    Negative log likelihood of normal residuals, outputs being the logarithms of their variances. `squares` [rows, out]:
    the squared residuals; a few that are far out do not decide.
    """

    def gradient(outputs: Array, rows: Array) -> Array:
        ratio = squares[rows] * np.exp(-np.maximum(outputs, least))
        return 0.5 * (1 - np.minimum(ratio, 50)) / squares.shape[1]

    return gradient


def cross_entropy(classes: Array, count: int) -> Gradient:
    """`classes` [rows]: index of the true class; outputs are logits."""
    truth = np.eye(count)[classes]
    return lambda outputs, rows: softmax(outputs) - truth[rows]
