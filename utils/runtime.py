"""The machine: quiet imports, what runs here, and what the backend can do.

Importing this module, before TensorFlow, also turns TensorFlow's log messages off.
"""

import logging
import os
import platform
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.metadata import version
from types import ModuleType

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


@contextmanager
def quiet() -> Iterator[None]:
    """Hide everything written to file descriptor 2 inside the block.

    TensorFlow's C++ code writes log lines at import that no environment variable
    silences. Python errors are not hidden: an exception leaves the block as usual.
    If TensorFlow was imported, its data pipeline no longer waits at the end of an
    epoch (see `switch_autotuner_off`).

    Example:
        >>> with quiet():
        ...     import keras
    """
    saved = os.dup(2)
    null = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(null, 2)
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)
        os.close(null)
        logging.getLogger("tensorflow").setLevel(logging.ERROR)  # it resets itself
        if hasattr(sys.modules.get("tensorflow"), "data"):
            switch_autotuner_off(sys.modules["tensorflow"])


@cache
def switch_autotuner_off(tensorflow: ModuleType) -> None:
    """Let `fit`, `evaluate` and `predict` end when their last batch has ended.

    TensorFlow tunes the pipeline of the batches in a thread that sleeps for 10 ms, then
    for 20, 40 and so on (tensorflow/core/framework/model.h). At the end of an epoch it
    is now and then not woken, and `fit` waits for it: with 2.21, a training of 3.1 s
    took 5.2 s, and one of 28 s took 43. Arrays in memory need no tuning, and the
    results are the same without it.

    Args:
        tensorflow: The imported package. Its class `tf.data.Dataset` is changed, once.
    """
    options = tensorflow.data.Options()
    options.autotune.enabled = False
    iterate = tensorflow.data.Dataset.__iter__
    tensorflow.data.Dataset.__iter__ = lambda data: iterate(data.with_options(options))


def gpus() -> int:
    """Return the number of GPUs that Keras's backend can use."""
    import keras

    if keras.backend.backend() == "torch":  # Keras knows no list of its devices
        import torch

        return torch.cuda.device_count()
    with quiet():
        try:
            return len(keras.distribution.list_devices("gpu"))
        except RuntimeError:  # JAX, where there is none
            return 0


def jit(small_cell: bool = False) -> bool:
    """Decide `jit_compile` for `model.compile`.

    TensorFlow: on a GPU the answer is no, so that the fused cuDNN kernels are used. On
    a CPU, XLA makes small LSTM layers faster and leaves or slows wide simple layers
    (measured in notebook 06), so the caller says whether the recurrent layer is small.
    JAX: always yes, because without XLA it has no graph and runs step by step.
    PyTorch: always no, because its compiler takes longer than the course trains.

    Args:
        small_cell: True for recurrent layers of about 64 units or fewer.

    Returns:
        True if the model should be compiled with XLA on this machine.
    """
    import keras

    if keras.backend.backend() != "tensorflow":
        return keras.backend.backend() == "jax"
    return small_cell and gpus() == 0


def steps_per_call(steps: int) -> int:
    """Return `steps_per_execution` for `model.compile`: 1 with PyTorch, which has none.

    Args:
        steps: Training steps in one call of the compiled function, elsewhere.
    """
    import keras

    return 1 if keras.backend.backend() == "torch" else steps


def float64_limit(limit: float = 1e-12) -> float:
    """Return how far apart two float64 results may be.

    Keras computes with float64 on TensorFlow only. With JAX and PyTorch its layers
    round to float32, whatever their dtype says: there the answer is 1e-5.

    Args:
        limit: The answer on TensorFlow.
    """
    import keras

    return limit if keras.backend.backend() == "tensorflow" else 1e-5


def report() -> None:
    """Print one line: Python, Keras, its backend, and the device."""
    import keras

    backend = keras.backend.backend()
    count = gpus()
    device = f"{count} GPU" if count else f"CPU, {os.cpu_count()} cores"
    print(
        f"Python {platform.python_version()}, Keras {keras.__version__}, "
        f"{backend} {version(backend)}, {device}"
    )
