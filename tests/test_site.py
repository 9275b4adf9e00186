"""The course site: how pages are made, what the built site holds, how it looks.

The last part opens the built site in a real browser. Without one, without Sphinx, or
without the npm packages these tests are skipped, unless COURSE_BROWSER=1.
"""

import http.server
import re
import shutil
import subprocess
import sys
import threading
from functools import partial
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import nbformat
import pytest
from browser import need, open_browser
from nbformat.v4 import (
    new_code_cell,
    new_markdown_cell,
    new_notebook,
    new_output,
)
from notebook_cells import NOTEBOOKS, ROOT, code_cells, load

from tools import make_site, web_modules
from tools.make_site import SiteError, alt_text, open_folds, plain_tex, site_links

ADDRESS = "https://github.com/owner/name"
PAGES = {
    "notebooks/01_one.ipynb": "notebooks/01_one.ipynb",
    "notebooks/02_two.ipynb": "notebooks/02_two.ipynb",
    "docs/claims.md": "claims.md",
}
PNG = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9"
    "awAAAABJRU5ErkJggg=="
)

# --- from a notebook to a page -----------------------------------------------------


@pytest.mark.parametrize(
    ("caption", "expected"),
    [
        ("*Figure: loss, by epoch.*", "Loss, by epoch."),
        ("*Figure: what `ast.parse` takes.*", "What ast.parse takes."),
        (r"*Figure: at $\lambda = 1$ and $h_{t-1}$.*", "At λ = 1 and h_t-1."),
        (r"*Figure: $\mathbf{W}_{hh} \le 2$.*", "W_hh ≤ 2."),
        ("*Figure: see [notebook 02](02.ipynb).*", "See notebook 02."),
        ("*Figure: two\nlines.*\n\nMore prose.", "Two lines."),
        ("*Figure: a **bold** word.*", "A bold word."),
    ],
)
def test_alternative_text_is_the_caption_without_marks(caption, expected):
    assert alt_text(caption) == expected


@pytest.mark.parametrize("text", ["", "Figure: no marks.", "Prose\n*Figure: later.*"])
def test_a_figure_without_a_caption_is_an_error(text):
    with pytest.raises(ValueError, match="Figure"):
        alt_text(text)


def test_a_formula_becomes_text():
    assert plain_tex(r"\mathbf{h}_{t-1} \le 10^{-6}") == "h_t-1 ≤ 10^-6"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=[p.stem for p in NOTEBOOKS])
def test_every_caption_makes_a_readable_text(path):
    captions = [c for c in load(path).cells if c.source.startswith("*Figure:")]
    for cell in captions:
        text = alt_text(cell.source)
        assert len(text) >= 20 and not re.search(r"[$\\{}`*]|\]\(", text), text


def test_folds_are_opened_for_markdown():
    text = "<details><summary>Hint</summary>Use `np.add.at`.</details>"
    opened = "<details><summary>Hint</summary>\n\nUse `np.add.at`.\n\n</details>"
    assert open_folds(text) == opened
    assert open_folds(opened) == opened


@pytest.mark.parametrize(
    ("source", "text", "expected"),
    [
        ("notebooks/01_one.ipynb", "[a](02_two.ipynb#x)", "[a](02_two.ipynb#x)"),
        ("notebooks/01_one.ipynb", "[a](../docs/claims.md)", "[a](../claims.md)"),
        (
            "docs/claims.md",
            "[01](../notebooks/01_one.ipynb)",
            "[01](notebooks/01_one.ipynb)",
        ),
        (
            "notebooks/01_one.ipynb",
            "[d](../data/README.md#data-cards)",
            f"[d]({ADDRESS}/blob/main/data/README.md#data-cards)",
        ),
        ("docs/claims.md", "[r](../data)", f"[r]({ADDRESS}/tree/main/data)"),
        ("docs/claims.md", "[r](https://a.org/b)", "[r](https://a.org/b)"),
        ("docs/claims.md", "[r](#c01)", "[r](#c01)"),
        ("docs/claims.md", "`x[0](y)` and\n```\n[a](b)\n```", None),
        (
            "notebooks/01_one.ipynb",
            "![C](https://colab.research.google.com/assets/colab-badge.svg)",
            "![C](../static/colab.svg)",
        ),
        (
            "README.md",
            "![C](https://colab.research.google.com/assets/colab-badge.svg)",
            "![C](static/colab.svg)",
        ),
    ],
)
def test_links_lead_to_pages_or_to_the_repository(source, text, expected):
    assert site_links(text, source, PAGES, ADDRESS) == (expected or text)


