"""Run notebooks top to bottom, each in its own kernel, and report on each.

    .venv/bin/python tools/run_notebooks.py [NOTEBOOK ...]

The default is every notebook in notebooks/. Executed copies and readable HTML go
to build/ (the formulas in the HTML need a network to be typeset; the rest does
not). The committed notebooks stay as they are, unless `--write` is given: then
each notebook that passed is replaced by its executed, cleaned copy.

Peak memory is the resident memory of the kernel and its child processes, read
twice a second: a peak shorter than half a second can be missed, and pages that
two processes share count twice.
"""

import argparse
import asyncio
import atexit
import os
import re
import sys
import time
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

import nbformat
import psutil
from ipykernel.kernelspec import get_kernel_dict
from jupyter_client import AsyncKernelManager
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbconvert import HTMLExporter
from nbformat import NotebookNode
from tqdm import tqdm

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"
STAND_IN = "bundled stand-in"  # utils.data prints this when real data is missing
TRACEBACK_LINES = 12
KILL_SECONDS = 5  # after Ctrl-C, how long kernels that are still starting are ended
THREADS = (  # of NumPy, of OpenMP, and of TensorFlow
    "OPENBLAS_NUM_THREADS",
    "OMP_NUM_THREADS",
    "TF_NUM_INTRAOP_THREADS",
    "TF_NUM_INTEROP_THREADS",
)
CLEAN_METADATA = {
    "kernelspec": {
        "display_name": "Python 3 (ipykernel)",
        "language": "python",
        "name": "python3",
    },
    "language_info": {"name": "python"},
}


class ThisPython(KernelSpecManager):
    """Start every kernel with the Python that runs this program.

    A kernel named "python3" in the user's own Jupyter folder may belong to another
    Python, so the name that stands in the notebook is not looked up.
    """

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        """Return the specification of ipykernel in this Python."""
        return KernelSpec(**get_kernel_dict())


