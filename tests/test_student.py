"""The student editions: they lose the solutions and answers, and nothing else."""

import ast
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from copy import deepcopy
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from notebook_cells import NOTEBOOKS, ROOT, code_cells, load, tags
from test_notebooks import LINK, QUESTION

from tools import make_student

RUN = "03"  # the quickest one: it needs no data set
LIMIT_S = 600  # not a budget: the machine may be slow, and is shared
ANSWER = re.compile(r"<summary>Answer</summary>(.*?)</details>", re.DOTALL)
FIRST = new_markdown_cell("# A title\n\nA text.")
SOLUTION = {"tags": ["solution"], "exercise": "1.1"}

for_every_notebook = pytest.mark.parametrize(
    "path", NOTEBOOKS, ids=[path.stem for path in NOTEBOOKS]
)


def edition(path: Path) -> nbformat.NotebookNode:
    """Return the student edition of a notebook."""
    return make_student.student_edition(load(path))


def lines(cells: list) -> Counter:
    """Count the lines of some cells, without their indentation and empty ones."""
    found = (line.strip() for cell in cells for line in cell.source.splitlines())
    return Counter(line for line in found if line)


def solutions(path: Path) -> list:
    """Return the solution cells of a notebook."""
    return [cell for cell in load(path).cells if "solution" in tags(cell)]


def loses_only_solutions(full, student) -> bool:
    """True if the code lost every line of the solutions, and no other line."""
    hidden = [cell for cell in full.cells if "solution" in tags(cell)]
    return lines(code_cells(student)) + lines(hidden) == lines(code_cells(full))


@for_every_notebook
def test_the_code_loses_the_solutions_and_no_other_line(path):
    assert len(solutions(path)) >= 4
    assert loses_only_solutions(load(path), edition(path))


@for_every_notebook
def test_no_text_of_a_solution_is_left_anywhere(path):
    """Lines of a solution that also stand in other cells are the course's own."""
    elsewhere = lines([c for c in load(path).cells if c not in solutions(path)])
    secret = [line for line in lines(solutions(path)) if line not in elsewhere]
    assert len(secret) >= 10
    left = lines(edition(path).cells)
    assert [line for line in secret if line in left] == []
    text = "\n".join(cell.source for cell in edition(path).cells)
    assert [line for line in secret if len(line) > 25 and line in text] == []


@for_every_notebook
def test_no_answer_of_the_quiz_is_left_and_all_questions_are(path):
    prose = "\n".join(c.source for c in load(path).cells if c.cell_type == "markdown")
    student = edition(path)
    text = "\n".join(cell.source for cell in student.cells)
    answers = ANSWER.findall(prose)
    assert len(answers) >= 5
    for answer in answers:
        assert answer.strip() not in text
    assert "<summary>Answer" not in text
    assert text.count("*Your answer:*") == len(answers)
    assert len(QUESTION.findall(text)) == len(QUESTION.findall(prose))
    assert text.count("<summary>Hint</summary>") == prose.count("<summary>Hint")


@for_every_notebook
def test_the_first_cell_says_which_edition_this_is(path):
    student = edition(path)
    title, empty, note = student.cells[0].source.split("\n")[:3]
    assert title == load(path).cells[0].source.split("\n")[0]
    assert empty == "" and note == make_student.NOTE
    assert "colab" not in student.cells[0].source.lower()
    assert "folded" not in "\n".join(cell.source for cell in student.cells)


@for_every_notebook
def test_outputs_are_cleared_and_the_file_is_valid(path):
    student = edition(path)
    nbformat.validate(student)
    for cell in code_cells(student):
        assert not cell.outputs and cell.execution_count is None
        ast.parse(cell.source)


@for_every_notebook
def test_links_lead_to_other_editions(path):
    names = {other.name for other in NOTEBOOKS}
    text = "\n\n".join(c.source for c in edition(path).cells if c.cell_type != "code")
    for link in LINK.findall(re.sub(r"`[^`\n]*`", "", text)):
        assert link.startswith("https://") or link.partition("#")[0] in names, link


