"""Build the course site: all notebooks, with search, to read in a browser.

    .venv/bin/python tools/make_site.py

The site goes to build/site/ and works there without a network: open
build/site/index.html. No notebook is run; the pages show the committed outputs.
An older site is replaced only when the new one is complete.
"""

import importlib.util
import os
import posixpath
import re
import shutil
import subprocess
import sys
import time
from copy import deepcopy
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat
from nbformat import NotebookNode

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tools.set_address import IN_PYPROJECT  # noqa: E402
from tools.web_modules import ModulesError, install  # noqa: E402

OUT = ROOT / "build" / "site"
NEEDED = ("sphinx", "myst_nb", "sphinx_book_theme")
MATHJAX = "mathjax/es5/tex-svg-full.js"  # all of MathJax in one file
CONTINUES = "The other commands (make run, make lab, make test) work without it."
CAPTION = re.compile(r"^\*Figure: (.*?)\*$", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"(^```.*?^```|`[^`\n]*`)", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"(?<=\]\()([^()\s]+)(?=\))")
BADGES = {
    "https://colab.research.google.com/assets/colab-badge.svg": "static/colab.svg",
    "https://mybinder.org/badge_logo.svg": "static/binder.svg",
}


class SiteError(Exception):
    """Why there is no site, what to do, and what still works."""


# --- from a notebook to a page -----------------------------------------------------


def alt_text(caption: str) -> str:
    """Return a figure's alternative text: its caption, without Markdown and TeX.

    Args:
        caption: A Markdown cell that begins with `*Figure: …*`.

    Raises:
        ValueError: If it does not.

    Example:

    >>> alt_text("*Figure: loss of `GRU(8)` at $\\\\lambda = 1$.*")
    'Loss of GRU(8) at λ = 1.'
    """
    found = CAPTION.match(caption)
    if not found:
        raise ValueError(f"expected *Figure: …*, got: {caption[:80]}")
    text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", found.group(1))  # links
    text = re.sub(r"\$([^$]*)\$", lambda tex: plain_tex(tex.group(1)), text)
    text = re.sub(r"[`*]", "", text)
    text = " ".join(text.split())
    return text[0].upper() + text[1:]


def plain_tex(tex: str) -> str:
    """Return a short formula as text that can be read aloud.

    Example:

    >>> plain_tex(r"\\\\mathbf{h}_{t-1} \\\\le 10^{-6}")
    'h_t-1 ≤ 10^-6'
    """
    greek = "alpha α beta β gamma γ eta η lambda λ rho ρ sigma σ tau τ"
    signs = "le ≤ ge ≥ pm ± times × cdot · odot ⊙ to → infty ∞ log log tanh tanh"
    words = iter((greek + " " + signs).split())
    spoken = dict(zip(words, words, strict=True))
    tex = re.sub(
        r"\\([a-zA-Z]+)", lambda command: spoken.get(command.group(1), ""), tex
    )
    return " ".join(re.sub(r"[{}\\]", "", tex).split())


def open_folds(text: str) -> str:
    """Put empty lines around what is folded, so that Markdown in it is rendered.

    Example:

    >>> open_folds("<details><summary>Hint</summary>Use `np.add.at`.</details>")
    '<details><summary>Hint</summary>\\n\\nUse `np.add.at`.\\n\\n</details>'
    """
    text = re.sub(r"(</summary>)\s*", r"\1\n\n", text)
    return re.sub(r"\s*(</details>)", r"\n\n\1", text)


def site_links(text: str, source: str, pages: dict[str, str], address: str) -> str:
    """Return a Markdown text whose links work in the site.

    A link to a file that is a page of the site leads to that page. One to another
    file of the repository leads to the file at the public address. Links to the web
    stay, and so does everything in code. Badges become pictures of the site.

    Args:
        text: The text.
        source: The file that it comes from, such as `"notebooks/05_gru.ipynb"`.
        pages: Where each file of the site lies in its sources.
        address: The public address of the repository.

    Raises:
        SiteError: If a link leads to no file.
    """
    here = posixpath.dirname(pages.get(source, ""))

    def site_link(found: re.Match) -> str:
        link = found.group()
        if link in BADGES:
            return posixpath.relpath(BADGES[link], here or ".")
        if re.match(r"[a-z]+:|#", link):
            return link
        path, mark, anchor = link.partition("#")
        target = posixpath.normpath(posixpath.join(posixpath.dirname(source), path))
        if target in pages:
            return posixpath.relpath(pages[target], here or ".") + mark + anchor
        if not (ROOT / target).exists():
            raise SiteError(f"{source} has a link to {link}, which does not exist.")
        kind = "tree" if (ROOT / target).is_dir() else "blob"
        return f"{address}/{kind}/main/{target}{mark}{anchor}"

    parts = CODE.split(text)  # every second part is code
    parts[::2] = [LINK.sub(site_link, part) for part in parts[::2]]
    return "".join(parts)


