"""Attention, minimal recurrent layers and the GRU: what notebook 13 claims.

    python experiments/after_recurrence.py [text] [order] [gaps] [speed]

The layers and models are those of the notebook: their definitions are read from it.

- text: five language models on the course text, each trained for SECONDS on one thread,
  with five seeds. The learning rate of each was chosen before, on the first 5 % of the
  training text, by trials that did not learn from it: one for each rate, then two more
  for the two best. (One trial alone chose by luck: 0.1 bits.) The GRU, with which all
  are compared, runs with both.
- order: which of two symbols comes first, without and with positions.
- gaps: the controlled-gap task, by the rules of `experiments/gap_lengths.py`.
- speed: milliseconds of a training step against the length.

Writes `data/results/after_recurrence_NAME.csv` for each part; runs that are there
already are left out. About 35 minutes on one core. Run it with one thread
(`OMP_NUM_THREADS=1 TF_NUM_INTRAOP_THREADS=1 TF_NUM_INTEROP_THREADS=1`): the seconds
belong to the result.
"""

import argparse
import ast
import itertools
import os
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from statistics import mean

import nbformat
import numpy as np
from tqdm import tqdm

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from experiments.gap_lengths import BATCH, EVERY, RATE, SOLVED, UNITS, UPDATES, constant
from experiments.results import VERSIONS, append, done
from utils import data, gaps, runtime
from utils.language import random_windows
from utils.text import Vocabulary

with runtime.quiet():
    import keras
from keras import layers

NOTEBOOK = ROOT / "notebooks" / "13_after_recurrence.ipynb"
LEFT_OUT = {"setup", "checkpoint", "results", "exercise", "check", "solution", "torch"}
SEEDS = (1, 2, 3, 4, 5)

# Part "text"
SECONDS, TRIAL_SECONDS = 45, 15
TRIALS = (0, 101, 102)  # seeds of the trials; after the first, only the two best rates
SCORED_AT = (0.1, 0.2, 0.4, 0.6, 0.8, 1)  # shares of the time
RATES = (2e-3, 5e-3, 1e-2, 2e-2)
MODELS = {
    "GRU": lambda nb, V: nb["gru_model"](V),
    "Transformer": lambda nb, V: nb["block_model"](V, nb["attend"](True), True),
    "minGRU": lambda nb, V: nb["block_model"](V, nb["minimal"](nb["MinGRU"], 96)),
    "minLSTM": lambda nb, V: nb["block_model"](V, nb["minimal"](nb["MinLSTM"], 72)),
    "minGRU, one layer": lambda nb, V: one_layer(nb, V),
}

# Part "gaps"
GAPS = (10, 20, 50, 100, 500)
CELLS = ("minGRU", "minLSTM", "minGRU, chrono", "minLSTM, chrono", "attention")
LONGEST = {"minGRU": 100, "minLSTM": 100, "attention": 100}  # else all of GAPS

# Part "speed"
TIMED = (
    "GRU",
    "GRU, XLA",
    "minGRU, loop",
    "minGRU, scan",
    "minLSTM, loop",
    "minLSTM, scan",
)
LENGTHS = (64, 256, 1024)
BATCHES = (4, 32)
REPEATS = 5


def definitions() -> dict:
    """Return the functions and classes of the notebook; its cells are not run."""
    body = []
    for cell in nbformat.read(NOTEBOOK, as_version=4).cells:
        tags = set(cell.metadata.get("tags", []))
        if cell.cell_type == "code" and not LEFT_OUT & tags:
            body += ast.parse(cell.source).body
    kept = ast.Import | ast.ImportFrom | ast.FunctionDef | ast.ClassDef
    module = ast.Module([node for node in body if isinstance(node, kept)], [])
    names = {"runtime": runtime, "keras": keras}  # the set-up cell's imports
    exec(compile(module, NOTEBOOK.name, "exec"), names)
    return names


def one_layer(nb: dict, V: int):
    """The GRU model with a minimal GRU in place of the GRU, about as many weights."""
    ids = keras.Input((128,), dtype="int32")
    states = nb["MinGRU"](330)(layers.Embedding(V, 128)(ids))
    return keras.Model(ids, layers.Dense(V)(states))


class Again:
    """A compiled model that can start again, so that it is compiled only once."""

    def __init__(self, model) -> None:
        model.optimizer.build(model.trainable_variables)
        self.model = model
        self.before = [keras.ops.convert_to_numpy(v) for v in model.optimizer.variables]

    def start(self, weights: list[np.ndarray]) -> None:
        """Set these weights and forget what the optimizer knows."""
        self.model.set_weights(weights)
        for variable, value in zip(
            self.model.optimizer.variables, self.before, strict=True
        ):
            variable.assign(value)


