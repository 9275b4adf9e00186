"""The house's commands, tried on throw-away notebooks and faulty machines."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections import namedtuple
from pathlib import Path
from unittest import mock

import nbformat
import psutil
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from tools import run_notebooks, set_address, setup_env

ROOT = Path(__file__).resolve().parent.parent
CHECKPOINT = {"tags": ["checkpoint"]}
SLEEP_ON = "import time\nwhile True:\n    try:\n        time.sleep(600)\n"
SLEEP_ON += "    except KeyboardInterrupt:\n        pass"


def write_notebook(path: Path, *sources: str) -> Path:
    """Write a notebook whose cells all have an old output.

    A cell with an assert is a checkpoint.
    """
    cells = [new_markdown_cell("# A title and $x^2$")]
    for number, source in enumerate(sources):
        metadata = CHECKPOINT if "assert" in source else {}
        cell = new_code_cell(source, metadata=metadata, id=f"cell-{number}")
        cell.outputs = [new_output("stream", text="an old output\n")]
        cell.execution_count = 9
        cells.append(cell)
    path.parent.mkdir(exist_ok=True)
    nbformat.write(new_notebook(cells=cells, metadata={"colab": {}}), path)
    return path


def make_course(folder: Path, **notebooks: tuple[str, ...]) -> Path:
    """Make a folder with the tools and the given notebooks."""
    shutil.copytree(ROOT / "tools", folder / "tools")
    for name, sources in notebooks.items():
        write_notebook(folder / "notebooks" / f"{name}.ipynb", *sources)
    return folder


def run_tool(course: Path, *arguments: str) -> subprocess.CompletedProcess:
    """Run a tool of a course; what it prints is in `stdout`.

    The user has a kernel "python3" of another Python, which must not be used.
    """
    foreign = course / "jupyter" / "kernels" / "python3" / "kernel.json"
    foreign.parent.mkdir(parents=True)
    foreign.write_text('{"argv": ["false"], "display_name": "x", "language": "python"}')
    return subprocess.run(
        [sys.executable, f"tools/{arguments[0]}.py", *arguments[1:]],
        env={**os.environ, "JUPYTER_PATH": str(course / "jupyter")},
        cwd=course,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=60,
    )


def kernels_in(folder: Path) -> list[psutil.Process]:
    """Return the processes that work in a folder."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.cwd() == str(folder) and process.status() != "zombie":
                found.append(process)
        except psutil.Error:
            continue
    return found


# --- run_notebooks -----------------------------------------------------------------

FAULTY = {
    "assertion": ("x, y = 2, 1", "assert x < y, f'{x=} {y=}'", "print('later')"),
    "error": ("1 / 0",),
    "dead": ("import os\nos._exit(3)",),
    "hang": ("import time", "time.sleep(600)"),
    "stubborn": (SLEEP_ON,),
    "good": ("import sys", "assert 1 < 2", "print(sys.executable)"),
}


@pytest.fixture(scope="module")
def faulty_course(tmp_path_factory) -> tuple[Path, str, int, float]:
    """Run a course of faulty notebooks and a good one, once for several tests."""
    course = make_course(tmp_path_factory.mktemp("faulty"), **FAULTY)
    broken = course / "notebooks" / "not_json.ipynb"
    broken.write_text("{")
    start = time.monotonic()
    result = run_tool(course, "run_notebooks", "--limit", "6", "--workers", "3")
    return course, result.stdout, result.returncode, time.monotonic() - start


def row(output: str, name: str) -> str:
    """Return a notebook's row of the table."""
    return re.search(rf"^{name}\.ipynb .*$", output, re.MULTILINE).group()


def section(output: str, name: str) -> str:
    """Return what is printed about a notebook that did not pass."""
    return output.split(f"=== {name}.ipynb: ")[1].split("\n===")[0]


def test_failing_notebooks_make_the_exit_status_1(faulty_course):
    assert faulty_course[2] == 1


def test_a_failing_cell_is_shown_with_source_and_error(faulty_course):
    report = section(faulty_course[1], "assertion")
    assert "AssertionError: x=2 y=1" in report
    assert "cell 3 of 4" in report
    assert "    assert x < y, f'{x=} {y=}'" in report
    assert "\x1b" not in report
    assert "ZeroDivisionError" in section(faulty_course[1], "error")


