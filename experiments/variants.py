"""Measure the variants of notebook 12 with equal weights and an equal time budget.

    python experiments/variants.py

The cells come from notebook 12 itself. Every model has as many weights as the one with
LSTM(96), within 5 %, and all recurrent cells run in `keras.layers.RNN` with XLA. One
more model is the minimal gated unit with as many units as the GRU, so with fewer
weights.

Text: each model reads plain characters of the course text and trains for BUDGET seconds
of one core (processor time, so that other work on the machine does not count; compiling
does not count either). Adam has a constant rate. It is the better one of RATES for each
model: seed 0 tries them for TRIAL seconds each. What decides is a slice, the last 5 %
of the training text, which no network here learns from. A run whose numbers are no
longer finite stops; its last row says "diverged" and counts as uniform guessing. Then
the other rate is taken for all seeds of this model. Every EVERY updates the slice
is scored (its beginning); the validation text only at the end. One row per score in
`data/results/variants.csv`.

Gap: the controlled-gap task of `utils/gaps.py`, as in `experiments/gap_lengths.py`, but
with models of equal weights (as many as LSTM(32), within 5 %). One row per run in
`data/results/variants_gaps.csv`.

Runs that are in the files already are left out, so an interrupted measurement goes on.
About 25 minutes on one core.
"""

import csv
import os
import sys
import time
from pathlib import Path

# One thread, so that processor time is the time of one core.
os.environ["TF_NUM_INTRAOP_THREADS"] = os.environ["TF_NUM_INTEROP_THREADS"] = "1"

import numpy as np
from tqdm import tqdm

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
NOTEBOOK = ROOT / "notebooks" / "12_variants.ipynb"
TEXT, GAPS = "variants.csv", "variants_gaps.csv"

from experiments.results import RESULTS, VERSIONS, append, done
from experiments.translation import functions
from utils import runtime

with runtime.quiet():
    import keras
from keras import layers

from utils import data, gaps
from utils.language import network_log_prob, random_windows
from utils.text import Vocabulary

UNITS = {  # units of each layer: in the text's models, in the gap's models
    "RNN": (204, 70),
    "stacked RNN": (130, 43),
    "LSTM": (96, 32),
    "stacked LSTM": (63, 20),
    "peephole LSTM": (96, 32),
    "GRU": (113, 38),
    "minimal gated unit": (142, 48),
    "minimal gated unit (as many units as the GRU)": (113, 38),
    "multiplicative RNN": (142, 48),
    "multiplicative LSTM": (84, 28),
    "QRNN": (151, 57),
    "stacked QRNN": (75, 25),
}
SEEDS, RATES, TRIAL, BUDGET = (1, 2, 3), (3e-3, 1e-2), 6.0, 25.0
BATCH, LENGTH, WARM, SCORED, EVERY = 32, 64, 64, 256, 100
GAP_LENGTHS, GAP_RATE, UPDATES, CHECK, SOLVED = (10, 20), 5e-3, 1000, 50, 0.99
LOSS = keras.losses.SparseCategoricalCrossentropy(from_logits=True)


class Corpus:
    """The course text as ids: what is learned, and what is scored."""

    def __init__(self) -> None:
        train, valid = data.load_corpus()
        alphabet = Vocabulary(train)
        ids, cut = alphabet.encode(train), int(0.95 * len(train))
        self.symbols, self.learned = len(alphabet), ids[:cut]
        final = alphabet.encode(train[-WARM - 1 :] + valid)
        begin = ids[cut - WARM - 1 :][: WARM + 1 + 80 * SCORED]
        self.texts = {"slice": begin, "valid": final}

    def bits(self, model: keras.Model, name: str) -> float:
        """Bits per character of one of the two texts."""
        ids = self.texts[name]
        log_p = network_log_prob(model, ids[:-1], ids[1:], WARM, SCORED)
        return round(float(-log_p.mean() / np.log(2)), 4)


def train(
    book: dict, corpus: Corpus, name: str, rate: float, seed: int, budget: float
) -> list[dict]:
    """Train one model for `budget` seconds; return one row for each score."""
    keras.utils.clear_session()
    keras.utils.set_random_seed(seed)
    units = UNITS[name][0]
    lengths = LENGTH, WARM + SCORED
    model, scorer = book["character_models"](
        name.partition(" (")[0], units, corpus.symbols, lengths
    )
    model.compile(
        keras.optimizers.Adam(rate, global_clipnorm=1.0), LOSS, jit_compile=True
    )
    first = dict(model=name, units=units, weights=model.count_params(), rate=rate)
    ids = corpus.learned
    source = random_windows(ids[:-1], ids[1:], BATCH, LENGTH, seed)
    model.train_on_batch(*next(source))  # compiles; the clock starts now
    updates, seconds, rows = 1, 0.0, []

    def note(text: str) -> None:
        bits = corpus.bits(scorer, text)
        if not np.isfinite(bits):
            text, bits = "diverged", round(float(np.log2(corpus.symbols)), 4)
        row = dict(seed=seed, updates=updates, seconds=round(seconds, 2), text=text)
        rows.append(first | row | dict(bits=bits) | VERSIONS)

    while seconds < budget:
        begin = time.process_time()
        model.train_on_batch(*next(source))
        seconds += time.process_time() - begin
        updates += 1
        if updates % EVERY == 0:
            note("slice")
            if rows[-1]["text"] == "diverged":
                return rows
    note("valid" if seed in SEEDS else "slice")
    return rows


