"""Measuring the claims again, tried on fake experiments: order, resuming, verdicts."""

import importlib
import os
import re
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from notebook_cells import ROOT

from tools import claims, remeasure
from tools.remeasure import Job

LIMIT_S = 300  # not a budget: the machine may be slow, and is shared

# A fake experiment: it writes a row for its seed, or fails, or waits for ever.
FAKE = """
import os, sys, time
name, seed = sys.argv[1:]
path = os.path.join(os.environ["COURSE_RESULTS"], name + ".csv")
if name == "broken":
    raise SystemExit("a message of the fake")
if name == "slow" and not os.path.exists(os.environ["GO"]):
    open(os.environ["STARTED"], "w").close()
    time.sleep(600)
new = not os.path.exists(path)
with open(path, "a") as file:
    file.write("seed,quantity,value\\n" * new + f"{seed},q,{seed}\\n")
"""
DRIVER = """
import sys
from tests.test_remeasure import Fake
from tools import remeasure
remeasure.JOBS = [Fake("quick", 1, 1, 2), Fake("slow", 1, 1, 2)]
sys.exit(remeasure.main(["--folder", sys.argv[1], "--minutes", "90"]))
"""


class Fake(Job):
    """A job whose program is the fake experiment."""

    def command(self, seed: int) -> list[str]:
        return [sys.executable, "-c", FAKE, self.name, str(seed)]


@pytest.fixture
def fakes(monkeypatch):
    """Replace the jobs."""
    jobs = [Fake("b", 2.0, 2.0, 3), Fake("a", 1.0, 0.5, 2)]
    jobs.append(Fake("long", 9.0, 9.0, 1, claims=False))
    monkeypatch.setattr(remeasure, "JOBS", jobs)
    return jobs


def names(runs) -> list[tuple[str, int]]:
    return [(job.name, seed) for job, seed, _ in runs]


def test_every_job_comes_once_before_second_seeds(fakes):
    runs = remeasure.plan(fakes, None, 90)
    assert names(runs) == [("b", 1), ("a", 1), ("a", 2), ("b", 2), ("b", 3)]


@pytest.mark.parametrize(
    ("minutes", "more"),
    [(0, []), (3.4, []), (3.5, [("a", 2)]), (5.5, [("a", 2), ("b", 2)])],
)
def test_further_seeds_fit_the_time(fakes, minutes, more):
    runs = remeasure.plan(fakes, None, minutes)
    assert names(runs) == [("b", 1), ("a", 1), *more]
    assert sum(expected for *_, expected in runs) <= max(minutes, 3)


def test_seeds_that_a_verdict_needs_come_first():
    jobs = [Job("quick", 1.0, 1.0, 3)]
    jobs.append(Job("rare", 1.0, 2.0, 5, least=3))
    runs = remeasure.plan(jobs, None, 8)
    wanted = [("rare", 2), ("rare", 3), ("quick", 2), ("quick", 3)]
    assert names(runs) == [("quick", 1), ("rare", 1), *wanted]


def test_all_seeds(fakes):
    wanted = [("b", 1), ("b", 2), ("b", 3), ("a", 1), ("a", 2), ("long", 1)]
    assert names(remeasure.plan(fakes, 5, 0)) == wanted


def test_the_default_fits_ninety_minutes_and_measures_every_claim():
    runs = remeasure.plan(remeasure.JOBS, None, remeasure.MINUTES)
    assert sum(expected for *_, expected in runs) <= remeasure.MINUTES
    planned = {job.name for job, *_ in runs}
    assert {claims.measured_by(e.file) for e in claims.effects()} <= planned
    assert "notebooks" in planned


def test_every_experiment_is_a_job():
    helpers = {"__init__", "results", "repeat_notebook"}
    no_job = helpers | {"backends", "several_devices"}  # no claim needs these
    scripts = {path.stem for path in (ROOT / "experiments").glob("*.py")} - no_job
    repeated = {p.stem for p in claims.NOTEBOOKS.glob("*.ipynb")} & {
        p.stem for p in claims.RESULTS.glob("*.csv")
    }
    jobs = {job.name for job in remeasure.JOBS}
    assert scripts | repeated | {"notebooks"} <= jobs
    for job in remeasure.JOBS:
        assert job.first > 0


