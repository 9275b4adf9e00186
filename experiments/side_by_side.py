"""Measure SimpleRNN, LSTM and GRU side by side: film reviews and the course text.

    python experiments/side_by_side.py

All layers get the same number of units, batches, seeds, and the same optimiser with a
constant rate. The simple RNN also gets a second chance with a third of the rate,
because its training is less stable. Notebook 06 reads the result,
`data/results/side_by_side.csv`: one row per task, cell, rate, seed and score. The runs
of LSTM and GRU on the text are in `gru_against_lstm.csv`, with the same settings. Runs
that are in the file already are left out, so an interrupted measurement goes on.
"""

import os
import sys
from pathlib import Path

from tqdm import tqdm

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
TARGET = "side_by_side.csv"

from experiments.gru_against_lstm import SEEDS, classifier, measure, text
from experiments.results import append, done
from utils import data

WORDS = 10_000  # more frequent words keep their id, the others share id 0
RUNS = [
    ("film reviews", "LSTM", 1.0),
    ("film reviews", "GRU", 1.0),
    ("film reviews", "SimpleRNN", 1.0),
    ("film reviews", "SimpleRNN", 1 / 3),
    ("text", "SimpleRNN", 1.0),
    ("text", "SimpleRNN", 1 / 3),
]


def film_reviews():
    """IMDB, the last 150 words of a review: validation accuracy."""
    (x, y), _ = data.load_imdb()
    x = [[i if i < WORDS else 0 for i in review[-150:]] for review in x[:15_000]]
    tokens, labels = (x[:12_500], x[12_500:]), (y[:12_500], y[12_500:15_000])
    return classifier(tokens, labels, units=64, width=64, rate=2e-3, epochs=4, every=65)


TASKS = {"film reviews": film_reviews, "text": text}
RATE = 3  # the place of the learning rate in a task's settings


def main() -> None:
    os.environ["COURSE_STANDIN"] = "0"  # only the real data count
    finished = done(TARGET, "task", "cell", "rate", "seed")
    settings = {task: make() for task, make in TASKS.items()}
    runs = []
    for seed in SEEDS:
        for task, cell, factor in RUNS:
            rate = float(f"{settings[task][RATE] * factor:.1g}")
            if (task, cell, str(rate), str(seed)) not in finished:
                runs.append((task, cell, rate, seed))
    for task, cell, rate, seed in tqdm(runs, unit="run"):
        chosen = (*settings[task][:RATE], rate, *settings[task][RATE + 1 :])
        rows = measure(chosen, cell, seed)
        append(TARGET, [{"task": task, "rate": rate} | row for row in rows])


if __name__ == "__main__":
    main()
