"""The results files of the experiments: which runs are done, and new rows.

They lie in `data/results/`, or in the folder that COURSE_RESULTS names: `make claims`
measures again without touching what is committed.
"""

import csv
import os
import platform
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RESULTS = Path(os.environ.get("COURSE_RESULTS") or ROOT / "data" / "results")
# Where unfinished runs are kept: never those of another folder.
WORK = RESULTS if os.environ.get("COURSE_RESULTS") else ROOT / "build"
VERSIONS = {"python": platform.python_version()} | {
    package: version(package) for package in ("keras", "tensorflow")
}


def done(name: str, *columns: str) -> set[tuple[str, ...]]:
    """Return the keys of the runs that a results file has already.

    Args:
        name: The file's name in the results folder; it need not exist yet.
        *columns: The columns that identify a run.

    Returns:
        One tuple of texts per row.
    """
    path = RESULTS / name
    if not path.exists():
        return set()
    with path.open(encoding="utf-8") as file:
        return {tuple(row[c] for c in columns) for row in csv.DictReader(file)}


def append(name: str, rows: Sequence[dict]) -> None:
    """Add rows to a results file, with a header if the file is new."""
    path = RESULTS / name
    path.parent.mkdir(parents=True, exist_ok=True)
    new = not path.exists()
    with path.open("a", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        if new:
            writer.writeheader()
        writer.writerows(rows)
