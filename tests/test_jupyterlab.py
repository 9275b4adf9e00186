"""JupyterLab as a student uses it: notebooks run from the menu, an answer is checked.

A real JupyterLab serves a copy of the course, and a real browser works in it. Without
a browser the tests are skipped, unless COURSE_BROWSER=1 says that there must be one.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.request import urlopen

import nbformat
import pytest
from browser import open_browser
from nbformat.v4 import new_code_cell, new_notebook
from notebook_cells import ROOT, code_cells, exercise_cell, load

from tools.make_student import student_edition

COURSE = ("data", "experiments", "notebooks", "utils")
RUN = "11"  # its committed edition runs from the menu
STUDY = "03"  # its student edition runs, and then an exercise is answered
LIMIT_S = 900  # not a budget: the machine may be slow, and is shared
BADGE = "https://colab.research.google.com/assets/colab-badge.svg"
QUIET = {"fetchNews": "false", "checkForUpdates": False, "doNotDisturbMode": True}
WRONG = """def clip(gradients, threshold):
    return [np.clip(g, -threshold, threshold) for g in gradients]"""

# What the page is asked, by functions that it runs.
STATES = """() => {
  const panel = window.jupyterapp.shell.currentWidget;
  const cells = panel.content.widgets.filter(
    c => c.model.type === 'code' && c.model.sharedModel.getSource().trim());
  const outputs = cells.flatMap(c => c.model.outputs.toJSON());
  return {
    kernel: panel.sessionContext.kernelDisplayStatus,
    cells: cells.length,
    done: cells.filter(c => c.model.executionCount !== null).length,
    errors: outputs.filter(o => o.output_type === 'error').length,
  };
}"""
FINISHED = f"""() => {{
  const now = ({STATES})();
  return now.kernel === 'idle' && (now.errors > 0 || now.done === now.cells);
}}"""
READY = """() => {
  const panel = window.jupyterapp && window.jupyterapp.shell.currentWidget;
  return panel && panel.content && panel.content.widgets
    && panel.content.widgets.length === COUNT
    && panel.sessionContext.kernelDisplayStatus === 'idle';
}"""
GO_TO = """index => {
  const notebook = window.jupyterapp.shell.currentWidget.content;
  notebook.activeCellIndex = index;
  return notebook.scrollToItem(index, 'center');
}"""
TEXT_OF = """index => {
  const cell = window.jupyterapp.shell.currentWidget.content.widgets[index];
  return cell.model.outputs.toJSON().map(o => o.text ?? '').flat().join('');
}"""

CHANGED = f"""([index, before]) => {{
  const text = ({TEXT_OF})(index);
  return text && text !== before && ({FINISHED})();
}}"""


@pytest.fixture(scope="module")
def browser():
    """Return a browser without a window."""
    with open_browser() as started:
        yield started


@pytest.fixture(scope="module")
def lab(tmp_path_factory, browser) -> Iterator[tuple[str, Path]]:
    """Serve a copy of the course; return the address and the folder.

    The notebooks have no outputs, so that every output seen is a new one. The user's
    own Jupyter settings are not read.
    """
    folder, home = tmp_path_factory.mktemp("course"), tmp_path_factory.mktemp("home")
    for part in COURSE:
        ignored = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints")
        shutil.copytree(ROOT / part, folder / part, ignore=ignored)
    for path in (folder / "notebooks").glob("*.ipynb"):
        notebook = nbformat.read(path, as_version=4)
        if path.name.startswith(STUDY):
            notebook = student_edition(notebook)
        for cell in code_cells(notebook):
            cell.outputs, cell.execution_count = [], None
        nbformat.write(notebook, path)
    settings = home / "settings" / "@jupyterlab" / "apputils-extension"
    settings.mkdir(parents=True)
    path = settings / "notification.jupyterlab-settings"
    path.write_text(json.dumps(QUIET), encoding="utf-8")
    environment = {k: v for k, v in os.environ.items() if not k.startswith("JUPYTER")}
    for kind in ("CONFIG_DIR", "DATA_DIR", "RUNTIME_DIR"):
        environment[f"JUPYTER_{kind}"] = str(home / kind.lower())
    environment["JUPYTERLAB_SETTINGS_DIR"] = str(home / "settings")
    environment["JUPYTERLAB_WORKSPACES_DIR"] = str(home / "workspaces")
    environment["IPYTHONDIR"] = str(home / "ipython")
    if "COURSE_DATA" not in environment:
        environment["COURSE_OFFLINE"] = "1"
        environment["COURSE_CACHE"] = str(home / "empty cache")
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"]
    command += ["--ip=127.0.0.1", "--port=0", "--expose-app-in-browser"]
    with (home / "log.txt").open("wb") as log:
        server = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=log, stderr=log
        )
        try:
            yield address_of(server, home), folder
        finally:
            server.terminate()  # it ends its kernels first
            try:
                server.wait(60)
            except subprocess.TimeoutExpired:
                server.kill()


def address_of(server: subprocess.Popen, home: Path) -> str:
    """Return the address with its token, as soon as the server answers."""
    deadline = time.monotonic() + LIMIT_S
    path = home / "runtime_dir" / f"jpserver-{server.pid}.json"
    while time.monotonic() < deadline and server.poll() is None:
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
            address = f"{found['url']}{{}}?token={found['token']}"
            with urlopen(address.format("api/status"), timeout=60):
                return address
        except (OSError, ValueError):  # no file yet, half a file, no answer yet
            time.sleep(0.2)
    log = (home / "log.txt").read_text(encoding="utf-8", errors="replace")
    pytest.fail(f"JupyterLab did not start:\n{log[-3000:]}")


@contextmanager
def opened(browser, lab, name: str, tmp_path: Path):
    """Open a notebook in a new page; keep a picture of the page if the test fails.

    The page may ask nothing of other addresses but the badge of the first cell, and
    raises no error of its own.
    """
    address, folder = lab
    (path,) = (folder / "notebooks").glob(f"{name}*.ipynb")
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.set_default_timeout(1000 * LIMIT_S)
    outside, broken = [], []
    page.on("request", lambda r: outside.append(r.url) if foreign(r.url) else None)
    page.on("pageerror", lambda error: broken.append(str(error)))
    try:
        page.goto(address.format(f"lab/tree/notebooks/{path.name}") + "&reset")
        cells = len(nbformat.read(path, as_version=4).cells)
        page.wait_for_function(READY.replace("COUNT", str(cells)))
        yield page, path
        assert not outside, f"asked of other addresses: {outside}"
        assert not broken, f"errors of the page: {broken}"
    except BaseException:
        picture = tmp_path / "jupyterlab.png"
        page.screenshot(path=picture, timeout=60_000)
        print(f"a picture of the page: {picture}")
        raise
    finally:
        with suppress(Exception):  # free the memory for the next notebook
            page.evaluate(
                "() => window.jupyterapp.serviceManager.sessions.shutdownAll()"
            )
        context.close()


def foreign(url: str) -> bool:
    """Return True if the address is not this machine's, nor that of the Colab badge."""
    own = ("http://127.0.0.1:", "ws://127.0.0.1:", "data:", "blob:")
    return not url.startswith(own) and url != BADGE