@for_every_notebook
def test_no_later_cell_needs_a_solution(path):
    assert list(make_student.lost_names(load(path))) == []


@for_every_notebook
def test_the_full_notebook_is_not_changed(path):
    full = load(path)
    before = deepcopy(full)
    make_student.student_edition(full)
    assert full == before


@pytest.mark.parametrize("fault", ["solution kept", "line lost", "untagged copy"])
def test_a_leak_would_be_found(fault):
    full, student = load(RUN), edition(NOTEBOOKS[2])
    assert loses_only_solutions(full, student)
    if fault == "line lost":
        del student.cells[-5]
        while student.cells[-1].cell_type != "code":
            del student.cells[-1]
        del student.cells[-1]
    else:
        (leak, *_) = [c for c in full.cells if "solution" in tags(c)]
        keep = leak if fault == "solution kept" else new_code_cell(leak.source)
        student.cells.append(keep)
    assert not loses_only_solutions(full, student)


# --- names ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "needed", "defined"),
    [
        ("y = x + 1\nz = y", {"x"}, {"y", "z"}),
        ("x = x + 1", {"x"}, {"x"}),
        ("x += 1", {"x"}, {"x"}),
        ("for i in range(n):\n    s = i", {"range", "n"}, {"i", "s"}),
        ("def f(a):\n    return f(a) + g(a)", {"g"}, {"f"}),
        (
            "def f(a=size):\n    b = a\n    return lambda c: b + c + d",
            {"size", "d"},
            "f",
        ),
        ("[k * w for k in ks]", {"w", "ks"}, set()),
        ("k = [k for k in ks]", {"ks"}, {"k"}),
        ("import numpy as np\nnp.zeros(n)", {"n"}, {"np"}),
        ("from a import b as c", set(), {"c"}),
        ("class A(B):\n    x = y", {"B", "y"}, {"A"}),
        ("print(f'{value:.2f}')", {"print", "value"}, set()),
        ("with a() as b:\n    b(c)", {"a", "c"}, {"b"}),
    ],
)
def test_names_of_a_cell(source, needed, defined):
    assert make_student.names(source) == (needed, set(defined))


@pytest.mark.parametrize(
    ("later", "found"),
    [
        ("helper(3)", {"helper"}),  # only the solution defines it
        ("assert f(1) == 1", {"f"}),  # the student's own is still `...`
        ("helper = 3\nhelper + 1", set()),
        ("def g(f):\n    return f(1)", set()),
        ("def g():\n    return helper(1)", {"helper"}),
        ("print(other)", set()),
    ],
)
def test_a_cell_that_needs_a_solution_is_found(later, found):
    cells = [
        FIRST,
        new_code_cell("other = 1"),
        new_code_cell("def f(x):\n    ..."),
        new_code_cell(
            "def helper(x): return x\ndef f(x): return helper(x)", metadata=SOLUTION
        ),
        new_code_cell(later),
    ]
    notebook = new_notebook(cells=cells)
    assert {name for name, _ in make_student.lost_names(notebook)} == found
    if found:
        with pytest.raises(make_student.EditionError, match="this later cell needs"):
            make_student.student_edition(notebook)


# --- the command ---------------------------------------------------------------------


def make_course(folder: Path, **cells: list) -> Path:
    """Make a course with the tools and small notebooks."""
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "tools", folder / "tools", ignore=ignored)
    (folder / "notebooks").mkdir()
    for name, some in cells.items():
        path = folder / "notebooks" / f"{name}.ipynb"
        nbformat.write(new_notebook(cells=[deepcopy(FIRST), *some]), path)
    return folder


def run_tool(course: Path) -> subprocess.CompletedProcess:
    """Run the command in a course."""
    return subprocess.run(
        [sys.executable, "tools/make_student.py"],
        cwd=course,
        capture_output=True,
        text=True,
        timeout=120,
    )