def test_a_link_to_nothing_is_an_error():
    with pytest.raises(SiteError, match=r"docs/claims\.md.*nothing\.md"):
        site_links("[a](nothing.md)", "docs/claims.md", PAGES, ADDRESS)


def figure(caption: str) -> list:
    """Return a code cell with a picture, and the cell below it."""
    output = new_output("display_data", {"image/png": PNG, "text/plain": "<Figure>"})
    return [new_code_cell("plt.show()", outputs=[output]), new_markdown_cell(caption)]


def test_a_page_has_alternative_texts_and_folded_solutions():
    solution = new_code_cell("def f(): return 1")
    solution.metadata = {"tags": ["solution"], "jupyter": {"source_hidden": True}}
    notebook = new_notebook(cells=[*figure("*Figure: a dot.*"), solution])
    page = make_site.site_notebook(notebook)
    assert page.cells[0].metadata["mystnb"]["image"]["alt"] == "A dot."
    assert "hide-cell" in page.cells[2].metadata["tags"]
    assert "mystnb" not in notebook.cells[0].metadata
    assert notebook.cells[2].metadata["tags"] == ["solution"]


@pytest.mark.parametrize("cells", [figure("Prose."), figure("")[:1]])
def test_a_page_is_not_made_without_a_caption(cells):
    with pytest.raises(ValueError, match="Figure"):
        make_site.site_notebook(new_notebook(cells=cells))


# --- the glossary ------------------------------------------------------------------

GLOSSARY = (ROOT / "docs" / "glossary.md").read_text("utf-8")


def symbols(path: Path) -> set[str]:
    """Return the symbols of a notebook's summary table and of its notation."""
    text = "\n\n".join(c.source for c in load(path).cells if c.cell_type == "markdown")
    rows = re.findall(r"^\|([^|\n]*\$[^|\n]*)\|", text, re.MULTILINE)
    rows = [row for row in rows if row in text.split("\n## Summary\n")[1]]
    notation = re.findall(r"^\*\*Notation.*$", text, re.MULTILINE)
    formulas = re.findall(r"\$([^$]+)\$", "\n".join(rows + notation))
    # A list is taken apart at its commas, but not at those in brackets.
    parts = (re.split(r", *(?![^\[({]*[\])}])", one) for one in formulas)
    return {symbol for formula in parts for symbol in formula}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=[p.stem for p in NOTEBOOKS])
def test_the_glossary_has_every_symbol(path):
    listed = GLOSSARY.replace(" ", "")
    missing = {s for s in symbols(path) if s.replace(" ", "") not in listed}
    assert not missing, f"docs/glossary.md does not explain: {sorted(missing)}"


def test_the_glossary_names_only_what_the_notebooks_use():
    everything = "\n".join(c.source for path in NOTEBOOKS for c in load(path).cells)
    for name in re.findall(r"`([^`]+)`", GLOSSARY):
        assert name in everything, f"no notebook has `{name}`"


def test_the_glossary_names_the_first_notebook():
    """The symbol of a row stands in the notebook that the row names."""
    rows = re.findall(r"^\| (.*?) \|.*\| \[(\d\d)\]\(.*\) \|$", GLOSSARY, re.MULTILINE)
    assert len(rows) > 30
    for cell, number in rows:
        text = "".join(c.source for c in load(number).cells).replace(" ", "")
        for symbol in re.findall(r"\$([^$]+)\$", cell):
            assert symbol.replace(" ", "") in text, f"{symbol} is not in {number}"


