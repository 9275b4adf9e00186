"""The structure of every notebook: what a reader, and the next author, relies on."""

import ast
import re
import statistics
import subprocess
import sys
from itertools import groupby
from pathlib import Path

import pytest
from notebook_cells import (
    EXERCISE_PARTS,
    NOTEBOOKS,
    ROOT,
    code_cells,
    exercise_cell,
    exercise_ids,
    function_in,
    load,
    tags,
)

OUTPUT_LIMIT = 2_500  # characters of one output's text
ABSOLUTE_PATH = re.compile(
    r"(?<![\w.~])/(?:home|root|work|tmp|Users|content)/|\b[A-Z]:\\"
)
PLACEHOLDER = re.compile(r"@@\w*@@|\bTODO\b|\bFIXME\b|\bXXX\b")
LINK = re.compile(r"\]\(<?([^()\s>]+(?:\([^()\s]*\))?)>?\)")
CLAIM = re.compile(r"^#+ Claim (C\d\d): \S", re.MULTILINE)
QUESTION = re.compile(r"^\*\*(\d+)\.\*\*", re.MULTILINE)
TIME = re.compile(r"\*\*Time:\*\* about (\d+) s on two CPU cores")
IN_CODE = re.compile(r"^```.*?^```|`[^`\n]*`", re.MULTILINE | re.DOTALL)

for_every_notebook = pytest.mark.parametrize(
    "path", NOTEBOOKS, ids=[path.stem for path in NOTEBOOKS]
)


def markdown(path: Path) -> str:
    """Return a notebook's prose, without code."""
    cells = [c.source for c in load(path).cells if c.cell_type == "markdown"]
    return IN_CODE.sub("", "\n\n".join(cells))


def headings(path: Path) -> list[tuple[int, str]]:
    """Return the level and the text of every heading."""
    found = re.findall(r"^(#+)\s+(.*)", markdown(path), re.MULTILINE)
    return [(len(marks), text) for marks, text in found]


def output_texts(path: Path) -> list[str]:
    """Return the text of every output, of every form that it has."""
    texts = []
    for cell in code_cells(load(path)):
        for output in cell.outputs:
            texts.append(output.get("text", ""))
            for form, value in output.get("data", {}).items():
                if form.startswith("text/"):
                    texts.append(value)
    return texts


def address() -> str:
    """Return the public address that pyproject.toml names."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    return re.search(r'^Repository = "(.*)"', text, re.MULTILINE).group(1)


def test_there_are_notebooks():
    assert NOTEBOOKS


@for_every_notebook
def test_cells_ran_in_order_without_error(path):
    cells = [cell for cell in code_cells(load(path)) if cell.source.strip()]
    counts = [cell.execution_count for cell in cells]
    assert counts == list(range(1, len(cells) + 1)), "refresh with: make notebooks"
    for cell in cells:
        for output in cell.outputs:
            assert output.output_type != "error", cell.source
            assert output.get("name") != "stderr", cell.source


@for_every_notebook
def test_set_up_cell_is_the_same_everywhere(path):
    for some in (NOTEBOOKS[0], path):
        assert [tags(c) for c in code_cells(load(some))].count(["setup"]) == 1
    first, here = (code_cells(load(some))[0] for some in (NOTEBOOKS[0], path))
    assert tags(here) == ["setup"]
    assert here.source == first.source


@for_every_notebook
def test_address_is_the_one_of_pyproject(path):
    notebook = load(path)
    assert f'\nADDRESS = "{address()}"\n' in code_cells(notebook)[0].source
    owner_and_name = address().split("/", 3)[-1]
    badge = (
        "[![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)]"
        f"(https://colab.research.google.com/github/{owner_and_name}/blob/main/"
        f"notebooks/{path.name})"
    )
    assert badge in notebook.cells[0].source


@for_every_notebook
def test_headings_nest(path):
    levels = [level for level, _ in headings(path)]
    assert levels.count(1) == 1 and load(path).cells[0].source.startswith("# ")
    for before, after in zip(levels, levels[1:], strict=False):
        assert after <= before + 1, f"a jump from level {before} to {after}"


@for_every_notebook
def test_closing_parts_are_there_in_order(path):
    second = [text for level, text in headings(path) if level == 2]
    parts = ["Summary", "Exercises", "Quiz", "Further reading"]
    assert [text for text in second if text in parts] == parts, second
    assert second[0] == "Set-up"


@for_every_notebook
def test_links_resolve(path):
    links = LINK.findall(markdown(path))
    assert links
    for link in links:
        if link.startswith(("http:", "https:")):
            assert re.fullmatch(r"https://[\w-]+(\.[\w-]+)+(/\S*)?", link), link
        else:
            target = path.parent / link.partition("#")[0]
            assert target.exists(), f"{link}: no such file"


@for_every_notebook
def test_every_figure_has_a_caption(path):
    cells = load(path).cells
    for cell, below in zip(cells, [*cells[1:], None], strict=True):
        for output in cell.get("outputs", []):
            if any(form.startswith("image/") for form in output.get("data", {})):
                caption = below is not None and below.source.startswith("*Figure: ")
                assert caption, f"no caption below the figure of:\n{cell.source}"


@for_every_notebook
def test_every_plot_is_stored(path):
    """A caption without its picture means a notebook saved without its outputs."""
    cells = load(path).cells
    for above, cell in zip(cells, cells[1:], strict=False):
        if cell.source.startswith("*Figure:"):
            outputs = str(above.get("outputs"))
            assert "image/png" in outputs, f"no figure above:\n{cell.source}"


@for_every_notebook
def test_sizes(path):
    notebook = load(path)
    code = code_cells(notebook)
    lengths = [len(cell.source.splitlines()) for cell in code]
    assert path.stat().st_size <= 400_000
    assert 35 <= len(notebook.cells) <= 130
    assert statistics.median(lengths) <= 8
    for cell, length in zip(code, lengths, strict=True):
        assert length <= 25, f"{length} lines:\n{cell.source}"
        assert max(map(len, cell.source.splitlines()), default=0) <= 88, cell.source


@for_every_notebook
def test_prose_stands_between_code(path):
    """At most three code cells in a row, those with a role of their own not counted."""
    own_role = {"setup", "checkpoint", *EXERCISE_PARTS}
    kinds = [
        (cell.cell_type, cell.source)
        for cell in load(path).cells
        if cell.cell_type == "markdown" or not own_role & set(tags(cell))
    ]
    for kind, run in groupby(kinds, key=lambda pair: pair[0]):
        sources = [source for _, source in run]
        assert kind == "markdown" or len(sources) <= 3, sources[0]


@for_every_notebook
def test_code_is_clean_and_fits_every_supported_python(path):
    """Ruff's target is the oldest Python, so newer syntax is an error."""
    command = [sys.executable, "-m", "ruff", "check", "--no-cache", str(path)]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr


