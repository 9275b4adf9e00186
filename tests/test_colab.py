"""A notebook alone in an empty folder, as in Colab: it fetches the course itself."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest
from notebook_cells import ROOT, code_cells, load, tags
from test_notebooks import address

COURSE = ("data", "utils", "notebooks")  # what a notebook needs of the repository

pytestmark = pytest.mark.skipif(
    shutil.which("git") is None, reason="git is not installed"
)


def git(*arguments: str, cwd: Path) -> None:
    """Run git with a name and an address of its own, whatever the user's settings."""
    settings = ["-c", "user.name=test", "-c", "user.email=test@example.org"]
    subprocess.run(["git", *settings, *arguments], cwd=cwd, check=True)


@pytest.fixture(scope="module")
def published(tmp_path_factory) -> Path:
    """A git repository that holds the course as it is in the working tree."""
    folder = tmp_path_factory.mktemp("published")
    for name in COURSE:
        ignored = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints")
        shutil.copytree(ROOT / name, folder / name, ignore=ignored)
    git("init", "-q", cwd=folder)
    git("add", ".", cwd=folder)
    git("commit", "-q", "-m", "the course", cwd=folder)
    return folder


@pytest.fixture
def colab(tmp_path) -> Path:
    """An empty folder with nothing but the first part of notebook 01."""
    stub = tmp_path / "packages" / "google" / "colab"
    stub.mkdir(parents=True)
    (stub / "__init__.py").write_text("")
    (tmp_path / "home").mkdir()
    content = tmp_path / "content"
    content.mkdir()
    notebook = load("01")
    ends = [i for i, cell in enumerate(notebook.cells) if "checkpoint" in tags(cell)]
    # Up to the second checkpoint: the text is loaded before it.
    notebook.cells = notebook.cells[: ends[1] + 1]
    for cell in code_cells(notebook):
        cell.outputs, cell.execution_count = [], None
    nbformat.write(notebook, content / "notebook.ipynb")
    return content


def run_in(content: Path, repository: Path) -> subprocess.CompletedProcess:
    """Execute the notebook; git finds the public address at `repository`."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("COURSE_")}
    environment |= {
        "HOME": str(content.parent / "home"),
        "PYTHONPATH": str(content.parent / "packages"),
        "COURSE_OFFLINE": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_CONFIG_COUNT": "2",
        "GIT_CONFIG_KEY_0": f"url.{repository}.insteadOf",
        "GIT_CONFIG_VALUE_0": address(),
        "GIT_CONFIG_KEY_1": "safe.directory",
        "GIT_CONFIG_VALUE_1": "*",
    }
    command = [sys.executable, "-m", "jupyter", "execute", "notebook.ipynb"]
    return subprocess.run(
        [*command, "--inplace", "--timeout=120"],
        cwd=content,
        env=environment,
        capture_output=True,
        text=True,
        timeout=180,
    )


def test_the_notebook_fetches_the_course_and_runs(colab, published):
    run = run_in(colab, published)
    assert run.returncode == 0, run.stderr
    cells = code_cells(nbformat.read(colab / "notebook.ipynb", as_version=4))
    assert all(cell.execution_count for cell in cells)
    assert (colab / "course" / "utils" / "data.py").is_file()
    printed = [str(cell.outputs) for cell in cells]
    assert f"Fetching the course from {address()}" in printed[0]
    assert "Keras" in printed[0]
    assert str(printed).count("bundled stand-in") == 1

    again = run_in(colab, colab / "not needed")
    assert again.returncode == 0, "a second Run All must use the course that is there"
    first = code_cells(nbformat.read(colab / "notebook.ipynb", as_version=4))[0]
    assert "Fetching" not in str(first.outputs)


def test_an_address_that_cannot_be_reached_is_named(colab):
    start = time.monotonic()
    run = run_in(colab, colab / "no such repository")
    assert time.monotonic() - start < 60
    assert run.returncode != 0
    assert address() in run.stderr
    assert "git" in run.stderr and "clone" in run.stderr
