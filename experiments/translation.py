"""Measure the bottleneck: BLEU by source length, without and with attention.

    python experiments/translation.py

The functions come from notebook 09 itself: the same model, batches, search and score.
Each run trains one kind of context with one seed on sentences of up to 15 words, all
of them frequent words, and translates the same held-out sources. Writes one row per
run and group of lengths to `data/results/translation.csv`; runs that are there already
are left out, so an interrupted measurement goes on. The weights of the first seed,
without attention and with dot attention, go to `data/results/translation_….npz`
(float16), with the vocabularies: notebook 09 translates long sentences with them.

About 20 minutes on two cores, if two processes share the seeds:
`--seeds 1 2 3` and `--seeds 4 5`.
"""

import argparse
import ast
import os
import sys
import time
from contextlib import redirect_stdout
from pathlib import Path

import nbformat
import numpy as np
from tqdm import tqdm

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
NOTEBOOK = ROOT / "notebooks" / "09_encoder_decoder.ipynb"
TARGET, KEPT = "translation.csv", "translation_{}.npz"

from experiments.repeat_notebook import LEFT_OUT
from experiments.results import RESULTS, VERSIONS, append, done
from utils import runtime

with runtime.quiet():
    import keras

from utils import data
from utils.text import Vocabulary

SEEDS = (1, 2, 3, 4, 5)
KINDS = ("fixed", "dot", "additive")
GROUPS = ((1, 4), (5, 6), (7, 8), (9, 10), (11, 15))  # words of a source
EACH = 200  # test sources of each group
WORDS = (2500, 3000)  # entries of the two vocabularies
SHORT = 20_000  # of the pairs with up to 6 words, only so many are used
SHOWN = ("fixed", "dot")  # the contexts whose weights the notebook shows
CONSTANTS = ("SPECIALS", "(PAD, UNK, START, END)", "metric")
UNITS, WIDTH, BATCH, UPDATES, RATE = 192, 96, 128, 900, 6e-3


def functions(path: Path) -> dict:
    """Return what the notebook's cells define: functions, classes, some constants.

    The cells are not run, exercises are left out. Of the assignments only those to
    the names in `CONSTANTS` are kept.
    """
    body = []
    for cell in nbformat.read(path, as_version=4).cells:
        tags = set(cell.metadata.get("tags", []))
        if cell.cell_type == "code" and not tags & LEFT_OUT:
            body += ast.parse(cell.source).body
    kinds = (ast.Import, ast.ImportFrom, ast.Try, ast.FunctionDef, ast.ClassDef)
    kept = [
        node
        for node in body
        if isinstance(node, kinds)
        or isinstance(node, ast.Assign)
        and ast.unparse(node.targets[0]) in CONSTANTS
    ]
    names = {"keras": keras}
    exec(compile(ast.Module(kept, []), path.name, "exec"), names)
    return names


def prepare(book: dict) -> dict:
    """Pairs for training as ids, both vocabularies, the test sources and answers.

    A tenth of the sources is held out. The vocabularies come from the others. Only
    pairs of known words are used, and at most `SHORT` of those with up to 6 words.
    """
    tokenise, count_words = book["tokenise"], book["count_words"]
    pairs = [(tuple(tokenise(a)), b) for a, b in data.load_pairs("spa-eng.zip")]
    pairs = [p for p in pairs if 0 < count_words(p[0]) <= GROUPS[-1][1]]
    rng = np.random.default_rng(1)  # the same split for every seed
    sources = sorted({source for source, _ in pairs})
    order = rng.permutation(len(sources))
    held_out = {sources[i]: [] for i in order[: len(sources) // 10]}
    train = [(s, tokenise(t)) for s, t in pairs if s not in held_out]
    english, spanish = (
        Vocabulary((w for pair in train for w in pair[side]), size, book["SPECIALS"])
        for side, size in enumerate(WORDS)
    )
    train = [
        (s, t)
        for s, t in train
        if all(w in english for w in s) and all(w in spanish for w in t)
    ]
    short = [i for i, (s, _) in enumerate(train) if count_words(s) <= GROUPS[1][1]]
    left_out = set(rng.permutation(short)[SHORT:].tolist())
    train = [pair for i, pair in enumerate(train) if i not in left_out]
    for source, target in pairs:
        if source in held_out and all(w in english for w in source):
            held_out[source].append(target)
    test = {}
    for low, high in GROUPS:
        fits = [s for s, t in held_out.items() if t and low <= count_words(s) <= high]
        test[f"{low}–{high}"] = fits[:EACH]
    return dict(
        english=english,
        spanish=spanish,
        X=[english.encode(s) for s, _ in train],
        Y=[
            np.array([book["START"], *spanish.encode(t), book["END"]]) for _, t in train
        ],
        test=test,
        answers=held_out,
    )


def measure(book: dict, texts: dict, kind: str, seed: int) -> tuple[list[dict], tuple]:
    """Train one model; score it on each group of lengths.

    Returns:
        One row for each group, and the reader and the writer.
    """
    keras.utils.set_random_seed(seed)
    english, spanish = texts["english"], texts["spanish"]
    model, reader, writer = book["make_translator"](
        kind, len(english), len(spanish), UNITS, WIDTH
    )
    model.compile(
        book["make_optimizer"](UPDATES, RATE), book["masked_loss"], jit_compile=False
    )
    feed = book["batches"](texts["X"], texts["Y"], BATCH, np.random.default_rng(seed))
    begin = time.perf_counter()
    with redirect_stdout(None):  # tqdm shows the progress
        losses = book["run_updates"](model, feed, UPDATES)
    seconds = time.perf_counter() - begin
    rows = []
    for group, sources in texts["test"].items():
        ids = book["pad"]([english.encode(s) for s in sources])
        written = book["greedy_search"](
            book["stepper"](writer), book["start_of"](reader, ids), 30
        )
        score = book["bleu"](
            [book["to_text"](row, spanish) for row in written],
            [texts["answers"][s] for s in sources],
        )
        row = dict(context=kind, seed=seed, words=group, sentences=len(sources))
        row |= dict(bleu=round(score.score, 3))
        row |= dict(length=round(score.sys_len / score.ref_len, 4))
        row |= dict(
            loss=round(float(np.mean(losses[-UPDATES // 4 :])), 4), updates=UPDATES
        )
        row |= dict(weights=model.count_params(), seconds=round(seconds, 1))
        rows.append(row | VERSIONS)
    return rows, (reader, writer)


def keep(kind: str, texts: dict, models: tuple) -> None:
    """Write weights (float16) and vocabularies: plain arrays, nothing pickled."""
    weights = [w for model in models for w in model.get_weights()]
    arrays = {f"w{i:02}": w.astype("float16") for i, w in enumerate(weights)}
    arrays |= {name: np.array(texts[name].tokens) for name in ("english", "spanish")}
    np.savez_compressed(RESULTS / KEPT.format(kind), **arrays)


def main() -> None:
    os.environ["COURSE_STANDIN"] = "0"  # only the real data count
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, nargs="+", default=SEEDS)
    options = parser.parse_args()
    book = functions(NOTEBOOK)
    texts = prepare(book)
    finished = done(TARGET, "context", "seed")
    runs = [
        (kind, seed)
        for seed in options.seeds
        for kind in KINDS
        if (kind, str(seed)) not in finished
    ]
    for kind, seed in tqdm(runs, unit="run"):
        rows, models = measure(book, texts, kind, seed)
        append(TARGET, rows)
        if seed == SEEDS[0] and kind in SHOWN:
            keep(kind, texts, models)


if __name__ == "__main__":
    main()
