"""Write the slides: a reveal.js deck for each notebook, from its stored outputs.

    .venv/bin/python tools/make_slides.py

The decks go to build/slides/ and work there without a network: open
build/slides/index.html. Key S shows the speaker's view, with the notes of
docs/speaker_notes/. An older folder is replaced only when the new one is complete.

reveal.js and MathJax come from npm, once, into docs/node_modules/.
"""

import base64
import html
import re
import shutil
import struct
import sys
import time
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat
from nbconvert import SlidesExporter
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell
from pygments.formatters import HtmlFormatter

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tools.make_site import alt_text, open_folds  # noqa: E402
from tools.web_modules import ModulesError, install  # noqa: E402

OUT = ROOT / "build" / "slides"
NOTES = ROOT / "docs" / "speaker_notes"
LOOK = ROOT / "docs" / "slides"
CONTINUES = "The other commands (make run, make lab, make test) work without slides."

STAGE = {"width": 1280, "height": 720}
HEIGHT = 636  # of the room that the padding in docs/slides/deck.css leaves
FIGURE = (1150, 490)  # the largest width and height of a figure
ENLARGE = (1.2, 1.6)  # how much it grows: at least, if that fits, and at most
SKIPPED = {"setup", "checkpoint", "check"}  # tags of cells that no slide shows
QUESTION = re.compile(r"\*\*\d+\.\*\*")
ITEM = re.compile(r"(?:[-*]|\d+\.) ")
ANSWER = re.compile(r"<details>\s*<summary>Answer</summary>(.*?)</details>", re.DOTALL)
BADGE = re.compile(r"^\[!\[.*\n+", re.MULTILINE)  # a picture of another server
LINK = re.compile(r"(?<=\]\()(\d\d_\w+)\.ipynb(?=[)#])")  # to another notebook


class SlidesError(Exception):
    """Why there are no slides, what to do, and what still works."""


# --- how high is a cell? -----------------------------------------------------------


