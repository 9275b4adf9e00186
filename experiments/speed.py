"""Measure the course's way of training against Keras's defaults, to the same score.

    python experiments/speed.py

Both ways train the same model, an LSTM(64) that calls a post real or fake, on the same
posts, until its validation accuracy reaches the same target: the accuracy of TF-IDF
and logistic regression. A network is worth its time when it has caught up with
counting.

How much is won depends on the longest post. So it is measured twice: without the posts
of more than 160 words (four of 8,560), and without those of more than 500 (two). With
these two the defaults would pad every post to 1,643 words and take many minutes a run.

- defaults: batches of 32, no XLA (Keras's choice on a CPU), every post padded in front
  to the longest post, Adam with its rate of 0.001.
- course: batches of 64, XLA, the first 60 words, padded at the end, Adam with 0.002.

The runs alternate, seed by seed, so that both ways meet the same machine. The clock
starts before the first batch, so compilation counts; scoring, eight times per epoch,
does not. The posts are real ones. Notebook 06 reads the result,
`data/results/speed.csv`: one row per seed and way. Runs that are in the file already
are left out.
"""

import os
import sys
import time
from pathlib import Path

import numpy as np
from tqdm import tqdm

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
TARGET = "speed.csv"

from experiments.results import VERSIONS, append, done
from utils import runtime

with runtime.quiet():
    import keras
from keras import layers
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from utils import data
from utils.text import Vocabulary, pad, words

SEEDS = (1, 2, 3, 4, 5)
SCORES_PER_EPOCH = 8
MAX_EPOCHS = 6
LONGEST = (160, 500)  # words of a post that takes part


def load(longest: int):
    """Return the words and labels of the posts of at most so many words."""
    tokens, labels = [], []
    for part in data.load_posts()[:2]:
        rows = [words(text) for text in part["text"]]
        short = np.array([len(row) <= longest for row in rows])
        tokens.append([row for row, keep in zip(rows, short, strict=True) if keep])
        labels.append(part["label"].to_numpy()[short])
    return tokens, labels


def counting_accuracy(tokens, labels) -> float:
    """Validation accuracy of TF-IDF and logistic regression, the target."""
    bag = TfidfVectorizer(analyzer=lambda row: row)
    model = LogisticRegression(max_iter=1000)
    model.fit(bag.fit_transform(tokens[0]), labels[0])
    return model.score(bag.transform(tokens[1]), labels[1])


def defaults(ids):
    """Keras's defaults: all posts as long as the longest, padding in front."""
    longest = max(len(row) for part in ids for row in part)
    x = [keras.utils.pad_sequences(part, maxlen=longest) for part in ids]
    return x, dict(batch=32, rate=1e-3, xla="auto")


def course(ids):
    """The course's way: the first 60 words, padding at the end, XLA."""
    x = [pad(part, length=60) for part in ids]
    return x, dict(batch=64, rate=2e-3, xla=runtime.jit(small_cell=True))


WAYS = {"defaults": defaults, "course": course}


def train(x, labels, vocabulary, target, seed, batch, rate, xla) -> dict:
    """Train until the target; return the seconds, updates and the accuracy."""
    keras.utils.set_random_seed(seed)
    model = keras.Sequential(
        [
            keras.Input((x[0].shape[1],), dtype="int32"),
            layers.Embedding(vocabulary, 64, mask_zero=True),
            layers.SpatialDropout1D(0.3),
            layers.LSTM(64),
            layers.Dropout(0.3),
            layers.Dense(2),
        ]
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(rate), loss, jit_compile=xla)
    rng = np.random.default_rng(seed)
    seconds, updates = 0.0, 0
    size = len(x[0]) // SCORES_PER_EPOCH
    for _ in range(MAX_EPOCHS):
        order = rng.permutation(len(x[0]))
        for part in range(SCORES_PER_EPOCH):
            rows = order[part * size : (part + 1) * size]
            rows = rows[: len(rows) // batch * batch]
            start = time.perf_counter()
            for chosen in rows.reshape(-1, batch):
                model.train_on_batch(x[0][chosen], labels[0][chosen])
            seconds += time.perf_counter() - start
            updates += len(rows) // batch
            guess = model.predict(x[1], batch_size=256, verbose=0).argmax(axis=1)
            accuracy = float(np.mean(guess == labels[1]))
            if accuracy >= target:
                return dict(
                    seconds=round(seconds, 2), updates=updates, accuracy=accuracy
                )
    return dict(seconds=float("inf"), updates=updates, accuracy=accuracy)


def main() -> None:
    os.environ["COURSE_STANDIN"] = "0"  # only the real data count
    finished = done(TARGET, "longest", "seed", "way")
    for longest in LONGEST:
        tokens, labels = load(longest)
        target = counting_accuracy(tokens, labels)
        everything = [w for row in tokens[0] for w in row]
        table = Vocabulary(everything, 10_000, specials=["<pad>", "<unk>"])
        ids = [[table.encode(row) for row in part] for part in tokens]
        prepared = {name: way(ids) for name, way in WAYS.items()}
        runs = [(seed, way) for seed in SEEDS for way in WAYS]
        for seed, way in tqdm(runs, unit="run"):
            if (str(longest), str(seed), way) in finished:
                continue
            x, settings = prepared[way]
            row = train(x, labels, len(table), target, seed, **settings)
            first = dict(longest=longest, seed=seed, way=way, target=target)
            first |= dict(steps=x[0].shape[1], batch=settings["batch"])
            append(TARGET, [first | dict(rate=settings["rate"]) | row | VERSIONS])


if __name__ == "__main__":
    main()
