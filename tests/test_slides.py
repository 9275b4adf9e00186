"""The slides: the rule that makes them, the notes, the faults, and how they look.

The last part opens every deck in a real browser, from a folder, and measures every
slide. Without a browser or the npm packages these tests are skipped, unless
COURSE_BROWSER=1.
"""

import base64
import json
import re
import shutil
import struct
from collections import Counter
from copy import deepcopy
from pathlib import Path

import nbformat
import pytest
from browser import need, open_browser
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from notebook_cells import NOTEBOOKS, ROOT, code_cells, load, tags
from test_notebooks import IN_CODE

from tools import make_slides, web_modules

BULLETS = ("- **Time:** ", "- **Ask:** ", "- **Misunderstanding:** ")
SMALLEST = {"p": 20, "li": 20, "h3": 24, "td": 20, "th": 20, "pre": 16, "code": 16}

for_every_notebook = pytest.mark.parametrize(
    "path", NOTEBOOKS, ids=[path.stem for path in NOTEBOOKS]
)


def kind(cell) -> str:
    """Return a cell's part in the slides."""
    return cell.metadata.slideshow.slide_type


def stacks(deck) -> list[list[list]]:
    """Return a deck's cells: slides of sub-slides of cells, without the notes."""
    found: list[list[list]] = []
    for cell in deck.cells:
        if kind(cell) == "slide":
            found.append([])
        if kind(cell) in ("slide", "subslide"):
            found[-1].append([])
        if kind(cell) != "notes":
            found[-1][-1].append(cell)
    return found


def sub_slides(deck) -> list[list]:
    """Return a deck's cells by sub-slide, without the notes."""
    return [cells for stack in stacks(deck) for cells in stack]


def deck_of(*cells) -> nbformat.NotebookNode:
    """Return the slides of a notebook with these cells after its title."""
    notebook = new_notebook(cells=[new_markdown_cell("# T\n\nText."), *cells])
    return make_slides.slides(notebook, {})


def unrepeated(cell) -> str:
    """Return a cell's text without the head of a table that only goes on here."""
    return (
        cell.source.split("\n", 2)[2] if cell.metadata.get("continued") else cell.source
    )


def words(text: str) -> str:
    """Return a text without spaces, folds and badges, to compare what it says."""
    text = re.sub(r"^\[!\[.*$|</?details>|</?summary>", "", text, flags=re.M)
    text = re.sub(r"(?<=\w)\.(ipynb|html)", "", text)
    return "".join(text.split())


# --- the rule, on every notebook -----------------------------------------------------


@for_every_notebook
def test_each_section_is_a_slide(path):
    text = "\n\n".join(c.source for c in load(path).cells if c.cell_type == "markdown")
    titles = re.findall(r"^##? .*", text, re.MULTILINE)
    deck = make_slides.slides(load(path), {})
    first = [cells[0][0].source.split("\n")[0] for cells in stacks(deck)]
    assert first == titles


@for_every_notebook
def test_the_prose_is_complete_and_in_order(path):
    full = [c.source for c in load(path).cells if c.cell_type == "markdown"]
    deck = make_slides.slides(load(path), {})
    shown = [unrepeated(c) for c in deck.cells if c.cell_type == "markdown"]
    answers = re.compile("<summary>Answer</summary>")
    assert words("".join(shown)) == words(answers.sub("", "".join(full)))


@for_every_notebook
def test_code_and_outputs_are_complete_but_for_set_up_and_checks(path):
    left_out = {"setup", "checkpoint", "check", "solution"}
    notebook = load(path)
    wanted = [c for c in code_cells(notebook) if not left_out & set(tags(c))]
    wanted = wanted[1:]  # without the second cell of the set-up
    deck = make_slides.slides(notebook, {})
    shown = [c for cells in sub_slides(deck) for c in cells if c.cell_type == "code"]
    sources = [c.source for c in shown if not c.metadata.get("transient")]
    assert words("".join(sources)) == words("".join(c.source for c in wanted))

    def texts(cells):
        kinds = [
            sorted(cell.outputs, key=lambda output: "image/png" in str(output))
            for cell in cells
        ]
        outputs = [output for some in kinds for output in some]
        found = (output.get("text", str(output.get("data"))) for output in outputs)
        return "".join("".join(found).split())

    assert texts(shown) == texts(wanted)


