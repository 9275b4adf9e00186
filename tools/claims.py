"""Build docs/claims.md: every claim of the course with its verdict and evidence.

    .venv/bin/python -m tools.claims

Nothing is written twice. The words of claims and verdicts are read in the notebooks,
the numbers in `data/results/`, or, where a claim is settled by a calculation, in the
notebook's stored outputs. `tools/claims_table.py` says which number belongs to which
claim, and what the verdict needs. `tests/test_claims.py` fails when page and sources
differ.
"""

import re
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import nbformat
import numpy as np
import pandas as pd

from tools.claims_table import COMPUTED, EFFECTS
from utils.seeds import interval

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS, RESULTS = ROOT / "notebooks", ROOT / "data" / "results"
PAGE = ROOT / "docs" / "claims.md"

CLAIM = re.compile(r"^### Claim (C\d\d): (.+)$", re.MULTILINE)
VERDICT = re.compile(r"^\*\*Verdict (C\d\d): (.+?)\*\*(.*(?:\n.+)*)", re.MULTILINE)


@dataclass(frozen=True)
class Claim:
    """What a notebook says about one claim."""

    number: str
    words: str
    verdict: str  # the words in bold
    reasons: str  # the rest of the paragraph
    notebook: Path


@dataclass(frozen=True)
class Effect:
    """One measured number of a claim: a mean over seeds, or a mean difference."""

    claim: str
    text: str
    file: str
    quantity: str
    minus: str
    needs: str

    def values(self, folder: Path | None = None) -> pd.Series:
        """Return one value per seed, those that the folder has.

        Raises:
            ValueError: If the results file lacks a quantity.
        """
        table = quantities(self.file, folder or RESULTS)
        for name in filter(None, (self.quantity, self.minus)):
            if name not in table:
                raise ValueError(f"{self.claim}: {self.file}.csv has no {name!r}")
        values = table[self.quantity]
        return (values - table[self.minus] if self.minus else values).dropna()


def effects() -> list[Effect]:
    """Return the rows of EFFECTS."""
    return [Effect(*row) for row in EFFECTS]


# --- notebooks ---------------------------------------------------------------------


def claims_of(path: Path) -> list[Claim]:
    """Return the claims of a notebook, in its order.

    Raises:
        ValueError: If a claim has not exactly one verdict.
    """
    cells = nbformat.read(path, as_version=4).cells
    text = "\n\n".join(c.source for c in cells if c.cell_type == "markdown")
    verdicts = VERDICT.findall(text)
    found = []
    for number, words in CLAIM.findall(text):
        own = [rest for name, *rest in verdicts if name == number]
        if len(own) != 1:
            raise ValueError(f"{path.name}: {number} has {len(own)} verdicts, not one")
        found.append(Claim(number, words.strip(), *own[0], path))
    return found


def all_claims() -> list[Claim]:
    """Return the claims of all notebooks, in the order of their numbers."""
    paths = sorted(NOTEBOOKS.glob("[0-9]*.ipynb"))
    return sorted((c for p in paths for c in claims_of(p)), key=lambda c: c.number)


def printed(path: Path) -> str:
    """Return what the code cells of a notebook printed, as it is stored."""
    cells = nbformat.read(path, as_version=4).cells
    outputs = [o for c in cells for o in c.get("outputs", [])]
    return "\n".join(o.get("text", "") for o in outputs)


def computed(claim: Claim, pattern: str, path: Path | None = None) -> str:
    """Return the numbers that the pattern finds in the notebook's outputs.

    Args:
        claim: The claim.
        pattern: A regular expression with a group for each number.
        path: Another copy of the notebook.

    Raises:
        ValueError: If the pattern does not fit exactly once.
    """
    found = re.findall(pattern, printed(path or claim.notebook))
    if len(found) != 1:
        raise ValueError(
            f"{claim.number}: expected one place like {pattern!r} in the outputs of "
            f"{claim.notebook.name}, found {len(found)}"
        )
    return ", ".join(found[0]) if isinstance(found[0], tuple) else found[0]


# --- results files -----------------------------------------------------------------


@cache
def quantities(file: str, folder: Path) -> pd.DataFrame:
    """Return a results file as a table: one row per seed, one column per quantity."""
    runs = pd.read_csv(folder / f"{file}.csv")
    if file in READERS:
        runs = READERS[file](runs, folder)
    return runs.pivot(index="seed", columns="quantity", values="value")


