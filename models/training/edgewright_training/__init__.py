"""What the training scripts share: small nets, export to ONNX, int8, and the files of a bundle."""

import os

# One thread per library: sums are added in one order, so a run repeats to the last bit on the same kind of CPU.
for _variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_variable] = "1"