def test_threads_that_belong_to_a_result(tmp_path):
    one = Job("x", 1, 1, threads=1).environment(tmp_path)
    assert one["TF_NUM_INTRAOP_THREADS"] == one["OMP_NUM_THREADS"] == "1"
    assert one["COURSE_RESULTS"] == str(tmp_path)
    free = Job("x", 1, 1).environment(tmp_path)
    ours = {"COURSE_RESULTS": str(tmp_path), "COURSE_STANDIN": "0"}
    assert free == os.environ | ours


def test_an_experiment_with_parts_runs_all_of_them(monkeypatch, capsys):
    module = importlib.import_module("experiments.after_recurrence")
    called, parts = [], list(module.PARTS)
    fakes = {part: partial(called.append, part) for part in parts}
    monkeypatch.setattr(module, "PARTS", fakes)
    monkeypatch.setattr(module, "SEEDS", module.SEEDS)
    monkeypatch.setenv("COURSE_STANDIN", "0")  # main() sets it; set back at the end
    monkeypatch.setattr(sys, "argv", sys.argv)
    remeasure.child("after_recurrence", 3)
    assert called == parts and module.SEEDS == (3,)
    monkeypatch.setattr(sys, "argv", ["after_recurrence", "gaps"])
    module.main()
    assert called == [*parts, "gaps"]
    monkeypatch.setattr(sys, "argv", ["after_recurrence", "sounds"])
    with pytest.raises(SystemExit):
        module.main()
    assert "no part sounds; there are text, order" in capsys.readouterr().err


def test_results_go_where_they_are_asked_to(tmp_path):
    code = "from experiments.results import append, done, WORK\n"
    code += "append('x.csv', [dict(seed=1)]); print(done('x.csv', 'seed'), WORK)"
    run = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=os.environ | {"COURSE_RESULTS": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
    )
    assert run.stdout.strip() == f"{{('1',)}} {tmp_path}", run.stderr
    assert (tmp_path / "x.csv").exists()
    assert not (claims.RESULTS / "x.csv").exists()


def test_a_finished_run_is_not_run_again(fakes, tmp_path, capsys):
    arguments = ["--folder", str(tmp_path), "--minutes", "3.5"]
    remeasure.main(arguments)
    first = capsys.readouterr().out
    assert "[1/3] b, seed 1: about 2.0 min; spent 0.0 min, about 4 to" in first
    assert (tmp_path / "a.csv").read_text() == "seed,quantity,value\n1,q,1\n2,q,2\n"
    remeasure.main(arguments)
    again = capsys.readouterr().out
    assert again.count("finished already") == 3 and "about 2.0 min" not in again
    assert (tmp_path / "a.csv").read_text() == "seed,quantity,value\n1,q,1\n2,q,2\n"
    assert not (tmp_path / "long.csv").exists()


def test_the_time_that_was_spent_counts(fakes, tmp_path, capsys):
    remeasure.note(tmp_path, fakes[0], 1, 3.2)  # it took longer than expected
    remeasure.main(["--folder", str(tmp_path), "--minutes", "3.5"])
    out = capsys.readouterr().out
    assert "a, seed 1: about" in out and "a, seed 2: left out, the time is up" in out


def test_a_failure_is_told_and_the_others_go_on(monkeypatch, tmp_path, capsys):
    jobs = [Fake("broken", 1, 1, 1), Fake("a", 1, 1, 1)]
    monkeypatch.setattr(remeasure, "JOBS", jobs)
    assert remeasure.main(["--folder", str(tmp_path)]) == 1
    assert "Failed: broken" in capsys.readouterr().out
    assert "a message of the fake" in (tmp_path / "log.txt").read_text()
    assert (tmp_path / "a.csv").exists()
    assert remeasure.read_log(tmp_path).keys() == {("a", 1)}


