"""Makes the model of the fault campaign: it answers with the number that it is given, and with its last two digits, so
that what arrives can be held against what was fed. Needs onnx and onnxruntime as in models/training.

    python test/faults/make_model.py test/faults/model
"""

import hashlib
import json
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper


def model() -> onnx.ModelProto:
    shape = numpy_helper.from_array(np.array([-1, 1], dtype=np.int64), "shape")
    hundred = numpy_helper.from_array(np.array([100], dtype=np.float32), "hundred")
    graph = helper.make_graph(
        [
            helper.make_node("Reshape", ["x", "shape"], ["number"]),
            helper.make_node("Mod", ["number", "hundred"], ["phase"], fmod=1),
        ],
        "numbers",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", 1, 1])],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["N", 1]) for name in ("number", "phase")],
        [shape, hundred],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def tensor(name: str, array: np.ndarray) -> dict:
    return {"name": name, "datatype": "FP32", "shape": list(array.shape), "data": array.ravel().tolist()}


def main(folder: Path) -> None:
    onnx.save(model(), folder / "model.onnx")
    session = onnxruntime.InferenceSession(folder / "model.onnx", providers=["CPUExecutionProvider"])
    case = np.array([[[4711]]], dtype=np.float32)
    outputs = zip(("number", "phase"), session.run(["number", "phase"], {"x": case}), strict=True)
    golden = {
        "source": f"onnxruntime {onnxruntime.__version__}, Python",
        "tolerance": {"rtol": 0, "atol": 0},
        "cases": [{"inputs": [tensor("x", case)], "outputs": [tensor(name, array) for name, array in outputs]}],
    }
    (folder / "golden.json").write_text(json.dumps(golden) + "\n")
    empty = {"counts": [0], "underflow": 0, "overflow": 0, "missing": 0, "n": 0, "mean": 0, "m2": 0, "min": None, "max": None}
    number = {"edges": [0, 16777216], "distribution": empty}
    phase = {"edges": [0, 100], "distribution": empty}
    profile = {
        "schema": "edgewright.profile/1",
        "rows": 0,
        "features": {"n": number},
        "outputs": {"number": number, "phase": phase},
    }
    (folder / "profile.json").write_text(json.dumps(profile) + "\n")
    files = {
        name: {"sha256": hashlib.sha256((folder / name).read_bytes()).hexdigest(), "length": (folder / name).stat().st_size}
        for name in ("golden.json", "model.onnx", "profile.json")
    }
    manifest = {
        "schema": "edgewright.manifest/1",
        "name": "numbers",
        "version": "1.0.0",
        "release": 1,
        "description": "Answers with the number that it is given, and with its last two digits.",
        "tags": {"n": {"unit": "1"}},
        "window": {"count": 1},
        "input": {"tensor": "x", "layout": "TC", "tags": ["n"]},
        "outputs": {
            "number": {"kind": "regression", "tensor": "number", "unit": "1"},
            "phase": {"kind": "score", "tensor": "phase", "threshold": 89.5},
        },
        "files": files,
    }
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