# --- faults ------------------------------------------------------------------------


def can_build() -> str:
    """Return what is missing to build the site, or nothing."""
    try:
        make_site.check_tools()
    except SiteError as error:
        return str(error)
    if "mathjax" in web_modules.missing(ROOT / "docs"):
        return "docs/node_modules has no mathjax; `make site` fetches it"
    return ""


@pytest.fixture
def course(tmp_path, monkeypatch) -> Path:
    """A course of one notebook, whose site is built in a few seconds."""
    monkeypatch.setattr(make_site, "ROOT", tmp_path)
    monkeypatch.setattr(make_site, "OUT", tmp_path / "build" / "site")
    (tmp_path / "pyproject.toml").write_text(f'[u]\nRepository = "{ADDRESS}"\n')
    (tmp_path / "README.md").write_text("# A course\n")
    (tmp_path / "docs").mkdir()
    shutil.copy(ROOT / "docs" / "conf.py", tmp_path / "docs")
    shutil.copytree(ROOT / "docs" / "static", tmp_path / "docs" / "static")
    index = "# A course\n\n```{toctree}\nnotebooks/01_one\n```\n"
    (tmp_path / "docs" / "index.md").write_text(index)
    (tmp_path / "notebooks").mkdir()
    write_notebook(tmp_path, "# One\n\nText.")
    (tmp_path / "build" / "site").mkdir(parents=True)
    (tmp_path / "build" / "site" / "old.html").write_text("an older site")
    return tmp_path


def write_notebook(course: Path, text: str) -> None:
    """Write the course's one notebook, with a figure."""
    cells = [new_markdown_cell(text), *figure("*Figure: a dot in the middle.*")]
    notebook = new_notebook(cells=cells)
    notebook.metadata["language_info"] = {"name": "python"}
    nbformat.write(notebook, course / "notebooks" / "01_one.ipynb")


def use_mathjax(course: Path) -> None:
    """Give a course the npm packages, or what looks like them."""
    package = course / "docs" / "node_modules" / "mathjax"
    (package / "es5").mkdir(parents=True)
    (package / "package.json").write_text('{"version": "3.2.2"}')
    (package / "es5" / "tex-svg-full.js").write_text("// MathJax")
    wanted = '{"dependencies": {"mathjax": "3.2.2"}}'
    (course / "docs" / "package.json").write_text(wanted)


def nothing_has_changed(course: Path) -> bool:
    """Return True if the older site is there and nothing half-built beside it."""
    left = sorted(path.name for path in (course / "build").iterdir())
    return left == ["site"] and (course / "build" / "site" / "old.html").exists()


def test_without_sphinx_the_command_says_how_to_get_it(course, monkeypatch, capsys):
    monkeypatch.setattr(make_site, "NEEDED", ("sphinx_that_is_not_there",))
    monkeypatch.setattr(make_site.sys, "version_info", (3, 12, 0))
    assert make_site.main() == 1
    said = capsys.readouterr().err
    assert "sphinx_that_is_not_there" in said and "setup_env.py --web" in said
    assert "make lab, make test) work without it" in said
    assert nothing_has_changed(course)


def test_an_old_python_is_named(course, monkeypatch, capsys):
    monkeypatch.setattr(make_site.sys, "version_info", (3, 10, 0))
    assert make_site.main() == 1
    assert "Python 3.11 to 3.13; .venv has 3.10" in capsys.readouterr().err
    assert nothing_has_changed(course)