def test_ctrl_c_and_going_on(tmp_path):
    folder, started, go = (tmp_path / name for name in ("out", "started", "go"))
    environment = os.environ | {"STARTED": str(started), "GO": str(go)}
    environment["PYTHONPATH"] = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
    command = [sys.executable, "-c", DRIVER, str(folder)]
    options = dict(cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
    with subprocess.Popen(command, **options) as program:
        deadline = time.monotonic() + LIMIT_S
        while not started.exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        program.send_signal(signal.SIGINT)
        out, _ = program.communicate(timeout=LIMIT_S)
    assert program.returncode == 130 and "goes on from here" in out, out
    assert remeasure.read_log(folder).keys() == {("quick", 1)}
    go.touch()
    run = subprocess.run(command, **options, timeout=LIMIT_S)
    assert "quick, seed 1: finished already" in run.stdout, run.stdout
    assert "slow, seed 1: 0.0 min" in run.stdout
    for name in ("quick", "slow"):
        rows = (folder / f"{name}.csv").read_text().splitlines()
        assert rows == ["seed,quantity,value", "1,q,1", "2,q,2"]


@pytest.mark.parametrize("bad", [["--seeds", "0"], ["--seeds", "x"], ["--only", "y"]])
def test_wrong_options_are_refused(bad, tmp_path, capsys):
    with pytest.raises(SystemExit):
        remeasure.main([*bad, "--folder", str(tmp_path)])
    assert (
        "must be a number or all" in (err := capsys.readouterr().err) or "no m" in err
    )


# --- the comparison ------------------------------------------------------------------


def test_the_committed_results_hold_against_themselves():
    _, verdicts = remeasure.compared(claims.RESULTS)
    assert set(verdicts.values()) == {True}
    assert set(verdicts) == {effect.claim for effect in claims.effects()}


@pytest.mark.parametrize("seed", [1, 2, 3, 4, 5])
def test_the_committed_results_hold_with_one_of_their_seeds(seed, tmp_path):
    """A single seed may miss now and then, but hardly any of them does."""
    for path in claims.RESULTS.glob("*.csv"):
        runs = pd.read_csv(path)
        if "seed" in runs:
            runs[runs["seed"] == seed].to_csv(tmp_path / path.name, index=False)
    _, verdicts = remeasure.compared(tmp_path)
    assert list(verdicts.values()).count(False) <= 3


def test_the_notebooks_are_compared_too(tmp_path):
    source = next(claims.NOTEBOOKS.glob("02_*.ipynb"))
    text = source.read_text(encoding="utf-8")
    changed = re.sub(r"8 times longer: \S+ times", "8 times longer: 9.9 times", text)
    (tmp_path / source.name).write_text(changed, encoding="utf-8")
    rows, verdicts = remeasure.compared(tmp_path)
    assert verdicts == {"C04": True, "C05": True, "C07": True}
    (row,) = (row for row in rows if row[0] == "C07")
    assert row[3] == "9.9, checkpoints passed" and re.fullmatch(r"\d\.\d", row[2])


def test_another_result_does_not_hold(tmp_path):
    runs = pd.read_csv(claims.RESULTS / "translation.csv")
    runs.loc[runs["context"] == "dot", "bleu"] -= 30
    runs.to_csv(tmp_path / "translation.csv", index=False)
    rows, verdicts = remeasure.compared(tmp_path)
    assert verdicts == {"C26": False}
    text = remeasure.report(tmp_path)
    assert re.search(r"^- 1 of \d+ verdicts do not hold: C26$", text, re.M), text
    assert "**no**" in (tmp_path / "comparison.md").read_text(encoding="utf-8")


OLD = pd.Series([0.0, 0.1, -0.1, 0.05, -0.05])


@pytest.mark.parametrize(
    ("needs", "new", "holds"),
    [
        ("> 0", [0.2], True),
        ("> 0", [-0.2], False),
        ("> 0", [0.2, 0.3, 0.25], True),
        ("> 0", [0.2, -0.3, 0.25], False),
        ("holds 0", [0.1], True),
        ("holds 0", [0.9], False),
        ("within 0.2", [0.1], True),
        ("within 0.2", [0.3], False),
        ("some", [1.0], None),
        ("some", [1.0, 0.0], True),
        ("some", [1.0, 1.0], None),
        ("some", [1.0, 0.0, 1.0], True),
        ("some", [0.0, 0.0, 0.0], False),
        ("all", [1.0], True),
        ("none", [1.0], False),
        ("is 2", [2.0], True),
    ],
)
def test_what_one_seed_can_say(needs, new, holds):
    assert remeasure.still_holds(needs, OLD, pd.Series(new)) is holds


def test_the_spread_is_a_prediction_interval():
    """For new values from the same normal distribution it is right 95 of 100 times."""
    rng, inside = np.random.default_rng(5), []
    for _ in range(4000):
        old, new = pd.Series(rng.normal(size=5)), rng.normal(size=2)
        inside.append(abs(new.mean() - old.mean()) <= remeasure.spread(old, 2))
    assert 0.935 < np.mean(inside) < 0.965


def test_makefile_runs_it():
    text = Path(ROOT / "Makefile").read_text(encoding="utf-8")
    assert re.search(r"^claims: .*\n.*python -m tools\.remeasure --seeds", text, re.M)
