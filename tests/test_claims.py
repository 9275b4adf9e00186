"""docs/claims.md says what the notebooks and the results files say, and all of it."""

import re
import shutil
from pathlib import Path

import nbformat
import numpy as np
import pandas as pd
import pytest
from notebook_cells import NOTEBOOKS, ROOT, load
from scipy import stats

from tools import claims
from tools.claims_table import COMPUTED, EFFECTS

README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGE = claims.PAGE.read_text(encoding="utf-8")
REFRESH = "docs/claims.md differs from its sources: make verdicts"


def lines_of(path: Path, start: str) -> list[str]:
    """Return the lines of a notebook's prose that begin like this."""
    cells = [c.source for c in load(path).cells if c.cell_type == "markdown"]
    return [line for c in cells for line in c.splitlines() if line.startswith(start)]


@pytest.fixture
def copied(tmp_path, monkeypatch):
    """Return a folder with copies of notebooks and results; the tool reads those."""
    shutil.copytree(claims.RESULTS, tmp_path / "results")
    shutil.copytree(claims.NOTEBOOKS, tmp_path / "notebooks")
    monkeypatch.setattr(claims, "NOTEBOOKS", tmp_path / "notebooks")
    monkeypatch.setattr(claims, "RESULTS", tmp_path / "results")
    return tmp_path


def change_cell(path: Path, old: str, new: str) -> None:
    """Replace a text that stands in one Markdown cell of a notebook."""
    notebook = nbformat.read(path, as_version=4)
    (cell,) = (c for c in notebook.cells if c.source.count(old))
    cell.source = cell.source.replace(old, new)
    nbformat.write(notebook, path)


# --- the page and its sources --------------------------------------------------------


def test_the_page_is_the_one_that_the_sources_give():
    assert claims.build() == PAGE, REFRESH


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_page_has_the_words_of_the_notebook(path):
    for heading in lines_of(path, "### Claim C"):
        number, words = re.fullmatch(r"### Claim (C\d\d): (.+)", heading).groups()
        assert f"**Claim {number}: {words}**" in PAGE, REFRESH
        assert re.search(rf"^\| \[{number}\].*{path.name}", PAGE, re.MULTILINE)
        verdicts = lines_of(path, f"**Verdict {number}: ")
        assert len(verdicts) == 1
        assert f"\n{verdicts[0].rstrip()}\n" in PAGE, REFRESH


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_readme_has_every_claim(path):
    """README may say it shorter, but with the same first word of the verdict."""
    for verdict in lines_of(path, "**Verdict C"):
        number, word = re.match(r"\*\*Verdict (C\d\d): ([\w']+)", verdict).groups()
        rows = re.findall(rf"^\| {number} .+? \| (.+) \| (.+) \|$", README, re.M)
        assert len(rows) == 1, f"README has {len(rows)} rows of {number}"
        assert rows[0][1] == path.name[:2]
        assert re.match(r"[\w']+", rows[0][0]).group() == word, (rows, verdict)


def test_every_claim_has_evidence_and_every_effect_a_claim():
    numbers = [claim.number for claim in claims.all_claims()]
    assert numbers == sorted(set(numbers)) and len(numbers) >= 32
    assert {row[0] for row in EFFECTS + COMPUTED} == set(numbers)


def test_links_of_the_page_lead_to_files_and_headings():
    for target in re.findall(r"\]\(([^)]+)\)", PAGE):
        if target.startswith("#"):
            assert f"\n### {target[1:].upper()}\n" in PAGE, target
        else:
            assert (claims.PAGE.parent / target).exists(), target
    for script in re.findall(r"`(experiments/\S+)(?: (\S+))?`", PAGE):
        assert all((ROOT / part).exists() for part in filter(None, script)), script


def test_a_changed_result_changes_the_page(copied):
    path = copied / "results" / "translation.csv"
    runs = pd.read_csv(path)
    row = runs.query("context == 'dot' and words == '11–15' and seed == 3").index
    runs.loc[row, "bleu"] += 1
    runs.to_csv(path, index=False)
    changed = claims.build()
    assert claims.build() != PAGE
    differ = set(changed.splitlines()) ^ set(PAGE.splitlines())
    assert differ and all("gain of dot" in d or "additive − dot" in d for d in differ)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("**Verdict C09: true", "**Verdict C9: true", "C09 has 0 verdicts"),
        ("**Verdict C09: true", "**Verdict C10: true", "verdicts, not one"),
        ("### Claim C09: a simple", "### Claim C99: a simple", "C99 has 0 verdicts"),
    ],
)
def test_a_claim_without_a_verdict_is_refused(copied, old, new, message):
    change_cell(copied / "notebooks" / "03_training_through_time.ipynb", old, new)
    with pytest.raises(ValueError, match=message):
        claims.build()


def test_other_words_in_a_notebook_change_the_page(copied):
    path = copied / "notebooks" / "03_training_through_time.ipynb"
    change_cell(path, "a few tens of steps, as the claim says", "a few steps")
    assert claims.build() != PAGE