@for_every_notebook
def test_solutions_are_notes_and_answers_are_fragments(path):
    notebook = load(path)
    deck = make_slides.slides(notebook, {})
    solutions = [c.source for c in notebook.cells if "solution" in tags(c)]
    assert [c.source for c in deck.cells if kind(c) == "notes"] == solutions
    answers = [c for c in deck.cells if kind(c) == "fragment"]
    assert len(answers) >= 5
    for cells in stacks(deck)[-2]:  # the quiz: a question, and its answer
        assert [kind(cell) for cell in cells[1:]] == ["fragment"]
        assert re.match(r"(## Quiz\n\n)?\*\*\d\.\*\* ", cells[0].source)
        assert "Answer" not in cells[0].source


@for_every_notebook
def test_what_belongs_together_is_together(path):
    for cells in sub_slides(make_slides.slides(load(path), {})):
        figures = [c for c in cells if "image/png" in str(c.get("outputs"))]
        captions = [c for c in cells if c.source.startswith("*Figure:")]
        assert len(figures) == len(captions)
        last = cells[-1]
        lines = last.source.strip().split("\n")
        too_high = len(cells) == 1  # what follows needs a sub-slide of its own
        if last.cell_type == "markdown" and not too_high:
            assert not lines[-1].startswith("#"), lines[-1]


@for_every_notebook
def test_no_sub_slide_is_estimated_too_high(path):
    for group in make_slides.pack(make_slides.pieces(load(path))):
        assert make_slides.height(group) <= make_slides.HEIGHT, group


@for_every_notebook
def test_figures_have_a_size_and_an_alternative_text(path):
    deck = make_slides.slides(load(path), {})
    for cell in deck.cells:
        for output in cell.get("outputs", []):
            if "image/png" in output.get("data", {}):
                shown = output.metadata["image/png"]
                assert 0 < shown["width"] <= 1150 and 0 < shown["height"] <= 490
                assert len(shown["alt"]) > 20


@for_every_notebook
def test_the_notebook_is_not_changed(path):
    notebook = load(path)
    before = deepcopy(notebook)
    make_slides.slides(notebook, {"": "A note."})
    assert notebook == before


# --- the rule, on small notebooks ----------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# A\n\nText.", ["# A", "Text."]),
        ("# A\nText.", ["# A", "Text."]),
        ("One\nline.\n\nTwo.", ["One\nline.", "Two."]),
        ("See:\n- a\n  more\n- b", ["See:", "- a\n  more", "- b"]),
        ("1. a\n2. b", ["1. a", "2. b"]),
        ("| a |\n|---|\n| b |\n\nText.", ["| a |\n|---|\n| b |", "Text."]),
        ("$$a$$\n\n$$\nb\n\nc\n$$", ["$$a$$", "$$\nb\n\nc\n$$"]),
        ("```\n# no\n\nheading\n```\nText.", ["```\n# no\n\nheading\n```", "Text."]),
        (
            "**1.** Q?\n<details><summary>Answer</summary>A.</details>",
            ["**1.** Q?", "<details><summary>Answer</summary>A.</details>"],
        ),
        ("<details>\na\n\nb\n</details>\nc", ["<details>\na\n\nb\n</details>", "c"]),
        ("", []),
    ],
)
def test_blocks_of_markdown(text, expected):
    assert [block for _, block in make_slides.blocks(text)] == expected


@for_every_notebook
def test_the_joints_put_the_blocks_together_again(path):
    for cell in load(path).cells:
        if cell.cell_type == "markdown":
            parts = make_slides.blocks(cell.source)
            assert "".join(joint + block for joint, block in parts) == cell.source


def png(width: int, height: int) -> str:
    """Return the beginning of a picture of this size, in base64."""
    head = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + b"IHDR"
    return base64.b64encode(head + struct.pack(">II", width, height)).decode()


@pytest.mark.parametrize(
    ("size", "room", "expected"),
    [
        ((586, 298), 900, (938, 477)),  # 1.6 times
        ((586, 298), 380, (747, 380)),  # smaller, to stay with its code
        ((586, 298), 300, (938, 477)),  # too small then: a sub-slide of its own
        ((694, 460), 900, (739, 490)),  # as high as it may be
        ((730, 307), 900, (1150, 484)),  # as wide as it may be
        ((2000, 400), 900, (1150, 230)),  # smaller than it is
    ],
)
def test_the_size_of_a_figure(size, room, expected):
    assert make_slides.figure_size(png(*size), room) == expected