def program_on_path(folder: Path, script: str) -> str:
    """Make a program `npm` in a folder of its own; return the folder."""
    folder.mkdir()
    (folder / "npm").write_text(f"#!/bin/sh\n{script}\n")
    (folder / "npm").chmod(0o755)
    return str(folder)


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        (None, "npm is not installed"),
        ("echo 'npm ERR! code ENOTFOUND' >&2; exit 1", "ENOTFOUND"),
        ("echo 'npm error network offline' >&2; exit 1", "network offline"),
        ("mkdir -p node_modules/mathjax; kill $$", "could not fetch"),
    ],
)
def test_without_mathjax_nothing_is_built(
    course, monkeypatch, capsys, tmp_path, script, expected
):
    monkeypatch.setattr(make_site, "check_tools", lambda: None)
    wanted = '{"dependencies": {"mathjax": "3.2.2"}}'
    (course / "docs" / "package.json").write_text(wanted)
    empty = tmp_path / "bin"
    monkeypatch.setenv("PATH", program_on_path(empty, script or "exit 9"))
    if script is None:
        (empty / "npm").unlink()
    else:
        monkeypatch.setenv("PATH", f"{empty}:/usr/bin:/bin")
    assert make_site.main() == 1
    said = capsys.readouterr().err
    assert expected in said and "docs/node_modules lacks mathjax" in said
    assert "copy docs/node_modules" in said and "work without it" in said
    assert nothing_has_changed(course)
    left = sorted(path.name for path in (course / "docs").iterdir())
    assert left == ["conf.py", "index.md", "package.json", "static"]


def test_npm_fetches_what_is_missing_once(course, monkeypatch, tmp_path):
    wanted = '{"dependencies": {"mathjax": "3.2.2"}}'
    (course / "docs" / "package.json").write_text(wanted)
    script = (
        "mkdir -p node_modules/mathjax\n"
        'echo \'{"version": "3.2.2"}\' > node_modules/mathjax/package.json\n'
        f"echo run >> {tmp_path}/count"
    )
    fake = program_on_path(tmp_path / "bin", script)
    monkeypatch.setenv("PATH", f"{fake}:/usr/bin:/bin")
    for _ in range(2):
        modules = web_modules.install(course / "docs")
    assert (modules / "mathjax" / "package.json").exists()
    assert (tmp_path / "count").read_text() == "run\n"
    newer = wanted.replace("3.2.2", "3.2.3")
    (course / "docs" / "package.json").write_text(newer)
    assert web_modules.missing(course / "docs") == ["mathjax"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# One\n\n[a](missing.ipynb)", "missing.ipynb, which does not exist"),
        ("# One\n\n[a](#no-such-heading)", "no-such-heading"),
        ("# One\n\n### A jump", "Non-consecutive header level"),
    ],
)
def test_a_faulty_page_leaves_the_older_site(course, capsys, text, expected):
    need(not can_build(), can_build())
    use_mathjax(course)
    write_notebook(course, text)
    assert make_site.main() == 1
    said = capsys.readouterr().err
    assert expected in said and "01_one.ipynb" in said
    assert nothing_has_changed(course)


def test_a_broken_notebook_is_named(course, monkeypatch, capsys):
    monkeypatch.setattr(make_site, "check_tools", lambda: None)
    use_mathjax(course)
    (course / "notebooks" / "01_one.ipynb").write_text("{")
    assert make_site.main() == 1
    assert "notebooks/01_one.ipynb cannot be shown" in capsys.readouterr().err
    assert nothing_has_changed(course)
    (course / "notebooks" / "01_one.ipynb").unlink()
    assert make_site.main() == 1
    assert "There is no notebook" in capsys.readouterr().err


def test_a_good_page_replaces_the_older_site(course, capsys):
    need(not can_build(), can_build())
    use_mathjax(course)
    assert make_site.main() == 0, capsys.readouterr().err
    built = course / "build" / "site"
    assert not (built / "old.html").exists()
    assert 'alt="A dot in the middle."' in (
        built / "notebooks" / "01_one.html"
    ).read_text("utf-8")


def test_make_site_sets_up_and_then_builds():
    plan = subprocess.check_output(["make", "-n", "site"], cwd=ROOT, text=True)
    steps = ["setup_env.py\n", "setup_env.py --web", "make_site.py"]
    places = [plan.index(step) for step in steps]
    assert places == sorted(places)


