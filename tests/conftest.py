"""What all tests share: cores, warnings that are errors, and dead kernels.

pytest's workers share the cores.

A warning that something will go away is an error where the course's own code raises
it: in a cell, or in `utils`. So a notebook turns red before the next release breaks
it. What libraries do inside them is their own affair. All kernels and programs that a
test starts get this from the environment.

A shell that starts tests in the background makes them deaf to Ctrl-C, and all that
they start. Some tests send it: so the tests hear it again.

nbval waits for a cell's reply until the cell's time limit, even when the kernel
has died and no reply can come. Here the wait is cut into short pieces, and after
each piece the kernel must still be alive.
"""

import os
import signal
import threading
import time
from pathlib import Path
from queue import Empty

from nbval.kernel import RunningKernel

from tools.run_notebooks import share_cores

share_cores(int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", 1)))

deaf = signal.getsignal(signal.SIGINT) is signal.SIG_IGN
if deaf and threading.current_thread() is threading.main_thread():
    signal.signal(signal.SIGINT, signal.default_int_handler)

OLD = ("DeprecationWarning", "PendingDeprecationWarning", "FutureWarning")
UTILS = sorted((Path(__file__).resolve().parents[1] / "utils").glob("*.py"))
OWN = ["__main__", "utils", *(f"utils.{path.stem}" for path in UTILS)]
ERRORS = [f"error::{category}:{module}" for module in OWN for category in OLD]


def watch_warnings():
    """Turn these warnings into errors in everything that the tests start."""
    asked = [part for part in os.environ.get("PYTHONWARNINGS", "").split(",") if part]
    asked = [part for part in asked if part not in ERRORS]
    os.environ["PYTHONWARNINGS"] = ",".join([*asked, *ERRORS])


def pytest_configure(config):
    """Turn these warnings into errors, in the tests and in what they start."""
    watch_warnings()
    for rule in ERRORS:
        config.addinivalue_line("filterwarnings", rule)


await_reply = RunningKernel.await_reply


def await_reply_while_alive(self, msg_id, timeout=None):
    """Wait for a reply up to `timeout` seconds, but never for a dead kernel."""
    deadline = time.monotonic() + (timeout or float("inf"))
    while True:
        try:
            rest = max(0, deadline - time.monotonic())
            return await_reply(self, msg_id, min(1, rest))
        except Empty:
            if not self.is_alive():
                raise RuntimeError("The kernel died while it ran this cell") from None
            if time.monotonic() >= deadline:
                raise


RunningKernel.await_reply = await_reply_while_alive
