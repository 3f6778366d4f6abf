"""Boosted trees, and the same as a TreeEnsembleClassifier."""

import numpy as np
import onnx
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType
from sklearn.ensemble import HistGradientBoostingClassifier

from edgewright_training.engine import run
from edgewright_training.graph import IR_VERSION, OPSET, PRODUCER

from .calibration import log_odds
from .data import DERIVED, TAGS

NAMES = [*(f"{tag}.mean" for tag in TAGS), *DERIVED]
ML_OPSET = 3
SEED = 0
# Small trees, many of them: greater ones cost more on rows that they have not seen.
SETTINGS = {"learning_rate": 0.05, "max_iter": 120, "max_leaf_nodes": 8, "l2_regularization": 1.0, "min_samples_leaf": 10}


def train(x: np.ndarray, failed: np.ndarray) -> onnx.ModelProto:
    # On what the engine will see: a split between two neighbours in float64 may fall on one of them in float32.
    seen = x.astype(np.float32)
    fitted = HistGradientBoostingClassifier(random_state=SEED, early_stopping=False, **SETTINGS).fit(seen, failed)
    model = to_onnx(
        fitted,
        initial_types=[("features", FloatTensorType([None, x.shape[1]]))],
        options={"zipmap": False},
        target_opset={"": OPSET, "ai.onnx.ml": ML_OPSET},
    )
    for tensor in [*model.graph.input, *model.graph.output]:
        tensor.type.tensor_type.shape.dim[0].dim_param = "N"
    model.ir_version = IR_VERSION
    model.producer_name = PRODUCER
    model.producer_version = ""
    # The converter writes one of them twice.
    versions = {entry.domain: entry.version for entry in model.opset_import}
    del model.opset_import[:]
    model.opset_import.extend(onnx.helper.make_opsetid(domain, version) for domain, version in versions.items())
    model.graph.name = "machine_failure"
    del model.metadata_props[:]
    onnx.checker.check_model(model, full_check=True)
    return model


def logits(model: onnx.ModelProto, x: np.ndarray) -> np.ndarray:
    return log_odds(run(model, x)["probabilities"][:, 1])


def size(model: onnx.ModelProto) -> dict[str, int]:
    ensemble = next(node for node in model.graph.node if node.op_type.startswith("TreeEnsemble"))
    trees = next(a.ints for a in ensemble.attribute if a.name == "nodes_treeids")
    return {"bytes": model.ByteSize(), "trees": len(set(trees)), "treeNodes": len(trees), "nodes": len(model.graph.node)}