def test_the_other_notebooks_still_run(faulty_course):
    course, output, *_ = faulty_course
    assert "passed" in row(output, "good")
    assert row(output, "good").endswith("1/1")
    assert row(output, "assertion").endswith("0/1")
    assert "=== good" not in output
    copy = nbformat.read(course / "build" / "good.ipynb", as_version=4)
    assert copy.cells[3].outputs[0].text.strip() == sys.executable


def test_a_dead_kernel_is_reported_in_seconds(faulty_course):
    output = faulty_course[1]
    assert "kernel died" in row(output, "dead")
    assert "os._exit(3)" in section(output, "dead")
    assert float(row(output, "dead").split()[3]) < 5.5


@pytest.mark.parametrize("name", ["hang", "stubborn"])
def test_a_hang_is_ended_at_the_time_limit(faulty_course, name):
    course, output, _, seconds = faulty_course
    assert "time limit" in row(output, name)
    assert "time.sleep(600)" in section(output, name)
    assert float(row(output, name).split()[3]) < 6 + 3
    assert seconds < 40
    assert not kernels_in(course / "notebooks")


def test_an_unreadable_notebook_is_reported(faulty_course):
    assert "not started" in row(faulty_course[1], "not_json")


def test_a_partly_executed_copy_is_kept(faulty_course):
    copy = nbformat.read(faulty_course[0] / "build" / "assertion.ipynb", as_version=4)
    assert copy.cells[2].outputs[0].ename == "AssertionError"
    assert copy.cells[3].outputs == []


def test_a_good_run_measures_and_changes_nothing(tmp_path):
    hoard = "hoard = bytearray(300_000_000)\nimport time\ntime.sleep(1.2)"
    course = make_course(tmp_path, one=("assert True", hoard, "assert 1 < 2"))
    source = course / "notebooks" / "one.ipynb"
    before = source.read_bytes()
    result = run_tool(course, "run_notebooks")
    assert result.returncode == 0, result.stdout
    _, state, seconds, megabytes, checkpoints = row(result.stdout, "one").split()
    assert (state, checkpoints) == ("passed", "2/2")
    assert 1.2 < float(seconds) < 30
    assert 300 < float(megabytes) < 900
    assert re.search(
        r"Python 3\.\d+.*, TensorFlow 2.*, Keras 3.*NumPy 2", result.stdout
    )
    assert "arning" not in result.stdout
    assert source.read_bytes() == before
    assert "A title and" in (course / "build" / "one.html").read_text()


@pytest.mark.parametrize(
    ("cores", "workers", "set_before", "expected"),
    [
        (6, 2, {}, {"3"}),
        (2, 2, {}, {"1"}),
        (1, 4, {}, {"1"}),
        (6, 1, {}, {None}),  # one kernel may use what it likes
        (6, 2, {"OMP_NUM_THREADS": "5"}, {"3", "5"}),
    ],
)
def test_kernels_share_the_cores(cores, workers, set_before, expected):
    others = {k: v for k, v in os.environ.items() if k not in run_notebooks.THREADS}
    with (
        mock.patch.dict(os.environ, others | set_before, clear=True),
        mock.patch("os.cpu_count", return_value=cores),
    ):
        run_notebooks.share_cores(workers)
        assert set(map(os.environ.get, run_notebooks.THREADS)) == expected


def test_a_kernel_that_does_not_start_is_reported(tmp_path):
    course = make_course(tmp_path, one=("1",))
    launcher = course / "notebooks" / "ipykernel_launcher.py"
    launcher.write_text("raise SystemExit('this launcher is broken')")
    result = run_tool(course, "run_notebooks")
    assert result.returncode == 1
    assert "not started" in row(result.stdout, "one")
    assert "this launcher is broken" in result.stdout


def test_no_notebooks_is_an_error(tmp_path):
    result = run_tool(make_course(tmp_path), "run_notebooks")
    assert result.returncode == 2
    assert "no notebooks found" in result.stdout


