"""Makes a small net with PyTorch, quantized to int8, with the answers that Python gives for the windows of a recording.

    pip install torch onnxscript onnxruntime
    python make_torch.py

A convolution over 16 readings of two sensors tells a worn pump from a sound one. Its folder is a bundle: model.onnx
(QDQ, quantized by onnxruntime), manifest.json, rows.json (readings in order), answers.json (one for each window of 16
rows: `int8`, the logit that onnxruntime in Python gives for the quantized model, and `float`, that of PyTorch itself).
"""

import json
import tempfile
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static

HERE = Path(__file__).parent
WINDOW = 16
TAGS = ["pressure", "flow"]
OFFSET, SCALE = [6.0, 120.0], [1.5, 20.0]
torch.manual_seed(7)
torch.use_deterministic_algorithms(True)
random = np.random.default_rng(7)


def recording(rows, worn):
    """Pressure and flow of a pump; a worn one swings, and its flow lags behind."""
    n = np.arange(rows)
    swing = 1.2 if worn else 0.3
    pressure = 6 + swing * np.sin(n / 2) + 0.3 * random.normal(size=rows)
    flow = 120 + 12 * np.sin(n / 9) - (8 * np.sin(n / 2 - 1) if worn else 0) + 2 * random.normal(size=rows)
    return np.stack([pressure, flow], axis=1)


def windows(rows):
    """[N, channels, time], scaled."""
    cut = np.stack([rows[end - WINDOW : end] for end in range(WINDOW, len(rows) + 1)])
    scaled = (cut - OFFSET) / SCALE
    return np.ascontiguousarray(scaled.transpose(0, 2, 1)).astype(np.float32)


net = torch.nn.Sequential(
    torch.nn.Conv1d(2, 6, 5, padding=2),
    torch.nn.ReLU(),
    torch.nn.AvgPool1d(2),
    torch.nn.Conv1d(6, 4, 3),
    torch.nn.ReLU(),
    torch.nn.Flatten(),
    torch.nn.Linear(4 * 6, 1),
)
sound, worn = (torch.tensor(windows(recording(400, state))) for state in (False, True))
x = torch.cat([sound, worn])
y = torch.cat([torch.zeros(len(sound), 1), torch.ones(len(worn), 1)])
optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
for _ in range(150):
    optimizer.zero_grad()
    loss = torch.nn.functional.binary_cross_entropy_with_logits(net(x), y)
    loss.backward()
    optimizer.step()
net.eval()


class Calibration(CalibrationDataReader):
    def __init__(self):
        self.rows = iter([{"window": x[n : n + 1].numpy()} for n in range(0, len(x), 5)])

    def get_next(self):
        return next(self.rows, None)


with tempfile.TemporaryDirectory() as folder:
    exported = f"{folder}/float.onnx"
    torch.onnx.export(
        net,
        (x[:2],),
        exported,
        input_names=["window"],
        output_names=["logit"],
        dynamic_shapes=({0: torch.export.Dim("rows")},),
        dynamo=True,
        external_data=False,
        opset_version=18,
    )
    quantize_static(
        exported,
        HERE / "model.onnx",
        Calibration(),
        quant_format=QuantFormat.QDQ,
        per_channel=True,
        reduce_range=True,
        activation_type=QuantType.QUInt8,
        weight_type=QuantType.QInt8,
    )

rows = np.concatenate([recording(40, False), recording(40, True)]).round(3)
cut = windows(rows)
session = onnxruntime.InferenceSession(HERE / "model.onnx", providers=["CPUExecutionProvider"])
int8 = session.run(["logit"], {"window": cut})[0][:, 0]
exact = net(torch.tensor(cut)).detach().numpy()[:, 0]
print("largest difference by quantization", np.abs(int8 - exact).max())
print("worn", (int8[: 40 - WINDOW + 1] > 0).mean(), (int8[-20:] > 0).mean())

manifest = {
    "schema": "edgewright.manifest/1",
    "name": "pump-torch",
    "version": "1.0.0",
    "release": 1,
    "description": "Whether a pump is worn, by 16 readings; made with PyTorch.",
    "tags": {"pressure": {"unit": "bar"}, "flow": {"unit": "l/min"}},
    "window": {"count": WINDOW, "every": 1},
    "input": {
        "tensor": "window",
        "layout": "CT",
        "tags": TAGS,
        "scaling": {"offset": OFFSET, "scale": SCALE},
    },
    "outputs": {
        "state": {"kind": "binary", "tensor": "logit", "activation": "sigmoid", "labels": ["sound", "worn"]}
    },
}
(HERE / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n")
(HERE / "rows.json").write_text(json.dumps([dict(zip(TAGS, map(float, row))) for row in rows]) + "\n")
(HERE / "answers.json").write_text(json.dumps({"int8": int8.tolist(), "float": exact.tolist()}) + "\n")
