"""Measure over which gap each recurrent layer learns to remember one symbol.

    python experiments/gap_lengths.py

The controlled-gap task of `utils/gaps.py`: the first symbol must be named after `gap`
distractors. Every layer has 32 units and gets at most UPDATES updates of Adam on
batches of 64 fresh sequences; it stops when it has solved the task (99 % of 1,000
fresh sequences). Nothing was tuned for one layer. Notebooks 03, 04 and 05 read the
result, `data/results/gap_lengths.csv`. One run per layer, gap and seed; runs that are
in the file already are left out, so an interrupted measurement goes on.
"""

import csv
import os
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

import numpy as np
from tqdm import tqdm

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from experiments.results import RESULTS, VERSIONS, append, done

TARGET = RESULTS / "gap_lengths.csv"

UNITS, BATCH, UPDATES, EVERY, SOLVED = 32, 64, 1000, 50, 0.99
GAPS = (5, 10, 20, 50, 100, 200, 500)
SEEDS = (1, 2, 3, 4, 5)
RATE = 5e-3


def make_layer(name: str, gap: int, seed: int):
    """Return a new recurrent layer with its start values.

    Args:
        name: One of `LAYERS`.
        gap: Distractors in the task; chrono starts depend on it.
        seed: Seed of the chrono biases (Keras's own seed decides the rest).
    """
    from keras import initializers, layers

    if name == "SimpleRNN, orthogonal":
        return layers.SimpleRNN(UNITS)
    if name == "SimpleRNN, Glorot":
        return layers.SimpleRNN(UNITS, recurrent_initializer="glorot_uniform")
    if name == "SimpleRNN, identity and relu":
        return layers.SimpleRNN(
            UNITS,
            activation="relu",
            recurrent_initializer="identity",
            kernel_initializer=initializers.RandomNormal(stddev=0.01, seed=seed),
        )
    if name == "LSTM, forget bias 0":
        return layers.LSTM(UNITS, unit_forget_bias=False)
    if name == "LSTM, forget bias 1":
        return layers.LSTM(UNITS)
    if name == "GRU":
        return layers.GRU(UNITS)
    # Chrono start: Tallec & Ollivier, Can recurrent neural networks warp time? (2018)
    rng = np.random.default_rng(seed)
    open_gate = np.log(rng.uniform(1, max(gap - 1, 2), UNITS)).astype("float32")
    zeros = np.zeros(UNITS, "float32")
    if name == "LSTM, chrono":  # Keras's order of gates: i, f, c, o
        bias = np.concatenate([-open_gate, open_gate, zeros, zeros])
        return layers.LSTM(
            UNITS, unit_forget_bias=False, bias_initializer=constant(bias)
        )
    if name == "GRU, chrono":  # Keras's order of gates: z, r, h; z = 1 keeps
        bias = np.stack([np.concatenate([open_gate, zeros, zeros]), np.zeros(96)])
        return layers.GRU(UNITS, bias_initializer=constant(bias))
    raise ValueError(f"Expected one of {', '.join(LAYERS)}; got {name!r}.")


def constant(values: np.ndarray) -> Callable:
    """Return an initialiser that gives exactly these values."""
    from keras import ops

    return lambda shape, dtype=None: ops.reshape(ops.cast(values, "float32"), shape)


LAYERS = (
    "SimpleRNN, orthogonal",
    "SimpleRNN, Glorot",
    "SimpleRNN, identity and relu",
    "LSTM, forget bias 0",
    "LSTM, forget bias 1",
    "LSTM, chrono",
    "GRU",
    "GRU, chrono",
)


def make_model(name: str, gap: int, seed: int):
    """Return a compiled classifier: one-hot symbols → layer → 8 scores."""
    import keras
    from keras import layers

    from utils import gaps

    keras.utils.set_random_seed(seed)
    ids = gaps.SYMBOLS + gaps.DISTRACTORS
    model = keras.Sequential(
        [
            keras.Input((gap + 1,), dtype="int32"),
            layers.Embedding(
                ids, ids, embeddings_initializer="identity", trainable=False
            ),
            make_layer(name, gap, seed),
            layers.Dense(gaps.SYMBOLS),
        ]
    )
    model.compile(
        keras.optimizers.Adam(RATE, global_clipnorm=1.0),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        jit_compile=True,
        steps_per_execution=EVERY,
    )
    model.optimizer.build(model.trainable_variables)
    return model


def measure(name: str, gap: int, seeds: list[int]) -> list[dict]:
    """Train one layer on one gap, once per seed. One compiled model serves all."""
    os.environ["TF_NUM_INTRAOP_THREADS"] = os.environ["TF_NUM_INTEROP_THREADS"] = "1"
    from utils import gaps, runtime

    with runtime.quiet():
        import keras
    model, rows = make_model(name, gap, seeds[0]), []
    before = [keras.ops.convert_to_numpy(v) for v in model.optimizer.variables]
    for seed in seeds:
        start = time.perf_counter()
        model.set_weights(make_model(name, gap, seed).get_weights())
        for variable, value in zip(model.optimizer.variables, before, strict=True):
            variable.assign(value)
        rng, updates, accuracy = np.random.default_rng(seed), 0, 0.0
        while updates < UPDATES and accuracy < SOLVED:
            x, y = gaps.symbols(BATCH * EVERY, gap, rng)
            model.fit(x, y, batch_size=BATCH, shuffle=False, verbose=0)
            updates += EVERY
            x, y = gaps.symbols(1000, gap, rng)
            scores = model.predict(x, batch_size=1000, verbose=0)
            accuracy = float(np.mean(scores.argmax(axis=1) == y))
        rows.append(
            dict(layer=name, gap=gap, seed=seed, updates=updates)
            | dict(accuracy=round(accuracy, 3), solved=int(accuracy >= SOLVED))
            | dict(seconds=round(time.perf_counter() - start, 1), units=UNITS)
            | dict(batch=BATCH, learning_rate=RATE)
            | VERSIONS
        )
    return rows


def main() -> None:
    finished = done(TARGET.name, "layer", "gap", "seed")
    todo = {
        (layer, gap): seeds
        for gap in sorted(GAPS, reverse=True)  # the long ones first
        for layer in LAYERS
        if (seeds := [s for s in SEEDS if (layer, str(gap), str(s)) not in finished])
    }
    with ProcessPoolExecutor(max_workers=2) as pool:
        runs = [pool.submit(measure, *key, seeds) for key, seeds in todo.items()]
        for run in tqdm(as_completed(runs), total=len(runs), unit="setting"):
            append(TARGET.name, run.result())
    with TARGET.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    rows.sort(key=lambda r: (LAYERS.index(r["layer"]), int(r["gap"]), int(r["seed"])))
    with TARGET.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    main()
