"""Makes the models that data scientists make, small, with the answers that Python gives for the same rows.

    pip install scikit-learn skl2onnx onnxmltools lightgbm xgboost onnxruntime
    python make_fixtures.py            # all
    python make_fixtures.py knn mlp    # some

Each model has a folder, which is a bundle: model.onnx (or model.ort), manifest.json (a right one), rows.json (`tags`, and `rows` in
their order), answers.json (`outputs`: by output of the model, what onnxruntime in Python answered for the rows; `python`:
what the library itself says, `label` and `probabilities` by class). The names of the classes are such that their
alphabetical order, in which scikit-learn has them, is not the one in which a person says them.
"""

import json
import sys
import tempfile
import warnings
from pathlib import Path

import numpy as np
import onnxruntime
from lightgbm import LGBMClassifier
from onnx import TensorProto, helper, numpy_helper
from onnxmltools import convert_lightgbm, convert_xgboost
from onnxmltools.convert.common.data_types import FloatTensorType
from skl2onnx import to_onnx
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import GradientBoostingClassifier, IsolationForest, RandomForestClassifier, StackingClassifier
from sklearn.linear_model import LogisticRegression, RidgeClassifier, SGDClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, LinearSVC, OneClassSVM
from xgboost import XGBClassifier

warnings.filterwarnings("ignore")
HERE = Path(__file__).parent
TAGS = ["vibration", "play", "load"]
OPSETS = {"": 17, "ai.onnx.ml": 3}
ROWS = 40

random = np.random.default_rng(20240611)


def samples(count):
    return (random.normal(size=(count, 3)) * [1.5, 1.0, 0.7] + [0.5, -0.2, 0.1]).astype(np.float32)


def wear(x):
    return x[:, 0] + 0.6 * x[:, 1] - 0.4 * x[:, 2] + 0.4 * random.normal(size=len(x))


X = samples(160)
WEAR = wear(X)
TWO = np.where(WEAR > 0.9, "failure", "ok")
THREE = np.array(["new", "worn", "broken"])[np.digitize(WEAR, [-0.4, 1.2])]
NUMBERS = (WEAR > 0.9).astype(np.int64)
X_ROWS = samples(ROWS)


def sklearn(model, y, zipmap=None, x=X):
    model.fit(x, y)
    options = {} if zipmap is None else {id(model): {"zipmap": zipmap}}
    return model, to_onnx(model, x[:1], target_opset=OPSETS, options=options)


def lightgbm(y):
    model = LGBMClassifier(n_estimators=3, max_depth=2, min_child_samples=5, verbose=-1).fit(X, y)
    types = [("X", FloatTensorType([None, 3]))]
    return model, convert_lightgbm(model, initial_types=types, zipmap=False, target_opset=15)


def xgboost(y):
    model = XGBClassifier(n_estimators=3, max_depth=2, base_score=0.5).fit(X, y)
    return model, convert_xgboost(model, initial_types=[("X", FloatTensorType([None, 3]))], target_opset=15)


BINARY = {"kind": "binary", "tensor": "probabilities", "labels": ["failure", "ok"], "positive": "failure"}
ZIPPED = {**BINARY, "tensor": "output_probability"}
NUMBERED = {"kind": "binary", "tensor": "probabilities", "labels": ["ok", "failure"]}
CLASSES = {"kind": "classes", "tensor": "probabilities", "labels": ["broken", "new", "worn"]}
LABEL = {"kind": "label", "tensor": "label", "labels": ["failure", "ok"]}
SCORE = {"kind": "score", "tensor": "scores", "threshold": 0, "anomaly": "below"}

SMALL = {"max_depth": 2, "random_state": 1}
# By folder: what makes the model, and what its manifest says of the output.
MODELS = {
    "logistic_regression": (lambda: sklearn(LogisticRegression(), TWO, True), ZIPPED),
    "random_forest": (lambda: sklearn(RandomForestClassifier(4, **SMALL), TWO, False), BINARY),
    "random_forest_numbers": (lambda: sklearn(RandomForestClassifier(4, **SMALL), NUMBERS, False), NUMBERED),
    "gradient_boosting": (lambda: sklearn(GradientBoostingClassifier(n_estimators=3, **SMALL), TWO, False), BINARY),
    "linear_svc": (lambda: sklearn(LinearSVC(random_state=1), TWO), LABEL),
    "ridge": (lambda: sklearn(RidgeClassifier(), TWO), LABEL),
    "sgd": (lambda: sklearn(SGDClassifier(random_state=1), TWO, False), LABEL),
    "svc": (lambda: svc(TWO, probability=False), LABEL),
    "svc_probability": (lambda: svc(TWO, probability=True), BINARY),
    "svc_three": (lambda: svc(THREE, probability=False), {**LABEL, "labels": ["broken", "new", "worn"]}),
    "knn": (lambda: neighbours(), BINARY),
    "mlp": (lambda: sklearn(MLPClassifier((4,), max_iter=400, random_state=1), TWO, False), BINARY),
    "gaussian_nb": (lambda: sklearn(GaussianNB(), TWO, False), BINARY),
    "calibrated": (lambda: sklearn(CalibratedClassifierCV(LinearSVC(random_state=1), cv=2), TWO, False), BINARY),
    "stacking": (lambda: sklearn(stacking(), THREE, False), CLASSES),
    "three_classes": (lambda: scaled(), CLASSES),
    "mlp_three": (lambda: sklearn(MLPClassifier((4,), max_iter=400, random_state=1), THREE, False), CLASSES),
    "lightgbm": (lambda: lightgbm(TWO), BINARY),
    "xgboost": (lambda: xgboost(NUMBERS), NUMBERED),
    "random_forest_ort": (lambda: in_ort_format(RandomForestClassifier(4, **SMALL), TWO), BINARY),
    "mlp_ort": (lambda: in_ort_format(MLPClassifier((4,), max_iter=400, random_state=1), TWO), BINARY),
    "sigmoid_column": (lambda: sigmoid_column(), {**NUMBERED, "tensor": "p"}),
    "isolation_forest": (lambda: sklearn(IsolationForest(n_estimators=4, max_samples=16, random_state=1), None), SCORE),
    "one_class_svm": (lambda: sklearn(OneClassSVM(nu=0.2), None, None, X[:40]), SCORE),
}


