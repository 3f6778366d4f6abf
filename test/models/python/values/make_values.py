"""Makes the models of this folder, each with rows and with what its own library answers to them.

    python make_values.py

needs scikit-learn 1.9, skl2onnx, onnxmltools, lightgbm, xgboost, onnx and onnxruntime. A folder a model: model.onnx,
manifest.json, rows.json (the values of the tags; null is missing) and answers.json (the output of each row's
prediction, by the library that trained the model; onnxruntime was held against it here).
"""

import json
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from lightgbm import LGBMRegressor
from onnx import TensorProto, helper, numpy_helper
from onnxmltools import convert_lightgbm, convert_xgboost
from onnxmltools.convert.common.data_types import FloatTensorType as MlFloat
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType, StringTensorType
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingRegressor, IsolationForest
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from xgboost import XGBClassifier

HERE = Path(__file__).parent
OPSET = {"": 17, "ai.onnx.ml": 3}
TAGS = ["temp", "load", "speed"]
RNG = np.random.default_rng(7)


_make_attribute = helper.make_attribute


def make_attribute(key, value, *rest, **more):
    """skl2onnx gives protobuf booleans where a histogram's trees say which way a missing value goes."""
    if isinstance(value, list):
        value = [int(each) if isinstance(each, bool | np.bool_) else each for each in value]
    return _make_attribute(key, value, *rest, **more)


helper.make_attribute = make_attribute


def table(rows: int, missing: float) -> np.ndarray:
    x = RNG.normal([60, 0.5, 1480], [8, 0.2, 30], (rows, 3)).astype(np.float32)
    x[RNG.random(x.shape) < missing] = np.nan
    # Where everything is missing there is no answer to compare.
    return x[~np.isnan(x).all(axis=1)]


def effect(x: np.ndarray) -> np.ndarray:
    return np.nan_to_num(x[:, 0], nan=90) / 10 + 3 * np.nan_to_num(x[:, 1], nan=2) + np.nan_to_num(x[:, 2]) / 1000


def rows_of(x: np.ndarray, tags=TAGS) -> list[dict]:
    return [{t: None if np.isnan(v) else float(v) for t, v in zip(tags, row, strict=True)} for row in x]


def answer(model: bytes, feeds: dict, name: str) -> np.ndarray:
    return onnxruntime.InferenceSession(model).run([name], feeds)[0]


def write(name: str, model, input_: dict, outputs: dict, rows: list[dict], answers: list, tags: dict) -> None:
    folder = HERE / name
    folder.mkdir(exist_ok=True)
    data = model.SerializeToString()
    (folder / "model.onnx").write_bytes(data)
    manifest = {
        "schema": "edgewright.manifest/1",
        "name": name,
        "version": "1.0.0",
        "release": 1,
        "description": "Made by make_values.py for the tests.",
        "tags": tags,
        "window": {"count": 1},
        "input": input_,
        "outputs": outputs,
    }
    for file, content in [("manifest", manifest), ("rows", rows), ("answers", answers)]:
        (folder / f"{file}.json").write_text(json.dumps(content, indent=1) + "\n")
    print(name, len(data), "bytes")


def raw(tensor: str, tags=TAGS, **more) -> dict:
    return {"tensor": tensor, "statistics": [{"tags": list(tags), "features": ["mean"]}], **more}


def units(tags=TAGS, **more) -> dict:
    return {tag: {"unit": "1", **more} for tag in tags}


def regression(tensor: str, **more) -> dict:
    return {"kind": "regression", "tensor": tensor, "unit": "1", **more}


def values(y: np.ndarray) -> list:
    return [{"value": float(v)} for v in y]


def agree(theirs: np.ndarray, ours: np.ndarray) -> None:
    np.testing.assert_allclose(np.asarray(ours).reshape(np.asarray(theirs).shape), theirs, rtol=1e-4, atol=1e-4)