def best_rates() -> dict[str, float]:
    """Return, for each model, the best rate of seed 0 with which no run diverged."""
    last: dict[tuple[str, float], float] = {}
    with (RESULTS / TEXT).open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            run = row["model"], float(row["rate"])
            if row["text"] == "diverged":
                last[run] = float("inf")
            elif row["seed"] == "0" and last.get(run) != float("inf"):
                last[run] = float(row["bits"])
    return {name: min(RATES, key=lambda r, n=name: last[n, r]) for name in UNITS}


def measure_text(book: dict) -> None:
    corpus = Corpus()

    def measure(runs: list[tuple[str, float, int]], budget: float) -> None:
        finished = done(TEXT, "model", "rate", "seed")
        todo = [r for r in runs if (r[0], str(r[1]), str(r[2])) not in finished]
        for name, rate, seed in tqdm(todo, unit="run"):
            rows = train(book, corpus, name, rate, seed, budget)
            append(TEXT, rows)
            tqdm.write(", ".join(str(v) for v in list(rows[-1].values())[:9]))

    measure([(name, rate, 0) for name in UNITS for rate in RATES], TRIAL)
    before = None
    while before != (rates := best_rates()):  # again, if a run diverged
        measure([(n, rates[n], seed) for seed in SEEDS for n in UNITS], BUDGET)
        before = rates


def gap_model(book: dict, name: str, gap: int, seed: int) -> keras.Model:
    """Return a compiled classifier: one-hot symbols → layers → 8 scores."""
    keras.utils.set_random_seed(seed)
    ids = gaps.SYMBOLS + gaps.DISTRACTORS
    h = tokens = keras.Input((gap + 1,), dtype="int32")
    h = layers.Embedding(ids, ids, embeddings_initializer="identity", trainable=False)(
        h
    )
    for layer in book["recurrent"](name.partition(" (")[0], UNITS[name][1]):
        h = layer(h)
    model = keras.Model(tokens, layers.Dense(gaps.SYMBOLS)(h[:, -1]))
    model.compile(
        keras.optimizers.Adam(GAP_RATE, global_clipnorm=1.0),
        LOSS,
        jit_compile=True,
        steps_per_execution=CHECK,
    )
    model.optimizer.build(model.trainable_variables)
    return model


def train_gap(book: dict, name: str, gap: int, seeds: list[int]) -> list[dict]:
    """Train on one gap, once per seed. One compiled model serves all seeds."""
    keras.utils.clear_session()
    model, rows = gap_model(book, name, gap, seeds[0]), []
    weights = sum(int(np.prod(w.shape)) for w in model.trainable_weights)
    before = [keras.ops.convert_to_numpy(v) for v in model.optimizer.variables]
    for seed in seeds:
        model.set_weights(gap_model(book, name, gap, seed).get_weights())
        for variable, value in zip(model.optimizer.variables, before, strict=True):
            variable.assign(value)
        rng, updates, accuracy = np.random.default_rng(seed), 0, 0.0
        while updates < UPDATES and accuracy < SOLVED:
            x, y = gaps.symbols(BATCH * 2 * CHECK, gap, rng)
            model.fit(x, y, batch_size=BATCH * 2, shuffle=False, verbose=0)
            updates += CHECK
            x, y = gaps.symbols(1000, gap, rng)
            scores = model.predict(x, batch_size=1000, verbose=0)
            accuracy = float(np.mean(scores.argmax(axis=1) == y))
        row = dict(model=name, units=UNITS[name][1], weights=weights, gap=gap)
        row |= dict(seed=seed, updates=updates, accuracy=round(accuracy, 3))
        rows.append(row | dict(solved=int(accuracy >= SOLVED)) | VERSIONS)
    return rows


def measure_gaps(book: dict) -> None:
    finished = done(GAPS, "model", "gap", "seed")
    runs = [(name, gap) for gap in GAP_LENGTHS for name in UNITS]
    for name, gap in tqdm(runs, unit="setting"):
        seeds = [s for s in SEEDS if (name, str(gap), str(s)) not in finished]
        if seeds:
            rows = train_gap(book, name, gap, seeds)
            append(GAPS, rows)
            tqdm.write(f"{name}, gap {gap}: {[r['accuracy'] for r in rows]}")


def main() -> None:
    os.environ["COURSE_STANDIN"] = "0"  # only the real data count
    book = functions(NOTEBOOK)
    measure_text(book)
    measure_gaps(book)


if __name__ == "__main__":
    main()