# --- the built site ----------------------------------------------------------------


class Page(HTMLParser):
    """What a page links to, loads and shows."""

    def __init__(self, text: str):
        super().__init__()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.images: list[dict] = []
        self.ids: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list) -> None:
        values = {name: value or "" for name, value in attributes}
        self.ids.add(values.get("id", ""))
        if tag == "a" and "href" in values:
            self.links.append(values["href"])
        if tag == "img":
            self.images.append(values)
        if tag in ("img", "script", "iframe", "source") and "src" in values:
            self.loads.append(values["src"])
        if tag == "link" and values.get("rel") in ("stylesheet", "preload", "icon"):
            self.loads.append(values["href"])


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    """The course's site, built once for these tests."""
    need(not can_build(), can_build())
    out = tmp_path_factory.mktemp("built") / "site"
    command = [sys.executable, "-c", "import sys; from pathlib import Path\n"]
    command[-1] += "from tools.make_site import make_site\n"
    command[-1] += "make_site(Path(sys.argv[1]))"
    run = subprocess.run([*command, str(out)], cwd=ROOT, text=True, capture_output=True)
    assert run.returncode == 0, run.stderr
    return out


@pytest.fixture(scope="module")
def pages(site) -> dict[str, Page]:
    """Every page of the site by its name."""
    return {
        path.relative_to(site).as_posix(): Page(path.read_text("utf-8"))
        for path in sorted(site.rglob("*.html"))
        if "_static" not in path.parts  # templates of the theme
    }


def test_every_notebook_and_document_is_a_page(pages):
    wanted = {f"notebooks/{path.stem}.html" for path in NOTEBOOKS}
    wanted |= {f"{path.stem}.html" for path in (ROOT / "docs").glob("*.md")}
    assert wanted <= set(pages)
    table = set(pages["index.html"].links)
    assert {f"notebooks/{path.stem}.html" for path in NOTEBOOKS} <= table


def test_every_figure_has_an_alternative_text(pages):
    figures = 0
    for path in NOTEBOOKS:
        outputs = [out for c in code_cells(load(path)) for out in c.outputs]
        stored = sum("image/png" in out.get("data", {}) for out in outputs)
        shown = [
            image
            for image in pages[f"notebooks/{path.stem}.html"].images
            if "_images/" in image["src"] and image["src"].endswith(".png")
        ]
        assert len(shown) == stored, path.name
        figures += stored
        texts = [image.get("alt", "") for image in shown]
        assert all(len(text) >= 20 for text in texts), texts
        assert len(set(texts)) == len(texts)
    assert figures > 40
    for name, page in pages.items():
        assert all(image.get("alt") for image in page.images), name


def test_every_internal_link_resolves(site, pages):
    count = 0
    for name, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or link in ("#", ""):
                continue
            target = name
            if parts.path:
                path = (site / name).parent / unquote(parts.path)
                assert path.resolve().is_file(), f"{name}: {link}"
                target = path.resolve().relative_to(site.resolve()).as_posix()
            if parts.fragment and target in pages:
                ids = pages[target].ids
                assert unquote(parts.fragment) in ids, f"{name}: {link}"
            count += 1
    assert count > 1000


def test_pages_load_only_files_of_the_site(site, pages):
    for name, page in pages.items():
        for load_ in page.loads:
            parts = urlsplit(load_)
            assert not parts.scheme and not parts.netloc, f"{name}: {load_}"
            assert ((site / name).parent / unquote(parts.path)).is_file(), load_
    for path in site.rglob("*.css"):
        text = re.sub(r"/\*.*?\*/", "", path.read_text("utf-8"), flags=re.DOTALL)
        assert not re.search(r"(?:url\(|@import)\s*['\"]?(?:https?:)?//", text), path


def test_the_arrows_lead_through_all_notebooks(site):
    for path, following in zip(NOTEBOOKS, NOTEBOOKS[1:], strict=False):
        text = (site / "notebooks" / f"{path.stem}.html").read_text("utf-8")
        arrow = re.search(r'<a class="right-next"\s+href="([^"]+)"', text)
        assert arrow.group(1) == f"{following.stem}.html"