def svc(y, probability):
    model = SVC(C=0.5, probability=probability, random_state=1).fit(X[:60], y[:60])
    return model, to_onnx(model, X[:1], target_opset=OPSETS, options={id(model): {"zipmap": False}})


class SigmoidColumn:
    """A net as PyTorch or Keras exports one: a single column, with the sigmoid in the graph and without a label."""

    weights = np.array([[1.2], [0.7], [-0.5]], dtype=np.float32)
    bias = np.array([-0.6], dtype=np.float32)

    def predict_proba(self, x):
        p = 1 / (1 + np.exp(-(x @ self.weights + self.bias)))
        return np.hstack([1 - p, p])

    def predict(self, x):
        return np.where(self.predict_proba(x)[:, 1] > 0.5, "failure", "ok")

    classes_ = ["ok", "failure"]

    def export(self):
        nodes = [
            helper.make_node("Gemm", ["X", "w", "b"], ["logit"]),
            helper.make_node("Sigmoid", ["logit"], ["p"]),
        ]
        tensors = [numpy_helper.from_array(self.weights, "w"), numpy_helper.from_array(self.bias, "b")]
        inputs = [helper.make_tensor_value_info("X", TensorProto.FLOAT, ["N", 3])]
        outputs = [helper.make_tensor_value_info("p", TensorProto.FLOAT, ["N", 1])]
        graph = helper.make_graph(nodes, "net", inputs, outputs, tensors)
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def sigmoid_column():
    model = SigmoidColumn()
    return model, model.export()


def stacking():
    """The columns have places for names in the file, and the label has the names."""
    return StackingClassifier([("a", LogisticRegression()), ("b", GaussianNB())], cv=2)


def neighbours():
    model = KNeighborsClassifier(3).fit(X[:40], TWO[:40])
    return model, to_onnx(model, X[:1], target_opset=OPSETS, options={id(model): {"zipmap": False}})


def scaled():
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(X, THREE)
    return model, to_onnx(model, X[:1], target_opset=OPSETS, options={id(model): {"zipmap": False}})


def in_ort_format(model, y):
    """The same as an .ort file, as onnxruntime.tools.convert_onnx_models_to_ort writes it."""
    model, onnx = sklearn(model, y, False)
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.ort"
        options.optimized_model_filepath = str(path)
        options.add_session_config_entry("session.save_model_format", "ORT")
        onnxruntime.InferenceSession(onnx.SerializeToString(), options)
        return model, path.read_bytes()


def plain(output):
    """An output of onnxruntime as JSON has it; what ZipMap makes becomes rows of the classes' order."""
    if isinstance(output, list):
        return [[float(row[key]) for key in sorted(row)] for row in output]
    return output.tolist()


def manifest(name, target):
    return {
        "schema": "edgewright.manifest/1",
        "name": name.replace("_", "-"),
        "version": "1.0.0",
        "release": 1,
        "description": "Made by make_fixtures.py, of made-up data.",
        "tags": {tag: {"unit": "1"} for tag in TAGS},
        "window": {"count": 1, "every": 1},
        "input": {"tensor": "X", "statistics": [{"tags": TAGS, "features": ["mean"]}]},
        "outputs": {"state": target},
    }


def said(model):
    answers = {"label": [str(label) for label in model.predict(X_ROWS)]}
    if hasattr(model, "predict_proba"):
        answers["classes"] = [str(label) for label in model.classes_]
        answers["probabilities"] = model.predict_proba(X_ROWS).tolist()
    elif hasattr(model, "decision_function"):
        answers["decision"] = model.decision_function(X_ROWS).tolist()
    return answers


def make(name):
    build, target = MODELS[name]
    model, onnx = build()
    folder = HERE / name
    folder.mkdir(exist_ok=True)
    data = onnx if isinstance(onnx, bytes) else onnx.SerializeToString()
    (folder / ("model.ort" if isinstance(onnx, bytes) else "model.onnx")).write_bytes(data)
    session = onnxruntime.InferenceSession(data)
    outputs = session.run(None, {"X": X_ROWS})
    names = [output.name for output in session.get_outputs()]
    answers = {
        "source": f"onnxruntime {onnxruntime.__version__}",
        "outputs": {each: plain(output) for each, output in zip(names, outputs)},
        "python": said(model),
    }
    write(folder / "answers.json", answers)
    write(folder / "rows.json", {"tags": TAGS, "rows": [[float(value) for value in row] for row in X_ROWS]})
    write(folder / "manifest.json", manifest(name, target), indent=2)
    print(f"{name}: {len(data)} bytes")


def write(path, content, indent=None):
    path.write_text(json.dumps(content, indent=indent) + "\n")


if __name__ == "__main__":
    for each in sys.argv[1:] or MODELS:
        make(each)
