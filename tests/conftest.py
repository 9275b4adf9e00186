"""What all tests share: pytest's workers share the cores; nbval notices a dead kernel.

nbval waits for a cell's reply until the cell's time limit, even when the kernel
has died and no reply can come. Here the wait is cut into short pieces, and after
each piece the kernel must still be alive.
"""

import os
import time
from queue import Empty

from nbval.kernel import RunningKernel

from tools.run_notebooks import share_cores

share_cores(int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", 1)))

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