def trees_that_take_nan() -> None:
    x = table(400, 0.2)
    y = effect(x)
    probe = table(30, 0.3)
    probe[0] = [np.nan, 0.5, np.nan]
    probe[1] = [60, np.nan, 1480]

    lightgbm = LGBMRegressor(n_estimators=8, num_leaves=8, random_state=0, verbose=-1).fit(x, y)
    onnx_ = convert_lightgbm(lightgbm, initial_types=[("X", MlFloat([None, 3]))], target_opset=15)
    theirs = lightgbm.predict(probe)
    agree(theirs, answer(onnx_.SerializeToString(), {"X": probe}, "variable"))
    write("lightgbm", onnx_, raw("X"), {"wear": regression("variable")}, rows_of(probe), values(theirs), units(missing="nan"))

    boosted = XGBClassifier(n_estimators=8, max_depth=3, random_state=0).fit(x, y > np.median(y))
    onnx_ = convert_xgboost(boosted, initial_types=[("X", MlFloat([None, 3]))], target_opset=15)
    p = boosted.predict_proba(probe)
    agree(p, answer(onnx_.SerializeToString(), {"X": probe}, "probabilities"))
    answers = [
        {"label": "bad" if row[1] > 0.5 else "good", "probabilities": {"good": float(row[0]), "bad": float(row[1])}} for row in p
    ]
    target = {"kind": "binary", "tensor": "probabilities", "labels": ["good", "bad"]}
    write("xgboost", onnx_, raw("X"), {"state": target}, rows_of(probe), answers, units(missing="nan"))

    hist = HistGradientBoostingRegressor(max_iter=8, max_leaf_nodes=8, random_state=0).fit(x, y)
    onnx_ = to_onnx(hist, initial_types=[("X", FloatTensorType([None, 3]))], target_opset=OPSET)
    theirs = hist.predict(probe)
    agree(theirs, answer(onnx_.SerializeToString(), {"X": probe}, "variable"))
    write("hist_gradient_boosting", onnx_, raw("X"), {"wear": regression("variable")}, rows_of(probe), values(theirs), units(missing="nan"))

    imputing = make_pipeline(SimpleImputer(strategy="median"), StandardScaler(), LogisticRegression()).fit(x, y > np.median(y))
    onnx_ = to_onnx(imputing, initial_types=[("X", FloatTensorType([None, 3]))], target_opset=OPSET, options={"zipmap": False})
    p = imputing.predict_proba(probe)
    agree(p, answer(onnx_.SerializeToString(), {"X": probe}, "probabilities"))
    answers = [
        {"label": "bad" if row[1] > 0.5 else "good", "probabilities": {"good": float(row[0]), "bad": float(row[1])}} for row in p
    ]
    write("simple_imputer", onnx_, raw("X"), {"state": target}, rows_of(probe), answers, units(missing="nan"))

    # The same trained on filled values: the fill of the manifest stands for fillna before the model.
    fills = {tag: float(np.nanmedian(x[:, i])) for i, tag in enumerate(TAGS)}
    filled = np.where(np.isnan(x), [list(fills.values())], x).astype(np.float32)
    linear = make_pipeline(StandardScaler(), LinearRegression()).fit(filled, y)
    scaler, last = linear.steps[0][1], linear.steps[1][1]
    onnx_ = to_onnx(last, initial_types=[("X", FloatTensorType([None, 3]))], target_opset=OPSET)
    theirs = linear.predict(np.where(np.isnan(probe), [list(fills.values())], probe))
    scaling = {"offset": scaler.mean_.tolist(), "scale": scaler.scale_.tolist()}
    tags = {tag: {"unit": "1", "missing": {"fill": fill}} for tag, fill in fills.items()}
    write("filled", onnx_, raw("X", scaling=scaling), {"wear": regression("variable")}, rows_of(probe), values(theirs), tags)


def isolation_forest() -> None:
    x = table(300, 0)
    forest = IsolationForest(n_estimators=4, max_samples=16, random_state=0).fit(x)
    probe = np.vstack([table(15, 0), table(15, 0) * [1.5, 3, 0.9]]).astype(np.float32)
    onnx_ = to_onnx(forest, initial_types=[("X", FloatTensorType([None, 3]))], target_opset=OPSET)
    theirs = forest.decision_function(probe)
    agree(theirs, answer(onnx_.SerializeToString(), {"X": probe}, "scores"))
    target = {"kind": "score", "tensor": "scores", "threshold": 0, "anomaly": "below"}
    write("isolation_forest", onnx_, raw("X"), {"odd": target}, rows_of(probe), [{"score": float(s)} for s in theirs], units())


def column_transformer() -> None:
    materials = ["brass", "steel", "zinc"]
    numbers = table(200, 0)[:, :2]
    texts = RNG.choice(materials, (200, 1))
    y = numbers[:, 0] / 10 + numbers[:, 1] + (texts[:, 0] == "steel") * 4
    import pandas

    def frame(n, t):
        return pandas.DataFrame({"temp": n[:, 0], "load": n[:, 1], "material": t[:, 0]})

    both = ColumnTransformer([("scaled", StandardScaler(), ["temp", "load"]), ("hot", OneHotEncoder(), ["material"])])
    model = make_pipeline(both, LinearRegression()).fit(frame(numbers, texts), y)
    types = [("temp", FloatTensorType([None, 1])), ("load", FloatTensorType([None, 1])), ("material", StringTensorType([None, 1]))]
    onnx_ = to_onnx(model, initial_types=types, target_opset=OPSET)
    probe, words = table(12, 0)[:, :2], RNG.choice(materials, (12, 1))
    theirs = model.predict(frame(probe, words)).ravel()
    feeds = {"temp": probe[:, :1], "load": probe[:, 1:], "material": words.astype(object)}
    agree(theirs, answer(onnx_.SerializeToString(), feeds, "variable"))
    rows = [{"temp": float(n[0]), "load": float(n[1]), "material": str(t[0])} for n, t in zip(probe, words, strict=True)]
    tags = {"temp": {"unit": "C"}, "load": {"unit": "1"}}
    tags["material"] = {"unit": "1", "values": {m: i for i, m in enumerate(materials)}}
    tensors = {tag: {"statistics": [{"tags": [tag], "features": ["mean"]}]} for tag in tags}
    write("column_transformer", onnx_, {"tensors": tensors}, {"wear": regression("variable")}, rows, values(theirs), tags)


