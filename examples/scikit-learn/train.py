"""From scikit-learn to a bundle: makes data, trains a forest, writes bundle/, recorded.csv and expected.csv.

    pip install -r requirements.txt && python train.py

The data is made up: a pump with three states, seen by four sensors. Put your own rows in place of `measure`.
"""

import csv
import json
from pathlib import Path

import numpy as np
from skl2onnx import to_onnx
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import accuracy_score
from sklearn.model_selection import train_test_split

HERE = Path(__file__).resolve().parent
BUNDLE = HERE / "bundle"
SEED = 7
# The model's columns in their order, and how many decimals the sensors show.
TAGS = {"speed": "rpm", "flow": "m3/h", "current": "A", "vibration": "mm/s"}
DECIMALS = [0, 1, 2, 2]


def measure(rng, state):
    """What the sensors show of a pump in each of these states, row by row."""
    n, worn, blocked = len(state), state == "worn", state == "blocked"
    speed = rng.uniform(1400, 2900, n)
    flow = speed / 60 * np.where(blocked, rng.uniform(0.1, 0.7, n), rng.uniform(0.9, 1.1, n))
    current = 2 + speed / 400 - 0.03 * (speed / 60 - flow) + rng.normal(0, 0.2, n)
    vibration = 1 + speed / 2000 + np.where(worn, rng.uniform(0.5, 4, n), 0) + rng.normal(0, 0.3, n)
    columns = zip((speed, flow, current, vibration), DECIMALS)
    return np.column_stack([np.round(values, digits) for values, digits in columns]).astype(np.float32)


def tensor(name, datatype, values):
    return {"name": name, "datatype": datatype, "shape": list(values.shape), "data": values.ravel().tolist()}


def write(name, content):
    (BUNDLE / name).write_text(json.dumps(content, indent=2) + "\n")


rng = np.random.default_rng(SEED)
y = rng.choice(["running", "worn", "blocked"], 1500, p=[0.6, 0.2, 0.2])
x = measure(rng, y)
train_x, test_x, train_y, test_y = train_test_split(x, y, test_size=0.3, random_state=SEED, stratify=y)
# Trees need no scaler, and are better off without: float32 there and float64 here send a row that lies on a threshold
# two ways. Before other models, make_pipeline(StandardScaler(), ...) is exported with them: the manifest scales nothing.
model = RandomForestClassifier(n_estimators=15, max_depth=6, min_samples_leaf=5, random_state=SEED).fit(train_x, train_y)
accuracy = accuracy_score(test_y, model.predict(test_x))
# scikit-learn sorts the names of its classes, and its probabilities are in that order.
labels = [str(label) for label in model.classes_]

BUNDLE.mkdir(exist_ok=True)
# The probabilities as a tensor. A model that was exported with ZipMap is taken too.
exported = to_onnx(model, train_x[:1], options={"zipmap": False}, target_opset={"": 17, "ai.onnx.ml": 3})
(BUNDLE / "model.onnx").write_bytes(exported.SerializeToString())
write("manifest.json", {
    "schema": "edgewright.manifest/1",
    "name": "pump-state",
    "version": "1.0.0",
    "release": 1,
    "description": "Whether a pump is running as it should, worn or blocked: a scikit-learn forest, trained on made-up data.",
    "tags": {
        tag: {"unit": unit, "range": [round(float(low), digits), round(float(high), digits)]}
        for (tag, unit), digits, low, high in zip(TAGS.items(), DECIMALS, train_x.min(axis=0), train_x.max(axis=0))
    },
    # One reading, one row: the mean over a window of one is the value itself.
    "window": {"count": 1, "every": 1},
    "input": {"tensor": exported.graph.input[0].name, "statistics": [{"tags": list(TAGS), "features": ["mean"]}]},
    "outputs": {"state": {"kind": "classes", "tensor": "probabilities", "labels": labels}},
})
# What scikit-learn itself answers to a few rows: `model pack` and every start of a gateway hold the model against it.
golden_x = test_x[:8]
write("golden.json", {
    "source": "scikit-learn predict_proba",
    "tolerance": {"rtol": 0, "atol": 1e-5},
    "cases": [{
        "inputs": [tensor(exported.graph.input[0].name, "FP32", golden_x)],
        "outputs": [tensor("probabilities", "FP32", model.predict_proba(golden_x).astype(np.float32))],
    }],
})
write("model-card.json", {
    "schema": "edgewright.model-card/1",
    "name": "pump-state",
    "version": "1.0.0",
    "intendedUse": "Shows how a scikit-learn model becomes a bundle.",
    "limits": ["Trained on made-up data: it knows nothing of a real pump."],
    "data": {"sources": [{"name": "measure() of train.py"}], "seeds": {"data": SEED, "split": SEED, "forest": SEED}},
    "metrics": [{"name": "accuracy", "target": "state", "value": round(accuracy, 4), "n": len(test_y), "split": "30 % held out"}],
    "quantization": None,
    "approvals": [],
})

# A recording that the model has not seen, of a pump that wears and is blocked later; and what scikit-learn says to it.
rows = measure(rng, np.repeat(["running", "worn", "blocked"], [80, 60, 60]))
with open(HERE / "recorded.csv", "w", newline="") as file:
    out = csv.writer(file, lineterminator="\n")
    out.writerow(["second", *TAGS])
    for second, row in enumerate(rows):
        out.writerow([second, *(f"{value:.{digits}f}" for value, digits in zip(row, DECIMALS))])
with open(HERE / "expected.csv", "w", newline="") as file:
    out = csv.writer(file, lineterminator="\n")
    out.writerow(labels)
    out.writerows(model.predict_proba(rows).round(6).tolist())
print(f"accuracy {accuracy:.3f} on {len(test_y)} rows, labels {labels}, model.onnx {exported.ByteSize()} bytes")
