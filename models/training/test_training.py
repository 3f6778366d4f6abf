"""python -m unittest, in this folder: the parts that a wrong figure would come from."""

import unittest

import numpy as np
from scipy import stats

import edgewright_training  # noqa: F401  before numpy: one thread
from edgewright_training.engine import quantize, run
from edgewright_training.features import statistics
from edgewright_training.graph import Graph
from edgewright_training.metrics import grouped_mean, nasa_score
from edgewright_training.mlp import (
    Ensemble,
    Schedule,
    cross_entropy,
    relative_error,
    side_by_side,
    softmax,
    squared_error,
)
from edgewright_training.profiles import profile, quantile_edges
from edgewright_training.vibration import band_power, envelope_spectrum, fewer_samples, prominence
from milling.calibration import COSTS, THRESHOLD, Platt, cost, log_odds, platt
from rig.alarms import alarms

RANDOM = np.random.default_rng(0)


class Features(unittest.TestCase):
    def test_they_follow_scipy_and_numpy(self) -> None:
        x = RANDOM.normal(2, 3, (5, 40))
        found = statistics(x, 0.1)
        np.testing.assert_allclose(found["skewness"], stats.skew(x, axis=1))
        np.testing.assert_allclose(found["kurtosis"], stats.kurtosis(x, axis=1))
        np.testing.assert_allclose(found["slope"], np.polyfit(np.arange(40) * 0.1, x.T, 1)[0])

    def test_a_constant_has_no_shape(self) -> None:
        found = statistics(np.full((1, 10), 0.1), 1.0)
        for name in ("std", "skewness", "kurtosis", "zero_crossings", "slope"):
            self.assertAlmostEqual(float(found[name][0]), 0.0, msg=name)
        self.assertAlmostEqual(float(found["crest_factor"][0]), 1.0)


class Vibration(unittest.TestCase):
    def test_fewer_samples_keep_what_they_can_carry_and_fold_nothing(self) -> None:
        t = np.arange(48_000) / 48_000
        low, high = (np.sin(2 * np.pi * f * t)[None] for f in (1000, 8000))
        inner = slice(100, -100)
        np.testing.assert_allclose(fewer_samples(low, 4)[0, inner], low[0, ::4][inner], atol=2e-3)
        np.testing.assert_allclose(fewer_samples(high, 4)[0, inner], 0, atol=2e-3)
        self.assertIs(fewer_samples(low, 1), low)

    def test_power_is_found_in_its_band(self) -> None:
        x = 3 * np.sin(2 * np.pi * 1500 * np.arange(12_000) / 12_000)[None]
        self.assertAlmostEqual(float(band_power(x, 12_000, 1000, 2000)[0]), 4.5, places=2)
        self.assertLess(float(band_power(x, 12_000, 2000, 4000)[0]), 1e-4)

    def test_only_the_race_that_is_struck_stands_out(self) -> None:
        since = np.mod(np.arange(12_000) / 12_000, 1 / 107.4)
        x = (np.exp(-900 * since) * np.sin(2 * np.pi * 3300 * since) + RANDOM.normal(0, 0.05, 12_000))[None]
        spectrum = envelope_spectrum(x, 12_000, 2000, 5500)
        outer, inner = (float(prominence(*spectrum, line, 29.95)[0]) for line in (107.4, 162.2))
        self.assertGreater(outer, 20)
        self.assertLess(inner, 2)


