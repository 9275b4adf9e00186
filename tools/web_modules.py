"""Fetch from npm what the pages show in a browser, once, into docs/node_modules/.

docs/package.json lists the packages in exact versions. Both `make site` and
`make slides` copy files of theirs beside the pages, so that the pages need no network.
"""

import json
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
ELSEWHERE = "Or copy docs/node_modules from a machine that has it."


class ModulesError(Exception):
    """What is missing and how to get it, for the user."""


def missing(docs: Path) -> list[str]:
    """Return the packages that are not there in the version of package.json.

    Args:
        docs: The folder of package.json and node_modules.
    """
    wanted = json.loads((docs / "package.json").read_text("utf-8"))["dependencies"]
    found = {}
    for name in wanted:
        package = docs / "node_modules" / name / "package.json"
        text = package.read_text("utf-8") if package.exists() else "{}"
        found[name] = json.loads(text).get("version")
    return [name for name, version in wanted.items() if found[name] != version]


def install(docs: Path = DOCS) -> Path:
    """Fetch the packages that are missing; all of them or none.

    Args:
        docs: The folder of package.json and node_modules.

    Returns:
        The folder node_modules.

    Raises:
        ModulesError: If there is no npm, or it cannot fetch them.
    """
    modules = docs / "node_modules"
    names = missing(docs)
    if not names:
        return modules
    lacks = f"docs/node_modules lacks {' and '.join(names)}"
    npm = shutil.which("npm")
    if npm is None:
        raise ModulesError(
            f"{lacks}, and npm is not installed. npm comes with Node.js:\n"
            f"https://nodejs.org, or sudo apt install npm. {ELSEWHERE}"
        )
    with TemporaryDirectory(dir=docs, prefix="node_modules-") as temporary:
        shutil.copy(docs / "package.json", temporary)
        command = [npm, "install", "--no-package-lock", "--ignore-scripts"]
        command += ["--no-audit", "--no-fund", "--fetch-retries=1"]
        run = subprocess.run(command, cwd=temporary, text=True, capture_output=True)
        if run.returncode:
            said = [
                line for line in run.stderr.split("\n") if "npm err" in line.lower()
            ]
            reason = "\n".join("    " + line for line in said[:3])
            raise ModulesError(
                f"{lacks}, and npm could not fetch it:\n{reason}\n"
                f"Check the network and the proxy. {ELSEWHERE}"
            )
        modules.mkdir(exist_ok=True)
        for name in names:
            shutil.rmtree(modules / name, ignore_errors=True)
            shutil.move(Path(temporary) / "node_modules" / name, modules / name)
    return modules
