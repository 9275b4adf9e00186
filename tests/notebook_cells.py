"""Read the course's notebooks: their cells, their functions, their exercises."""

import ast
from pathlib import Path

import nbformat
from nbformat import NotebookNode

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
EXERCISE_PARTS = ("exercise", "check", "solution")


def load(name: str | Path) -> NotebookNode:
    """Return a notebook.

    Args:
        name: A path, or the beginning of a file name, such as `"01"`.

    Raises:
        FileNotFoundError: If no notebook, or more than one, begins like this.
    """
    if isinstance(name, Path):
        return nbformat.read(name, as_version=4)
    found = [path for path in NOTEBOOKS if path.name.startswith(name)]
    if len(found) != 1:
        raise FileNotFoundError(
            f"expected one file notebooks/{name}*.ipynb, found {len(found)}"
        )
    return nbformat.read(found[0], as_version=4)


def tags(cell: NotebookNode) -> list[str]:
    """Return the tags of a cell."""
    return cell.metadata.get("tags", [])


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    """Return the code cells of a notebook."""
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def definitions(notebook: NotebookNode, *names: str, **values: object) -> dict:
    """Define some functions and classes of a notebook, without running its cells.

    The notebook's imports are run, then the definitions asked for, in the order of
    the notebook. Cells of exercises are left out.

    Args:
        notebook: The notebook.
        names: Names of functions and classes.
        values: Variables that the functions use, such as `SEED=7`.

    Returns:
        The namespace in which they live. A variable put into it later is seen by
        the functions.

    Raises:
        LookupError: If the notebook does not define one of the names.

    Example:
        >>> definitions(load("01"), "count_ngrams")["count_ngrams"]("aab", 2)
        Counter({('a', 'a'): 1, ('a', 'b'): 1})
    """
    body: list[ast.stmt] = []
    for cell in code_cells(notebook):
        if not {"setup", *EXERCISE_PARTS} & set(tags(cell)):
            body += ast.parse(cell.source).body
    imports = [node for node in body if isinstance(node, ast.Import | ast.ImportFrom)]
    wanted = [
        node
        for node in body
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name in names
    ]
    missing = set(names) - {node.name for node in wanted}
    if missing:
        raise LookupError(f"the notebook does not define {', '.join(sorted(missing))}")
    namespace = dict(values)
    module = ast.Module(imports + wanted, type_ignores=[])
    exec(compile(module, "<notebook>", "exec"), namespace)
    return namespace


def exercise_ids(notebook: NotebookNode) -> list[str]:
    """Return the ids of a notebook's exercises, each once, in order."""
    found = (cell.metadata.get("exercise") for cell in notebook.cells)
    return list(dict.fromkeys(exercise for exercise in found if exercise))


def exercise_cell(notebook: NotebookNode, exercise: str, part: str) -> NotebookNode:
    """Return one cell of an exercise.

    Args:
        notebook: The notebook.
        exercise: The exercise's id, such as `"1.2"`.
        part: `"task"` (the Markdown cell), or the tag of a code cell: `"exercise"`
            (the student's cell), `"check"`, `"solution"`.

    Raises:
        LookupError: If there is not exactly one such cell.
    """
    kind, tag = ("markdown", "exercise") if part == "task" else ("code", part)
    found = [
        cell
        for cell in notebook.cells
        if cell.metadata.get("exercise") == exercise
        and cell.cell_type == kind
        and tag in tags(cell)
    ]
    if len(found) != 1:
        raise LookupError(
            f"exercise {exercise}: expected one {part} cell, found {len(found)}"
        )
    return found[0]


def function_in(cell: NotebookNode) -> ast.FunctionDef:
    """Return the first function that a cell defines."""
    body = ast.parse(cell.source).body
    return next(node for node in body if isinstance(node, ast.FunctionDef))