def test_a_figure_leaves_room_for_a_long_caption():
    cell = new_code_cell("plot()")
    cell.outputs = [new_output("display_data", data={"image/png": png(586, 298)})]
    caption = new_markdown_cell("*Figure: " + 120 * "word " + "end.*")
    last = sub_slides(deck_of(cell, caption))[-1]
    assert [c.cell_type for c in last] == ["code", "markdown"]
    used = last[0].outputs[0].metadata["image/png"]["height"]
    assert 0 < used <= make_slides.HEIGHT - make_slides.markdown_height(caption.source)


def code(lines: int, *outputs, **metadata) -> nbformat.NotebookNode:
    """Return a code cell with so many lines."""
    cell = new_code_cell("\n".join(f"x = {n}" for n in range(lines)), metadata=metadata)
    cell.outputs = list(outputs)
    return cell


def text_output(lines: int):
    """Return an output of so many lines."""
    return new_output("stream", text="\n".join(f"line {n}" for n in range(lines)))


def test_text_code_and_output_are_together_where_they_fit():
    deck = deck_of(new_markdown_cell("## A\n\nText:"), code(5, text_output(5)))
    assert [len(cells) for cells in sub_slides(deck)] == [1, 3]


def test_long_code_and_long_output_are_on_two_sub_slides():
    deck = deck_of(new_markdown_cell("## A\n\nText."), code(20, text_output(20)))
    assert [len(cells) for cells in sub_slides(deck)] == [1, 2, 1]
    code_slide, output_slide = (cells[-1] for cells in sub_slides(deck)[1:])
    assert code_slide.source and not code_slide.outputs
    assert output_slide.metadata.transient.remove_source and output_slide.outputs


def test_a_very_long_output_is_split_and_no_line_is_lost():
    deck = deck_of(code(3, text_output(90)))
    parts = [c.outputs[0].text for c in deck.cells if c.get("outputs")]
    assert len(parts) == 4
    assert "\n".join(parts) == text_output(90).text


def test_long_prose_is_split_at_paragraphs_and_items():
    paragraphs = "\n\n".join(f"Paragraph {n}. " + 60 * "Word. " for n in range(8))
    items = "\n".join(f"- item {n} " + 30 * "word " for n in range(20))
    deck = deck_of(new_markdown_cell(f"## A\n\n{paragraphs}\n\n{items}"))
    texts = [cells[0].source for cells in sub_slides(deck)[1:]]
    assert len(texts) >= 4
    assert "\n".join(texts).split() == f"## A {paragraphs} {items}".split()
    for text in texts:
        assert text.startswith(("## A", "Paragraph", "- item"))


def test_a_long_table_is_split_and_gets_its_head_again():
    rows = [f"| row {n} | text |" for n in range(40)]
    head = ["| a | b |", "|---|---|"]
    table = new_markdown_cell("\n".join(head + rows) + "\n\nMore.")
    cells = [cell for cells in sub_slides(deck_of(table)) for cell in cells][1:]
    assert cells[0].source.startswith("\n".join(head))
    assert cells[1].source.startswith("\n".join(head))
    text = "\n".join(map(unrepeated, cells))
    assert text.split() == "\n".join([*head, *rows, "More."]).split()
    for group in make_slides.pack(make_slides.pieces(new_notebook(cells=[table]))):
        assert make_slides.height(group) <= make_slides.HEIGHT


def test_short_cells_share_a_sub_slide_and_claims_do_not():
    cells = [new_markdown_cell("## A\n\nText."), new_markdown_cell("More.")]
    assert len(sub_slides(deck_of(*cells))) == 2
    cells.append(new_markdown_cell("### Claim C01: x\n\n**Evidence.** y"))
    assert len(sub_slides(deck_of(*cells))) == 3


def test_a_paragraph_with_a_colon_goes_with_what_follows():
    text = "## A\n\n" + "\n\n".join(10 * ["Text."])
    deck = deck_of(new_markdown_cell(f"{text}\n\nLook:"), code(6))
    assert [c.source[:5] for c in sub_slides(deck)[-1]] == ["Look:", "x = 0"]
    deck = deck_of(new_markdown_cell(f"{text}\n\nLook."), code(6))
    assert [c.source[:5] for c in sub_slides(deck)[-1]] == ["x = 0"]