def choose(page, menu: str, entry: str) -> None:
    """Choose an entry of a menu, as a student does."""
    page.locator(".lm-MenuBar-itemLabel", has_text=menu).first.click()
    page.locator(".lm-Menu-itemLabel").get_by_text(entry, exact=True).click()


def run_all(page, path: Path) -> nbformat.NotebookNode:
    """Run all cells, wait until the kernel is idle, save, and read the file."""
    choose(page, "Run", "Run All Cells")
    page.wait_for_function(FINISHED, polling=500)
    before = path.stat().st_mtime_ns
    page.keyboard.press("Control+s")
    deadline = time.monotonic() + LIMIT_S
    while path.stat().st_mtime_ns == before and time.monotonic() < deadline:
        page.wait_for_timeout(100)
    page.wait_for_function(
        "() => !window.jupyterapp.shell.currentWidget.context.model.dirty"
    )
    return nbformat.read(path, as_version=4)


def no_error(notebook: nbformat.NotebookNode) -> None:
    """Check that every code cell ran, in order, and that none has an error."""
    cells = [cell for cell in code_cells(notebook) if cell.source.strip()]
    for cell in cells:
        for output in cell.outputs:
            assert output.output_type != "error", f"{cell.source}\n{output.evalue}"
            assert output.get("name") != "stderr", f"{cell.source}\n{output.text}"
    counts = [cell.execution_count for cell in cells]
    assert counts == list(range(1, len(cells) + 1))


def answer(page, notebook: nbformat.NotebookNode, exercise: str, text: str) -> str:
    """Type an answer into an exercise, run it and its check; return what it says."""
    places = [
        notebook.cells.index(exercise_cell(notebook, exercise, part))
        for part in ("exercise", "check")
    ]
    page.evaluate(GO_TO, places[0])
    page.locator(".jp-Cell.jp-mod-active .cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(text)
    before = page.evaluate(TEXT_OF, places[1])
    page.keyboard.press("Shift+Enter")  # runs the cell and goes to the check
    page.keyboard.press("Shift+Enter")
    page.wait_for_function(CHANGED, arg=[places[1], before])
    message = page.evaluate(TEXT_OF, places[1])
    page.evaluate(GO_TO, places[1])
    page.get_by_text(message.splitlines()[0]).first.wait_for(state="visible")
    return message


def test_an_error_is_noticed(browser, lab, tmp_path):
    _, folder = lab
    cells = [new_code_cell(f"{n} / (2 - {n})") for n in range(5)]
    faulty = new_notebook(cells=cells, metadata=load(RUN).metadata)
    nbformat.write(faulty, folder / "notebooks" / "faulty.ipynb")
    with pytest.raises(AssertionError, match="division by zero"):
        with opened(browser, lab, "faulty", tmp_path) as (page, path):
            no_error(run_all(page, path))
    assert (tmp_path / "jupyterlab.png").stat().st_size > 10_000


def test_a_notebook_runs_from_the_menu(browser, lab, tmp_path):
    with opened(browser, lab, RUN, tmp_path) as (page, path):
        no_error(run_all(page, path))


def test_a_student_answers_an_exercise(browser, lab, tmp_path):
    with opened(browser, lab, STUDY, tmp_path) as (page, path):
        notebook = run_all(page, path)
        no_error(notebook)
        message = answer(page, notebook, "3.1", WRONG)
        assert message.startswith("✗ 3.1, case 1: expected"), message
        assert "this case: norm 5 becomes 1" in message
        right = exercise_cell(load(STUDY), "3.1", "solution").source
        right = right.partition("\n\n\n")[0]
        assert answer(page, notebook, "3.1", right).startswith("✓ 3.1: all 5 cases")
