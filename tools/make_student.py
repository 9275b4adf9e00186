"""Write the student edition: every notebook without solutions and quiz answers.

    .venv/bin/python tools/make_student.py

The editions go to build/student/, with no outputs. They find the course from there,
and from any folder beside `utils/`. An older build/student/ is replaced only when
all editions are complete.
"""

import ast
import re
import shutil
import symtable
import sys
from collections import Counter
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat
from nbformat import NotebookNode

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "build" / "student"
NOTE = (
    "**Student edition**, without solutions and without answers to the quiz. Where a "
    'task speaks of "the solution cell", try it yourself.'
)
ANSWER = re.compile(
    r"<details>\s*<summary>Answer</summary>.*?</details>", re.DOTALL | re.IGNORECASE
)
# The badge opens the full edition, so it goes.
BADGE = re.compile(r"^\[!\[Open in Colab\].*\n+", re.MULTILINE)
FOLDED = (", a check, and a folded solution.", " and a check.")


class EditionError(Exception):
    """Why a notebook has no student edition, for the author."""


def is_solution(cell: NotebookNode) -> bool:
    """Return True if the cell carries the tag "solution"."""
    return "solution" in cell.metadata.get("tags", [])


def student_text(text: str) -> str:
    """Return a Markdown text without the answers of a quiz.

    Raises:
        EditionError: If an answer is left, because its fold is not closed.

    Example:

    >>> student_text("**1.** Why?\\n<details><summary>Answer</summary>So.</details>")
    '**1.** Why?\\n*Your answer:*'
    """
    text = ANSWER.sub("*Your answer:*", text).replace(*FOLDED)
    if re.search(r"<summary>\s*Answer", text, re.IGNORECASE):
        raise EditionError("a folded answer has no <details> or no </details>")
    return text


def only_in_comprehensions(statement: ast.stmt) -> set[str]:
    """Return the names that nothing but comprehensions of the statement assign."""

    def assigned(tree: ast.AST) -> Counter[str]:
        stores = (n for n in ast.walk(tree) if isinstance(n, ast.Name))
        return Counter(n.id for n in stores if isinstance(n.ctx, ast.Store))

    inside: Counter[str] = Counter()
    for node in ast.walk(statement):
        if isinstance(node, ast.comprehension):
            inside += assigned(node.target)
    return {name for name, n in assigned(statement).items() if inside[name] == n}


def names(source: str) -> tuple[set[str], set[str]]:
    """Return the names that a cell needs from before, and those that it defines.

    Args:
        source: The source of a code cell.

    Example:

    >>> names("y = x + 1\\nz = y")
    ({'x'}, {'y', 'z'})
    """
    needed: set[str] = set()
    defined: set[str] = set()
    for statement in ast.parse(source).body:
        table = symtable.symtable(ast.unparse(statement), "cell", "exec")
        symbols = table.get_symbols()
        own = {s.get_name() for s in symbols if s.is_assigned() or s.is_imported()}
        loaded = {s.get_name() for s in symbols if s.is_referenced()}
        inlined = own & only_in_comprehensions(statement)  # Python 3.13 mixes them in
        own, loaded = own - inlined, loaded - inlined
        tables = list(table.get_children())
        for inner in tables:  # functions, classes, comprehensions, and those inside
            tables += inner.get_children()
            loaded |= {s.get_name() for s in inner.get_symbols() if s.is_global()}
        if isinstance(statement, ast.AugAssign):
            loaded |= own
        elif not isinstance(statement, ast.Assign | ast.AnnAssign):
            loaded -= own  # a loop's variable, a function that calls itself
        needed |= loaded - defined
        defined |= own
    return needed, defined


def lost_names(notebook: NotebookNode) -> Iterator[tuple[str, str]]:
    """Yield each name that only a solution defines rightly and a later cell needs.

    Args:
        notebook: The full notebook.

    Yields:
        The name, and the source of the cell that needs it.
    """
    lost: set[str] = set()
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        needed, defined = names(cell.source)
        if is_solution(cell):
            lost |= defined
        else:
            yield from ((name, cell.source) for name in sorted(needed & lost))
            lost -= defined


def student_edition(notebook: NotebookNode) -> NotebookNode:
    """Return a copy without solutions, quiz answers, outputs, and the Colab badge.

    Args:
        notebook: The full notebook. It stays as it is.

    Raises:
        EditionError: If a fold is not closed, or a cell needs a solution before it.
    """
    for name, source in lost_names(notebook):
        raise EditionError(
            f'a solution defines "{name}", and this later cell needs it:\n{source}'
        )
    edition = deepcopy(notebook)
    edition.cells = [cell for cell in edition.cells if not is_solution(cell)]
    for cell in edition.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
        else:
            cell.source = student_text(cell.source)
    first = edition.cells[0]
    title, _, rest = BADGE.sub("", first.source).partition("\n")
    first.source = f"{title}\n\n{NOTE}\n{rest}"
    return edition


def replace_folder(new: Path, old: Path) -> None:
    """Put a finished folder in the place of another one, or of nothing."""
    if old.exists():
        shutil.rmtree(old)
    old.parent.mkdir(exist_ok=True)
    new.rename(old)


def write_editions(paths: list[Path], out: Path) -> None:
    """Write the editions of some notebooks, all of them or none.

    Args:
        paths: The full notebooks.
        out: The folder of the editions. It is replaced.

    Raises:
        EditionError: If a notebook cannot be read or has no edition.
        OSError: If the folder cannot be written.
    """
    out.parent.mkdir(exist_ok=True)
    with TemporaryDirectory(dir=out.parent, prefix="student-") as temporary:
        folder = Path(temporary) / "editions"
        folder.mkdir()
        for path in paths:
            try:
                notebook = nbformat.read(path, as_version=4)
                nbformat.write(student_edition(notebook), folder / path.name)
            except EditionError as error:
                raise EditionError(f"{path.name}: {error}") from error
            except (ValueError, SyntaxError) as error:  # not JSON; a cell's error
                raise EditionError(f"{path.name} cannot be read: {error}") from error
        replace_folder(folder, out)


def main() -> int:
    """Write the editions and return the exit status."""
    paths = sorted((ROOT / "notebooks").glob("*.ipynb"))
    try:
        if not paths:
            raise EditionError(f"There is no notebook in {ROOT / 'notebooks'}")
        write_editions(paths, OUT)
    except (EditionError, OSError) as error:
        print(f"No student edition was written. {error}", file=sys.stderr)
        return 1
    print(f"{len(paths)} student editions: {OUT}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