def lines_of(text: str, columns: int) -> int:
    """Return how many lines a text takes when lines break at a number of columns."""
    return sum(max(1, -(-len(line) // columns)) for line in text.split("\n"))


def plain(text: str) -> str:
    """Return a Markdown text about as long as a reader sees it.

    Example:

    >>> plain("A [link](https://host/long) and $\\\\mathbf{h}_t$")
    'A link and h_t'
    """
    text = re.sub(r"\]\([^)]*\)|</?\w+>|\*\*|[`\[]", "", text)
    text = re.sub(r"\\(?:[a-zA-Z]+(\{\w+\})?|.)", lambda m: (m[1] or "xx")[:3], text)
    return re.sub(r"[{}$]", "", text)


def markdown_height(text: str) -> int:
    """Estimate the height of a piece of Markdown, in pixels."""
    if text.startswith("#"):
        level = len(text) - len(text.lstrip("#"))
        size, room = {1: (64, 20), 2: (48, 16)}.get(level, (38, 12))
        return size * lines_of(plain(text), 2400 // size) + room
    if text.startswith("$$"):
        rows = text.count(r"\\") + 1
        tall = r"\frac" in text or r"\sum" in text or r"\prod" in text
        return 14 + rows * (62 if tall else 38) + 40 * (r"\underbrace" in text)
    if text.startswith("|"):
        rows = [row.strip("|").split("|") for row in text.split("\n")]
        widths = [
            max(len(plain(cell)) for cell in column)
            for column in zip(*rows, strict=False)
        ]
        share = min(1, 105 / sum(widths))
        return 14 + sum(
            9
            + 26
            * max(
                lines_of(plain(cell), max(8, int(share * width)))
                for cell, width in zip(row, widths, strict=False)
            )
            for row in rows
            if set("".join(row)) - set("-: ")
        )
    if text.startswith("```"):
        return 26 + 24 * (text.count("\n") - 1)
    return 14 + 34 * lines_of(plain(text), 98)


def code_height(source: str) -> int:
    """Estimate the height of a code cell's source, in pixels."""
    return 28 + 24 * lines_of(source, 104)


def output_height(output: NotebookNode) -> int:
    """Estimate the height of an output, in pixels."""
    data = output.get("data", {})
    if "image/png" in data:
        return output.metadata["image/png"]["height"] + 8
    if "text/html" in data:
        return 14 + 35 * data["text/html"].count("<tr")
    text = output.get("text", data.get("text/plain", ""))
    return 18 + 24 * lines_of(text.rstrip("\n"), 104)


# --- from a notebook to pieces -----------------------------------------------------


@dataclass
class Piece:
    """A part of a cell that stays whole.

    Args:
        cell: A cell with only this part.
        height: Its height in pixels, estimated.
        starts: What it starts: "slide", "subslide", "soft" (a sub-slide, unless the
            piece still fits well on the one before), "fragment", or nothing.
        stays: It must be on the same sub-slide as the piece before it.
        leads: It belongs to the piece after it: a heading, or a text with a colon.
        joint: What stood between it and the piece before it in the same cell.
    """

    cell: NotebookNode
    height: int
    starts: str = ""
    stays: bool = False
    leads: bool = False
    joint: str = ""


def blocks(text: str) -> Iterator[tuple[str, str]]:
    """Split Markdown into headings, paragraphs, items of lists, and formulas.

    Code between fences, a table, a formula and a folded part stay whole.

    Args:
        text: The source of a Markdown cell.

    Yields:
        What stood before the block (nothing, or one or two ends of line), and the
        block.

    Example:

    >>> list(blocks("# A\\n\\nText:\\n- one\\n- two"))
    [('', '# A'), ('\\n\\n', 'Text:'), ('\\n', '- one'), ('\\n', '- two')]
    """
    joint, block, whole, closed = "", "", None, False
    for line in text.strip().split("\n"):
        if whole:  # inside of something that ends with a line of its own
            block += "\n" + line
            closed = whole in line
            whole = None if closed else whole
            continue
        apart = (
            ITEM.match(line)
            or line.startswith(("#", "<details>", "|", "$$", "```"))
            and not (line.startswith("|") and block.startswith("|"))
            or block.startswith("#")
            or closed
        )
        if block and (apart or not line.strip()):
            yield joint, block
            joint, block, closed = "\n", "", False
        if not line.strip():
            joint = "\n\n" if joint else ""
            continue
        block += ("\n" if block else "") + line
        ends = {"```": "```", "$$": "$$", "<details>": "</details>"}
        for mark, end in ends.items():
            if line.startswith(mark) and end not in line[len(mark) :]:
                whole = end
    if block:
        yield joint, block


def table_parts(block: str) -> Iterator[str]:
    """Yield a block of Markdown, or a table that is too high in parts.

    Args:
        block: The block. Each part of a table gets the table's head.
    """
    head, rows = block.split("\n")[:2], block.split("\n")[2:]
    table = block.startswith("|")
    while table and len(rows) > 1 and markdown_height("\n".join(head + rows)) > HEIGHT:
        most = len(rows) - 1
        while markdown_height("\n".join(head + rows[:most])) > HEIGHT and most > 1:
            most -= 1
        yield "\n".join(head + rows[:most])
        rows = rows[most:]
    yield "\n".join(head + rows)


def markdown_pieces(cell: NotebookNode) -> Iterator[Piece]:
    """Yield the pieces of a Markdown cell."""
    caption = cell.source.startswith("*Figure:")
    for number, (joint, block) in enumerate(blocks(BADGE.sub("", cell.source))):
        text, starts = block, ""
        if block.startswith(("# ", "## ")):
            starts = "slide"
        elif block.startswith("### ") or QUESTION.match(block):
            starts = "subslide"
        elif number == 0 and not caption:
            starts = "soft"
        answer = ANSWER.fullmatch(block)
        if answer:
            text, starts, joint = answer.group(1).strip(), "fragment", ""
        elif block.startswith("<details>"):
            text = open_folds(block)
        first, *others = table_parts(text)
        yield Piece(
            new_markdown_cell(LINK.sub(r"\1.html", first)),
            markdown_height(first) + 34 * block.startswith("<details>"),
            starts,
            stays=number == 0 and caption or starts == "fragment",
            leads=block.startswith("#") or block.endswith(":"),
            joint=joint if number else "",
        )
        for other in others:
            part = LINK.sub(r"\1.html", other)
            again = new_markdown_cell(part, metadata={"continued": True})
            yield Piece(again, markdown_height(other))


def figure_size(png: str, room: int, most: int = HEIGHT) -> tuple[int, int]:
    """Return the width and height at which a figure is shown.

    Args:
        png: The picture, in base64.
        room: The height that is left below the code. If a smaller figure fits there
            and is still readable, it gets smaller.
        most: The height that its caption leaves on a sub-slide.

    Example: a figure of 586 × 298 pixels is shown with 938 × 477, or, with 380
    pixels of room, with 747 × 380.
    """
    width, height = struct.unpack(">II", base64.b64decode(png[:32])[16:24])
    largest = min(ENLARGE[1], FIGURE[0] / width, min(FIGURE[1], most) / height)
    scale = largest if room < ENLARGE[0] * height else min(largest, room / height)
    return round(scale * width), round(scale * height)


def code_parts(source: str) -> Iterator[str]:
    """Yield the source of a cell, or, if it is too high, parts that end at a gap.

    Args:
        source: The source of a code cell.
    """
    lines = source.split("\n")
    while code_height("\n".join(lines)) > HEIGHT:
        most = next(
            n
            for n in range(len(lines))
            if code_height("\n".join(lines[: n + 1])) > HEIGHT
        )
        gaps = [n for n in range(1, most + 1) if not lines[n].strip()]
        cut = gaps[-1] if gaps else most
        yield "\n".join(lines[:cut]).rstrip("\n")
        lines = "\n".join(lines[cut:]).lstrip("\n").split("\n")
    yield "\n".join(lines)


def output_parts(output: NotebookNode) -> Iterator[NotebookNode]:
    """Yield an output, or, if its text is too high for a slide, parts of equal length.

    Args:
        output: An output of a code cell.
    """
    lines = output.get("text", "").rstrip("\n").split("\n")
    parts = -(-output_height(output) // HEIGHT) if "text" in output else 1
    for number in range(parts):
        part = deepcopy(output)
        if parts > 1:
            of = slice(*(len(lines) * n // parts for n in (number, number + 1)))
            part.text = "\n".join(lines[of])
        yield part


def code_pieces(cell: NotebookNode, caption: str) -> Iterator[Piece]:
    """Yield a code cell's source, and each of its outputs.

    Args:
        cell: The cell.
        caption: The text of the Markdown cell below it.
    """
    for part in code_parts(cell.source):
        source = deepcopy(cell)
        source.source, source.outputs = part, []
        height = code_height(part)
        yield Piece(source, height)
    _, first = next(blocks(caption), ("", ""))
    outputs = deepcopy(cell.outputs)
    figures = [output for output in outputs if "image/png" in output.get("data", {})]
    most = HEIGHT - markdown_height(first) - 8
    room = most - height
    room -= sum(output_height(output) for output in outputs if output not in figures)
    for output in figures:
        width, height = figure_size(
            output.data["image/png"], room // len(figures), most
        )
        alt = alt_text(first)
        output.metadata["image/png"] = dict(width=width, height=height, alt=alt)
    outputs.sort(key=figures.__contains__)  # a figure stands above its caption
    for output in chain.from_iterable(map(output_parts, outputs)):
        shown = deepcopy(cell)
        shown.outputs = [output]
        shown.metadata["transient"] = {"remove_source": True}
        yield Piece(shown, output_height(output))


def pieces(notebook: NotebookNode) -> list[Piece]:
    """Return what the slides of a notebook show, in order.

    The set-up, checkpoints and checks are left out. A solution becomes a note.
    """
    found: list[Piece] = []
    section = ""
    below = [*notebook.cells[1:], new_markdown_cell("")]
    for cell, after in zip(notebook.cells, below, strict=True):
        tags = set(cell.metadata.get("tags", []))
        if cell.cell_type == "markdown":
            found += markdown_pieces(cell)
            titles = re.findall(r"^## (.*)", cell.source, re.MULTILINE)
            section = titles[-1] if titles else section
        elif "solution" in tags:
            note = deepcopy(cell)
            note.outputs, note.metadata["slideshow"] = [], {"slide_type": "notes"}
            found.append(Piece(note, 0, stays=True))
        elif cell.cell_type == "code" and section != "Set-up" and not tags & SKIPPED:
            found += code_pieces(cell, after.source)
    return found


# --- from pieces to slides ---------------------------------------------------------


def units(found: list[Piece]) -> list[list[Piece]]:
    """Put together the pieces that one sub-slide must hold, as far as they fit.

    A code cell and its outputs, a figure and its caption, a heading and what
    follows it.
    """
    groups: list[list[Piece]] = []
    for piece in found:
        if piece.stays and groups and height([*groups[-1], piece]) <= HEIGHT:
            groups[-1].append(piece)
        else:
            groups.append([piece])
    for number in range(len(groups) - 1, 0, -1):
        before, group = groups[number - 1], groups[number]
        output = group[0].cell.metadata.get("transient") is not None
        together = before[-1].leads or output
        alone = len(before) == 1 and before[0].starts == "slide"
        if group[0].starts == "subslide":
            together = alone  # "## Quiz" and its first question
        if together and group[0].starts != "slide":
            if height(before) + height(group) <= HEIGHT:
                groups[number - 1 : number + 1] = [before + group]
    return groups


def height(group: list[Piece]) -> int:
    """Return the height of some pieces together."""
    return sum(piece.height for piece in group)


def pack(found: list[Piece]) -> list[list[Piece]]:
    """Distribute pieces over sub-slides so that none is too high.

    The first piece of a sub-slide starts with "slide" or "subslide".

    Args:
        found: The pieces of a notebook. What they start is changed.
    """
    groups = units(found)
    packed: list[list[Piece]] = []
    used = 0
    for number, group in enumerate(groups):
        first = group[0]
        fits = used + height(group) <= HEIGHT
        if first.starts == "soft":
            idea = height(group)  # as far as the next possible start
            for later in groups[number + 1 :]:
                if later[0].starts:
                    break
                idea += height(later)
            fits = used < HEIGHT / 2 and used + idea <= HEIGHT
        if first.starts in ("slide", "subslide") or not fits or not packed:
            first.starts = "slide" if first.starts == "slide" else "subslide"
            packed.append([])
            used = 0
        elif first.starts == "soft":
            first.starts = ""
        packed[-1] += group
        used += height(group)
    return packed


def merged(group: list[Piece]) -> list[NotebookNode]:
    """Return the cells of a sub-slide: neighbours of one cell are one cell again."""
    cells: list[NotebookNode] = []
    for number, piece in enumerate(group):
        kind = piece.cell.metadata.get("slideshow", {}).get("slide_type")
        if not kind:
            kind = piece.starts if number == 0 or piece.starts == "fragment" else "-"
        if piece.joint and number and cells[-1].cell_type == "markdown":
            cells[-1].source += piece.joint + piece.cell.source
            continue
        piece.cell.metadata["slideshow"] = {"slide_type": kind}
        cells.append(piece.cell)
    return cells


def slides(notebook: NotebookNode, notes: dict[str, str]) -> NotebookNode:
    """Return a copy whose cells are parts of slides, by the metadata of Jupyter.

    Each `##` section is a slide, with sub-slides below it. Each `###` heading and
    each question of the quiz starts a sub-slide; an answer is a fragment. A text, the
    code after it and its output are together where they fit, and else are split.

    Args:
        notebook: The notebook, with outputs. It stays as it is.
        notes: The speaker's notes for each section's title; "" for the first slide.
    """
    deck = deepcopy(notebook)
    deck.cells = []
    for group in pack(pieces(notebook)):
        cells = merged(group)
        if group[0].starts == "slide":
            title = cells[0].source.partition("\n")[0]
            note = notes.get(title.removeprefix("## "), "")
            if title.startswith("# "):
                note = notes.get("", "")
            if note:
                kind = {"slideshow": {"slide_type": "notes"}}
                cells.append(new_markdown_cell(note, metadata=kind))
        deck.cells += cells
    for number, cell in enumerate(deck.cells):
        cell["id"] = f"cell-{number}"
    return deck


def read_notes(text: str) -> dict[str, str]:
    """Return the speaker's notes: the text below each `##` heading.

    Args:
        text: A file of docs/speaker_notes. The text between its `#` title and the
            first `##` heading has the name "".
    """
    first, *parts = re.split(r"^## ", text, flags=re.MULTILINE)
    notes = {"": re.sub(r"^# .*\n+", "", first).strip()}
    for part in parts:
        title, _, rest = part.partition("\n")
        notes[title.strip()] = rest.strip()
    return notes


# --- the pages ---------------------------------------------------------------------


def deck_page(notebook: NotebookNode, notes: dict[str, str]) -> tuple[str, str, int]:
    """Return a deck's title, its page, and how many sub-slides it has."""
    deck = slides(notebook, notes)
    deck.metadata["title"] = deck.cells[0].source.partition("\n")[0].strip("# ")
    exporter = SlidesExporter(
        raw_template=(LOOK / "deck.html.j2").read_text("utf-8"),
        exclude_input_prompt=True,
        exclude_output_prompt=True,
        exclude_anchor_links=True,
    )
    page, _ = exporter.from_notebook_node(deck, {"stage": STAGE})
    kinds = [cell.metadata.slideshow.slide_type for cell in deck.cells]
    return deck.metadata["title"], page, sum("slide" in kind for kind in kinds)


def index_page(decks: list[tuple[str, str, int]]) -> str:
    """Return the page that lists the decks.

    Args:
        decks: File name, title and number of sub-slides of each.
    """
    rows = "\n".join(
        f'<li><a href="{name}">{html.escape(title)}</a> ({count} slides)</li>'
        for name, title, count in decks
    )
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Recurrent Networks, Measured: slides</title>
<style>
body {{ font: 20px/1.6 sans-serif; max-width: 42em; margin: 2em auto; padding: 0 1em }}
ul {{ list-style: none; padding: 0 }}
</style>
</head>
<body>
<h1>Recurrent Networks, Measured: slides</h1>
<ul>
{rows}
</ul>
<p>Keys: → next section, ↓ next slide, Space all slides in order, S the speaker's view
with notes and a clock, O overview, F full screen, ? help. For a PDF, put
<code>?print-pdf</code> after the address and print.</p>
</body>
</html>
"""


def write_slides(out: Path) -> list[tuple[str, str, int]]:
    """Write all decks, or leave everything as it was.

    Args:
        out: The folder of the decks. An older one is replaced at the end.

    Returns:
        File name, title and number of sub-slides of each deck.

    Raises:
        SlidesError: If something is missing or wrong.
        OSError: If a folder cannot be written.
    """
    paths = sorted((ROOT / "notebooks").glob("*.ipynb"))
    if not paths:
        raise SlidesError(f"There is no notebook in {ROOT / 'notebooks'}.")
    try:
        modules = install(ROOT / "docs")
    except ModulesError as error:
        raise SlidesError(f"{error}\n{CONTINUES}") from error
    out.parent.mkdir(exist_ok=True)
    with TemporaryDirectory(dir=out.parent, prefix="slides-") as temporary:
        folder, decks = Path(temporary) / "slides", []
        copy_modules(modules, folder / "web")
        for path in paths:
            notes = NOTES / f"{path.stem}.md"
            try:
                text = notes.read_text("utf-8") if notes.exists() else ""
                notebook = nbformat.read(path, as_version=4)
                title, page, count = deck_page(notebook, read_notes(text))
            except (ValueError, AttributeError) as error:
                raise SlidesError(f"{path.name} cannot be shown: {error}") from error
            name = f"{path.stem}.html"
            (folder / name).write_text(page, "utf-8")
            decks.append((name, title, count))
        (folder / "index.html").write_text(index_page(decks), "utf-8")
        if out.exists():
            shutil.rmtree(out)
        folder.rename(out)
    return decks


def copy_modules(modules: Path, web: Path) -> None:
    """Copy what the decks load into the folder beside them.

    Args:
        modules: The folder of npm packages.
        web: The folder to make.
    """
    reveal = modules / "reveal.js"
    for part in ("dist/reveal.js", "dist/reveal.css", "plugin/notes/notes.js"):
        (web / "reveal.js" / part).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(reveal / part, web / "reveal.js" / part)
    fonts = "dist/theme/fonts/source-sans-pro"
    shutil.copytree(reveal / fonts, web / "reveal.js" / fonts)
    shutil.copy(reveal / "LICENSE", web / "reveal.js")
    (web / "mathjax").mkdir()
    for part in ("LICENSE", "es5/tex-svg-full.js"):
        shutil.copy(modules / "mathjax" / part, web / "mathjax")
    shutil.copy(LOOK / "deck.css", web)
    colours = HtmlFormatter(style="default").get_style_defs(".highlight")
    (web / "highlight.css").write_text(colours, "utf-8")


def main() -> int:
    """Write the slides and return the exit status."""
    start = time.monotonic()
    try:
        decks = write_slides(OUT)
    except (SlidesError, OSError) as error:
        print(f"No slides were written. {error}", file=sys.stderr)
        return 1
    count = sum(number for _, _, number in decks)
    seconds = time.monotonic() - start
    print(f"{len(decks)} decks, {count} slides, {seconds:.0f} s: {OUT / 'index.html'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