@dataclass
class Run:
    """One notebook on its way through a kernel.

    Args:
        path: The notebook file.
        limit: Seconds that the whole notebook may take.
    """

    path: Path
    limit: float
    state: str = "waiting"
    cells: int = 0
    cells_done: int = 0
    checkpoints: int = 0
    checkpoints_passed: int = 0
    peak_bytes: int = 0
    started: float = 0.0
    stopped: float = 0.0
    cell_index: int | None = None
    report: str = ""
    kernel: AsyncKernelManager | None = None
    original: bytes = b""
    notebook: NotebookNode | None = None

    @property
    def seconds(self) -> float:
        """Seconds since the start, or of the whole run when it is over."""
        return (self.stopped or time.monotonic()) - self.started if self.started else 0

    def processes(self) -> list[psutil.Process]:
        """Return the kernel's process and its children, those that still exist."""
        provisioner = self.kernel and self.kernel.provisioner
        if not provisioner or not provisioner.pid:
            return []
        try:
            kernel = psutil.Process(provisioner.pid)
            return [kernel, *kernel.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []

    def measure_memory(self) -> None:
        """Keep the largest memory seen so far, in bytes."""
        total = 0
        for process in self.processes():
            try:
                total += process.memory_info().rss
            except psutil.Error:  # it ended just now
                continue
        self.peak_bytes = max(self.peak_bytes, total)

    def kill(self) -> None:
        """End the kernel and its children at once."""
        for process in self.processes():
            try:
                process.kill()
            except psutil.NoSuchProcess:
                continue


def is_checkpoint(cell: NotebookNode) -> bool:
    """Return True if the cell carries the tag "checkpoint"."""
    return "checkpoint" in cell.metadata.get("tags", [])


def load(run: Run) -> None:
    """Read the notebook, drop its old outputs, and count what will run."""
    run.original = run.path.read_bytes()
    run.notebook = nbformat.reads(run.original.decode(), as_version=4)
    code = [cell for cell in run.notebook.cells if cell.cell_type == "code"]
    for cell in code:
        cell.outputs, cell.execution_count = [], None
        cell.metadata.pop("execution", None)
    code = [cell for cell in code if cell.source.strip()]
    run.cells = len(code)
    run.checkpoints = sum(map(is_checkpoint, code))


def execute(run: Run, log: IO[bytes]) -> None:
    """Run the notebook's cells in a fresh kernel.

    Args:
        run: A loaded run. Its counts and its notebook are filled on the way.
        log: Takes what the kernel's process prints outside of the cells.

    Raises:
        CellExecutionError: If a cell fails.
        CellTimeoutError: If the time limit is spent.
        DeadKernelError: If the kernel process ends.
        Exception: Whatever else keeps a kernel from starting.
    """

    def on_cell_execute(cell: NotebookNode, cell_index: int) -> None:
        run.cell_index = cell_index

    def on_cell_executed(
        cell: NotebookNode, cell_index: int, execute_reply: dict
    ) -> None:
        run.cells_done += 1
        passed = execute_reply["content"]["status"] == "ok"
        run.checkpoints_passed += passed and is_checkpoint(cell)

    run.kernel = AsyncKernelManager(kernel_spec_manager=ThisPython())
    client = NotebookClient(
        run.notebook,
        km=run.kernel,
        startup_timeout=min(60, max(1, int(run.limit))),
        # nbclient takes 0 as "no limit", so the rest never reaches 0.
        timeout_func=lambda cell: max(0.01, run.limit - run.seconds),
        interrupt_on_timeout=False,  # a cell may ignore interrupts: kill instead
        shutdown_kernel="immediate",
        extra_arguments=["--log-level=ERROR"],
        coalesce_streams=True,
        record_timing=False,
        on_cell_execute=on_cell_execute,
        on_cell_executed=on_cell_executed,
    )
    folder = str(run.path.parent)
    try:
        asyncio.run(
            client.async_execute(cwd=folder, stdout=log, stderr=log, cleanup_kc=True)
        )
    finally:
        run.kill()
        run.kernel = None
        # nbclient forgets this one when the kernel does not start.
        atexit.unregister(client._cleanup_kernel)


def failing_cell(run: Run) -> str:
    """Describe the cell that ran last: its place, its source, and its error."""
    cell = run.notebook.cells[run.cell_index]
    lines = [f"cell {run.cell_index + 1} of {len(run.notebook.cells)}, its source:"]
    lines += [f"    {line}" for line in cell.source.split("\n")]
    for output in cell.outputs:
        if output.output_type == "error":
            trace = "\n".join(output.traceback)
            trace = re.sub(r"\x1b\[[0-9;]*m", "", trace).split("\n")
            lines.append("the end of its traceback:")
            lines += [f"    {line}" for line in trace[-TRACEBACK_LINES:]]
    return "\n".join(lines)


def run_notebook(run: Run) -> None:
    """Take one notebook through a kernel and save what came out to build/.

    Nothing is raised for a notebook that fails: `run.state` and `run.report` say
    what happened.
    """
    run.started = time.monotonic()
    run.state = "running"
    with TemporaryFile() as log:
        try:
            load(run)
            execute(run, log)
            state = "passed"
        except CellExecutionError as error:
            state, run.report = "failed", f"{error.ename}: {error.evalue}"
        except CellTimeoutError:
            state, run.report = "time limit", f"not finished after {run.limit:g} s"
        except DeadKernelError:
            state, run.report = "kernel died", last_words(log)
        except Exception as error:  # an unreadable file, a kernel that does not start
            state = "not started"
            run.report = f"{type(error).__name__}: {error}\n{last_words(log)}"
    run.stopped = time.monotonic()
    if run.cell_index is not None and state != "passed":
        run.report += f"\n{failing_cell(run)}"
    if run.notebook is not None:
        save_copies(run)
    run.state = state


def last_words(log: IO[bytes]) -> str:
    """Return the last lines that the kernel's process printed."""
    log.seek(0)
    lines = log.read().decode(errors="replace").strip().split("\n")[-TRACEBACK_LINES:]
    return "the kernel's process printed last: " + ("\n".join(lines) or "nothing")


def save_copies(run: Run) -> None:
    """Write the executed notebook and its HTML page to build/."""
    nbformat.write(run.notebook, BUILD / run.path.name)
    # Without these addresses, the page asks the network for MathJax only.
    exporter = HTMLExporter(embed_images=True, require_js_url="", jquery_url="")
    resources = {"metadata": {"name": run.path.stem, "path": str(run.path.parent)}}
    page, _ = exporter.from_notebook_node(run.notebook, resources)
    page = page.replace('<script src=""></script>', "")
    (BUILD / run.path.with_suffix(".html").name).write_text(page, encoding="utf-8")


def write_back(run: Run) -> None:
    """Replace the committed notebook by its executed copy, with clean metadata.

    A notebook that ran on a bundled stand-in is refused, because committed outputs
    come from the real data, and so is one that somebody edited in the meantime.
    """
    outputs = [cell.get("outputs") for cell in run.notebook.cells]
    if STAND_IN in str(outputs):
        run.state = "not written"
        run.report = (
            f'its outputs say "{STAND_IN}", but committed outputs come from the real '
            "data.\nConnect to the network, or set COURSE_DATA to a folder that has "
            "the data, and try again."
        )
        return
    if run.path.read_bytes() != run.original:
        run.state = "not written"
        run.report = "the file was edited while it ran; save your edit and run again"
        return
    run.notebook.metadata = nbformat.from_dict(CLEAN_METADATA)
    nbformat.write(run.notebook, run.path)


class Lines:
    """Live progress: a bar per notebook on a terminal, else a line per event.

    Args:
        runs: The notebooks to show.
    """

    def __init__(self, runs: list[Run]) -> None:
        self.width = max(len(run.path.name) for run in runs)
        self.seen = {id(run): "waiting" for run in runs}
        self.bars = []
        if sys.stdout.isatty():
            layout = "{desc} |{bar:20}| {n_fmt}/{total_fmt} cells"
            self.bars = [
                tqdm(total=1, position=i, bar_format=layout, file=sys.stdout)
                for i in range(len(runs))
            ]

    def show(self, runs: list[Run]) -> None:
        """Show where the notebooks are now."""
        for bar, run in zip(self.bars, runs, strict=False):
            name = run.path.name.ljust(self.width)
            bar.total, bar.n = run.cells or 1, run.cells_done
            bar.set_description_str(f"{name} {run.state:11} {run.seconds:4.0f} s")
        for run in runs:
            if not self.bars and run.state != self.seen[id(run)]:
                self.seen[id(run)] = run.state
                seconds = f", {run.seconds:.1f} s" if run.stopped else ""
                print(f"{run.path.name}: {run.state}{seconds}", flush=True)

    def close(self) -> None:
        """Leave the bars as they are and go on below them."""
        for bar in self.bars:
            bar.close()


def run_all(runs: list[Run], workers: int) -> None:
    """Run the notebooks, some at a time, and show their progress.

    Args:
        runs: The notebooks.
        workers: How many kernels run at the same time.

    Raises:
        KeyboardInterrupt: On Ctrl-C, after all kernels have been ended.
    """
    lines = Lines(runs)
    pool = ThreadPoolExecutor(workers)
    waiting = {pool.submit(run_notebook, run) for run in runs}
    try:
        while waiting:
            finished, waiting = wait(waiting, timeout=0.5)
            for run in runs:
                run.measure_memory()
            lines.show(runs)
            for future in finished:
                future.result()
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        give_up = time.monotonic() + KILL_SECONDS
        while any(f.running() for f in waiting) and time.monotonic() < give_up:
            for run in runs:  # again and again: a kernel may be just starting
                run.kill()
            time.sleep(0.1)
        raise
    finally:
        lines.close()


def print_table(runs: list[Run]) -> None:
    """Print a row of measurements for each notebook, and the versions."""
    width = max(len(run.path.name) for run in runs)
    print(f"\n{'notebook':{width}}  {'result':11}  seconds  peak MB  checkpoints")
    for run in runs:
        checkpoints = f"{run.checkpoints_passed}/{run.checkpoints}"
        print(
            f"{run.path.name:{width}}  {run.state:11}  {run.seconds:7.1f}"
            f"  {run.peak_bytes / 1e6:7.0f}  {checkpoints:>11}"
        )
    names = {"TensorFlow": "tensorflow", "Keras": "keras", "NumPy": "numpy"}
    versions = [f"{name} {version(package)}" for name, package in names.items()]
    print(f"\nPython {sys.version.split()[0]}, {', '.join(versions)}")


def print_failures(runs: list[Run]) -> None:
    """Print what went wrong in each notebook, if anything did."""
    for run in runs:
        if run.state != "passed":
            print(f"\n=== {run.path.name}: {run.state}\n{run.report}")


def share_cores(workers: int) -> None:
    """Let the kernels' threads together fill the cores, not more.

    Kernels inherit these variables. Two kernels that each start a thread for every
    core wait for each other, and can take three times as long. What the user has set
    stays.

    Args:
        workers: How many kernels run at the same time.
    """
    threads = str(max(1, (os.cpu_count() or 1) // workers))
    if workers > 1:
        for name in THREADS:
            os.environ.setdefault(name, threads)


def parse_arguments() -> argparse.Namespace:
    """Return the command line's arguments."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("notebooks", nargs="*", type=Path, metavar="NOTEBOOK")
    parser.add_argument("--workers", type=int, default=2, help="kernels at a time")
    parser.add_argument(
        "--limit", type=float, default=900, help="seconds for one notebook"
    )
    parser.add_argument(
        "--write", action="store_true", help="replace the notebooks that passed"
    )
    arguments = parser.parse_args()
    if arguments.workers < 1 or arguments.limit <= 0:
        parser.error("--workers and --limit must be above 0")
    if not arguments.notebooks:
        arguments.notebooks = sorted((ROOT / "notebooks").glob("*.ipynb"))
    if not arguments.notebooks:
        parser.error(f"no notebooks found in {ROOT / 'notebooks'}")
    for path in arguments.notebooks:
        if not path.is_file():
            parser.error(f"no such notebook: {path}")
    return arguments


def main() -> int:
    """Run the notebooks and return the exit status: 0 only if all passed."""
    arguments = parse_arguments()
    share_cores(arguments.workers)
    BUILD.mkdir(exist_ok=True)
    runs = [Run(path.resolve(), arguments.limit) for path in arguments.notebooks]
    try:
        run_all(runs, arguments.workers)
    except KeyboardInterrupt:
        print("\nStopped; all kernels were ended.", flush=True)
        os._exit(130)  # a thread that still waits for its kernel must not hold us
    if arguments.write:
        for run in runs:
            if run.state == "passed":
                write_back(run)
    print_table(runs)
    print_failures(runs)
    print(f"\nExecuted copies and HTML pages: {BUILD}")
    return int(any(run.state != "passed" for run in runs))


if __name__ == "__main__":
    sys.exit(main())