# --- text ----------------------------------------------------------------------


def train_text(
    nb: dict, again: Again, ids: np.ndarray, rate: float, seconds: float, seed: int
):
    """Train for some seconds; yield (share, updates, seconds) at SCORED_AT.

    The clock stands still while the caller scores.
    """
    model, spent, updates = again.model, 0.0, 0
    source = random_windows(ids[:-1], ids[1:], 32, 128, seed)
    for share in SCORED_AT:
        start = time.perf_counter() - spent
        while spent < share * seconds:
            model.optimizer.learning_rate = nb["rate_at"](
                max(spent / seconds, 0.001), rate
            )
            model.train_on_batch(*next(source))
            updates, spent = updates + 1, time.perf_counter() - start
        yield share, updates, spent


def measure_text() -> None:
    """Choose the rates on a slice of the training text, then run all seeds."""
    name = "after_recurrence_text.csv"
    nb = definitions()
    train, valid = data.load_corpus()
    alphabet = Vocabulary(train)
    train_ids, valid_ids = alphabet.encode(train), alphabet.encode(valid)
    cut = len(train_ids) // 20
    held, learn = train_ids[:cut], train_ids[cut:]  # the first 5 %: see notebook 10
    for model_name, make in MODELS.items():
        finished = done(name, "part", "model", "rate", "seed", "share")
        keras.utils.set_random_seed(0)
        model = nb["compile_for_text"](make(nb, len(alphabet)), True)
        again = Again(model)
        x = np.zeros((32, 128), "int32")
        model.train_on_batch(x, x)  # compiles
        for seed in TRIALS:
            two_best = rates_by_score(name, model_name, TRIALS[:1])[:2]
            for rate in RATES if seed == TRIALS[0] else two_best:
                if ("slice", model_name, str(rate), str(seed), "1") in finished:
                    continue
                keras.utils.set_random_seed(seed)
                again.start(make(nb, len(alphabet)).get_weights())
                *_, last = train_text(nb, again, learn, rate, TRIAL_SECONDS, seed)
                # `held` stands at the start: its own first characters warm up.
                bits = nb["score"](model, held[65:], held[:65])
                row = row_of("slice", model_name, model, rate, seed, last, bits)
                append(name, [row])
        rates = rates_by_score(name, model_name, TRIALS)
        runs = [("valid", rates[0], seed) for seed in SEEDS]
        if model_name == "GRU":  # the one that all are compared with: its second best
            runs += [("other rate", rates[1], seed) for seed in SEEDS]
        for part, rate, seed in tqdm(runs, desc=model_name, unit="seed"):
            if (part, model_name, str(rate), str(seed), "1") in finished:
                continue
            keras.utils.set_random_seed(seed)
            again.start(make(nb, len(alphabet)).get_weights())
            rows = []
            for at in train_text(nb, again, train_ids, rate, SECONDS, seed):
                bits = nb["score"](model, valid_ids, train_ids)
                rows.append(row_of(part, model_name, model, rate, seed, at, bits))
            append(name, rows)


def row_of(part: str, name: str, model, rate: float, seed: int, at: tuple, bits: float):
    """Return one row of the results file; `at` comes from train_text."""
    share, updates, seconds = at
    return (
        dict(part=part, model=name, rate=rate, seed=seed, share=share)
        | dict(weights=model.count_params(), updates=updates)
        | dict(seconds=round(seconds, 2), bits=round(float(bits), 4))
        | VERSIONS
    )


def rates_by_score(name: str, model: str, seeds: tuple[int, ...]) -> list[float]:
    """Return the rates with all these trials on the slice, best mean first."""
    bits = defaultdict(list)
    for part, of, rate, seed, value in done(
        name, "part", "model", "rate", "seed", "bits"
    ):
        if (part, of) == ("slice", model) and int(seed) in seeds:
            bits[float(rate)].append(float(value))
    means = {rate: mean(b) for rate, b in bits.items() if len(b) == len(seeds)}
    return sorted(means, key=means.get)


# --- order ----------------------------------------------------------------------


def measure_order() -> None:
    """Repeat section 2 with five seeds."""
    name, nb = "after_recurrence_order.csv", definitions()
    variants = {
        "no positions, no mask": (False, False),
        "positions, no mask": (True, False),
        "no positions, causal mask": (False, True),
    }
    finished = done(name, "variant", "seed")
    for (variant, options), seed in itertools.product(variants.items(), SEEDS):
        if (variant, str(seed)) not in finished:
            accuracy = round(float(nb["train_order"](*options, seed)), 4)
            row = dict(variant=variant, seed=seed, accuracy=accuracy)
            append(name, [row | VERSIONS])


