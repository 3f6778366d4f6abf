"""ONNX Runtime: answers of a model, and static int8 quantization."""

import logging
import tempfile
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static

from .graph import OPSET, PRODUCER

BATCH = 512

QUANTIZATION = {
    "scheme": "static QDQ",
    "activations": "uint8 per tensor",
    "weights": "int8 per output channel, symmetric, 7 bits of range",
    "calibration": "MinMax over the training rows",
    "float": "preprocessing, Gemm outputs, everything that is not a Gemm",
}


def run(model: onnx.ModelProto, x: np.ndarray) -> dict[str, np.ndarray]:
    """All outputs by name, for the rows of `x`, which the model gets as float32."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    tensor = session.get_inputs()[0].name
    names = [output.name for output in session.get_outputs()]
    x = np.ascontiguousarray(x, np.float32)
    parts = [session.run(names, {tensor: x[i : i + BATCH]}) for i in range(0, len(x), BATCH)]
    return {name: np.concatenate(arrays).astype(np.float64) for name, arrays in zip(names, zip(*parts))}


def quantize(model: onnx.ModelProto, calibration: np.ndarray, keep_float: tuple[str, ...] = ()) -> onnx.ModelProto:
    """
    Gemms in int8 between QuantizeLinear and DequantizeLinear, calibrated with rows of real input. The range of weights
    is reduced to 7 bits: without it sums of two products saturate on CPUs with AVX2 but without VNNI, and engines
    disagree about the same file. What a Gemm gives stays float, so only its inputs are rounded.
    """
    # quant_pre_process would only add shapes to graphs as small as these.
    logging.getLogger().setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "float.onnx", Path(folder) / "int8.onnx"
        onnx.save(model, source)
        quantize_static(
            source,
            target,
            _Rows(model.graph.input[0].name, calibration),
            quant_format=QuantFormat.QDQ,
            op_types_to_quantize=["Gemm"],
            nodes_to_exclude=list(keep_float),
            per_channel=True,
            reduce_range=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            extra_options={"OpTypesToExcludeOutputQuantization": ["Gemm"]},
        )
        quantized = onnx.load(target)
    _strip(quantized)
    onnx.checker.check_model(quantized, full_check=True)
    return quantized


def parameters(model: onnx.ModelProto) -> int:
    """Elements of all constants."""
    return int(sum(np.prod(c.dims, dtype=np.int64) for c in model.graph.initializer))


def _strip(model: onnx.ModelProto) -> None:
    """Only the opset in use, and nothing that would change from one run to the next."""
    del model.opset_import[:]
    model.opset_import.append(onnx.helper.make_opsetid("", OPSET))
    del model.graph.value_info[:]
    del model.metadata_props[:]
    model.producer_name = PRODUCER


class _Rows(CalibrationDataReader):
    def __init__(self, tensor: str, rows: np.ndarray) -> None:
        rows = np.ascontiguousarray(rows, np.float32)
        self._feeds = iter([{tensor: rows[i : i + BATCH]} for i in range(0, len(rows), BATCH)])

    def get_next(self) -> dict[str, np.ndarray] | None:
        return next(self._feeds, None)