def test_write_refreshes_real_outputs_only(tmp_path):
    course = make_course(
        tmp_path,
        real=("print('fresh')",),
        pretended=("print('names.txt: bundled stand-in')",),
        failing=("1 / 0",),
    )
    paths = {path.stem: path for path in (course / "notebooks").glob("*.ipynb")}
    before = {name: path.read_bytes() for name, path in paths.items()}
    result = run_tool(course, "run_notebooks", "--write")
    assert result.returncode == 1
    assert paths["pretended"].read_bytes() == before["pretended"]
    assert paths["failing"].read_bytes() == before["failing"]
    assert "COURSE_DATA" in section(result.stdout, "pretended")
    written = nbformat.read(paths["real"], as_version=4)
    assert written.cells[1].outputs[0].text == "fresh\n"
    assert written.cells[1].id == "cell-0"
    assert written.cells[1].metadata == {}
    assert set(written.metadata) == {"kernelspec", "language_info"}
    assert written.metadata.language_info == {"name": "python"}


def test_write_keeps_an_edit_made_while_the_notebook_ran(tmp_path):
    edit = "open('one.ipynb', 'a').write(' ')"
    course = make_course(tmp_path, one=(edit,))
    result = run_tool(course, "run_notebooks", "--write")
    assert result.returncode == 1
    assert "edited while it ran" in result.stdout
    assert (course / "notebooks" / "one.ipynb").read_text().endswith("\n ")


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C is sent as a POSIX signal")
def test_ctrl_c_ends_every_kernel(tmp_path):
    course = make_course(tmp_path, one=(SLEEP_ON,), two=(SLEEP_ON,), three=("1",))
    command = [sys.executable, "tools/run_notebooks.py"]
    process = subprocess.Popen(command, cwd=course, stdout=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 30
    while len(kernels_in(course / "notebooks")) < 2:
        assert time.monotonic() < deadline, "the kernels did not start"
        time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=15)
    assert process.returncode == 130
    assert "Stopped" in output
    assert not kernels_in(course / "notebooks")


# --- pytest over notebooks ---------------------------------------------------------


@pytest.fixture(scope="module")
def pytest_outcomes(tmp_path_factory) -> tuple[dict[str, set[str]], float]:
    """Run pytest as configured over faulty notebooks; outcomes by notebook."""
    course = tmp_path_factory.mktemp("pytest")
    shutil.copy(ROOT / "pyproject.toml", course)
    (course / "tests").mkdir()
    shutil.copy(ROOT / "tests" / "conftest.py", course / "tests")
    shutil.copytree(ROOT / "tools", course / "tools")
    for name, sources in FAULTY.items():
        write_notebook(course / "notebooks" / f"{name}.ipynb", *sources)
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-rA",
        "--tb=no",
        "-p",
        "no:cacheprovider",
    ]
    command += ["--nbval-cell-timeout=60", "--deselect=notebooks/hang.ipynb"]
    command += ["--deselect=notebooks/stubborn.ipynb"]
    start = time.monotonic()
    result = subprocess.run(command, cwd=course, text=True, capture_output=True)
    seconds = time.monotonic() - start
    command[-3:] = ["--nbval-cell-timeout=2", "notebooks/hang.ipynb"]
    command += ["notebooks/stubborn.ipynb"]
    hang = subprocess.run(command, cwd=course, text=True, capture_output=True)
    assert result.returncode == hang.returncode == 1, result.stdout + hang.stdout
    outcomes: dict[str, set[str]] = {}
    line = r"^(PASSED|FAILED|ERROR) notebooks/(\w+)\.ipynb::"
    for outcome, name in re.findall(line, result.stdout + hang.stdout, re.MULTILINE):
        outcomes.setdefault(name, set()).add(outcome)
    return outcomes, seconds


def test_pytest_passes_a_good_notebook(pytest_outcomes):
    assert pytest_outcomes[0]["good"] == {"PASSED"}


@pytest.mark.parametrize("name", sorted(FAULTY.keys() - {"good"}))
def test_pytest_turns_red_for_a_faulty_notebook(pytest_outcomes, name):
    assert "FAILED" in pytest_outcomes[0][name]


def test_pytest_notices_a_dead_kernel_before_the_time_limit(pytest_outcomes):
    assert pytest_outcomes[1] < 60


# --- setup_env ---------------------------------------------------------------------


@pytest.fixture
def course(tmp_path, monkeypatch) -> Path:
    """Let setup_env work in an empty folder with two requirement files."""
    monkeypatch.setattr(setup_env, "ROOT", tmp_path)
    (tmp_path / "requirements.txt").write_text("numpy\n")
    (tmp_path / "constraints.txt").write_text("numpy==2.0.0\n")
    return tmp_path