def test_code_that_is_too_long_is_split_at_a_gap():
    source = "\n".join(f"a = {n}" for n in range(20))
    deck = deck_of(new_code_cell(source + "\n\n\n" + source))
    assert [cells[0].source for cells in sub_slides(deck)[1:]] == [source, source]
    deck = deck_of(code(60))
    assert "\n".join(c[0].source for c in sub_slides(deck)[1:]) == code(60).source


@pytest.mark.parametrize("tag", ["setup", "checkpoint", "check"])
def test_some_cells_are_left_out(tag):
    deck = deck_of(new_markdown_cell("## A"), code(3, tags=[tag]))
    assert all(cell.cell_type == "markdown" for cell in deck.cells)


def test_a_section_of_its_own_gets_its_note():
    text = "# Title\n\nIn all 90 minutes.\n\n## A\n- **Time:** 5\n\n## B\n- b"
    notes = make_slides.read_notes(text)
    assert notes == {"": "In all 90 minutes.", "A": "- **Time:** 5", "B": "- b"}
    cells = [new_markdown_cell("# T"), new_markdown_cell("## A\n\nText.")]
    deck = make_slides.slides(new_notebook(cells=cells), notes)
    assert [kind(cell) for cell in deck.cells] == ["slide", "notes", "slide", "notes"]
    assert deck.cells[1].source == "In all 90 minutes."
    assert deck.cells[3].source == "- **Time:** 5"


# --- the speaker's notes -------------------------------------------------------------


@for_every_notebook
def test_there_is_a_note_for_each_section(path):
    notes = ROOT / "docs" / "speaker_notes" / f"{path.stem}.md"
    assert notes.exists(), f"write {notes.relative_to(ROOT)}"
    prose = "\n\n".join(c.source for c in load(path).cells if c.cell_type == "markdown")
    text = notes.read_text("utf-8")
    headings = re.compile(r"^##? .*", re.MULTILINE)
    assert headings.findall(text) == headings.findall(prose)
    for title, note in make_slides.read_notes(text).items():
        lines = note.split("\n")
        starts = [
            tuple(line.startswith(bullet) for bullet in BULLETS) for line in lines
        ]
        if title:
            assert starts == [(1, 0, 0), (0, 1, 0), (0, 0, 1)], f"{title}: {lines}"
        else:
            assert re.search(r"\d+ minutes", note), "say how long the whole takes"


@for_every_notebook
def test_the_minutes_of_the_sections_add_up(path):
    text = (ROOT / "docs" / "speaker_notes" / f"{path.stem}.md").read_text("utf-8")
    notes = make_slides.read_notes(text)
    said = re.search(r"In all about (\d+) minutes without exercises", notes.pop(""))
    for title in ("Exercises", "Quiz", "Further reading"):
        del notes[title]
    minutes = [int(re.search(r"\d+", note).group()) for note in notes.values()]
    assert abs(sum(minutes) - int(said.group(1))) < 5, sum(minutes)


def test_there_are_no_notes_without_a_notebook():
    stems = {path.stem for path in NOTEBOOKS}
    for path in (ROOT / "docs" / "speaker_notes").iterdir():
        assert path.stem in stems, path


def test_notes_are_not_copied_from_section_to_section():
    lines = Counter(
        line
        for path in (ROOT / "docs" / "speaker_notes").glob("*.md")
        for line in path.read_text("utf-8").split("\n")
        if line.startswith(BULLETS[1:]) and len(line) > 60
    )
    assert [line for line, times in lines.items() if times > 2] == []


# --- the command, and faults ---------------------------------------------------------


def test_the_packages_have_exact_versions_and_name_no_server():
    text = (ROOT / "docs" / "package.json").read_text("utf-8")
    for version in json.loads(text)["dependencies"].values():
        assert re.fullmatch(r"\d+\.\d+\.\d+", version)
    assert "://" not in text
    for lock in ("package-lock.json", "npm-shrinkwrap.json", "yarn.lock"):
        assert not (ROOT / "docs" / lock).exists()


