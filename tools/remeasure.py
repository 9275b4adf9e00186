"""Measure the claims again, and say which verdicts would still hold.

    .venv/bin/python -m tools.remeasure [--seeds all]

Runs the experiments, each with seed 1 first, then with further seeds as long as the
time allows (`--minutes`, 90 on two cores): first those without which a verdict such as
"three of five seeds" cannot be judged, then the quick ones. The results go to
build/claims/; the committed ones in data/results/ stay as they are. An interrupted run
goes on: what is there already is not measured again, and its minutes count. To begin
anew, remove the folder. At the end build/claims/comparison.md sets the new numbers
beside the committed ones.

The notebooks themselves run once too: that repeats what they compute without seeds, and
every checkpoint. `race`, `best_language_model`, `rungs` and `speed` belong to no claim,
but to the table of language models in README and to notebook 06; the first two take
about 40 minutes. They run with `--seeds all` only, with which everything takes between
five and six hours. Notebook 10 reads the committed weights of the best language model
either way.
"""

import argparse
import csv
import importlib
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import psutil
from scipy.stats import t as student_t

from tools import claims
from tools.claims_table import OTHERS
from tools.run_notebooks import THREADS

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "build" / "claims"
MINUTES = 90


@dataclass(frozen=True)
class Job:
    """A measurement: an experiment, or a notebook that repeats its cells.

    Args:
        name: The name of its results file.
        first: Minutes of the first seed on two cores.
        more: Minutes of a further seed.
        seeds: How many seeds the committed results have; 0: it knows no seeds.
        claims: False if no claim needs it, so that it can wait for `--seeds all`.
        threads: How many threads belong to the result; 0: it does not matter.
        least: How many seeds its verdicts need before they can be judged.
    """

    name: str
    first: float
    more: float
    seeds: int = 5
    claims: bool = True
    threads: int = 0
    least: int = 1

    def environment(self, folder: Path) -> dict[str, str]:
        """Return the environment of the program: where it writes, its threads.

        Only the real data count: without them the program fails and says so.
        """
        threads = {name: str(self.threads) for name in THREADS if self.threads}
        ours = {"COURSE_RESULTS": str(folder), "COURSE_STANDIN": "0"}
        return os.environ | ours | threads

    def command(self, seed: int) -> list[str]:
        """Return the program that measures one seed."""
        if self.name == "notebooks":
            return [sys.executable, "tools/run_notebooks.py", "--workers", "2"]
        notebook = ROOT / "notebooks" / f"{self.name}.ipynb"
        if notebook.exists():
            program = [sys.executable, "experiments/repeat_notebook.py", str(notebook)]
            return [*program, "--seeds", str(seed)]
        return [
            sys.executable,
            "-m",
            "tools.remeasure",
            "--child",
            self.name,
            str(seed),
        ]


# Minutes on two cores, from a complete run.
JOBS = [
    Job("notebooks", 13.0, 0.0, seeds=0),
    Job("02_simple_rnn", 1.6, 1.6),
    Job("03_training_through_time", 1.0, 1.0),
    Job("04_lstm", 2.4, 2.4),
    Job("05_gru", 2.3, 2.3),
    Job("07_bidirectional", 4.2, 4.2),
    Job("08_embeddings", 2.5, 2.5),
    Job("09_encoder_decoder", 2.3, 2.3),
    Job("10_generating_text_and_code", 1.0, 1.0),
    Job("11_time_series", 0.8, 0.8),
    Job("12_variants", 1.4, 1.4),
    Job("gap_lengths", 5.5, 5.5, least=3),
    Job("gru_against_lstm", 3.4, 3.4),
    Job("side_by_side", 2.9, 2.9),
    Job("speed", 0.8, 0.8, claims=False),
    Job("translation", 3.5, 3.5),
    Job("variants", 12.7, 12.7, seeds=3),
    Job("after_recurrence", 19.0, 14.0, threads=1),
    Job("turing_machine", 1.7, 1.7, least=3),
    Job("race", 18.0, 0.0, seeds=0, claims=False),
    Job("best_language_model", 21.0, 0.0, seeds=0, claims=False),
    Job("rungs", 1.0, 0.0, seeds=0, claims=False),
]


def child(name: str, seed: int) -> None:
    """Run one experiment with one seed, in this process."""
    module = importlib.import_module(f"experiments.{name}")
    if hasattr(module, "SEEDS"):
        module.SEEDS = (seed,)
    sys.argv = [name]  # the experiment reads no options of ours
    module.main()


# --- what to run -------------------------------------------------------------------


def plan(jobs: Sequence[Job], seeds: int | None, minutes: float) -> list[tuple]:
    """Return the runs (job, seed, expected minutes), in their order.

    Args:
        jobs: What there is to measure.
        seeds: How many seeds of each; None: one of each, and more while there is time.
        minutes: How much time there is if `seeds` is None.
    """
    if seeds is not None:
        return [
            (job, seed, job.first if seed == 1 else job.more)
            for job in jobs
            for seed in range(1, max(1, min(seeds, job.seeds)) + 1)
        ]
    jobs = [job for job in jobs if job.claims]
    runs = [(job, 1, job.first) for job in jobs]
    left = minutes - sum(expected for *_, expected in runs)
    quick_first = sorted(jobs, key=lambda job: job.more)
    further = [
        (job, seed)
        for seed in range(2, 1 + max(job.seeds for job in jobs))
        for job in quick_first
        if seed <= job.seeds
    ]
    for job, seed in sorted(further, key=lambda run: run[1] > run[0].least):
        if job.more <= left:
            runs.append((job, seed, job.more))
            left -= job.more
    return runs


