"""Train the same network on TensorFlow, JAX and PyTorch: are the losses the same?

    python experiments/backends.py

Keras runs on three backends. Here each trains the same LSTM from the same weights on
the same batches with Adam, twice: with one-hot vectors, and with an `Embedding` as the
first layer. With one-hot vectors the losses agree. With an embedding TensorFlow's is
another: there the gradient of the table comes as `IndexedSlices`, and Keras's Adam
squares repeated rows one by one (notebook 08, section 1). JAX and PyTorch have the
whole table as the gradient.

A backend that is not installed is left out, with a line. Each runs in a process of its
own, with one thread (PyTorch's short steps get many times slower with two threads on a
busy machine). Writes data/results/backends.csv; about 2 minutes with all three.
"""

import os
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from experiments.results import RESULTS
from utils import runtime

BACKENDS = ("tensorflow", "jax", "torch")
SEEDS = (1, 2, 3, 4, 5)
SYMBOLS, UNITS, STEPS, BATCH, UPDATES, RATE = 40, 64, 40, 32, 100, 1e-2


def walks(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return a batch of random walks on a ring, and what follows each step.

    Args:
        rng: NumPy's generator.
    """
    moves = rng.integers(0, 4, (BATCH, STEPS + 1))
    ids = np.cumsum(moves, axis=1) % SYMBOLS
    return ids[:, :-1], ids[:, 1:]


def train(first: str, seed: int) -> tuple[float, float]:
    """Return the loss on a new batch after the training, and milliseconds per update.

    Args:
        first: "embedding" or "one-hot".
        seed: Of the weights and of the data.
    """
    with runtime.quiet():
        import keras
    from keras import layers

    rng = np.random.default_rng(seed)
    one_hot = first == "one-hot"
    inputs = keras.Input((STEPS, SYMBOLS)) if one_hot else keras.Input((STEPS,))
    x = inputs if one_hot else layers.Embedding(SYMBOLS, SYMBOLS)(inputs)
    states = layers.LSTM(UNITS, return_sequences=True)(x)
    model = keras.Model(inputs, layers.Dense(SYMBOLS)(states))
    model.set_weights([0.1 * rng.normal(size=w.shape) for w in model.weights])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    jit = runtime.jit(small_cell=True)
    model.compile(keras.optimizers.Adam(RATE), loss, jit_compile=jit)
    seconds = []
    for _ in range(UPDATES):
        ids, following = walks(rng)
        begin = time.perf_counter()
        model.train_on_batch(np.eye(SYMBOLS)[ids] if one_hot else ids, following)
        seconds.append(time.perf_counter() - begin)
    ids, following = walks(rng)
    x = np.eye(SYMBOLS)[ids] if one_hot else ids
    nats = model.evaluate(x, following, batch_size=BATCH, verbose=0)
    return float(nats), 1000 * float(np.median(seconds))


def child() -> None:
    """Print the rows of this process's backend."""
    for first in ("one-hot", "embedding"):
        for seed in SEEDS:
            print(os.environ["KERAS_BACKEND"], first, seed, *train(first, seed))


def main() -> None:
    rows = []
    for backend in BACKENDS:
        if find_spec(backend) is None:
            print(f"{backend} is not installed, so it is left out")
            continue
        ours = {"KERAS_BACKEND": backend, "OMP_NUM_THREADS": "1"}
        run = subprocess.run(
            [sys.executable, __file__, "child"],
            env=os.environ | ours,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        rows += [line.split() for line in run.stdout.splitlines()]
    columns = ["backend", "first layer", "seed", "nats", "ms"]
    table = pd.DataFrame(rows, columns=columns)
    table = table.astype({"seed": int, "nats": float, "ms": float})
    table.to_csv(RESULTS / "backends.csv", index=False, float_format="%.5g")
    means = table.groupby(["first layer", "backend"])[["nats", "ms"]]
    print(means.agg(["mean", "std"]).round(4).to_string())


if __name__ == "__main__":
    child() if sys.argv[1:] == ["child"] else main()