def use_modules(course: Path) -> None:
    """Give a course what looks like the npm packages."""
    wanted = json.loads((ROOT / "docs" / "package.json").read_text("utf-8"))
    for name, version in wanted["dependencies"].items():
        package = course / "docs" / "node_modules" / name
        for part in (
            "LICENSE",
            "es5/tex-svg-full.js",
            "dist/reveal.js",
            "dist/reveal.css",
        ) + ("plugin/notes/notes.js", "dist/theme/fonts/source-sans-pro/x.css"):
            (package / part).parent.mkdir(parents=True, exist_ok=True)
            (package / part).write_text("")
        (package / "package.json").write_text(json.dumps({"version": version}))


@pytest.fixture
def course(tmp_path, monkeypatch) -> Path:
    """A course of one notebook and no npm packages, with older slides."""
    monkeypatch.setattr(make_slides, "ROOT", tmp_path)
    monkeypatch.setattr(make_slides, "OUT", tmp_path / "build" / "slides")
    (tmp_path / "docs").mkdir()
    shutil.copy(ROOT / "docs" / "package.json", tmp_path / "docs")
    (tmp_path / "notebooks").mkdir()
    cells = [new_markdown_cell("# One & only\n\nText."), code(3, text_output(2))]
    nbformat.write(new_notebook(cells=cells), tmp_path / "notebooks" / "01_one.ipynb")
    (tmp_path / "build" / "slides").mkdir(parents=True)
    (tmp_path / "build" / "slides" / "old.html").write_text("an older deck")
    return tmp_path


def nothing_has_changed(course: Path) -> bool:
    """Return True if the older slides are there and nothing half-built beside them."""
    left = sorted(path.name for path in (course / "build").rglob("*"))
    return left == ["old.html", "slides"]


def test_the_command_replaces_the_older_slides(course, capsys):
    use_modules(course)
    assert make_slides.main() == 0
    assert capsys.readouterr().out.startswith("1 decks, 1 slides, ")
    names = sorted(path.name for path in (course / "build" / "slides").iterdir())
    assert names == ["01_one.html", "index.html", "web"]
    assert [path.name for path in (course / "build").iterdir()] == ["slides"]
    index = (course / "build" / "slides" / "index.html").read_text()
    assert '<a href="01_one.html">One &amp; only</a> (1 slides)' in index


@pytest.mark.parametrize(
    ("script", "says"),
    [
        (None, "npm is not installed"),
        ("echo 'npm error network offline' >&2; exit 1", "network offline"),
        ("mkdir -p node_modules/mathjax; kill $$", "could not fetch"),
    ],
)
def test_without_the_packages_the_command_says_how_to_get_them(
    course, monkeypatch, capsys, tmp_path, script, says
):
    (tmp_path / "bin").mkdir()
    if script:
        (tmp_path / "bin" / "npm").write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / "bin" / "npm").chmod(0o755)
    path = f"{tmp_path / 'bin'}:/bin" if script else str(tmp_path / "bin")
    monkeypatch.setenv("PATH", path)
    assert make_slides.main() == 1
    said = capsys.readouterr().err
    assert said.startswith("No slides were written. docs/node_modules lacks ")
    assert says in said and "make lab, make test) work without slides" in said
    assert nothing_has_changed(course)
    assert [path.name for path in (course / "docs").iterdir()] == ["package.json"]


NO_CAPTION = new_code_cell("plot()")
NO_CAPTION.outputs = [new_output("display_data", data={"image/png": png(9, 9)})]


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        ("not JSON", "02_two.ipynb cannot be shown"),
        (NO_CAPTION, "02_two.ipynb cannot be shown: expected *Figure"),
        ("no notebook", "There is no notebook in"),
    ],
)
def test_a_fault_leaves_the_older_slides(course, capsys, fault, says):
    use_modules(course)
    two = course / "notebooks" / "02_two.ipynb"
    if fault == "no notebook":
        (course / "notebooks" / "01_one.ipynb").unlink()
    elif fault == "not JSON":
        two.write_text("{")
    else:
        nbformat.write(new_notebook(cells=[new_markdown_cell("# T"), fault]), two)
    assert make_slides.main() == 1
    assert says in capsys.readouterr().err
    assert nothing_has_changed(course)


# --- in a browser --------------------------------------------------------------------