class Nets(unittest.TestCase):
    def test_gradients_are_those_of_the_loss(self) -> None:
        x, classes = RANDOM.normal(size=(16, 3)), RANDOM.integers(0, 4, 16)
        net = Ensemble([3, 5, 4], 2, 1)
        rows = np.stack([RANDOM.permutation(16), RANDOM.permutation(16)])

        def loss() -> float:
            p = softmax(net._forward(x[rows])[-1])
            return float(-np.log(np.take_along_axis(p, classes[rows][..., None], 2)).sum() / 16)

        found = net._gradients(x[rows], rows, cross_entropy(classes, 4))
        for parameter, gradient in zip(net._weights + net._biases, found):
            at = tuple(RANDOM.integers(0, n) for n in parameter.shape)
            before = parameter[at]
            values = []
            for step in (1e-5, -1e-5):
                parameter[at] = before + step
                values.append(loss())
            parameter[at] = before
            self.assertAlmostEqual(gradient[at], (values[0] - values[1]) / 2e-5, places=6)

    def test_the_wide_graph_answers_as_the_ensemble(self) -> None:
        x = RANDOM.normal(size=(300, 3))
        truth = x[:, :1] * x[:, 1:2]
        net = Ensemble([3, 16, 8, 1], 3, 2).fit(x, squared_error(truth), Schedule(300, 64, 1e-2, 0.0, 0.0))
        graph = Graph("test", "x", [3])
        graph.dense("x", net.layers(), "net", "y")
        model = graph.model({"y": 1})
        np.testing.assert_allclose(run(model, x)["y"], net.predict(x), atol=1e-5)
        int8 = run(quantize(model, x), x)["y"]
        self.assertLess(float(np.sqrt(((int8 - net.predict(x)) ** 2).mean())), 0.05)
        alone = np.concatenate([run(quantize(model, x), row[None])["y"] for row in x[:5]])
        np.testing.assert_array_equal(alone, int8[:5])

    def test_nets_side_by_side_answer_as_each_alone(self) -> None:
        x = RANDOM.normal(size=(20, 3))
        parts = [([1, 2], [0]), ([0], [2, 1])]
        nets = [Ensemble([len(seen), 6, len(answered)], 2, k) for k, (seen, answered) in enumerate(parts)]
        graph = Graph("test", "x", [3])
        graph.dense("x", side_by_side([(*part, net.layers()) for part, net in zip(parts, nets)]), "net", "y")
        together = run(graph.model({"y": 3}), x)["y"]
        for (seen, answered), net in zip(parts, nets):
            np.testing.assert_allclose(together[:, answered], net.predict(x[:, seen]), atol=1e-5)

    def test_noise_beside_it_does_not_keep_an_exact_relation_from_being_learned(self) -> None:
        cause = RANDOM.normal(size=(500, 1))
        targets = np.hstack([3 * cause, RANDOM.normal(0, 100, (500, 1))])
        schedule = Schedule(2000, 64, 1e-2, 0.0, 0.0)
        net = Ensemble([1, 8, 2], 1, 0).fit(cause, relative_error(targets, 1e-3), schedule)
        self.assertLess(float((net.predict(cause) - targets)[:, 0].std()), 0.1)


class Figures(unittest.TestCase):
    def test_groups_that_differ_widen_the_interval(self) -> None:
        groups = np.repeat(np.arange(20), 50)
        alike, apart = np.tile([0.0, 1.0], 500), (groups % 2).astype(float)
        widths = [np.ptp(grouped_mean(values, groups).interval) for values in (alike, apart)]
        self.assertEqual(widths[0], 0)
        self.assertGreater(widths[1], 0.3)

    def test_late_answers_cost_more(self) -> None:
        late, early = (nasa_score(np.array([e]), np.zeros(1), np.zeros(1)).value for e in (20.0, -20.0))
        self.assertAlmostEqual(late, 100 * np.expm1(2.0))
        self.assertGreater(late, early)

    def test_profiles_count_every_row(self) -> None:
        for values in (
            RANDOM.normal(size=1000),
            np.zeros(10),
            np.array([1.0, 1.0, 2.0]),
            np.array([0.1234567891, 1.0]),
        ):
            distribution = profile({"x": values}, {})["features"]["x"]["distribution"]
            self.assertEqual(sum(distribution["counts"]), len(values))
            self.assertTrue((np.diff(quantile_edges(values)) > 0).all())


class Alarms(unittest.TestCase):
    def test_three_of_five_raise_and_five_quiet_ones_clear(self) -> None:
        self.assertEqual(alarms(np.array([1, 0, 1, 0, 1, 0, 0, 0, 0, 0, 1, 1, 1], bool)), [4, 12])
        self.assertEqual(alarms(np.array([1, 0, 1, 0, 1, 0, 0, 0, 0, 1, 1, 1], bool)), [4])
        self.assertEqual(alarms(np.array([1, 0, 0, 1, 0, 0, 1, 0, 0, 1], bool)), [])


class Costs(unittest.TestCase):
    def test_stopping_pays_above_the_threshold_and_not_below(self) -> None:
        actions = COSTS["actions"]
        for p, action in ((THRESHOLD - 1e-9, "continue"), (THRESHOLD + 1e-9, "stop")):
            expected = {name: (1 - p) * c["ok"] + p * c["failure"] for name, c in actions.items()}
            self.assertEqual(min(expected, key=expected.__getitem__), action)

    def test_each_row_costs_what_was_done_about_it(self) -> None:
        stopped, failed = np.array([0, 0, 1, 1], bool), np.array([0, 1, 0, 1], bool)
        np.testing.assert_array_equal(cost(stopped, failed), [0, 50, 1, 0])

    def test_calibration_finds_what_bent_the_probabilities(self) -> None:
        p = RANDOM.random(200_000)
        failed = RANDOM.random(200_000) < p
        bent = Platt(2.0, -1.0)
        found = platt((log_odds(p) - bent.intercept) / bent.slope, failed)
        self.assertAlmostEqual(found.slope, bent.slope, delta=0.05)
        self.assertAlmostEqual(found.intercept, bent.intercept, delta=0.05)


if __name__ == "__main__":
    unittest.main()