# --- gaps -----------------------------------------------------------------------


def gap_layer(nb: dict, name: str, gap: int, seed: int) -> Callable:
    """Return a function from inputs to the state of the last step."""
    if name == "attention":
        return lambda x: layers.MultiHeadAttention(1, UNITS)(x[:, -1:], x)[:, 0]
    # Chrono start as in gap_lengths.py: memories of all lengths up to the gap.
    u = np.random.default_rng(seed).uniform(1, max(gap - 1, 2), UNITS)
    open_gate, zeros = np.log(u).astype("float32"), np.zeros(UNITS, "float32")
    bias = "zeros"
    if name == "minGRU, chrono":  # z = 1 replaces
        bias = constant(np.concatenate([-open_gate, zeros]))
    if name == "minLSTM, chrono":  # f, i, candidate
        bias = constant(np.concatenate([open_gate, -open_gate, zeros]))
    cell = nb["MinLSTM" if "LSTM" in name else "MinGRU"]
    return lambda x: cell(UNITS, bias=bias)(x)[:, -1]


def gap_model(nb: dict, name: str, gap: int, seed: int):
    """Return a compiled classifier: one-hot symbols → layer → 8 scores."""
    keras.utils.set_random_seed(seed)
    count = gaps.SYMBOLS + gaps.DISTRACTORS
    ids = keras.Input((gap + 1,), dtype="int32")
    x = layers.Embedding(
        count, count, embeddings_initializer="identity", trainable=False
    )(ids)
    last = gap_layer(nb, name, gap, seed)(x)
    model = keras.Model(ids, layers.Dense(gaps.SYMBOLS)(last))
    model.compile(
        keras.optimizers.Adam(RATE, global_clipnorm=1.0),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        jit_compile=True,
        steps_per_execution=EVERY,
    )
    return model


def measure_gaps() -> None:
    """The controlled-gap task of `gap_lengths.py` for the cells of notebook 13."""
    name, nb = "after_recurrence_gaps.csv", definitions()
    finished = done(name, "layer", "gap", "seed")
    todo = [
        (cell, gap)
        for gap, cell in itertools.product(GAPS, CELLS)
        if gap <= LONGEST.get(cell, max(GAPS))
    ]
    for cell, gap in tqdm(todo, unit="setting"):
        seeds = [s for s in SEEDS if (cell, str(gap), str(s)) not in finished]
        again = seeds and Again(gap_model(nb, cell, gap, seeds[0]))
        for seed in seeds:
            start = time.perf_counter()
            again.start(gap_model(nb, cell, gap, seed).get_weights())
            rng, updates, accuracy = np.random.default_rng(seed), 0, 0.0
            while updates < UPDATES and accuracy < SOLVED:
                x, y = gaps.symbols(BATCH * EVERY, gap, rng)
                again.model.fit(x, y, batch_size=BATCH, shuffle=False, verbose=0)
                updates += EVERY
                x, y = gaps.symbols(1000, gap, rng)
                scores = again.model.predict(x, batch_size=1000, verbose=0)
                accuracy = float(np.mean(scores.argmax(axis=1) == y))
            row = dict(layer=cell, gap=gap, seed=seed, updates=updates)
            row |= dict(accuracy=round(accuracy, 3), solved=int(accuracy >= SOLVED))
            row |= dict(seconds=round(time.perf_counter() - start, 1), units=UNITS)
            row |= dict(batch=BATCH, learning_rate=RATE)
            append(name, [row | VERSIONS])


# --- speed ----------------------------------------------------------------------


def measure_speed() -> None:
    """Milliseconds of a training step, by the function of section 5."""
    name, nb = "after_recurrence_speed.csv", definitions()
    finished = done(name, "batch", "length")
    for batch, length in itertools.product(BATCHES, LENGTHS):
        if (str(batch), str(length)) in finished:
            continue
        steps = nb["steppers"](length, batch, TIMED)
        for repeat in range(REPEATS):
            rows = [
                dict(layer=layer, batch=batch, length=length, repeat=repeat)
                | dict(milliseconds=round(step(), 3))
                | VERSIONS
                for layer, step in steps.items()
            ]
            append(name, rows)


PARTS = {
    "text": measure_text,
    "order": measure_order,
    "gaps": measure_gaps,
    "speed": measure_speed,
}


def main() -> None:
    os.environ["COURSE_STANDIN"] = "0"  # only the real data count
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    parts = parser.parse_args().parts or list(PARTS)
    if unknown := set(parts) - set(PARTS):  # Python 3.11 has no optional `choices`
        parser.error(f"no part {', '.join(unknown)}; there are {', '.join(PARTS)}")
    for part in parts:
        PARTS[part]()


if __name__ == "__main__":
    main()
