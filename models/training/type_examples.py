"""Small bundles that show how models of other types than float32 are declared; not trained on anything real.

Writes models/examples/{float16,int64,strings,zipmap,label,recurrent}. Golden cases are computed here with numpy and
scikit-learn, not with the runtime. Needs numpy, onnx, scikit-learn and skl2onnx; then `edgewright model pack` each.
"""

import json
import pathlib

import numpy as np
import onnx
from onnx import TensorProto as T
from onnx import helper as h
from onnx import numpy_helper as nh
from skl2onnx import to_onnx
from sklearn.ensemble import RandomForestClassifier
from sklearn.svm import LinearSVC

OUT = pathlib.Path(__file__).resolve().parent.parent / "examples"
rng = np.random.default_rng(5)


def value(name, shape, kind=T.FLOAT):
    return h.make_tensor_value_info(name, kind, shape)


def constant(name, array):
    return nh.from_array(np.asarray(array), name)


def model(nodes, inputs, outputs, weights=(), extra=()):
    graph = h.make_graph(nodes, "example", inputs, outputs, list(weights))
    imports = [h.make_opsetid("", 17), *[h.make_opsetid(domain, version) for domain, version in extra]]
    built = h.make_model(graph, opset_imports=imports, ir_version=8, producer_name="edgewright-examples")
    onnx.checker.check_model(built)
    return built


def tensor(name, datatype, array):
    array = np.asarray(array)
    return {"name": name, "datatype": datatype, "shape": list(array.shape), "data": array.ravel().tolist()}


def bundle(name, description, built, source, cases, manifest):
    folder = OUT / name
    folder.mkdir(parents=True, exist_ok=True)
    onnx.save(built, folder / "model.onnx")
    (folder / "golden.json").write_text(json.dumps({"source": source, "cases": cases}, indent=1) + "\n")
    whole = {
        "schema": "edgewright.manifest/1",
        "name": f"example-{name}",
        "version": "1.0.0",
        "release": 1,
        "description": description,
        "window": {"count": 1, "every": 1},
        **manifest,
    }
    (folder / "manifest.json").write_text(json.dumps(whole, indent=2) + "\n")


def each(tags):
    """The values of a reading, one column a tag: the mean over a window of one."""
    return {"statistics": [{"tags": tags, "features": ["mean"]}]}


def float16():
    w = np.array([[0.5], [-0.25]], np.float16)
    built = model([h.make_node("MatMul", ["x", "w"], ["y"])], [value("x", ["N", 2], T.FLOAT16)], [value("y", ["N", 1], T.FLOAT16)], [constant("w", w)])
    x = np.array([[4, 2], [1.5, -8]], np.float16)
    cases = [{"inputs": [tensor("x", "FP16", x)], "outputs": [tensor("y", "FP16", x @ w)]}]
    bundle("float16", "Half-precision weights, inputs and outputs: difference of two temperatures.", built, "numpy", cases, {
        "tags": {"inlet": {"unit": "degC"}, "outlet": {"unit": "degC"}},
        "input": {"tensor": "x", **each(["inlet", "outlet"])},
        "outputs": {"difference": {"kind": "regression", "tensor": "y", "unit": "degC"}},
    })


def int64():
    nodes = [h.make_node("Sub", ["count", "limit"], ["over"]), h.make_node("Cast", ["over"], ["score"], to=T.FLOAT)]
    built = model(nodes, [value("count", ["N", 1], T.INT64)], [value("score", ["N", 1])], [constant("limit", np.array([1_000_000], np.int64))])
    count = np.array([[999_999], [1_000_017]], np.int64)
    cases = [{"inputs": [tensor("count", "INT64", count)], "outputs": [tensor("score", "FP32", (count - 1_000_000).astype(np.float32))]}]
    bundle("int64", "Whole numbers in: strokes beyond the interval of maintenance.", built, "numpy", cases, {
        "tags": {"strokes": {"unit": "1"}},
        "input": {"tensor": "count", **each(["strokes"])},
        "outputs": {"overdue": {"kind": "score", "tensor": "score", "threshold": 0}},
    })


