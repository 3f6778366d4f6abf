"""ONNX graphs written node by node: named tensors, free batch axis `N`, nothing that an exporter would add."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from .mlp import Layers

# Versions that every engine in use understands; onnx's own defaults are ahead of them.
OPSET = 17
IR_VERSION = 8
PRODUCER = "edgewright-training"


class Graph:
    def __init__(self, name: str, tensor: str, shape: list[int]) -> None:
        self._name = name
        self._inputs = [helper.make_tensor_value_info(tensor, TensorProto.FLOAT, ["N", *shape])]
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []

    def constant(self, name: str, value: np.ndarray) -> str:
        """Floats become float32, integers (axes, shapes) int64."""
        array = np.asarray(value)
        dtype = np.float32 if array.dtype.kind == "f" else np.int64
        self._constants.append(numpy_helper.from_array(np.ascontiguousarray(array, dtype), name))
        return name

    def add(self, op: str, inputs: list[str], name: str, **attributes: object) -> str:
        """One node whose name is that of its output."""
        self._nodes.append(helper.make_node(op, inputs, [name], name, **attributes))
        return name

    def standardise(self, x: str, mean: np.ndarray, deviation: np.ndarray, name: str) -> str:
        # Not `_scale`: that name is the quantizer's.
        centred = self.add("Sub", [x, self.constant(f"{name}_mean", mean)], f"{name}_centred")
        return self.add("Mul", [centred, self.constant(f"{name}_factor", 1 / deviation)], name)

    def dense(self, x: str, layers: Layers, prefix: str, output: str) -> str:
        """Gemm and Relu in turn; the last Gemm is called `output`."""
        for i, (w, b) in enumerate(layers, 1):
            last = i == len(layers)
            weights = self.constant(f"{prefix}_w{i}", w)
            biases = self.constant(f"{prefix}_b{i}", b)
            x = self.add("Gemm", [x, weights, biases], output if last else f"{prefix}_z{i}")
            if not last:
                x = self.add("Relu", [x], f"{prefix}_h{i}")
        return x

    def model(self, outputs: dict[str, int]) -> onnx.ModelProto:
        """`outputs`: width of each output tensor [N, width]."""
        infos = [
            helper.make_tensor_value_info(name, TensorProto.FLOAT, ["N", width]) for name, width in outputs.items()
        ]
        graph = helper.make_graph(self._nodes, self._name, self._inputs, infos, self._constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], producer_name=PRODUCER)
        model.ir_version = IR_VERSION
        onnx.checker.check_model(model, full_check=True)
        return model