# For every sub-slide, with its fragments shown and its folds open: where its content
# ends, and which texts are too small. What only a screen reader reads has no place.
MEASURE = """
async (smallest) => {
  await MathJax.startup.promise;
  await document.fonts.ready;
  document.querySelectorAll("details").forEach((fold) => { fold.open = true; });
  const found = [];
  for (const section of Reveal.getSlides()) {
    const {h, v} = Reveal.getIndices(section);
    Reveal.slide(h, v, 99);
    const slide = {name: `${h + 1}.${v + 1}`, right: 0, bottom: 0, small: []};
    const grow = (box) => {
      if (!box.width || !box.height) return;
      slide.right = Math.max(slide.right, box.right);
      slide.bottom = Math.max(slide.bottom, box.bottom);
    };
    const nodes = document.createTreeWalker(section, 5);
    for (let node = nodes.nextNode(); node; node = nodes.nextNode()) {
      const element = node.nodeType === 3 ? node.parentElement : node;
      const math = element.closest("mjx-container");
      if (element.closest("aside")) continue;
      if (math && node !== math && element.tagName !== "svg") continue;
      if (node.nodeType === 3) {
        const range = document.createRange();
        range.selectNodeContents(node);
        [...range.getClientRects()].forEach(grow);
      } else {
        grow(element.getBoundingClientRect());
        const least = smallest[element.tagName.toLowerCase()];
        const size = parseFloat(getComputedStyle(element).fontSize);
        if (least && size < least) slide.small.push(element.outerHTML.slice(0, 80));
      }
    }
    found.push(slide);
  }
  return found;
}
"""


@pytest.mark.parametrize(
    ("must", "outcome"), [("0", pytest.skip.Exception), ("1", pytest.fail.Exception)]
)
def test_without_a_browser_the_tests_say_so(monkeypatch, must, outcome):
    monkeypatch.setenv("PATH", "")
    monkeypatch.setenv("COURSE_BROWSER", must)
    with pytest.raises(outcome, match="install one of chromium"):
        with open_browser():
            pass


@pytest.fixture(scope="module")
def slides_folder(tmp_path_factory) -> Path:
    """Build the slides, in a folder far from the course."""
    missing = web_modules.missing(ROOT / "docs")
    need(not missing, "docs/node_modules is not complete; `make slides` fetches it")
    folder = tmp_path_factory.mktemp("elsewhere") / "slides"
    make_slides.write_slides(folder)
    return folder


@pytest.fixture(scope="module")
def browser():
    """A browser for all tests of this file."""
    with open_browser() as browser:
        yield browser


class Deck:
    """A deck in a browser's page, and what it asked for and complained about.

    Args:
        browser: The browser.
        page: The path of the deck's page.
    """

    def __init__(self, browser, page: Path) -> None:
        self.complaints: list[str] = []
        self.outside: list[str] = []
        self.folder = page.parent.as_uri()
        self.context = browser.new_context(viewport=make_slides.STAGE)
        self.page = self.context.new_page()
        self.context.on("request", self.note_request)
        self.page.on("console", self.note_console)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.goto(page.as_uri())
        self.page.wait_for_function("Reveal.isReady() && window.MathJax.startup")

    def note_request(self, request) -> None:
        """Keep the address of a request that leaves the folder."""
        inside = request.url.startswith((self.folder, "data:", "blob:", "about:"))
        if not inside:
            self.outside.append(request.url)

    def note_console(self, message) -> None:
        """Keep an error or a warning."""
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    def too_large(self) -> list[str]:
        """Measure all slides; return what does not fit, or is too small to read."""
        found = []
        for slide in self.page.evaluate(MEASURE, SMALLEST):
            if slide["right"] > 1280 or slide["bottom"] > 720 or slide["small"]:
                found.append(str(slide))
        return found


@pytest.fixture
def open_deck(browser, slides_folder):
    """A function that opens a deck, by the name of its page."""
    decks = []

    def open_one(name: str) -> Deck:
        decks.append(Deck(browser, slides_folder / name))
        return decks[-1]

    yield open_one
    for deck in decks:
        deck.context.close()


@for_every_notebook
def test_every_slide_fits_and_asks_for_nothing_outside(path, open_deck):
    deck = open_deck(f"{path.stem}.html")
    assert deck.too_large() == []
    assert deck.outside == []
    assert deck.complaints == []
    count = deck.page.evaluate("Reveal.getSlides().length")
    assert count == len(make_slides.pack(make_slides.pieces(load(path))))