def strings():
    nodes = [
        h.make_node("LabelEncoder", ["material"], ["hardness"], domain="ai.onnx.ml", keys_strings=["steel", "brass"], values_floats=[150.0, 60.0], default_float=0.0),
        h.make_node("Mul", ["hardness", "feed"], ["load"]),
    ]
    inputs = [value("material", ["N", 1], T.STRING), value("feed", ["N", 1])]
    built = model(nodes, inputs, [value("load", ["N", 1])], extra=[("ai.onnx.ml", 3)])
    case = {
        "inputs": [tensor("material", "BYTES", [["steel"], ["brass"]]), tensor("feed", "FP32", [[0.5], [2.0]])],
        "outputs": [tensor("load", "FP32", [[75.0], [120.0]])],
    }
    bundle("strings", "Two inputs, one of them text: load of a tool from the material and the feed.", built, "by hand", [case], {
        "tags": {"material": {"unit": "", "values": {"steel": 0, "brass": 1}}, "feed": {"unit": "mm"}},
        "input": {"tensors": {"material": each(["material"]), "feed": each(["feed"])}},
        "outputs": {"load": {"kind": "regression", "tensor": "load", "unit": "N"}},
    })


def zipmap():
    x = rng.uniform(0, 10, (400, 2)).astype(np.float32)
    y = np.where(x[:, 0] + x[:, 1] > 12, "worn", np.where(x[:, 1] > 8, "loose", "good"))
    forest = RandomForestClassifier(n_estimators=10, max_depth=4, random_state=0).fit(x, y)
    built = to_onnx(forest, x[:1], target_opset={"": 17, "ai.onnx.ml": 3})
    rows = np.array([[1, 1], [9, 9], [1, 9.5]], np.float32)
    case = {
        "inputs": [tensor("X", "FP32", rows)],
        "outputs": [
            tensor("output_label", "BYTES", forest.predict(rows)),
            tensor("output_probability", "FP32", forest.predict_proba(rows).astype(np.float32)),
        ],
    }
    bundle("zipmap", "A scikit-learn forest as skl2onnx exports it, with ZipMap: a label and probabilities.", built, "scikit-learn", [case], {
        "tags": {"vibration": {"unit": "mm/s"}, "play": {"unit": "um"}},
        "input": {"tensor": "X", **each(["vibration", "play"])},
        "outputs": {"state": {"kind": "classes", "tensor": "output_probability", "labels": sorted(set(y))}},
    })


def label():
    x = rng.uniform(0, 10, (400, 2)).astype(np.float32)
    y = np.where(x[:, 0] > 6, 2, np.where(x[:, 1] > 6, 1, 0))
    machine = LinearSVC(random_state=0).fit(x, y)
    built = to_onnx(machine, x[:1], target_opset={"": 17, "ai.onnx.ml": 3})
    rows = np.array([[1, 1], [9, 9], [1, 9.5]], np.float32)
    case = {"inputs": [tensor("X", "FP32", rows)], "outputs": [tensor("label", "INT64", machine.predict(rows))]}
    bundle("label", "A support vector machine of scikit-learn, which names a class and has no probabilities.", built, "scikit-learn", [case], {
        "tags": {"vibration": {"unit": "mm/s"}, "play": {"unit": "um"}},
        "input": {"tensor": "X", **each(["vibration", "play"])},
        "outputs": {"state": {"kind": "label", "tensor": "label", "labels": ["0", "2"]}},
    })


def recurrent():
    """Mean m' = m + (x - m) / 4 and score |x - m'|, the mean carried from window to window."""
    nodes = [
        h.make_node("Sub", ["x", "mean"], ["away"]),
        h.make_node("Mul", ["away", "quarter"], ["step"]),
        h.make_node("Add", ["mean", "step"], ["mean_next"]),
        h.make_node("Sub", ["x", "mean_next"], ["rest"]),
        h.make_node("Abs", ["rest"], ["score"]),
    ]
    inputs = [value("x", ["N", 1]), value("mean", ["N", 1])]
    built = model(nodes, inputs, [value("score", ["N", 1]), value("mean_next", ["N", 1])], [constant("quarter", np.float32(0.25))])
    case = {
        "inputs": [tensor("x", "FP32", [[8.0], [4.0]]), tensor("mean", "FP32", [[0.0], [2.0]])],
        "outputs": [tensor("score", "FP32", [[6.0], [1.5]]), tensor("mean_next", "FP32", [[2.0], [2.5]])],
    }
    bundle("recurrent", "A running mean carried from reading to reading, and how far each is from it.", built, "by hand", [case], {
        "tags": {"level": {"unit": "mm"}},
        "input": {"tensor": "x", **each(["level"])},
        "state": {"tensors": {"mean": {"output": "mean_next", "shape": [-1, 1], "initial": 0}}, "maxGap": "10s"},
        "outputs": {"jump": {"kind": "score", "tensor": "score", "threshold": 5}},
    })


for build in (float16, int64, strings, zipmap, label, recurrent):
    build()
