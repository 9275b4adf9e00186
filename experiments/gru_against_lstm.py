"""Measure GRU against LSTM: how good, after how many epochs, on four tasks.

    python experiments/gru_against_lstm.py

Both layers get the same number of units, the same optimiser with a constant rate, the
same batches and seeds; nothing was tuned for one of them. Each run is scored many
times on data that it is not trained on. Notebook 05 reads the result,
`data/results/gru_against_lstm.csv`: one row per task, cell, seed and score. Runs that
are in the file already are left out, so an interrupted measurement goes on.
"""

import os
import sys
import time
from pathlib import Path

import numpy as np
from tqdm import tqdm

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
TARGET = "gru_against_lstm.csv"

from experiments.results import VERSIONS, append, done
from utils import runtime

with runtime.quiet():
    import keras
from keras import layers
from sklearn.model_selection import GroupShuffleSplit

from utils import data
from utils.language import NGramIds, network_log_prob, random_windows
from utils.text import Vocabulary, pad, words

SEEDS = (1, 2, 3, 4, 5)
LOSS = keras.losses.SparseCategoricalCrossentropy(from_logits=True)


def posts():
    """Fake or real posts: validation accuracy."""
    train, valid, _ = data.load_posts()
    tokens = [[words(t)[:60] for t in part["text"]] for part in (train, valid)]
    y = [part["label"].to_numpy() for part in (train, valid)]
    return classifier(tokens, y, units=64, width=64, rate=2e-3, epochs=5, every=25)


def reviews():
    """Product reviews with negation: accuracy on a fifth that is kept apart."""
    table = data.load_reviews()
    group = table["pair"].where(table["pair"] != "", "row " + table.index.astype(str))
    split = GroupShuffleSplit(n_splits=1, test_size=0.2, random_state=7)
    parts = [table.iloc[rows] for rows in next(split.split(table, groups=group))]
    tokens = [[words(text) for text in part["text"]] for part in parts]
    y = [part["label"].to_numpy() for part in parts]
    return classifier(tokens, y, units=32, width=16, rate=5e-3, epochs=12, every=20)


def classifier(tokens, y, units, width, rate, epochs, every):
    """Settings of a two-class task, from the tokens of the two parts."""
    table = Vocabulary(
        [w for row in tokens[0] for w in row], specials=["<pad>", "<unk>"]
    )
    length = max(len(row) for part in tokens for row in part)
    x = [pad([table.encode(row) for row in part], length=length) for part in tokens]

    def build(cell):
        return keras.Sequential(
            [
                keras.Input((length,), dtype="int32"),
                layers.Embedding(len(table), width, mask_zero=True),
                layers.SpatialDropout1D(0.3),
                cell(units),
                layers.Dropout(0.3),
                layers.Dense(2),
            ]
        )

    def batches(seed):
        rng = np.random.default_rng(seed)
        while True:
            rows = rng.permutation(len(y[0]))
            for start in range(0, len(rows) - 63, 64):
                chosen = rows[start : start + 64]
                yield x[0][chosen], y[0][chosen]

    def score(model):
        guess = model.predict(x[1], batch_size=256, verbose=0).argmax(axis=1)
        return float(np.mean(guess == y[1]))

    updates = len(y[0]) // 64
    return build, batches, score, rate, updates, epochs, every, units, True, LOSS


def names():
    """First names, letter by letter: nats per letter on a tenth kept apart."""
    all_names = sorted(set(data.load_names()))  # a name is in one part only
    rng = np.random.default_rng(7)
    all_names = [all_names[i] for i in rng.permutation(len(all_names))]
    letters = Vocabulary(".".join(all_names), specials=["."])
    rows = pad([letters.encode(f".{name}.") for name in all_names])
    real = np.arange(rows.shape[1] - 1) <= np.array([[len(n)] for n in all_names])
    x, y = rows[:, :-1], np.where(real, rows[:, 1:], -1)
    cut = len(rows) // 10
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=-1)

    def build(cell):
        return keras.Sequential(
            [
                keras.Input((x.shape[1],), dtype="int32"),
                layers.Embedding(len(letters), 24),
                cell(96, return_sequences=True),
                layers.Dense(len(letters)),
            ]
        )

    def batches(seed):
        rng = np.random.default_rng(seed)
        while True:
            chosen = rng.integers(cut, len(x), 128)
            yield x[chosen], y[chosen]

    def score(model):
        logits = model.predict(x[:cut], batch_size=512, verbose=0)
        return float(loss(y[:cut], logits))  # the mean over real letters

    return build, batches, score, 5e-3, (len(x) - cut) // 128, 4, 50, 96, False, loss


def text():
    """The course text: nats per character on the last 5 % of the training part."""
    train, _ = data.load_corpus()
    alphabet = Vocabulary(train)
    ids = alphabet.encode(train)
    cut = int(0.95 * len(ids))
    ngrams = NGramIds(ids[:cut], order=3)
    x, tail = ngrams.encode(ids), ids[cut - 65 :]

    def build(cell):
        tokens = keras.Input((None, 3), dtype="int32")
        vectors = keras.ops.sum(layers.Embedding(len(ngrams), 128)(tokens), axis=2)
        states = cell(128, return_sequences=True)(vectors)
        return keras.Model(tokens, layers.Dense(len(alphabet))(states))

    def batches(seed):
        return random_windows(x[: cut - 1], ids[1:cut], 64, 64, seed)

    def score(model):
        log_p = network_log_prob(model, x[cut - 65 : -1], tail[1:])
        return float(-log_p.mean())

    return build, batches, score, 3e-3, cut // 4096, 5, 100, 128, False, LOSS


TASKS = {"reviews": reviews, "names": names, "posts": posts, "text": text}
CELLS = ("LSTM", "GRU")


def measure(settings, cell: str, seed: int) -> list[dict]:
    """Train once; return a row for each score."""
    build, batches, score, rate, updates, epochs, every, units, small, loss = settings
    keras.utils.set_random_seed(seed)
    model = build(getattr(layers, cell))
    model.compile(
        keras.optimizers.Adam(rate, global_clipnorm=1.0),
        loss,
        jit_compile=runtime.jit(small_cell=small),
    )
    rows, source, start = [], batches(seed), time.perf_counter()
    for update in range(1, updates * epochs + 1):
        model.train_on_batch(*next(source))
        if update % every == 0:
            seconds = time.perf_counter() - start
            rows.append(
                dict(
                    cell=cell, seed=seed, units=units, epoch=round(update / updates, 3)
                )
                | dict(score=round(score(model), 5), seconds=round(seconds, 2))
                | VERSIONS
            )
            start += time.perf_counter() - start - seconds  # scoring does not count
    return rows


def main() -> None:
    os.environ["COURSE_STANDIN"] = "0"  # only the real data count
    finished = done(TARGET, "task", "cell", "seed")
    runs = [
        (task, cell, seed)
        for task in TASKS
        for seed in SEEDS
        for cell in CELLS
        if (task, cell, str(seed)) not in finished
    ]
    settings = {}
    for task, cell, seed in tqdm(runs, unit="run"):
        if task not in settings:
            settings = {task: TASKS[task]()}
        rows = measure(settings[task], cell, seed)
        append(TARGET, [{"task": task} | row for row in rows])


if __name__ == "__main__":
    main()
