"""Data-parallel training on two logical devices equals training on one."""

import re
import subprocess
import sys

from notebook_cells import ROOT

SCRIPT = "experiments/several_devices.py"
LIMIT_S = 600  # not a budget: the machine may be slow, and is shared
# The fault: every device gets the whole batch's share of the step, not its half.
RIGHT, WRONG = (
    "two = np.array(losses(names))",
    "two = np.array(losses(names, 2 * RATE))",
)


def run(source: str) -> subprocess.CompletedProcess:
    """Run the script's source in a process of its own: TensorFlow must be fresh."""
    source = source.replace(
        "Path(__file__).resolve().parents[1]", f"Path({str(ROOT)!r})"
    )
    return subprocess.run(
        [sys.executable, "-c", source],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
    )


def test_two_devices_train_like_one():
    result = run((ROOT / SCRIPT).read_text(encoding="utf-8"))
    assert result.returncode == 0, result.stderr
    found = re.search(r"difference: (\S+) \(allowed: (\S+)\)", result.stdout)
    equal, allowed = map(float, found.groups())
    assert equal < allowed < 1e-4
    wrong = float(re.search(r"added, not averaged: (\S+)", result.stdout).group(1))
    assert wrong > 100 * allowed
    assert len(re.findall(r"^ *\d+  +\d\.\d+  +\d\.\d+ ", result.stdout, re.M)) == 4


def test_a_fault_is_noticed():
    source = (ROOT / SCRIPT).read_text(encoding="utf-8")
    assert source.count(RIGHT) == 1
    result = run(source.replace(RIGHT, WRONG))
    assert result.returncode == 1 and "AssertionError" in result.stderr, result.stdout
