"""Show the course's public address, or write a new one everywhere.

    python tools/set_address.py                             show, and what differs
    python tools/set_address.py https://host/owner/repo     write

The address stands in pyproject.toml. From there it goes into README.md and the
notebooks: the set-up cell's `ADDRESS = "..."`, `git clone ...` lines, and the links
of the Colab badges. Colab opens notebooks from github.com only, so for another host
the badges stay as they are.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parent.parent
IN_PYPROJECT = re.compile(r'(?<=^Repository = ")[^"]*', re.MULTILINE)
IN_TEXT = re.compile(r'(?<=^ADDRESS = ")[^"]*|(?<=git clone )https://[\w./-]+', re.M)
IN_BADGE = re.compile(
    r"(?<=https://colab\.research\.google\.com/github/)[\w.-]+/[\w.-]+(?=/blob/)"
)


def check_address(url: str) -> str:
    """Return the address without a closing slash or ".git".

    Args:
        url: The address of the public repository.

    Raises:
        ValueError: If it is not of the form https://host/owner/repo.

    Example:

    >>> check_address("https://github.com/owner/repo.git")
    'https://github.com/owner/repo'
    """
    short = url.rstrip("/").removesuffix(".git")
    if not re.fullmatch(r"https://[\w.-]+/[\w.-]+/[\w.-]+", short):
        raise ValueError(
            f"expected an address such as https://github.com/owner/repo, got: {url}"
        )
    return short


def rewrite(text: str, address: str) -> str:
    """Return a text with every address and badge link set to an address.

    Args:
        text: A Markdown text, or the source of a notebook's cell.
        address: The address, of the form https://host/owner/repo.
    """
    text = IN_TEXT.sub(address, text)
    host, repository = address.removeprefix("https://").split("/", 1)
    return IN_BADGE.sub(repository, text) if host == "github.com" else text


def differences(address: str, write: bool) -> Iterator[str]:
    """Yield the files that do not show an address.

    Args:
        address: The address that they should show.
        write: Whether to write it into them.
    """
    readme = ROOT / "README.md"
    text = readme.read_text(encoding="utf-8")
    if rewrite(text, address) != text:
        yield "README.md"
        if write:
            readme.write_text(rewrite(text, address), encoding="utf-8")
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        old = [cell.source for cell in notebook.cells]
        new = [rewrite(source, address) for source in old]
        if new != old:
            yield f"notebooks/{path.name}"
        if new != old and write:
            for cell, source in zip(notebook.cells, new, strict=True):
                cell.source = source
            nbformat.write(notebook, path)


def main() -> int:
    """Show or write the address and return the exit status."""
    pyproject = ROOT / "pyproject.toml"
    text = pyproject.read_text(encoding="utf-8")
    address = IN_PYPROJECT.search(text).group()
    write = len(sys.argv) > 1
    if write:
        try:
            address = check_address(sys.argv[1])
        except ValueError as error:
            print(error, file=sys.stderr)
            return 2
        pyproject.write_text(IN_PYPROJECT.sub(address, text), encoding="utf-8")
    print(f"The address is {address}")
    changed = list(differences(address, write))
    for name in changed:
        print(f"{'written to' if write else 'another address stands in'} {name}")
    if not address.startswith("https://github.com/"):
        print("Colab badges were left as they are: Colab reads from github.com only.")
    return int(bool(changed) and not write)


if __name__ == "__main__":
    sys.exit(main())