@for_every_notebook
def test_exercises_are_complete(path):
    notebook = load(path)
    ids = exercise_ids(notebook)
    number = str(int(path.name[:2]))
    assert ids == [f"{number}.{n}" for n in range(1, len(ids) + 1)]
    assert len(ids) >= 4
    titles = [exercise_cell(notebook, e, "task").source.split("\n")[0] for e in ids]
    assert any("Break it" in title for title in titles), titles
    for exercise, title in zip(ids, titles, strict=True):
        assert title.startswith(f"### Exercise {exercise} · "), title
        assert (
            "<summary>Hint</summary>"
            in exercise_cell(notebook, exercise, "task").source
        )
        student = exercise_cell(notebook, exercise, "exercise")
        (gap,) = function_in(student).body
        assert ast.unparse(gap) == "...", f"{exercise}: the gap must be `...`"
        name = function_in(student).name
        check = exercise_cell(notebook, exercise, "check")
        solution = exercise_cell(notebook, exercise, "solution")
        assert f'check("{exercise}", {name}, [' in check.source
        assert function_in(solution).name == name
        assert f'assert check("{exercise}", {name})' in solution.source
        assert solution.metadata.get("jupyter", {}).get("source_hidden") is True
        places = [notebook.cells.index(c) for c in (student, check, solution)]
        assert places == list(range(places[0], places[0] + 3))


@for_every_notebook
def test_quiz(path):
    text = "\n\n".join(c.source for c in load(path).cells if c.cell_type == "markdown")
    quiz = re.search(r"^## Quiz$(.*?)(?=^## )", text, re.MULTILINE | re.DOTALL).group(1)
    numbers = [int(number) for number in QUESTION.findall(quiz)]
    assert numbers == list(range(1, len(numbers) + 1)) and len(numbers) >= 5
    for part in (r"<details>", r"</details>", r"<summary>Answer</summary>\s*(?!</)\S"):
        assert len(re.findall(part, quiz)) == len(numbers), part


@for_every_notebook
def test_markup_in_a_fold_has_blank_lines_around_it(path):
    """Without them Markdown takes the fold for HTML and shows the marks themselves."""
    folds = re.findall(r"</summary>(.*?)</details>", markdown(path), re.DOTALL)
    assert folds
    for text in folds:
        if re.search(r"[`$]|\*\*|\]\(", text):
            assert text.startswith("\n\n") and text.endswith("\n\n"), text


@for_every_notebook
def test_every_claim_has_evidence_and_a_verdict(path):
    text = markdown(path)
    claims = CLAIM.findall(text)
    assert len(set(claims)) == len(claims)
    titles = [title for _, title in headings(path) if title.startswith("Claim")]
    assert len(titles) == len(claims), f"a title is not like 'Claim C09: …': {titles}"
    for part in CLAIM.split(text)[1:]:
        if re.fullmatch(r"C\d\d", part):
            claim = part
        else:
            verdicts = part.count(f"\n**Verdict {claim}: ")
            assert verdicts == 1, f"{claim} has {verdicts} verdicts, not one"


@for_every_notebook
def test_time_is_the_measured_one(path):
    found = TIME.search(load(path).cells[0].source)
    assert found, "the first cell must say: **Time:** about NN s on two CPU cores"
    readme = ROOT / "README.md"
    text = readme.read_text(encoding="utf-8") if readme.exists() else ""
    rows = [r for r in text.splitlines() if r.startswith("|") and path.name in r]
    if not rows:
        pytest.skip(f"README.md has no row of a table with {path.name} yet")
    cells = [cell.strip() for row in rows for cell in row.split("|")]
    assert any(re.match(rf"{found.group(1)}\b", cell) for cell in cells), rows


@for_every_notebook
def test_nothing_is_left_to_fill_in(path):
    for cell in load(path).cells:
        found = PLACEHOLDER.search(cell.source)
        assert not found, f"{found.group()} in:\n{cell.source}"


@for_every_notebook
def test_outputs_are_short_and_clean(path):
    for text in output_texts(path):
        assert "Warning" not in text, text
        assert "bundled stand-in" not in text, "commit outputs of the real data"
        assert not ABSOLUTE_PATH.search(text), text
        assert len(text) <= OUTPUT_LIMIT, f"{len(text)} characters: {text[:300]}…"