def python_on_path(folder: Path, name: str, script: str) -> str:
    """Put an executable on a PATH of its own; return that PATH."""
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)
    return str(folder)


def test_a_wrong_python_without_another_is_explained(course, monkeypatch, capsys):
    monkeypatch.setattr(setup_env, "running_version", lambda: "3.9")
    monkeypatch.setenv("PATH", str(course))
    assert setup_env.main() == 1
    message = capsys.readouterr().err
    assert "Found: Python 3.9" in message and "3.10, 3.11, 3.12 or 3.13" in message
    assert "apt install" in message and "brew install" in message
    assert not (course / ".venv").exists()


def test_a_wrong_python_looks_for_a_right_one_that_runs(course, monkeypatch):
    monkeypatch.setattr(setup_env, "running_version", lambda: "3.14")
    shims = python_on_path(course / "shims", "python3.12", "exit 127")
    real = python_on_path(course / "real", "python3.12", "echo 3.12")
    python_on_path(course / "shims", "python3.13", "echo 3.6")
    monkeypatch.setenv("PATH", f"{shims}{os.pathsep}{real}")
    assert setup_env.choose_python() == (f"{real}/python3.12", "3.12")


def test_a_missing_venv_module_is_explained(course, monkeypatch, capsys):
    monkeypatch.setattr(setup_env, "running_version", lambda: "3.9")
    # It reports its version unless it is asked for ensurepip.
    script = 'case "$2" in *ensurepip*) exit 1;; esac; echo 3.11'
    path = python_on_path(course / "bin", "python3.11", script)
    monkeypatch.setenv("PATH", path)
    assert setup_env.main() == 1
    assert "sudo apt install python3.11-venv" in capsys.readouterr().err


def test_no_disk_space_is_said_before_anything_is_made(course, monkeypatch, capsys):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(9e9, 8e9, 1e9))
    assert setup_env.main() == 1
    assert "3.5 GB needed, 1.0 GB free" in capsys.readouterr().err
    assert not (course / ".venv").exists()


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        (
            "WARNING: Retrying: [Errno -3] Temporary failure in name resolution\n"
            "ERROR: No matching distribution found for numpy",
            "no connection",
        ),
        ("NewConnectionError: [Errno 111] Connection refused", "no connection"),
        ("ReadTimeoutError: Read timed out. (read timeout=15)", "no connection"),
        ("Connection refused\nERROR: ResolutionImpossible", "no connection"),
        ("ERROR: ResolutionImpossible: for help visit", "make lock"),
        ("SSLError(SSLCertVerificationError)", "certificate"),
        ("OSError: [Errno 28] No space left on device", "disk is full"),
        ("ERROR: No matching distribution found for tensorflow", "for this machine"),
        ("ERROR: something new", "setup.log"),
    ],
)
def test_a_failed_installation_is_explained(output, expected):
    message = setup_env.diagnose(output)
    assert expected in message
    assert output.split("\n")[-1] in message


def fake_venv(course: Path, install: str) -> None:
    """Make a .venv whose Python reports this version and installs as told."""
    version = setup_env.running_version()
    script = f'case "$2" in pip) {install};; *) echo {version};; esac'
    (course / ".venv").mkdir(exist_ok=True)
    python_on_path(course / ".venv" / "bin", "python", script)


def test_a_complete_venv_is_left_alone_until_requirements_change(course, capsys):
    fake_venv(course, "echo installed >> .venv/count")
    count = course / ".venv" / "count"
    for _ in range(2):
        assert setup_env.main() == 0
    assert count.read_text() == "installed\n"
    assert capsys.readouterr().out.count("Set-up complete") == 1
    (course / "constraints.txt").write_text("numpy==2.1.0\n")
    assert setup_env.main() == 0
    assert count.read_text() == "installed\n" * 2


def test_a_failed_installation_is_not_taken_for_complete(course, capsys):
    fake_venv(course, "echo Connection refused; exit 1")
    assert setup_env.main() == 1
    assert "no connection to the package index" in capsys.readouterr().err
    assert not (course / ".venv" / "setup-complete").exists()
    fake_venv(course, "exit 0")
    assert setup_env.main() == 0
    assert (course / ".venv" / "setup-complete").exists()