@for_every_notebook
def test_mathematics_is_typeset_and_figures_are_seen(path, open_deck):
    deck = open_deck(f"{path.stem}.html")
    page = deck.page
    page.evaluate("MathJax.startup.promise.then(() => 1)")
    prose = "\n".join(c.source for c in load(path).cells if c.cell_type == "markdown")
    formulas = re.findall(r"\$\$.+?\$\$|\$[^$]+\$", IN_CODE.sub("", prose), re.DOTALL)
    typeset = page.locator("mjx-container:not(aside *)").count()
    assert typeset == len(formulas)
    assert page.locator("mjx-merror, [data-mml-node=merror]").count() == 0
    left = page.evaluate(
        """() => [...document.querySelectorAll(".jp-MarkdownCell")]
            .filter((cell) => !cell.closest("aside"))
            .flatMap((cell) => {
                const copy = cell.cloneNode(true);
                copy.querySelectorAll("code, pre").forEach((code) => code.remove());
                return copy.textContent.match(/\\$|\\\\[a-z]+/g) || [];
            })"""
    )
    assert left == []
    pictures = page.evaluate(
        "() => [...document.images].map((i) => [i.naturalWidth, i.alt.length])"
    )
    stored = [o for c in code_cells(load(path)) for o in c.outputs]
    figures = sum("image/png" in output.get("data", {}) for output in stored)
    assert len(pictures) == figures
    assert all(width > 0 and alt > 20 for width, alt in pictures)


@pytest.mark.parametrize(
    ("fault", "found"),
    [
        ("height: 900px", "bottom"),
        ("width: 1400px; height: 9px", "right"),
        ("font-size: 12px", "<p"),
    ],
)
def test_a_slide_that_does_not_fit_is_found(open_deck, fault, found):
    deck = open_deck(f"{NOTEBOOKS[0].stem}.html")
    deck.page.evaluate(
        """(style) => Reveal.getSlides()[3].insertAdjacentHTML(
            "beforeend", `<p style="${style}">x</p>`)""",
        fault,
    )
    (slide,) = deck.too_large()
    assert found in slide


def test_a_request_to_another_server_is_found(open_deck):
    deck = open_deck(f"{NOTEBOOKS[0].stem}.html")
    deck.page.evaluate("() => { new Image().src = 'http://127.0.0.1:9/x.png'; }")
    deck.page.wait_for_timeout(200)
    assert deck.outside == ["http://127.0.0.1:9/x.png"]
    assert deck.complaints


def test_an_answer_is_hidden_until_it_is_asked_for(open_deck):
    deck = open_deck(f"{NOTEBOOKS[0].stem}.html")
    place = "() => { const s = document.querySelector('.fragment').closest('section');"
    deck.page.evaluate(
        place + " const i = Reveal.getIndices(s); Reveal.slide(i.h, i.v)}"
    )
    answer = deck.page.locator("section section.present .fragment")
    answer.wait_for(state="hidden")
    deck.page.keyboard.press("ArrowDown")
    answer.wait_for(state="visible")


def test_the_speaker_sees_the_notes(open_deck, slides_folder):
    stem = NOTEBOOKS[0].stem
    deck = open_deck(f"{stem}.html")
    deck.page.keyboard.press("ArrowRight")  # to the section after the title
    with deck.context.expect_page() as opened:
        deck.page.keyboard.press("s")
    notes = opened.value.locator(".speaker-controls-notes .value")
    text = (ROOT / "docs" / "speaker_notes" / f"{stem}.md").read_text("utf-8")
    note = make_slides.read_notes(text)["Set-up"]
    first = note.split("**Time:** ")[1].split("\n")[0]
    notes.filter(has_text=first).wait_for(timeout=20_000)
    assert deck.outside == []


def test_the_index_leads_to_every_deck(browser, slides_folder):
    page = browser.new_page()
    page.goto((slides_folder / "index.html").as_uri())
    links = page.evaluate(
        "() => [...document.links].map((a) => a.getAttribute('href'))"
    )
    assert links == [f"{path.stem}.html" for path in NOTEBOOKS]
    for link in links:
        assert (slides_folder / link).exists()
    page.close()