def site_notebook(notebook: NotebookNode) -> NotebookNode:
    """Return a copy with alternative texts, folds that open, and folded solutions.

    Args:
        notebook: A notebook with outputs. It stays as it is.

    Raises:
        ValueError: If a figure has no caption below it.
    """
    page = deepcopy(notebook)
    for cell, below in zip(page.cells, [*page.cells[1:], None], strict=True):
        if cell.cell_type == "markdown":
            cell.source = open_folds(cell.source)
            continue
        if any("image/png" in output.get("data", {}) for output in cell.outputs):
            caption = below.source if below is not None else "(nothing)"
            cell.metadata["mystnb"] = {"image": {"alt": alt_text(caption)}}
        if cell.metadata.get("jupyter", {}).get("source_hidden"):
            cell.metadata["tags"] = [*cell.metadata.get("tags", []), "hide-cell"]
            cell.metadata.setdefault("mystnb", {}).update(
                code_prompt_show="Show the solution",
                code_prompt_hide="Hide the solution",
            )
    return page


# --- the site ----------------------------------------------------------------------


def public_address() -> str:
    """Return the repository's public address."""
    return IN_PYPROJECT.search((ROOT / "pyproject.toml").read_text("utf-8")).group()


def write_sources(folder: Path, modules: Path) -> None:
    """Write what Sphinx reads: pages, notebooks, configuration, MathJax.

    Args:
        folder: An empty folder.
        modules: The folder of npm packages.

    Raises:
        SiteError: If a page cannot be read, or a link or a caption is wrong.
    """
    address = public_address()
    notebooks = sorted((ROOT / "notebooks").glob("*.ipynb"))
    if not notebooks:
        raise SiteError(f"There is no notebook in {ROOT / 'notebooks'}.")
    documents = sorted((ROOT / "docs").glob("*.md"))
    pages = {f"notebooks/{path.name}": f"notebooks/{path.name}" for path in notebooks}
    pages |= {f"docs/{path.name}": path.name for path in documents}
    shutil.copy(ROOT / "docs" / "conf.py", folder)
    shutil.copytree(ROOT / "docs" / "static", folder / "static")
    (folder / "static" / "mathjax").mkdir()
    shutil.copy(modules / MATHJAX, folder / "static" / "mathjax")
    (folder / "notebooks").mkdir()
    for path in notebooks:
        source = f"notebooks/{path.name}"
        try:
            page = site_notebook(nbformat.read(path, as_version=4))
        except (ValueError, AttributeError) as error:
            raise SiteError(f"{source} cannot be shown: {error}") from error
        for cell in page.cells:
            if cell.cell_type == "markdown":
                cell.source = site_links(cell.source, source, pages, address)
        nbformat.write(page, folder / pages[source])
    # README.md is no page, but index.md includes its table of notebooks.
    for path in [*documents, ROOT / "README.md"]:
        source = path.relative_to(ROOT).as_posix()
        text = site_links(path.read_text("utf-8"), source, pages, address)
        (folder / path.name).write_text(text, "utf-8")


def run_sphinx(sources: Path, site: Path) -> None:
    """Let Sphinx make the site; any warning is an error.

    Args:
        sources: The folder that `write_sources` has filled.
        site: The folder to make.

    Raises:
        SiteError: If Sphinx warns or fails, with what it said.
    """
    command = [sys.executable, "-m", "sphinx", "-b", "html", "-q", "-W"]
    command += ["--keep-going", "-d", str(sources.parent / "doctrees")]
    run = subprocess.run(
        [*command, str(sources), str(site)],
        env={**os.environ, "COURSE_ADDRESS": public_address()},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if run.returncode:
        said = run.stdout.replace(str(sources) + os.sep, "").strip()
        raise SiteError(f"Sphinx says:\n{said[-4000:]}")


def check_tools() -> None:
    """Raise a SiteError if this Python or its packages do not suffice."""
    if sys.version_info < (3, 11):
        raise SiteError(
            "The site is built with Python 3.11 to 3.13; .venv has "
            f"{sys.version_info[0]}.{sys.version_info[1]}."
        )
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise SiteError(
            f"Missing in this Python: {', '.join(missing)}. To install:  "
            "python3 tools/setup_env.py --web"
        )


def make_site(out: Path) -> None:
    """Build the site, or leave everything as it was.

    Args:
        out: The folder of the site. An older one is replaced at the end.

    Raises:
        SiteError: If something is missing or wrong.
        ModulesError: If MathJax is missing and cannot be fetched.
        OSError: If the folder cannot be written.
    """
    check_tools()
    modules = install(ROOT / "docs")
    out.parent.mkdir(exist_ok=True)
    with TemporaryDirectory(dir=out.parent, prefix="site-") as temporary:
        sources, site = Path(temporary) / "sources", Path(temporary) / "site"
        sources.mkdir()
        write_sources(sources, modules)
        run_sphinx(sources, site)
        for path in (ROOT / "notebooks").glob("*.ipynb"):
            # The download button gives the notebook as it is in the repository.
            shutil.copy(path, site / "_sources" / "notebooks" / path.name)
        if out.exists():
            shutil.rmtree(out)
        site.rename(out)


def main() -> int:
    """Build the site and return the exit status."""
    start = time.monotonic()
    try:
        make_site(OUT)
    except (SiteError, ModulesError, OSError) as error:
        print(f"No site was built. {error}\n{CONTINUES}", file=sys.stderr)
        return 1
    pages = sum("_static" not in path.parts for path in OUT.rglob("*.html"))
    seconds = time.monotonic() - start
    print(f"{pages} pages in {seconds:.0f} s: {OUT / 'index.html'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