def test_a_new_claim_is_on_the_page_without_evidence(copied):
    """The page can be made; the test above asks for the evidence."""
    path = copied / "notebooks" / "03_training_through_time.ipynb"
    new = "### Claim C99: new\n\n**Verdict C99: false.**\n\n### Claim C09: a simple"
    change_cell(path, "### Claim C09: a simple", new)
    assert "[C99](#c99) new | false | not in the table yet" in claims.build()


def test_a_results_file_without_the_quantity_is_refused(copied):
    path = copied / "results" / "07_bidirectional.csv"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("films LSTM both(32) (acc", "films (acc"), "utf-8")
    with pytest.raises(ValueError, match=r"C21: 07_bidirectional\.csv has no"):
        claims.build()


# --- the numbers ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "effect", claims.effects(), ids=lambda e: f"{e.claim} {e.text}"
)
def test_the_verdict_has_the_numbers_that_it_needs(effect):
    values = effect.values()
    assert values.index.is_unique and len(values) >= 3
    assert claims.fulfils(effect.needs, values), claims.shown(effect.needs, values)


def load_path(start: str) -> Path:
    """Return the notebook whose file name begins like this."""
    return next(path for path in NOTEBOOKS if path.name.startswith(start))


PRINTED = [  # beginning of an effect, notebook, what stands before its numbers, sign
    ("names in sentences: both directions", "07", "NER: both − forward +", 1),
    ("film reviews: both directions − f", "07", "films: both − forward +", 1),
    ("film reviews: best score, GRU − simple", "06", "film.*GRU − SimpleRNN +", 1),
    ("film reviews: best score, GRU − LSTM", "06", "film.*LSTM − GRU +", -1),
    ("text: best score, simple RNN − GRU", "06", "course.*GRU − SimpleRNN +", 1),
    ("gain of dot attention, 1–4", "09", r"\ndot +", 1),
    ("additive − dot", "09", "mean of groups: ", 1),
    ("functions that parse: LSTM, state", "10", "state carried − context 5: ", 1),
    ("repeated word triples at T = 0", "10", r"T = 0  +\S+ ± \S+ +", 1),
]


@pytest.mark.parametrize(("start", "notebook", "before", "sign"), PRINTED)
def test_effects_are_those_that_the_notebooks_print(start, notebook, before, sign):
    (effect,) = (e for e in claims.effects() if e.text.startswith(start))
    mean, half = claims.mean_and_half(effect.values())
    texts = claims.printed(load_path(notebook))
    (wanted,) = re.findall(rf"{before}(\S+) ± (\S+)", texts)
    close = pytest.approx([float(w) for w in wanted], abs=0.06 if half > 1 else 6e-4)
    assert [sign * mean, half] == close


def test_differences_are_taken_seed_by_seed(tmp_path):
    rows = [(1, "a", 3), (1, "b", 1), (2, "a", 5), (2, "b", 4), (3, "a", 9)]
    table = pd.DataFrame(rows, columns=["seed", "quantity", "value"])
    table.to_csv(tmp_path / "few.csv", index=False)
    effect = claims.Effect("C00", "", "few", "a", "b", "> 0")
    assert effect.values(tmp_path).to_dict() == {1: 2, 2: 1}  # seed 3 has no b


def test_the_interval_is_student_s():
    values = pd.Series(np.random.default_rng(3).normal(size=5))
    low, high = stats.t.interval(0.95, 4, values.mean(), stats.sem(values))
    mean, half = claims.mean_and_half(values)
    assert (mean - half, mean + half) == pytest.approx((low, high))


@pytest.mark.parametrize(
    ("needs", "values", "right"),
    [
        ("> 0", [1, 1.1, 0.9], True),
        ("> 0", [1, -1, 1], False),
        ("< 0", [-1, -1.1, -0.9], True),
        ("< 0", [1, 1.1, 0.9], False),
        ("holds 0", [1, -1, 1], True),
        ("holds 0", [1, 1.1, 0.9], False),
        ("holds 1", [1, 1.1, 0.9], True),
        ("within 0.1", [0.01, -0.01, 0], True),
        ("within 0.1", [0.01, -0.3, 0.2], False),
        ("is 1", [1, 1, 1], True),
        ("is 1", [1, 1, 2], False),
        ("all", [1, 1], True),
        ("all", [1, 0], False),
        ("some", [1, 0], True),
        ("some", [0, 0], False),
        ("none", [0, 0], True),
        ("none", [1, 0], False),
    ],
)
def test_needs(needs, values, right):
    assert claims.fulfils(needs, pd.Series(values, dtype=float)) is right


@pytest.mark.parametrize(
    ("needs", "values", "text"),
    [
        ("> 0", [0.1, 0.2, 0.3], "0.200 ± 0.248"),
        ("< 0", [-0.1, -0.2, -0.3], "−0.200 ± 0.248"),
        ("holds 0", [-1e-5, 0.0], "0.000 ± 0.000"),
        ("> 0", [19.0, 20.0, 21.0], "20.0 ± 2.5"),
        ("> 0", [0.5], "0.500"),
        ("some", [1, 0, 1], "2 of 3 seeds"),
        ("is 1", [1.0, 1.0], "1, with every seed"),
    ],
)
def test_numbers_as_text(needs, values, text):
    assert claims.shown(needs, pd.Series(values, dtype=float)) == text