def named(runs: pd.DataFrame, pattern: str, value: str) -> pd.DataFrame:
    """Return seed, quantity (the pattern, filled in row by row) and value."""
    names = [pattern.format(**row) for row in runs.to_dict("records")]
    return pd.DataFrame({"seed": runs["seed"], "quantity": names, "value": runs[value]})


def of_gap_lengths(runs: pd.DataFrame, folder: Path) -> pd.DataFrame:
    """Return 1 for a solved task, 0 for one that was not, by layer and gap."""
    return named(runs, "{layer}, gap {gap}", "solved")


LESS_IS_BETTER = ("names", "text")  # nats; the other tasks count right answers


def best_scores(runs: pd.DataFrame) -> pd.DataFrame:
    """Return the best score of each task, cell and seed."""
    keys = ["task", "cell", "seed"]
    less = runs["task"].isin(LESS_IS_BETTER)
    best = pd.concat(
        [
            runs[less].groupby(keys)["score"].min(),
            runs[~less].groupby(keys)["score"].max(),
        ]
    ).reset_index()
    return named(best, "{task}, {cell}: best score", "score")


def of_gru_against_lstm(runs: pd.DataFrame, folder: Path) -> pd.DataFrame:
    """Return first and best scores, and the epochs to the half-way score.

    Half-way is the mean score of the LSTM at half of its epochs, as in notebook 05.
    """
    runs = runs.sort_values("epoch")
    first = runs.groupby(["task", "cell", "seed"]).first().reset_index()
    parts = [best_scores(runs), named(first, "{task}, {cell}: first score", "score")]
    for (task, cell, seed), run in runs.groupby(["task", "cell", "seed"]):
        lstm = runs[(runs["task"] == task) & (runs["cell"] == "LSTM")]
        epochs = lstm["epoch"].unique()
        half = epochs[abs(epochs - 0.5 * epochs.max()).argmin()]
        target = lstm.loc[lstm["epoch"] == half, "score"].mean()
        sign = -1 if task in LESS_IS_BETTER else 1
        good = run["epoch"][sign * run["score"] >= sign * target]
        row = dict(seed=seed, quantity=f"{task}, {cell}: epochs to 1/2")
        row["value"] = good.min() if len(good) else run["epoch"].max()
        parts.append(pd.DataFrame([row]))
    return pd.concat(parts)


def of_side_by_side(runs: pd.DataFrame, folder: Path) -> pd.DataFrame:
    """Return the best scores; of the simple RNN those with its better rate.

    LSTM and GRU on the text are those of `gru_against_lstm.csv`, as in notebook 06.
    """
    parts = []
    other = folder / "gru_against_lstm.csv"
    if other.exists():
        parts.append(best_scores(pd.read_csv(other).query("task == 'text'")))
    for (task, _), some in runs.groupby(["task", "cell"]):
        tries = [best_scores(rate) for _, rate in some.groupby("rate")]
        sign = -1 if task in LESS_IS_BETTER else 1
        parts.append(max(tries, key=lambda t, s=sign: s * t["value"].mean()))
    return pd.concat(parts)


def of_translation(runs: pd.DataFrame, folder: Path) -> pd.DataFrame:
    """Return BLEU by context and length, its mean, and the gain of attention."""
    mean = runs.groupby(["context", "seed"])["bleu"].mean().reset_index()
    parts = [
        named(runs, "{context}, {words} words", "bleu"),
        named(mean, "{context}, mean", "bleu"),
    ]
    bleu = runs.pivot_table(index=["seed", "words"], columns="context", values="bleu")
    for kind in bleu.columns.drop("fixed", errors="ignore"):
        gain = (bleu[kind] - bleu["fixed"]).rename("gain").reset_index()
        parts.append(named(gain, f"gain of {kind}, {{words}} words", "gain"))
    return pd.concat(parts)


def of_race(runs: pd.DataFrame, folder: Path) -> pd.DataFrame:
    """Return bits per character by model, inputs and updates."""
    runs = runs.assign(bits=runs["nats"] / np.log(2))
    return named(runs, "{model}, {inputs}, {updates}", "bits")


def of_mixtures(runs: pd.DataFrame, folder: Path) -> pd.DataFrame:
    """Return bits per character of a network and counts, mixed."""
    return named(runs.assign(bits=runs["mixture"] / np.log(2)), "{model}", "bits")


def of_best_language_model(runs: pd.DataFrame, folder: Path) -> pd.DataFrame:
    """Return bits per character at the end, alone and mixed."""
    last = runs[["seed", "network", "mixture"]].tail(1)
    runs = last.melt("seed", var_name="quantity")
    return runs.assign(value=runs["value"] / np.log(2))