def good_cells() -> list:
    """Return a cell with an output, and a solution."""
    shown = new_code_cell("1 + 1")
    shown.outputs = [new_output("stream", text="an old output\n")]
    return [shown, new_code_cell("secret = 1", metadata=SOLUTION)]


def test_the_command_writes_all_editions(tmp_path):
    course = make_course(tmp_path, a=good_cells(), b=good_cells())
    (course / "build" / "student").mkdir(parents=True)
    (course / "build" / "student" / "old.ipynb").write_text("an older edition")
    run = run_tool(course)
    assert (run.returncode, run.stderr) == (0, ""), run.stderr
    assert run.stdout.startswith("2 student editions: ")
    files = sorted(p.name for p in (course / "build").rglob("*") if p.is_file())
    assert files == ["a.ipynb", "b.ipynb"]
    text = (course / "build" / "student" / "b.ipynb").read_text()
    assert "1 + 1" in text and "secret" not in text and "old output" not in text


OPEN_FOLD = [new_markdown_cell("## Quiz\n<details><summary>Answer</summary>Yes.")]
NEEDS_IT = [new_code_cell("x = 1", metadata=SOLUTION), new_code_cell("x + 1")]


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        ({"b": OPEN_FOLD}, "b.ipynb: a folded answer has no"),
        ({"b": NEEDS_IT}, 'b.ipynb: a solution defines "x", and this later cell'),
        ({"b": [new_code_cell("x = ")]}, "b.ipynb cannot be read"),
        ("not JSON", "b.ipynb cannot be read"),
        ("no notebook", "There is no notebook in"),
        ("build is a file", "build"),
    ],
    ids=[
        "open fold",
        "a cell needs a solution",
        "no Python",
        "not JSON",
        "no notebook",
        "build is a file",
    ],
)
def test_a_fault_leaves_the_older_editions_and_nothing_half_built(
    tmp_path, fault, says
):
    cells = {"a": good_cells()} | (fault if isinstance(fault, dict) else {})
    course = make_course(tmp_path, **({} if fault == "no notebook" else cells))
    old = course / "build" / "student" / "old.ipynb"
    if fault == "build is a file":
        (course / "build").write_text("")
    else:
        old.parent.mkdir(parents=True)
        old.write_text("an older edition")
    if fault == "not JSON":
        (course / "notebooks" / "b.ipynb").write_text("{")
    run = run_tool(course)
    assert run.returncode == 1
    assert run.stderr.startswith("No student edition was written. ")
    assert says in run.stderr and "Traceback" not in run.stderr
    if fault != "build is a file":
        left = [p for p in (course / "build").rglob("*") if p != old.parent]
        assert left == [old] and old.read_text() == "an older edition"


def test_a_student_edition_runs_from_top_to_bottom(tmp_path):
    """No exercise is attempted yet, and each check says so."""
    for folder in ("data", "experiments", "tools", "utils"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=ignored)
    (path,) = [p for p in NOTEBOOKS if p.name.startswith(RUN)]
    make_student.write_editions([path], tmp_path / "class" / "notebooks")
    shutil.move(tmp_path / "class" / "notebooks", tmp_path / "for students")
    command = [sys.executable, "tools/run_notebooks.py", f"--limit={LIMIT_S}"]
    run = subprocess.run(
        [*command, "--workers=1", f"for students/{path.name}"],
        cwd=tmp_path,
        env={**os.environ, "COURSE_OFFLINE": "1"},
        capture_output=True,
        text=True,
        timeout=LIMIT_S + 120,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    executed = nbformat.read(tmp_path / "build" / path.name, as_version=4)
    checks = [cell for cell in code_cells(executed) if "check" in tags(cell)]
    assert len(checks) >= 4
    for cell in checks:
        assert cell.outputs[0].text.endswith(": not attempted yet.\n")