def test_a_broken_venv_is_made_again(course, monkeypatch):
    fake_venv(course, "exit 0")
    assert setup_env.main() == 0
    (course / ".venv" / "bin" / "python").unlink()
    made = []

    def make_venv(python: str, version: str) -> None:
        made.append((python, version))
        fake_venv(course, "exit 0")

    monkeypatch.setattr(setup_env, "make_venv", make_venv)
    assert setup_env.main() == 0
    assert made == [(sys.executable, setup_env.running_version())]


# --- set_address and the Makefile --------------------------------------------------

BADGE = "https://colab.research.google.com/github/{}/blob/main/notebooks/one.ipynb"


@pytest.fixture
def addressed(tmp_path, monkeypatch) -> Path:
    """A course whose pyproject, README and notebook show the first address."""
    monkeypatch.setattr(set_address, "ROOT", tmp_path)
    (tmp_path / "pyproject.toml").write_text(
        '[project.urls]\nRepository = "https://github.com/old/course"\n'
    )
    (tmp_path / "README.md").write_text(
        f"    git clone https://github.com/old/course\n[b]({BADGE.format('old/course')})\n"
    )
    setup = 'ADDRESS = "https://github.com/old/course"\nprint("naïve ⊙")'
    path = write_notebook(tmp_path / "notebooks" / "one.ipynb", setup, "x = 1")
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[0].source = f"[b]({BADGE.format('old/course')})"
    nbformat.write(notebook, path)
    return tmp_path


def texts(course: Path) -> dict[str, str]:
    """Return the text of every file that shows the address."""
    files = [path for path in course.rglob("*") if path.is_file()]
    return {path.name: path.read_text(encoding="utf-8") for path in files}


def change_address(monkeypatch, *arguments: str) -> int:
    """Call set_address with the given command line."""
    monkeypatch.setattr(sys, "argv", ["set_address.py", *arguments])
    return set_address.main()


def test_the_address_is_written_everywhere(addressed, monkeypatch):
    before = texts(addressed)
    assert change_address(monkeypatch, "https://github.com/new/name.git") == 0
    after = texts(addressed)
    for name, text in before.items():
        assert "old/course" in text
        assert after[name] == text.replace("old/course", "new/name")
    assert change_address(monkeypatch) == 0
    assert change_address(monkeypatch, "https://github.com/old/course") == 0
    assert texts(addressed) == before


def test_a_place_that_differs_is_named(addressed, monkeypatch, capsys):
    assert change_address(monkeypatch) == 0
    readme = addressed / "README.md"
    readme.write_text("git clone https://github.com/someone/else\n")
    before = texts(addressed)
    assert change_address(monkeypatch) == 1
    assert "README.md" in capsys.readouterr().out
    assert texts(addressed) == before


def test_badges_stay_when_the_host_is_not_github(addressed, monkeypatch, capsys):
    assert change_address(monkeypatch, "https://codeberg.org/new/name") == 0
    assert "badges were left" in capsys.readouterr().out
    notebook = texts(addressed)["one.ipynb"]
    assert 'ADDRESS = \\"https://codeberg.org/new/name\\"' in notebook
    assert "google.com/github/old/course/blob" in notebook


@pytest.mark.parametrize(
    "url", ["github.com/a/b", "http://github.com/a/b", "https://github.com/a", "a b"]
)
def test_a_malformed_address_changes_nothing(addressed, monkeypatch, capsys, url):
    before = texts(addressed)
    assert change_address(monkeypatch, url) == 2
    assert url in capsys.readouterr().err
    assert texts(addressed) == before


@pytest.mark.parametrize(
    ("target", "command"),
    [
        ("run", "tools/run_notebooks.py"),
        ("lab", "jupyterlab notebooks"),
        ("test", "pytest"),
        ("notebooks", "tools/run_notebooks.py --write"),
        ("lint", "ruff check"),
        ("address", "tools/set_address.py"),
    ],
)
def test_make_sets_up_and_then_runs(target, command):
    output = subprocess.check_output(["make", "-n", target], cwd=ROOT, text=True)
    assert output.index("tools/setup_env.py") < output.rindex(command)


def test_make_without_python_says_what_to_install():
    command = ["make", "run", "PYTHON=no-such-python"]
    result = subprocess.run(command, cwd=ROOT, text=True, capture_output=True)
    assert result.returncode == 2
    assert "apt install python3" in result.stdout