def of_speed(runs: pd.DataFrame, folder: Path) -> pd.DataFrame:
    """Return seconds to the same accuracy, by way and longest post."""
    return named(runs, "{way}, {longest}", "seconds")


def of_variants(runs: pd.DataFrame, folder: Path) -> pd.DataFrame:
    """Return bits per character by model, after an equal time and equal updates.

    As in notebook 12: seed 0 only chose the learning rate, and a rate with which a run
    diverged counts for no seed.
    """
    runs = runs[runs["seed"] > 0]
    run = runs["model"] + runs["rate"].astype(str)
    runs = runs[~run.isin(run[runs["text"] == "diverged"])]
    final = runs[runs["text"] == "valid"]
    slices = runs[(runs["text"] == "slice") & (runs["updates"] % 100 == 0)]
    equal = slices.groupby(["model", "seed"])["updates"].max().min()
    return pd.concat(
        [
            named(final, "{model}: equal time", "bits"),
            named(slices[slices["updates"] == equal], "{model}: equal updates", "bits"),
        ]
    )


def of_variants_gaps(runs: pd.DataFrame, folder: Path) -> pd.DataFrame:
    """Return 1 for a solved task, 0 for one that was not, by model and gap."""
    return named(runs, "{model}, gap {gap}", "solved")


def of_after_recurrence_text(runs: pd.DataFrame, folder: Path) -> pd.DataFrame:
    """Return bits per character at the end of the training, by model."""
    ends = runs.query("part != 'slice' and share == 1")
    other = ends["model"] + ", " + ends["part"]
    ends = ends.assign(model=ends["model"].where(ends["part"] == "valid", other))
    return named(ends, "{model}", "bits")


def of_after_recurrence_order(runs: pd.DataFrame, folder: Path) -> pd.DataFrame:
    """Return the accuracy, by variant."""
    return named(runs, "{variant}", "accuracy")


def of_turing_machine(runs: pd.DataFrame, folder: Path) -> pd.DataFrame:
    """Return how many bits are wrong, and 1 if none is, by model and length."""
    runs = runs.assign(right=(runs["wrong"] == 0).astype(int))
    return pd.concat(
        [
            named(runs, "{model}, length {length}", "wrong"),
            named(runs, "{model}, length {length}: no error", "right"),
        ]
    )


READERS = {
    "gap_lengths": of_gap_lengths,
    "gru_against_lstm": of_gru_against_lstm,
    "side_by_side": of_side_by_side,
    "variants": of_variants,
    "variants_gaps": of_variants_gaps,
    "after_recurrence_text": of_after_recurrence_text,
    "after_recurrence_order": of_after_recurrence_order,
    "after_recurrence_gaps": of_gap_lengths,
    "turing_machine": of_turing_machine,
    "race": of_race,
    "mixtures": of_mixtures,
    "best_language_model": of_best_language_model,
    "speed": of_speed,
    "translation": of_translation,
}


def measured_by(file: str) -> str:
    """Return the name of the notebook or experiment that writes a results file.

    An experiment with several files begins their names with its own.
    """
    stems = [path.stem for path in (ROOT / "experiments").glob("*.py")]
    own = [stem for stem in stems if file == stem or file.startswith(f"{stem}_")]
    return max(own, key=len, default=file)


def script(file: str) -> str:
    """Return the command that measures a results file."""
    if (NOTEBOOKS / f"{file}.ipynb").exists():
        return f"experiments/repeat_notebook.py notebooks/{file}.ipynb"
    return f"experiments/{measured_by(file)}.py"


# --- what the numbers say ----------------------------------------------------------


def mean_and_half(values: pd.Series) -> tuple[float, float]:
    """Return the mean and half the width of its interval; of one seed, 0."""
    return interval(values) if len(values) > 1 else (float(values.mean()), 0.0)


def fulfils(needs: str, values: pd.Series) -> bool:
    """Return True if the values say what the verdict needs."""
    solved = float(values.mean())
    if needs in ("all", "some", "none"):
        return {"all": solved == 1, "some": 0 < solved < 1, "none": solved == 0}[needs]
    word, number = needs.split()
    limit, (mean, half) = float(number), mean_and_half(values)
    return {
        ">": mean - half > limit,
        "<": mean + half < limit,
        "holds": abs(mean - limit) <= half,
        "within": abs(mean) + half < limit,
        "is": bool((values == limit).all()),
    }[word]