def test_the_download_is_the_notebook_of_the_repository(site):
    for path in NOTEBOOKS:
        copy = site / "_sources" / "notebooks" / path.name
        assert copy.read_bytes() == path.read_bytes()


# --- in a browser ------------------------------------------------------------------


def test_without_a_browser_tests_are_skipped_unless_they_must_run(monkeypatch):
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("COURSE_BROWSER", raising=False)
    with pytest.raises(pytest.skip.Exception, match="install one of chromium"):
        open_browser().__enter__()
    monkeypatch.setenv("COURSE_BROWSER", "1")
    with pytest.raises(pytest.fail.Exception, match="install one of chromium"):
        open_browser().__enter__()


# Colours of text and of what is behind it, for some elements of the page.
CONTRASTS = """() => {
  const channels = c => c.match(/[\\d.]+/g).map(Number);
  const part = v => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  const light = c => 0.2126 * part(c[0]) + 0.7152 * part(c[1]) + 0.0722 * part(c[2]);
  const behind = e => {
    const layers = [];
    for (; e; e = e.parentElement) {
      const c = channels(getComputedStyle(e).backgroundColor);
      const alpha = c.length > 3 ? c[3] : 1;
      if (alpha > 0) layers.push([c, alpha]);
      if (alpha === 1) break;
    }
    let mixed = [255, 255, 255];
    for (const [c, a] of layers.reverse())
      mixed = mixed.map((m, i) => c[i] * a + m * (1 - a));
    return mixed;
  };
  const seen = {}, found = [];
  const walker = document.createTreeWalker(
    document.querySelector('#main-content') || document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const e = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !e.getClientRects().length) continue;
    if (e.closest('mjx-container, script, style, noscript')) continue;
    const kind = e.tagName + '.' + e.className;
    seen[kind] = (seen[kind] || 0) + 1;
    if (seen[kind] > 3) continue;
    const [a, b] = [channels(getComputedStyle(e).color), behind(e)].map(light);
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    found.push([kind, walker.currentNode.data.trim().slice(0, 30), ratio]);
  }
  return found;
}"""
TYPESET = "async () => { if (window.MathJax) await MathJax.startup.promise; }"
WIDER = """() => {
  const root = document.documentElement;
  return root.scrollWidth - root.clientWidth;
}"""
PHONE = {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def browser():
    """A browser for the tests below."""
    with open_browser() as browser:
        yield browser


class Visit:
    """A browser's page that notes console errors and requests to elsewhere."""

    def __init__(self, browser, home: str, **settings):
        self.home = home
        self.context = browser.new_context(**settings)
        self.page = self.context.new_page()
        self.complaints: list[str] = []
        self.page.on("console", self.on_console)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", self.on_request)
        self.page.on("requestfailed", lambda r: self.complaints.append(r.url))

    def on_console(self, message) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    def on_request(self, request) -> None:
        if not request.url.startswith((self.home, "data:", "blob:")):
            self.complaints.append(f"a request to {request.url}")

    def open(self, name: str):
        """Open a page of the site and wait until its formulas are set."""
        self.page.goto(f"{self.home}/{name}")
        self.page.evaluate(TYPESET)
        return self.page


@pytest.fixture
def visit(browser):
    """Make visits; their contexts are closed after the test."""
    visits: list[Visit] = []

    def make(home: str, **settings) -> Visit:
        visits.append(Visit(browser, home, **settings))
        return visits[-1]

    yield make
    for one in visits:
        one.context.close()


@pytest.fixture(scope="module")
def server(site):
    """The address at which the site is served on this machine."""
    handler = partial(QuietHandler, directory=str(site))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as served:
        threading.Thread(target=served.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{served.server_port}"
        served.shutdown()


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    """Serve files without a line in the log for each."""

    def log_message(self, *_) -> None:
        pass


def test_every_page_loads_cleanly_and_fits_a_phone(site, pages, visit):
    """From the folder, on a screen of 390 pixels, then on a wide one."""
    phone = visit(site.as_uri(), viewport=PHONE)
    formulas = 0
    for name in pages:
        page = phone.open(name)
        assert phone.complaints == [], name
        assert page.evaluate(WIDER) <= 0, f"{name} is wider than a phone"
        assert page.locator("mjx-merror, [data-mjx-error]").count() == 0, name
        formulas += page.locator("mjx-container svg").count()
        left = page.locator("#main-content .math").evaluate_all(
            "all => all.filter(e => !e.querySelector('mjx-container')).length"
        )
        assert left == 0, f"{name}: formulas that were not set"
    assert formulas > 300


def test_figures_and_folds_are_seen(site, visit):
    wide = visit(site.as_uri(), viewport={"width": 1280, "height": 800})
    page = wide.open("notebooks/04_lstm.html")
    drawn = page.locator(".cell_output img").evaluate_all(
        "all => all.map(e => [e.naturalWidth, e.getBoundingClientRect().width])"
    )
    assert drawn and all(natural > 0 and shown > 200 for natural, shown in drawn)
    fold = page.locator("details", has_text="Hint").first
    assert not fold.locator("p").first.is_visible()
    fold.locator("summary").click()
    assert fold.locator("p").first.is_visible()
    solution = page.locator("details.hide", has_text="Show the solution").first
    assert not solution.locator("pre").first.is_visible()
    solution.locator("summary").click()
    assert solution.locator("pre").first.is_visible()
    assert wide.complaints == []


@pytest.mark.parametrize("from_folder", [True, False], ids=["folder", "server"])
def test_search_finds_a_word(site, server, visit, from_folder):
    one = visit(site.as_uri() if from_folder else server)
    page = one.open("search.html?q=Viterbi")
    page.wait_for_selector("#search-results li a")
    found = page.locator("#search-results li a").evaluate_all(
        "all => all.map(e => e.getAttribute('href'))"
    )
    assert any("notebooks/01_language_models.html" in link for link in found), found
    page.locator("#search-results li a").first.click()
    page.wait_for_url("**/notebooks/**")
    assert "Viterbi" in page.content()
    assert one.complaints == []
    page = one.open("search.html?q=zzzyx")
    page.wait_for_function("document.body.innerText.includes('did not match')")


def test_the_search_button_leads_to_results(site, visit):
    one = visit(site.as_uri(), viewport={"width": 1280, "height": 800})
    page = one.open("index.html")
    page.locator(".search-button-field, .search-button__button").first.click()
    field = page.locator("input[name=q]:visible").first
    field.fill("perplexity")
    field.press("Enter")
    page.wait_for_selector("#search-results li a")
    assert "search.html" in page.url and one.complaints == []


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_text_can_be_read(site, visit, mode):
    """The contrast of text is at least 4.5, in light and dark mode (WCAG AA)."""
    one = visit(site.as_uri(), color_scheme=mode)
    looked_at = 0
    for name in ("index", "claims", "notebooks/01_language_models", "notebooks/05_gru"):
        page = one.open(f"{name}.html")
        theme = page.evaluate("document.documentElement.dataset.theme")
        assert theme == mode
        texts = page.evaluate(CONTRASTS)
        looked_at += len(texts)
        poor = [text for text in texts if text[2] < 4.5]
        assert not poor, f"{name}: {poor}"
    assert looked_at > 100


def test_figures_stay_on_white_in_dark_mode(site, visit):
    one = visit(site.as_uri(), color_scheme="dark")
    page = one.open("notebooks/04_lstm.html")
    looks = page.locator(".cell_output img").evaluate_all(
        "all => all.map(e => { const s = getComputedStyle(e);"
        " return [s.backgroundColor, s.filter]; })"
    )
    assert looks and all(look == ["rgb(255, 255, 255)", "none"] for look in looks)