def read_log(folder: Path) -> dict[tuple[str, int], float]:
    """Return the minutes of the runs that are finished."""
    path = folder / "minutes.csv"
    if not path.exists():
        return {}
    with path.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return {(row["job"], int(row["seed"])): float(row["minutes"]) for row in rows}


def note(folder: Path, job: Job, seed: int, minutes: float) -> None:
    """Add a finished run to the log."""
    path = folder / "minutes.csv"
    new = not path.exists()
    with path.open("a", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        if new:
            writer.writerow(["job", "seed", "minutes"])
        writer.writerow([job.name, seed, f"{minutes:.2f}"])


def end(program: subprocess.Popen) -> None:
    """End a program and those that it has started."""
    try:
        family = psutil.Process(program.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        family = []
    for process in [program, *family]:
        try:
            process.kill()
        except psutil.NoSuchProcess:
            continue
    program.wait()


def run(job: Job, seed: int, folder: Path) -> tuple[bool, float]:
    """Measure one seed; return whether it worked, and the minutes.

    Raises:
        KeyboardInterrupt: On Ctrl-C, after the program has ended.
    """
    environment = job.environment(folder)
    start = time.monotonic()
    # On a terminal, the bars of the experiments are seen; the rest goes to the log.
    with (folder / "log.txt").open("ab") as log:
        errors = None if sys.stderr.isatty() else log
        program = subprocess.Popen(
            job.command(seed), cwd=ROOT, env=environment, stdout=log, stderr=errors
        )
        try:
            code = program.wait()
        except BaseException:
            end(program)
            raise
    if job.name == "notebooks" and code == 0:
        for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
            shutil.copy(ROOT / "build" / path.name, folder)
    return code == 0, (time.monotonic() - start) / 60


def measure(runs: list[tuple], folder: Path, limit: float) -> list[str]:
    """Run what is not finished; return the names of those that failed.

    Args:
        runs: Job, seed and expected minutes.
        folder: Where the results go.
        limit: In minutes. A second or further seed that would go beyond is left out.
    """
    finished, failed = read_log(folder), []
    spent = sum(finished.values())
    for number, (job, seed, expected) in enumerate(runs, start=1):
        where = f"[{number}/{len(runs)}] {job.name}" + (
            f", seed {seed}" if job.seeds else ""
        )
        if (job.name, seed) in finished:
            print(f"{where}: finished already", flush=True)
            continue
        if seed > 1 and spent + expected > limit:
            print(f"{where}: left out, the time is up", flush=True)
            continue
        todo = [e for j, s, e in runs[number - 1 :] if (j.name, s) not in finished]
        print(
            f"{where}: about {expected:.1f} min; spent {spent:.1f} min, "
            f"about {sum(todo):.0f} to go",
            flush=True,
        )
        worked, minutes = run(job, seed, folder)
        spent += minutes
        if worked:
            note(folder, job, seed, minutes)
            finished[job.name, seed] = minutes
            print(f"{where}: {minutes:.1f} min", flush=True)
        else:
            failed.append(job.name)
            print(f"{where}: failed, see {folder / 'log.txt'}", flush=True)
    return failed


# --- what came out -----------------------------------------------------------------


def spread(old: pd.Series, seeds: int) -> float:
    """Return how far a mean over new seeds may be from the committed mean.

    Half the width of the 95 % prediction interval: t · s · √(1/n + 1/m) for n old and
    m new seeds.
    """
    width = student_t.ppf(0.975, len(old) - 1) * old.std(ddof=1)
    return float(width * np.sqrt(1 / len(old) + 1 / seeds))


def still_holds(needs: str, old: pd.Series, new: pd.Series) -> bool | None:
    """Return whether the new values say what the verdict needs; None: too few to say.

    With three seeds or more, their own interval decides, as for the committed values.
    One or two seeds have none that is of use: their mean must lie on the right side,
    and where no difference is claimed, not farther off than the old seeds' spread.
    """
    if needs == "some" and len(new) < 3:
        return claims.fulfils(needs, new) or None
    if needs in ("all", "some", "none") or needs.startswith("is ") or len(new) > 2:
        return claims.fulfils(needs, new)
    word, limit = needs.split()[0], float(needs.split()[1])
    mean = float(new.mean())
    return {
        ">": mean > limit,
        "<": mean < limit,
        "within": abs(mean) < limit,
        "holds": abs(mean - limit) <= spread(old, len(new)),
    }[word]


def word_of(holds: bool | None) -> str:
    """Return yes, no, or that the seeds are too few."""
    return {True: "yes", False: "**no**", None: "too few seeds"}[holds]


def compared(folder: Path) -> tuple[list[tuple], dict[str, bool | None]]:
    """Return rows (claim, measured, committed, new, seeds, holds), and the verdicts.

    A claim without any new number is not among the verdicts.
    """
    rows, holds = [], {}
    others = [claims.Effect(*row) for row in OTHERS]
    for effect in [*claims.effects(), *others]:
        old = effect.values()
        try:
            new = effect.values(folder)
        except (FileNotFoundError, ValueError):  # not measured, or not this quantity
            new = old.iloc[:0]
        if len(new) == 0:
            row = (effect.claim, effect.text, claims.shown(effect.needs, old))
            rows.append((*row, "not measured", "0", "–"))
            continue
        text = [claims.shown(effect.needs, values) for values in (old, new)]
        if not effect.needs:
            rows.append((effect.claim, effect.text, *text, str(len(new)), "–"))
            continue
        answer = still_holds(effect.needs, old, new)
        rows.append((effect.claim, effect.text, *text, str(len(new)), word_of(answer)))
        holds.setdefault(effect.claim, []).append(answer)
    for claim in claims.all_claims():
        for number, text, pattern in claims.COMPUTED:
            copy = folder / claim.notebook.name
            if number != claim.number or not copy.exists():
                continue
            # The notebook has passed all its checkpoints.
            old, new = "in the notebook", "checkpoints passed"
            if pattern:
                old = claims.computed(claim, pattern)
                new = claims.computed(claim, pattern, copy) + ", checkpoints passed"
            rows.append((number, text, old, new, "–", "yes"))
            holds.setdefault(number, []).append(True)
    verdicts = {
        number: False if False in answers else None if None in answers else True
        for number, answers in sorted(holds.items())
    }
    return sorted(rows, key=lambda row: row[0]), verdicts


def report(folder: Path) -> str:
    """Write the comparison to a file, and return its summary."""
    rows, verdicts = compared(folder)
    numbers = [claim.number for claim in claims.all_claims()]
    lists = {
        "hold": [n for n in verdicts if verdicts[n]],
        "do not hold": [n for n in verdicts if verdicts[n] is False],
        "need more seeds": [n for n in verdicts if verdicts[n] is None],
        "were not measured": [n for n in numbers if n not in verdicts],
    }
    summary = "\n".join(
        f"- {len(found)} of {len(numbers)} verdicts {what}"
        + (f": {', '.join(found)}" if found and what != "hold" else "")
        for what, found in lists.items()
    )
    minutes = sum(read_log(folder).values())
    lines = [
        "# The claims, measured again",
        "",
        f"{minutes:.0f} minutes of measurement on this machine.",
        "",
        summary,
        "",
        "| claim | measured | committed | new | seeds | holds |",
        "|---|---|---|---|---|---|",
        *("| " + " | ".join(map(claims.cell, row)) + " |" for row in rows),
        "",
    ]
    path = folder / "comparison.md"
    path.write_text("\n".join(lines), encoding="utf-8")
    for row in rows:
        if row[-1] == "**no**":
            print(f"{row[0]} {row[1]}: committed {row[2]}, new {row[3]}")
    return f"{summary}\nAll numbers: {path}"


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Return the command line's arguments."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", default="", help="so many seeds of each, or: all")
    parser.add_argument("--minutes", type=float, default=MINUTES)
    parser.add_argument("--only", nargs="+", metavar="NAME", help="only these")
    parser.add_argument("--folder", type=Path, default=FOLDER)
    options = parser.parse_args(arguments)
    if not re.fullmatch(r"|all|[1-9]\d*", options.seeds):
        parser.error(f"--seeds must be a number or all, not {options.seeds!r}")
    known = [job.name for job in JOBS]
    for name in options.only or []:
        if name not in known:
            parser.error(f"no measurement {name!r}; there are {', '.join(known)}")
    return options


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, compare, and return 1 if a run failed or a verdict does not hold."""
    options = parse(arguments)
    jobs = [job for job in JOBS if not options.only or job.name in options.only]
    seeds = {"": None, "all": max(job.seeds for job in JOBS)}.get(options.seeds, 0)
    seeds = int(options.seeds) if seeds == 0 else seeds
    runs = plan(jobs, seeds, options.minutes)
    if not runs:
        print("Nothing to do: these belong to no claim. Add --seeds all.")
        return 0
    for effect in claims.effects():  # if something is missing, say so now
        effect.values()
    claims.all_claims()
    folder = options.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    total = sum(expected for *_, expected in runs)
    print(f"{len(runs)} runs, about {total:.0f} minutes on two cores, into {folder}")
    try:
        limit = options.minutes if seeds is None else float("inf")
        failed = measure(runs, folder, limit)
    except KeyboardInterrupt:
        print("\nStopped. The same command goes on from here.", flush=True)
        return 130
    print(report(folder))
    if failed:
        print(f"Failed: {', '.join(failed)}; see {folder / 'log.txt'}")
    return int(bool(failed) or False in compared(folder)[1].values())


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        child(sys.argv[2], int(sys.argv[3]))
    else:
        sys.exit(main())