def shown(needs: str, values: pd.Series) -> str:
    """Return the values as text: so many seeds, or mean ± half width."""
    if needs in ("all", "some", "none"):
        return f"{int(values.sum())} of {len(values)} seeds"
    if needs.startswith("is ") and values.nunique() == 1:
        return f"{values.iloc[0]:g}, with every seed"
    mean, half = mean_and_half(values)
    digits = 1 if abs(mean) >= 5 else 3
    text = f"{mean:.{digits}f}".replace("-", "−")
    if abs(float(f"{mean:.{digits}f}")) == 0:
        text = text.lstrip("−")
    return text if len(values) < 2 else f"{text} ± {half:.{digits}f}"


# --- the page ----------------------------------------------------------------------

HEAD = """\
# The measured claims

What courses and tutorials say about language models and recurrent networks, and what
the measurements of this course say about it. This page is made by `make verdicts`
from the notebooks and from `data/results/`; do not edit it.

- **Effect:** the mean over seeds ± half the width of its 95 % interval (Student's t).
  A difference is taken seed by seed. "3 of 5 seeds" counts seeds that solved a task.
- **Seeds:** how often it was measured, each time with other random numbers.
  *Computed* means: no seeds; a calculation or a single run, which stands in the
  outputs of the notebook.
- **Script:** what measures it again. `make claims` runs them all.
"""

NEEDS = """\
The last column says what the verdict needs. *> x*, *< x*: so is the whole interval.
*holds x*: x lies in the interval, so no difference was shown. *within x*: the interval
lies between −x and x. *is x*: with every seed. *all*, *some*, *none*: so many seeds
solve the task.
"""


def link(path: Path) -> str:
    """Return a link from the page to a notebook."""
    return f"[{path.stem[:2]}](../notebooks/{path.name})"


def cell(text: str) -> str:
    """Return the text, fit for a cell of a table."""
    return text.replace("|", "\\|")


def evidence(claim: Claim) -> list[tuple[str, str, str, str, str]]:
    """Return what is measured, effect, seeds, script and need, row by row."""
    rows = []
    for effect in effects():
        if effect.claim == claim.number:
            values = effect.values()
            rows.append(
                (
                    effect.text,
                    shown(effect.needs, values),
                    str(len(values)),
                    f"`{script(effect.file)}`",
                    effect.needs.replace("-", "−"),
                )
            )
    for number, text, pattern in COMPUTED:
        if number == claim.number:
            value = computed(claim, pattern) if pattern else "see the notebook"
            rows.append((text, value, "computed", "the notebook", ""))
    return rows or [("not in the table yet", "see the notebook", "–", "–", "")]


def build() -> str:
    """Return the text of the page."""
    claims = all_claims()
    lines = [
        HEAD,
        "| claim | verdict | effect | seeds | script | notebook |",
        "|---|---|---|---|---|---|",
    ]
    for claim in claims:
        text, effect, seeds, source, _ = evidence(claim)[0]
        where = link(claim.notebook)
        lines.append(
            f"| [{claim.number}](#{claim.number.lower()}) {cell(claim.words)} "
            f"| {cell(claim.verdict.rstrip('.'))} "
            f"| {cell(text)}: {cell(effect)} "
            f"| {seeds} | {source} | {where} |"
        )
    lines += ["", "## One by one", "", NEEDS]
    for claim in claims:
        where = link(claim.notebook)
        lines += [
            f"### {claim.number}",
            "",
            f"**Claim {claim.number}: {claim.words}** (notebook {where})",
            "",
            f"**Verdict {claim.number}: {claim.verdict}**{claim.reasons}".rstrip(),
            "",
            "| measured | effect | seeds | script | needs |",
            "|---|---|---|---|---|",
            *("| " + " | ".join(map(cell, row)) + " |" for row in evidence(claim)),
            "",
        ]
    return "\n".join(lines).rstrip() + "\n"


def main() -> int:
    """Write the page; say what a verdict needs and the numbers do not give."""
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(build(), encoding="utf-8")
    unmet = [e for e in effects() if not fulfils(e.needs, e.values())]
    for effect in unmet:
        values = shown(effect.needs, effect.values())
        print(f"{effect.claim}: {effect.text} is {values}, needs {effect.needs}")
    print(f"{PAGE.relative_to(ROOT)}: {len(all_claims())} claims")
    return int(bool(unmet))


if __name__ == "__main__":
    sys.exit(main())
