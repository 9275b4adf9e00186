"""Measure whether a network with a memory copies longer sequences than it has seen.

    python experiments/turing_machine.py

The task, the neural Turing machine, the LSTM and the training come from notebook 13
itself. Every model learns to copy 1 to LONGEST vectors and gets the same updates on the
same sequences; then it copies sequences of each of LENGTHS, five times as long at the
end. The machine has TRAIN_ROWS rows of memory in training and TEST_ROWS in the test:
its weights do not depend on the number of rows.

Writes `data/results/turing_machine.csv`, one row per run and length; runs that are
there already are left out, so an interrupted measurement goes on. The weights of the
run of each model with the lowest loss in training go to
`data/results/turing_machine.npz`. About 7 minutes on two cores, if two processes share
the seeds: `--seeds 1 2 3` and `--seeds 4 5`.
"""

import argparse
import ast
import csv
import sys
import time
from pathlib import Path

import nbformat
import numpy as np
from tqdm import tqdm

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
TARGET = "turing_machine.csv"

from experiments.repeat_notebook import LEFT_OUT
from experiments.results import RESULTS, VERSIONS, WORK, append, done
from utils import runtime

with runtime.quiet():
    import keras

SEEDS = (1, 2, 3, 4, 5)
KEPT = WORK  # the weights of each run, until the best are chosen
LONGEST, UPDATES, RATE = 20, 8000, 1e-3
LENGTHS = (5, 10, 20, 40, 60, 100)  # of the test, in vectors
TRAIN_ROWS, TEST_ROWS = 32, 128
MODELS = {"Turing machine": None, "LSTM(48)": 48}
KEEP = {"Turing machine": "machine", "LSTM(48)": "lstm"}
NAMES = (
    "BITS EPSILON copy_batch keras_address use_heads TuringCell make_machine make_lstm "
    "prepare practise bits_wrong"
).split()


def functions(notebook: nbformat.NotebookNode) -> dict:
    """Return what the notebook's cells define under `NAMES`; no cell is run."""
    body = []
    for cell in notebook.cells:
        if cell.cell_type == "code":
            if not LEFT_OUT & set(cell.metadata.get("tags", [])):
                body += ast.parse(cell.source).body
    kept = []
    for node in body:
        name = getattr(node, "name", None)
        if isinstance(node, ast.Assign):
            name = ast.unparse(node.targets[0])
        if name in NAMES:
            kept.append(node)
    names = dict(keras=keras, layers=keras.layers, ops=keras.ops, np=np)
    names |= dict(runtime=runtime)
    exec(compile(ast.Module(kept, []), "<notebook>", "exec"), names)
    missing = set(NAMES) - set(names)
    if missing:
        raise LookupError(f"not in the notebook: {', '.join(sorted(missing))}")
    return names


def measure(book: dict, model: str, seed: int) -> list[dict]:
    """Train one model and keep its weights; one row for each length of the test."""
    keras.utils.set_random_seed(seed)
    rng = np.random.default_rng(seed)  # the same sequences for every model
    units = MODELS[model]
    learner = book["make_lstm"](units) if units else book["make_machine"](TRAIN_ROWS)[0]
    rising = UPDATES // 20
    rate = keras.optimizers.schedules.CosineDecay(
        0.1 * RATE, UPDATES - rising, 0.1, warmup_target=RATE, warmup_steps=rising
    )
    book["prepare"](learner, rate)
    begin = time.perf_counter()
    losses = book["practise"](learner, UPDATES, LONGEST, rng)
    seconds = time.perf_counter() - begin
    weights = learner.get_weights()
    KEPT.mkdir(exist_ok=True)
    np.savez(KEPT / f"turing_{model}_{seed}.npz", *weights)
    tested = learner if units else book["make_machine"](TEST_ROWS)[0]
    tested.set_weights(weights)
    rng, rows = np.random.default_rng(1000), []  # the same test for every run
    for length in LENGTHS:
        row = dict(model=model, seed=seed, length=length)
        row |= dict(bits=length * book["BITS"])
        row |= dict(wrong=round(float(book["bits_wrong"](tested, length, rng)), 3))
        row |= dict(loss=round(float(np.mean(losses[-5:])), 6), updates=UPDATES)
        row |= dict(longest=LONGEST, weights=learner.count_params())
        rows.append(row | dict(seconds=round(seconds, 1)) | VERSIONS)
    return rows


def keep_best() -> None:
    """Write the weights of the runs with the lowest loss: plain arrays (float32)."""
    with (RESULTS / TARGET).open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    arrays = {}
    for model, name in KEEP.items():
        runs = {int(r["seed"]): float(r["loss"]) for r in rows if r["model"] == model}
        best = min(runs, key=runs.get)
        with np.load(KEPT / f"turing_{model}_{best}.npz", allow_pickle=False) as kept:
            weights = [kept[key] for key in kept.files]
        arrays[f"{name}_seed"] = np.array(best)
        arrays |= {f"{name}_{i}": w.astype("float32") for i, w in enumerate(weights)}
    np.savez_compressed(RESULTS / TARGET.replace(".csv", ".npz"), **arrays)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, nargs="+", default=SEEDS)
    parser.add_argument("--models", nargs="+", default=list(MODELS), choices=MODELS)
    parser.add_argument("--notebook", type=Path, help="default: notebooks/13_*.ipynb")
    options = parser.parse_args()
    path = options.notebook or next((ROOT / "notebooks").glob("13_*.ipynb"))
    book = functions(nbformat.read(path, as_version=4))
    finished = done(TARGET, "model", "seed")
    runs = [
        (model, seed)
        for seed in options.seeds
        for model in options.models
        if (model, str(seed)) not in finished
    ]
    for model, seed in tqdm(runs, unit="run"):
        append(TARGET, measure(book, model, seed))
    finished = done(TARGET, "model", "seed")
    if all((model, str(seed)) in finished for model in KEEP for seed in SEEDS):
        keep_best()


if __name__ == "__main__":
    main()
