"""What the tests of the gated layers share: random cases, planted bugs, results."""

import ast
import copy
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from nbformat import NotebookNode
from notebook_cells import EXERCISE_PARTS, ROOT, code_cells, definitions, tags

VERSIONS = ["python", "keras", "tensorflow"]  # last columns of a results file
SIZES = st.integers(1, 5)
SEEDS = st.integers(0, 2**31 - 1)
MASKS = st.sampled_from(["none", "random", "padded at the end", "nothing is real"])
few_examples = settings(max_examples=10, deadline=None, derandomize=True)


def make_mask(
    kind: str, rng: np.random.Generator, batch: int, timesteps: int
) -> np.ndarray | None:
    """Return a mask of one kind, True at real steps; None for no mask."""
    if kind == "none":
        return None
    if kind == "random":
        return rng.random((batch, timesteps)) < 0.6
    if kind == "nothing is real":
        return np.zeros((batch, timesteps), bool)
    return np.arange(timesteps) < rng.integers(0, timesteps + 1, (batch, 1))


def functions(notebook: NotebookNode, *names: str, **values: object) -> dict:
    """Define functions of a notebook, and those that they call; see `definitions`."""
    found = {}
    for cell in code_cells(notebook):
        if not set(EXERCISE_PARTS) & set(tags(cell)):
            body = ast.parse(cell.source).body
            found |= {f.name: f for f in body if isinstance(f, ast.FunctionDef)}
    wanted = list(names)
    for name in wanted:  # grows in the loop
        used = {n.id for n in ast.walk(found[name]) if isinstance(n, ast.Name)}
        wanted += [other for other in found if other in used and other not in wanted]
    return definitions(notebook, *wanted, **values)


def with_bug(notebook: NotebookNode, name: str, old: str, new: str) -> Callable:
    """Return a notebook's function, with one piece of its source replaced.

    Args:
        notebook: The notebook; it is not changed.
        name: The function's name.
        old: Text that occurs exactly once in the cell of the function, as `ast.unparse`
            writes it: lines, spaces, quotes and comments do not matter.
        new: The bug, which takes its place.
    """
    broken = copy.deepcopy(notebook)
    (cell,) = (c for c in code_cells(broken) if f"def {name}(" in c.source)
    source = ast.unparse(ast.parse(cell.source))
    assert source.count(old) == 1, f"expected once in {name}: {old}"
    cell.source = source.replace(old, new)
    return functions(broken, name)[name]


def read_results(name: str, columns: list[str]) -> pd.DataFrame:
    """Return a file of data/results; check what all of them must hold.

    Skips the test if an experiment has not written its file yet.
    """
    path = ROOT / "data" / "results" / name
    if not path.exists():
        pytest.skip(f"{name} has not been measured yet")
    table = pd.read_csv(path, dtype={"python": str})
    assert list(table.columns) == columns
    assert not table.isna().any(axis=None), "a value is missing"
    assert np.isfinite(table.select_dtypes("number")).all(axis=None)
    for package in ("python", "keras", "tensorflow"):
        assert table[package].str.fullmatch(r"\d+\.\d+\.\d+\S*").all(), package
    return table
