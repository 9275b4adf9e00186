"""The first rungs of the ladder, with their size and their time.

    python experiments/rungs.py

Runs the code cells of notebook 01 in one process and notes the seconds of the cell
that puts a model on the ladder (for the hidden Markov model and the maximum entropy
model that is nearly all training). Kneser–Ney is in `race.csv`. For the networks of
notebooks 02, 04 and 05, it reads the number of weights and the seconds of training in
the committed outputs, and the mean of five seeds in their results files. Writes
`data/results/rungs.csv`, one row per model. Less than a minute on two cores.
"""

import os
import re
import sys
import time
from pathlib import Path

import nbformat
import pandas as pd

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
NAME = "rungs.csv"

from experiments.repeat_notebook import LEFT_OUT
from experiments.results import RESULTS, VERSIONS, append

NETWORKS = {
    "02_simple_rnn": "SimpleRNN(256)",
    "04_lstm": "LSTM(128), n-grams",
    "05_gru": "GRU(128), n-grams",
}
QUANTITY = "language model (bits per character)"


def cells(name: str) -> list:
    """Return the code cells of a notebook, without exercises and checkpoints."""
    notebook = nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", as_version=4)
    return [
        cell
        for cell in notebook.cells
        if cell.cell_type == "code"
        and not LEFT_OUT & set(cell.metadata.get("tags", []))
    ]


def weights_of(model: str, names: dict) -> int:
    """Return how many numbers a model of notebook 01 learns or counts."""
    size = names["V"]
    if model.startswith("HMM"):
        return sum(table.size for table in names["hmm"])
    if model.startswith("MaxEnt"):
        return names["maxent"].count_params()
    return {"uniform": 0, "unigram": size, "bigram": size**2}[model]


def first_rungs() -> list[dict]:
    """Run notebook 01, cell by cell."""
    names, rows = {"__name__": "__notebook__"}, []
    for cell in cells("01_language_models"):
        known = set(names.get("ladder", ()))
        start = time.perf_counter()
        exec(compile(cell.source, "01", "exec"), names)
        seconds = time.perf_counter() - start
        for model, bits in names.get("ladder", {}).items():
            if model not in known and "Kneser" not in model:
                weights = weights_of(model, names)
                rows.append(
                    dict(model=model, weights=weights, seconds=seconds, bits=bits)
                )
    return rows


def network_rung(name: str) -> dict:
    """Read one network's rung in its notebook's outputs and results file."""
    outputs = [o.get("text", "") for cell in cells(name) for o in cell.outputs]
    found = re.search(r"([\d,]+) weights,\s+(\d+) s", "".join(outputs))
    table = pd.read_csv(RESULTS / f"{name}.csv")
    bits = table["value"][table["quantity"] == QUANTITY].mean()
    weights = int(found.group(1).replace(",", ""))
    return dict(weights=weights, seconds=float(found.group(2)), bits=bits)


def main() -> None:
    os.environ["COURSE_STANDIN"] = "0"  # only the real data count
    os.environ["MPLBACKEND"] = "Agg"
    os.chdir(ROOT / "notebooks")
    rows = first_rungs()
    rows += [dict(model=m) | network_rung(name) for name, m in NETWORKS.items()]
    for row in rows:
        row.update(seconds=round(row["seconds"], 2), bits=round(float(row["bits"]), 4))
    (RESULTS / NAME).unlink(missing_ok=True)
    append(NAME, [row | VERSIONS for row in rows])


if __name__ == "__main__":
    main()
