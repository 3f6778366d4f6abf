"""model-card.json: what a model is for, what it was made from, and how good it is."""

from dataclasses import dataclass

import onnx

from .engine import QUANTIZATION, parameters
from .metrics import LEVEL, Estimate


@dataclass(frozen=True)
class Metric:
    """
    The shipped model's figure, with those of simpler models beside it, and of the float parent where it is quantized.
    """

    name: str
    split: str
    int8: Estimate
    float: Estimate | None
    baselines: dict[str, Estimate]
    target: str | None = None
    higher_is_better: bool = False

    def entry(self) -> dict[str, object]:
        return {
            "name": self.name,
            **({"target": self.target} if self.target else {}),
            **_figures(self.int8),
            "level": LEVEL,
            "split": self.split,
            **({"float": _round(self.float.value), "int8": _round(self.int8.value)} if self.float else {}),
            **(self._comparison() if self.baselines else {}),
        }

    def __str__(self) -> str:
        simple = ", ".join(f"{name} {estimate.value:.3f}" for name, estimate in self.baselines.items())
        title = " ".join(filter(None, [self.target, self.name]))
        parent = f"; float {self.float.value:.3f}" if self.float else ""
        return f"{title:<22} {self.split}: {self.int8}{parent}; {simple or 'no baseline'}"

    def _comparison(self) -> dict[str, object]:
        values = {name: estimate.value for name, estimate in self.baselines.items()}
        name = (max if self.higher_is_better else min)(values, key=values.__getitem__)
        gain = self.int8.value - values[name]
        return {
            "baseline": {"name": name, "value": _round(values[name])},
            "baselines": {other: _round(value) for other, value in values.items()},
            "beatsBaseline": bool(gain > 0 if self.higher_is_better else gain < 0),
        }


def slice_entry(metric: str, where: str, estimate: Estimate, target: str | None = None) -> dict[str, object]:
    return {
        "metric": metric,
        **({"target": target} if target else {}),
        "where": where,
        **_figures(estimate),
        "level": LEVEL,
    }


def quantization(comparison: dict[str, float]) -> dict[str, object]:
    """`comparison`: differences between the int8 model and its float parent, by what they measure."""
    return {**QUANTIZATION, "againstFloat": {name: _round(value) for name, value in comparison.items()}}


def cost(int8: onnx.ModelProto, float_model: onnx.ModelProto) -> dict[str, int]:
    return {
        "bytes": int8.ByteSize(),
        "floatBytes": float_model.ByteSize(),
        "parameters": parameters(float_model),
        "nodes": len(int8.graph.node),
    }


def _figures(estimate: Estimate) -> dict[str, object]:
    low, high = estimate.interval
    return {"value": _round(estimate.value), "n": estimate.n, "interval": [_round(low), _round(high)]}


def _round(value: float) -> float:
    return round(float(value), 4)
