"""A cell that calls something deprecated turns red; what libraries do inside does not.

`conftest.py` asks for this. Throw-away notebooks show that it reaches the kernels that
nbval and `tools/run_notebooks.py` start, and the tests themselves.
"""

import os
import re
import shutil
import subprocess
import sys
import warnings

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from notebook_cells import ROOT

LIBRARY = """
import warnings

def busy():
    warnings.warn("inside the library", DeprecationWarning)
    warnings.warn("inside the library", FutureWarning)

def old():
    warnings.warn("use something else", DeprecationWarning, stacklevel=2)
"""
IN_MODULE = "exec('import warnings; warnings.warn(str(), {})', {{'__name__': '{}'}})"
RED = [
    "library.old()",
    "def f():\n    library.old()\n\nf()",
    "warnings.warn('x', DeprecationWarning)",
    "warnings.warn('x', PendingDeprecationWarning)",
    "warnings.warn('x', FutureWarning)",
    IN_MODULE.format("DeprecationWarning", "utils.data"),
    IN_MODULE.format("FutureWarning", "utils.text"),
]
GREEN = [
    "library.busy()",
    "warnings.warn('x', UserWarning)",
    IN_MODULE.format("DeprecationWarning", "utilities"),
    "1 + 1",
]
FIRST = "import sys, warnings\nsys.path.insert(0, '.')\nimport library"
LIMIT_S = 600  # not a budget: the machine may be slow, and is shared


def without_ours() -> dict[str, str]:
    """Return the environment as it is before `conftest.py` has changed it."""
    return {k: v for k, v in os.environ.items() if k != "PYTHONWARNINGS"}


@pytest.fixture
def folder(tmp_path):
    """Return a folder with a library that warns."""
    (tmp_path / "library.py").write_text(LIBRARY, encoding="utf-8")
    return tmp_path


def write(path, sources: list[str]) -> None:
    """Write a notebook of these cells."""
    nbformat.write(new_notebook(cells=[new_code_cell(s) for s in sources]), path)


def test_nbval_turns_deprecated_calls_red(folder):
    sources = [FIRST, *RED, *GREEN]
    write(folder / "some.ipynb", sources)
    environment = without_ours()
    environment["PYTHONPATH"] = os.pathsep.join([str(ROOT / "tests"), str(ROOT)])
    command = [sys.executable, "-m", "pytest", "-c", str(ROOT / "pyproject.toml")]
    command += ["--rootdir", str(ROOT), "-p", "no:cacheprovider", "-p", "conftest"]
    run = subprocess.run(
        [*command, "-n", "0", "-rA", str(folder / "some.ipynb")],
        env=environment,
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
    )
    found = re.findall(r"^(PASSED|FAILED) .*::Cell (\d+)", run.stdout, re.MULTILINE)
    red = {sources[int(number)] for word, number in found if word == "FAILED"}
    assert len(found) == len(sources) and red == set(RED), run.stdout + run.stderr


@pytest.mark.parametrize(("sources", "code"), [([RED[0]], 1), (GREEN, 0)])
def test_run_notebooks_under_test_does_too(folder, sources, code):
    write(folder / "some.ipynb", [FIRST, *sources])
    tool = ["tools/run_notebooks.py", "--workers", "1", str(folder / "some.ipynb")]
    (folder / "tools").mkdir()  # a copy, because it writes to build/ beside it
    shutil.copy(ROOT / tool[0], folder / "tools")
    run = subprocess.run(
        [sys.executable, *tool],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
    )
    assert run.returncode == code, run.stdout + run.stderr
    assert ("DeprecationWarning: use something else" in run.stdout) is bool(code)


@pytest.mark.parametrize("module", ["utils", "utils.data", "utils.seeds"])
def test_the_tests_turn_red_too(module):
    source = compile("warnings.warn('old', DeprecationWarning)", "<test>", "exec")
    with pytest.raises(DeprecationWarning, match="old"):
        exec(source, {"__name__": module, "warnings": warnings})


def test_every_module_of_utils_is_watched():
    rules = os.environ["PYTHONWARNINGS"].split(",")
    for path in (ROOT / "utils").glob("*.py"):
        name = "utils" if path.stem == "__init__" else f"utils.{path.stem}"
        assert f"error::FutureWarning:{name}" in rules


def test_what_the_user_asked_for_stays(monkeypatch):
    import conftest

    monkeypatch.setenv("PYTHONWARNINGS", "ignore::UserWarning")
    for _ in range(2):  # the workers of pytest-xdist inherit it, and ask again
        conftest.watch_warnings()
    rules = os.environ["PYTHONWARNINGS"].split(",")
    assert rules == ["ignore::UserWarning", *conftest.ERRORS]
