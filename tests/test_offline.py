"""Every notebook runs from top to bottom with no network and no data folder."""

import os
import shutil
import subprocess
import sys

import nbformat
import pytest
from notebook_cells import NOTEBOOKS, ROOT, code_cells

CLOSED = "http://127.0.0.1:9"  # nothing listens there
COURSE = ("data", "experiments", "notebooks", "tools", "utils")
LIMIT_S = 900  # not a budget: the machine may be slow, and is shared


@pytest.mark.parametrize("name", [path.name for path in NOTEBOOKS])
def test_notebook_runs_on_the_bundled_data(name, tmp_path):
    for folder in COURSE:
        ignored = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints")
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=ignored)
    environment = {k: v for k, v in os.environ.items() if not k.startswith("COURSE_")}
    environment["COURSE_CACHE"] = str(tmp_path / "empty cache")
    environment.pop("NO_PROXY", None)
    environment.pop("no_proxy", None)
    for proxy in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        environment[proxy] = environment[proxy.lower()] = CLOSED
    tool = [sys.executable, "tools/run_notebooks.py", f"--limit={LIMIT_S}"]
    run = subprocess.run(
        [*tool, f"notebooks/{name}"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=LIMIT_S + 120,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    notebook = nbformat.read(tmp_path / "build" / name, as_version=4)
    source = "\n".join(cell.source for cell in code_cells(notebook))
    printed = str([cell.outputs for cell in code_cells(notebook)])
    loaders = {  # files of each
        "load_corpus(": 1,
        "load_posts(": 3,
        "load_names(": 1,
        "load_tagged(": 1,
        "load_imdb": 2,  # and load_imdb_words: the reviews and the words
        "load_vectors(": 1,
        "load_analogies(": 1,
        "load_pairs(": 1,
        "load_series(": 1,
    }
    standins = sum(files for loader, files in loaders.items() if loader in source)
    assert printed.count("bundled stand-in") == standins, printed
    assert "from COURSE_DATA" not in printed and "downloaded" not in printed
    assert "'stderr'" not in printed, printed