def several_columns() -> None:
    x = table(200, 0)
    y = np.column_stack([effect(x), x[:, 0] * 2, x[:, 1] - 1, x[:, 2] / 7])
    model = LinearRegression().fit(x, y)
    onnx_ = to_onnx(model, initial_types=[("X", FloatTensorType([None, 3]))], target_opset=OPSET)
    probe = table(8, 0)
    theirs = model.predict(probe)
    agree(theirs, answer(onnx_.SerializeToString(), {"X": probe}, "variable"))
    answers = [
        {
            "outputs": {
                "wear": {"value": float(r[0])},
                "odd": {"score": float(r[3])},
                "course": {"values": [float(r[1]), float(r[2]), float(r[3])], "steps": ["1h", "2h", "3h"]},
            }
        }
        for r in theirs
    ]
    outputs = {
        "wear": regression("variable", column=0),
        "odd": {"kind": "score", "tensor": "variable", "column": 3, "threshold": 210},
        "course": regression("variable", columns=[1, 3], steps={"every": "1h"}),
    }
    write("several_columns", onnx_, raw("X"), outputs, rows_of(probe), answers, units())


def quantized(name: str, kind, low: int, high: int, zero_in: int, zero_out: int) -> None:
    """A dense layer of whole numbers alone, as TFLite and ORT's static quantization make them."""
    dtype = np.int8 if kind == TensorProto.INT8 else np.uint8
    scale_in, scale_w, scale_out = np.float32(0.05), np.float32(0.01), np.float32(0.02)
    weights = RNG.integers(-60, 60, (3, 2)).astype(np.int8)
    inits = [
        numpy_helper.from_array(np.asarray(value), name_)
        for name_, value in [
            ("si", scale_in), ("zi", dtype(zero_in)), ("w", weights), ("sw", scale_w), ("zw", np.int8(0)),
            ("so", scale_out), ("zo", dtype(zero_out)),
        ]
    ]  # fmt: skip
    node = helper.make_node("QLinearMatMul", ["x", "si", "zi", "w", "sw", "zw", "so", "zo"], ["y"])
    graph = helper.make_graph(
        [node], name, [helper.make_tensor_value_info("x", kind, ["N", 3])],
        [helper.make_tensor_value_info("y", kind, ["N", 2])], inits,
    )  # fmt: skip
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    rows = RNG.normal(0, 2, (20, 3)).astype(np.float32)
    # Just between two steps, and beyond what the type holds.
    rows[0] = [0.125, 0.375, -0.125]
    rows[1] = [100, -100, 0.025]
    q = np.clip(np.rint(rows / scale_in) + zero_in, low, high).astype(dtype)
    y = answer(model.SerializeToString(), {"x": q}, "y")
    real = (y.astype(np.float32) - zero_out) * scale_out
    answers = [{"outputs": {"left": {"value": float(r[0])}, "right": {"score": float(r[1])}}} for r in real]
    out = {"scale": float(scale_out), "zeroPoint": zero_out}
    outputs = {
        "left": regression("y", column=0, quantization=out),
        "right": {"kind": "score", "tensor": "y", "column": 1, "threshold": 1, "quantization": out},
    }
    given = raw("x", quantization={"scale": float(scale_in), "zeroPoint": zero_in})
    write(name, model, given, outputs, rows_of(rows), answers, units())


def autoencoder() -> None:
    x = table(300, 0)
    scaler = StandardScaler().fit(x)
    scaled = scaler.transform(x)
    net = MLPRegressor(hidden_layer_sizes=(2,), activation="tanh", max_iter=400, random_state=0).fit(scaled, scaled)
    onnx_ = to_onnx(net, initial_types=[("X", FloatTensorType([None, 3]))], target_opset=OPSET)
    probe = np.vstack([table(10, 0), table(10, 0) * [1.4, 1, 1]]).astype(np.float32)
    given = scaler.transform(probe).astype(np.float32)
    again = net.predict(given)
    agree(again, answer(onnx_.SerializeToString(), {"X": given}, "variable"))
    missed = np.abs(given - again)
    answers = [
        {"outputs": {"mse": {"score": float((m**2).mean())}, "mae": {"score": float(m.mean())}, "max": {"score": float(m.max())}}}
        for m in missed
    ]
    outputs = {
        error: {"kind": "reconstruction", "tensor": "variable", "error": error, "threshold": 1} for error in ["mse", "mae", "max"]
    }
    scaling = {"offset": scaler.mean_.tolist(), "scale": scaler.scale_.tolist()}
    write("autoencoder", onnx_, raw("X", scaling=scaling), outputs, rows_of(probe), answers, units())


if __name__ == "__main__":
    trees_that_take_nan()
    isolation_forest()
    column_transformer()
    several_columns()
    quantized("int8_dense", TensorProto.INT8, -128, 127, -3, 5)
    quantized("uint8_dense", TensorProto.UINT8, 0, 255, 128, 100)
    autoencoder()
