"""Makes the model of the benchmark: three 1-D convolutions and two dense layers, 47,745 parameters, [N,30,14] -> [N,1],
static int8 QDQ. Weights are random: only its cost matters. Needs numpy, onnx and onnxruntime as in models/training.

    python test/bench/make_model.py test/bench/model
"""

import hashlib
import json
import sys
import tempfile
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static

STEPS, TAGS = 30, 14
CHANNELS, KERNELS, HIDDEN = (32, 48, 48), (5, 3, 3), 32


def float_model(rng: np.random.Generator) -> onnx.ModelProto:
    nodes = [helper.make_node("Transpose", ["x"], ["ct"], perm=[0, 2, 1])]
    weights, value, width, length = [], "ct", TAGS, STEPS

    def add(name: str, *shape: int) -> str:
        scale = 1 / np.sqrt(np.prod(shape[1:])) if len(shape) > 1 else 0.01
        weights.append(numpy_helper.from_array(rng.normal(0, scale, shape).astype(np.float32), name))
        return name

    for i, (channels, kernel) in enumerate(zip(CHANNELS, KERNELS, strict=True)):
        inputs = [value, add(f"conv{i}.w", channels, width, kernel), add(f"conv{i}.b", channels)]
        nodes += [helper.make_node("Conv", inputs, [f"c{i}"]), helper.make_node("Relu", [f"c{i}"], [f"r{i}"])]
        value, width, length = f"r{i}", channels, length - kernel + 1
    nodes.append(helper.make_node("Flatten", [value], ["flat"], axis=1))
    hidden = ["flat", add("dense0.w", HIDDEN, width * length), add("dense0.b", HIDDEN)]
    nodes += [helper.make_node("Gemm", hidden, ["d0"], transB=1), helper.make_node("Relu", ["d0"], ["dr0"])]
    nodes.append(helper.make_node("Gemm", ["dr0", add("dense1.w", 1, HIDDEN), add("dense1.b", 1)], ["y"], transB=1))
    graph = helper.make_graph(
        nodes,
        "bench",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", STEPS, TAGS])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["N", 1])],
        weights,
    )
    parameters = sum(int(np.prod(w.dims)) for w in weights)
    assert parameters == 47_745, parameters
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


class Windows(CalibrationDataReader):
    def __init__(self, windows: np.ndarray):
        self._windows = iter(windows)

    def get_next(self):
        window = next(self._windows, None)
        return None if window is None else {"x": window[None]}


def tensor(name: str, array: np.ndarray) -> dict:
    return {"name": name, "datatype": "FP32", "shape": list(array.shape), "data": array.ravel().tolist()}


def main(folder: Path) -> None:
    rng = np.random.default_rng(7)
    windows = rng.normal(0, 1, (256, STEPS, TAGS)).astype(np.float32)
    model = folder / "model.onnx"
    with tempfile.TemporaryDirectory() as temp:
        source = Path(temp) / "float.onnx"
        onnx.save(float_model(rng), source)
        quantize_static(
            source,
            model,
            Windows(windows),
            quant_format=QuantFormat.QDQ,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            per_channel=True,
            reduce_range=True,
        )
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    case = windows[:1]
    golden = {
        "source": f"onnxruntime {onnxruntime.__version__}, Python",
        "tolerance": {"rtol": 1e-3, "atol": 1e-2},
        "cases": [{"inputs": [tensor("x", case)], "outputs": [tensor("y", session.run(["y"], {"x": case})[0])]}],
    }
    (folder / "golden.json").write_text(json.dumps(golden) + "\n")
    tags = [f"v{i}" for i in range(TAGS)]
    edges = [float(x) for x in np.linspace(-4, 4, 17)]
    empty = {"counts": [0] * 16, "underflow": 0, "overflow": 0, "missing": 0, "n": 0, "mean": 0, "m2": 0, "min": None, "max": None}
    reference = {"edges": edges, "distribution": empty}
    profile = {"schema": "edgewright.profile/1", "rows": 0, "features": {t: reference for t in tags}, "outputs": {"value": reference}}
    (folder / "profile.json").write_text(json.dumps(profile) + "\n")
    files = {
        name: {"sha256": hashlib.sha256((folder / name).read_bytes()).hexdigest(), "length": (folder / name).stat().st_size}
        for name in ("golden.json", "model.onnx", "profile.json")
    }
    manifest = {
        "schema": "edgewright.manifest/1",
        "name": "bench",
        "version": "1.0.0",
        "release": 1,
        "description": "The model of the benchmark; its answers mean nothing.",
        "tags": {t: {"unit": "1"} for t in tags},
        "window": {"count": STEPS, "every": 1},
        "input": {"tensor": "x", "layout": "TC", "tags": tags},
        "outputs": {"value": {"kind": "regression", "tensor": "y", "unit": "1"}},
        "files": files,
    }
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
