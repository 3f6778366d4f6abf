"""Writes a bundle: model.onnx, profile.json, golden.json, model-card.json and the manifest with their digests."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import onnxruntime

from .engine import run

MODELS = Path(__file__).parent.parent.parent


@dataclass(frozen=True)
class Bundle:
    model: onnx.ModelProto
    manifest: dict[str, object]
    profile: dict[str, object]
    golden: dict[str, object]
    card: dict[str, object]

    def write(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        contents = {
            "golden.json": _compact(self.golden),
            "model-card.json": _indented(self.card),
            "model.onnx": self.model.SerializeToString(),
            "profile.json": _compact(self.profile),
        }
        for name, content in contents.items():
            (folder / name).write_bytes(content)
        files = {name: {"sha256": _sha256(content), "length": len(content)} for name, content in contents.items()}
        (folder / "manifest.json").write_bytes(_indented({**self.manifest, "files": files}))
        print(f"{folder}: " + ", ".join(f"{name} {entry['length']} B" for name, entry in files.items()))


def golden(model: onnx.ModelProto, rows: np.ndarray, outputs: list[str], rtol: float, atol: float) -> dict[str, object]:
    """Each row alone, as a batch of one, with what Python's ONNX Runtime says to it."""
    tensor = model.graph.input[0].name

    def case(row: np.ndarray) -> dict[str, object]:
        inputs = np.ascontiguousarray(row[None], np.float32)
        answers = run(model, inputs)
        return {
            "inputs": [_tensor(tensor, inputs)],
            "outputs": [_tensor(name, answers[name]) for name in outputs],
        }

    return {
        "source": f"onnxruntime {onnxruntime.__version__}, CPUExecutionProvider",
        "tolerance": {"rtol": rtol, "atol": atol},
        "cases": [case(row) for row in rows],
    }


def ranges(samples: dict[str, np.ndarray], margin: float = 0.1, digits: int = 4) -> dict[str, list[float]]:
    """What each tag showed in training, widened by a share of its span: a neighbour of the same kind is no surprise."""
    widened = {}
    for tag, values in samples.items():
        low, high = float(values.min()), float(values.max())
        room = margin * (high - low)
        widened[tag] = [round(low - room, digits), round(high + room, digits)]
    return widened


def data_file(path: Path, rows: int) -> dict[str, object]:
    return {"name": path.name, "sha256": _sha256(path.read_bytes()), "rows": rows}


def _tensor(name: str, value: np.ndarray) -> dict[str, object]:
    # The shortest text that reads back as the same float32.
    data = [float(str(number)) for number in value.ravel().astype(np.float32)]
    return {"name": name, "datatype": "FP32", "shape": list(value.shape), "data": data}


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _indented(value: object) -> bytes:
    return (json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode()


def _compact(value: object) -> bytes:
    return (json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")) + "\n").encode()
