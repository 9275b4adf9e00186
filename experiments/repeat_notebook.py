"""Measure a notebook's claims over seeds: run its own cells, once per seed.

    python experiments/repeat_notebook.py notebooks/02_simple_rnn.ipynb

The notebook sets `SEED = …` in view and collects its numbers in a dictionary called
`measured`. This script runs the notebook's code cells in one process, once per seed,
and writes `data/results/NAME.csv` with the columns seed, quantity, value. Cells tagged
`results` (they read that file), `checkpoint`, `exercise`, `check` and `solution` are
left out. `MORE` replaces other lines `NAME = …` in the same way, so that a claim can
be measured with more settings than a reader waits for. Seeds that are already in the
file are not run again: an interrupted run goes on.
"""

import argparse
import csv
import os
import re
import sys
import time
from pathlib import Path

os.environ["MPLBACKEND"] = "Agg"  # figures are made, not shown

import nbformat

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from experiments.results import RESULTS

LEFT_OUT = {"checkpoint", "results", "exercise", "check", "solution"}


MORE = {
    "07_bidirectional": [
        'TAGGERS = [("both", 64, "all inputs"), ("forward", 64, "all inputs"),'
        ' ("backward", 64, "all inputs"), ("forward", 128, "all inputs"),'
        ' ("both", 64, "words only")]',
        'REVIEWERS = [("LSTM", "both", 32), ("LSTM", "forward", 32),'
        ' ("LSTM", "backward", 32), ("LSTM", "forward", 64)]',
        "SENTENCES = 38_061",
        "REVIEWS = 22_500",
        "EPOCHS = 2",
    ],
    "08_embeddings": ["LABELS = (500, 5_000, 20_000)"],
}


def replace_line(source: str, line: str) -> str:
    """Replace the one line `NAME = …` of the source by this line.

    Raises:
        ValueError: If the source has no such line, or more than one.
    """
    name = line.partition("=")[0].strip()
    pattern = rf"^{re.escape(name)} = .*$"
    found = len(re.findall(pattern, source, flags=re.MULTILINE))
    if found != 1:
        raise ValueError(f"Expected one line '{name} = …' in the notebook: {found}")
    return re.sub(pattern, lambda _: line, source, flags=re.MULTILINE)


def run_with_seed(path: Path, seed: int, lines: list[str] = ()) -> dict[str, float]:
    """Run the notebook's cells with this seed and return its `measured`.

    Args:
        path: The notebook.
        seed: Replaces the one in the notebook's line `SEED = …`.
        lines: More lines `NAME = …` that replace the notebook's own.

    Raises:
        ValueError: If the notebook lacks such a line or collects no `measured`.
    """
    cells = [
        cell.source
        for cell in nbformat.read(path, as_version=4).cells
        if cell.cell_type == "code"
        and not LEFT_OUT & set(cell.metadata.get("tags", []))
    ]
    source = "\n\n".join(cells)
    for line in [f"SEED = {seed}", *lines]:
        source = replace_line(source, line)
    names = {"__name__": "__notebook__"}
    exec(compile(source, path.name, "exec"), names)
    if "measured" not in names:
        raise ValueError(f"Expected a dictionary called 'measured' in {path.name}.")
    return names["measured"]


def main() -> None:
    os.environ["COURSE_STANDIN"] = "0"  # only the real data count
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("notebook", type=Path)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3, 4, 5])
    options = parser.parse_args()
    path = options.notebook.resolve()
    target = RESULTS / f"{path.stem}.csv"
    target.parent.mkdir(parents=True, exist_ok=True)
    done = set()
    if target.exists():
        with target.open(encoding="utf-8") as file:
            done = {int(row["seed"]) for row in csv.DictReader(file)}
    os.chdir(path.parent)
    for seed in options.seeds:
        if seed in done:
            print(f"seed {seed}: already in {target.name}")
            continue
        start = time.perf_counter()
        found = run_with_seed(path, seed, MORE.get(path.stem, []))
        new = not target.exists()
        with target.open("a", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            if new:
                writer.writerow(["seed", "quantity", "value"])
            writer.writerows([seed, name, f"{v:.6f}"] for name, v in found.items())
        print(f"seed {seed}: {time.perf_counter() - start:.0f} s", file=sys.stderr)


if __name__ == "__main__":
    main()
