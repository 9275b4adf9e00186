"""Race on the course text: network score against seconds of training, and mixtures.

    python experiments/race.py

Each run is a complete training with its own learning-rate schedule, so that its score
is the best this recipe gives for its time. The counting models of notebook 01 stand
beside it. Then the longest runs are mixed with modified Kneser–Ney: at each character,
P = w · P(network) + (1 − w) · P(counts). The weight w is chosen on the last 5 % of the
training text, with models that have not seen it; the validation text is used once.

Writes `data/results/race.csv` and `data/results/mixtures.csv`, one row per run; runs
that are there already are left out. Notebooks 04 and 05 read them. About 18 minutes on
two cores.
"""

import os
import sys
import time
from pathlib import Path

import numpy as np
from tqdm import tqdm

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from experiments.results import VERSIONS, WORK, append, done
from utils import runtime

with runtime.quiet():
    import keras
from keras import layers

from utils import data
from utils.language import NGramIds, network_log_prob, random_windows
from utils.ngram import KneserNey
from utils.text import Vocabulary

SEED = 1
KEPT = WORK  # log P of the longest runs, until they are mixed
CELLS = {"LSTM": layers.LSTM, "GRU": layers.GRU}
# units, updates, highest learning rate, dropout of whole units
LONGEST = (256, 2000, 6e-3, 0.2)
BUDGETS = ((128, 300, 1e-2, 0.1), (128, 1000, 1e-2, 0.1), LONGEST)
COUNTERS = {
    "Kneser–Ney, order 4": dict(order=4, modified=False),
    "Kneser–Ney, order 6": dict(order=6, modified=False),
    "modified Kneser–Ney, order 7": dict(order=7, modified=True),
}


class Corpus:
    """A text to learn, the text after it to score, and the ids of both."""

    def __init__(self, learn: str, score: str, alphabet: Vocabulary) -> None:
        self.learn, self.score, self.size = learn, score, len(alphabet)
        self.ids, self.next = alphabet.encode(learn), alphabet.encode(score)

    def train(self, cell: str, budget: tuple, order: int):
        """Train one network.

        Returns:
            log P of each character to score, seconds of training, weights.
        """
        units, updates, rate, dropout = budget
        ngrams = NGramIds(self.ids, order=order)
        keras.utils.set_random_seed(SEED)
        tokens = keras.Input((None, order), dtype="int32")
        vectors = keras.ops.sum(layers.Embedding(len(ngrams), 128)(tokens), axis=2)
        states = CELLS[cell](units, return_sequences=True)(vectors)
        states = layers.SpatialDropout1D(dropout)(states)
        model = keras.Model(tokens, layers.Dense(self.size)(states))
        schedule = keras.optimizers.schedules.CosineDecay(
            0.1 * rate, updates, warmup_target=rate, warmup_steps=min(100, updates // 4)
        )
        model.compile(
            keras.optimizers.AdamW(
                schedule, weight_decay=1e-3, beta_2=0.99, global_clipnorm=1
            ),
            keras.losses.SparseCategoricalCrossentropy(from_logits=True),
            jit_compile=runtime.jit(small_cell=False),
        )
        source = random_windows(
            ngrams.encode(self.ids)[:-1], self.ids[1:], 64, 64, SEED
        )
        start = time.perf_counter()
        model.fit(source, steps_per_epoch=updates, verbose=0, shuffle=False)
        seconds = time.perf_counter() - start
        text = np.concatenate([self.ids[-65:], self.next])
        log_p = network_log_prob(model, ngrams.encode(text)[:-1], text[1:])
        return log_p, seconds, model.count_params()

    def count(self, order: int, modified: bool) -> tuple[np.ndarray, float]:
        """Fit a counting model: log P of each character to score, and seconds."""
        start = time.perf_counter()
        log_p = (
            KneserNey(order, modified)
            .fit(self.learn)
            .log_prob(self.score, context=self.learn)
        )
        return log_p, time.perf_counter() - start


def mixed(first: np.ndarray, second: np.ndarray, weight: float) -> float:
    """Nats per character of weight · exp(first) + (1 − weight) · exp(second)."""
    return float(
        -np.logaddexp(np.log(weight) + first, np.log1p(-weight) + second).mean()
    )


def main() -> None:
    os.environ["COURSE_STANDIN"] = "0"  # only the real data count
    KEPT.mkdir(exist_ok=True)
    train, valid = data.load_corpus()
    alphabet = Vocabulary(train)
    full = Corpus(train, valid, alphabet)
    cut = int(0.95 * len(train))
    part = Corpus(train[:cut], train[cut:], alphabet)
    finished = done("race.csv", "model", "inputs", "updates")
    mixed_already = done("mixtures.csv", "model")
    for name, settings in COUNTERS.items():
        if (name, "counts", "0") not in finished:
            log_p, seconds = full.count(**settings)
            row = dict(model=name, inputs="counts", units=0, updates=0, weights=0)
            nats = round(float(-log_p.mean()), 4)
            row |= dict(seconds=round(seconds, 2), nats=nats, seed=SEED)
            append("race.csv", [row | VERSIONS])
    runs = [
        (cell, order, budget)
        for budget in BUDGETS
        for order in (1, 3)
        for cell in CELLS
    ]
    for cell, order, budget in tqdm(runs, unit="run"):
        inputs = "characters" if order == 1 else "n-grams"
        kept = KEPT / f"{cell}.npy"  # for the mixture below
        mix = budget is LONGEST and order == 3
        again = mix and not kept.exists() and (cell,) not in mixed_already
        new = (cell, inputs, str(budget[1])) not in finished
        if not (new or again):
            continue
        log_p, seconds, weights = full.train(cell, budget, order)
        nats = round(float(-log_p.mean()), 4)
        row = dict(model=cell, inputs=inputs, units=budget[0], updates=budget[1])
        row |= dict(weights=weights, seconds=round(seconds, 2), nats=nats, seed=SEED)
        if mix:
            np.save(kept, log_p)
        if new:
            append("race.csv", [row | VERSIONS])
    for cell in CELLS:
        if (cell,) in mixed_already:
            continue
        held_out, *_ = part.train(cell, LONGEST, 3)
        counted, _ = part.count(order=7, modified=True)
        weights = np.linspace(0.05, 0.95, 19)
        weight = min(weights, key=lambda w: mixed(held_out, counted, w))
        network = np.load(KEPT / f"{cell}.npy")
        counted, _ = full.count(order=7, modified=True)
        row = dict(model=cell, units=LONGEST[0], updates=LONGEST[1], seed=SEED)
        row |= dict(weight=round(float(weight), 2), network=-network.mean())
        row |= dict(counts=-counted.mean(), mixture=mixed(network, counted, weight))
        row = {
            k: round(float(v), 4) if k in ("network", "counts", "mixture") else v
            for k, v in row.items()
        }
        append("mixtures.csv", [row | VERSIONS])
        (KEPT / f"{cell}.npy").unlink()


if __name__ == "__main__":
    main()
