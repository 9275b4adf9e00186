"""Make .venv and install the course's requirements, once.

    python3 tools/setup_env.py          what the course needs
    python3 tools/setup_env.py --web    also what the site and its tests need

The Makefile calls this before every target. When .venv is complete and the
requirements have not changed, it returns at once. It uses the standard library
only, and its syntax is old on purpose: Python 3.6 must be able to read this file
and print that it is too old.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SUPPORTED = ("3.13", "3.12", "3.11", "3.10")
BASE = ("requirements.txt",)
WEB = BASE + ("requirements-web.txt",)
DISK_GB = 3.5  # .venv takes 2.7 GB; the rest is for the downloads

INSTALL_HINT = """\
Install one of them, then run the same command again:
    Debian, Ubuntu   sudo apt install python3 python3-venv
    macOS            brew install python@3.12
    Windows          winget install Python.Python.3.12
    anywhere         https://www.python.org/downloads/
If it is installed under another name: make run PYTHON=/path/to/python3.12"""

WITHOUT_WEB = """\
Only the site and the tests in a browser need these packages. If the course was set
up before, make run, make lab and make test still work."""

# The first pattern that occurs in pip's output explains the failure. The order
# matters: without a network pip ends with "No matching distribution found" or
# "ResolutionImpossible", too.
DIAGNOSES = (
    (
        r"No space left on device|Errno 28|not enough space on the disk",
        "The disk is full. Free at least 3.5 GB. If only the temporary folder or\n"
        "the download cache is full, set TMPDIR or PIP_CACHE_DIR to another disk.",
    ),
    (
        r"CERTIFICATE_VERIFY_FAILED|SSLError",
        "The server's certificate was not accepted. Check the clock of this machine.\n"
        "Behind a proxy that opens HTTPS, set PIP_CERT to its certificate file.",
    ),
    (
        r"NameResolutionError|Name or service not known|name resolution"
        r"|getaddrinfo failed|Connection refused|Network is unreachable"
        r"|NewConnectionError|timed out|Connection reset|ProxyError",
        "There is no connection to the package index. Check the network; behind a\n"
        "proxy, set HTTPS_PROXY. To install without a network, run this on a\n"
        "connected machine of the same kind:\n"
        "    pip download -r requirements.txt -c constraints.txt -d wheels\n"
        "then copy the folder and run:\n"
        "    PIP_NO_INDEX=1 PIP_FIND_LINKS=wheels make run",
    ),
    (
        r"ResolutionImpossible",
        "requirements.txt and constraints.txt contradict each other. If you changed\n"
        "requirements.txt, write constraints.txt again with: make lock",
    ),
    (
        r"No matching distribution found",
        "A package has no version for this machine. TensorFlow needs 64-bit Linux,\n"
        "macOS on Apple silicon, or 64-bit Windows, and Python 3.10 to 3.13.",
    ),
)


class SetupError(Exception):
    """What is wrong and what to do, for the user."""


def running_version() -> str:
    """Return the version of the running Python, such as "3.12"."""
    return ".".join(map(str, sys.version_info[:2]))


def probe(python: str, code: str = "pass") -> "str | None":
    """Run a Python and return its version, or None if it does not work.

    Args:
        python: The interpreter to try.
        code: A statement that must also succeed, such as "import pip".

    Returns:
        The version, such as "3.12", or None.
    """
    code += "; import sys; print('%d.%d' % sys.version_info[:2])"
    try:
        output = subprocess.check_output(
            [python, "-c", code], stderr=subprocess.DEVNULL, timeout=30
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return output.decode().strip()


def choose_python() -> "tuple[str, str]":
    """Return a supported Python: the running one, else the newest one on PATH.

    Returns:
        The interpreter's path and its version.

    Raises:
        SetupError: If there is none.
    """
    if running_version() in SUPPORTED:
        return sys.executable, running_version()
    for version in SUPPORTED:
        for folder in os.get_exec_path():
            python = os.path.join(folder, "python" + version)
            # A file of that name may be a shim that does not run: try it.
            if os.path.exists(python) and probe(python) == version:
                return python, version
    raise SetupError(
        "The course needs Python 3.10, 3.11, 3.12 or 3.13.\n"
        f"Found: Python {running_version()} ({sys.executable}), and no other one "
        f"on PATH.\n{INSTALL_HINT}"
    )


def venv_python() -> str:
    """Return the path of the interpreter in .venv."""
    parts = ("Scripts", "python.exe") if os.name == "nt" else ("bin", "python")
    return str(ROOT.joinpath(".venv", *parts))


def stamp_path(files: "tuple[str, ...]") -> Path:
    """Return where it is noted that these requirement files are installed."""
    name = "setup-complete" if files == BASE else "setup-web-complete"
    return ROOT / ".venv" / name


def stamp_text(version: str, files: "tuple[str, ...]" = BASE) -> str:
    """Return what the stamp of a complete .venv says.

    Args:
        version: The version of the Python that .venv is made with.
        files: The requirement files that are installed.

    Returns:
        The version and a hash of the requirement files and constraints.txt.
    """
    digest = hashlib.sha256()
    for name in files + ("constraints.txt",):
        digest.update(ROOT.joinpath(name).read_bytes())
    return f"python {version} requirements {digest.hexdigest()}\n"


def is_complete(version: str, files: "tuple[str, ...]" = BASE) -> bool:
    """Return True if .venv was finished with these requirements and works."""
    stamp = stamp_path(files)
    if not stamp.exists() or stamp.read_text() != stamp_text(version, files):
        return False
    return probe(venv_python()) == version


def check_disk() -> None:
    """Raise a SetupError if the disk has no room for .venv."""
    free = shutil.disk_usage(str(ROOT)).free / 1e9
    if free < DISK_GB:
        raise SetupError(
            f"Not enough disk space in {ROOT}:\n"
            f"{DISK_GB} GB needed, {free:.1f} GB free.\n"
            "Free some space, or move the course to another disk."
        )


def make_venv(python: str, version: str) -> None:
    """Make an empty .venv.

    Args:
        python: The interpreter to make it with.
        version: Its version, for the messages.

    Raises:
        SetupError: If there is no room, no venv module, or venv fails.
    """
    check_disk()
    if probe(python, "import venv, ensurepip") is None:
        raise SetupError(
            f"Python {version} ({python})\n"
            "cannot make virtual environments: its venv or ensurepip is missing.\n"
            f"    Debian, Ubuntu   sudo apt install python{version}-venv\n"
            "    elsewhere        https://www.python.org/downloads/"
        )
    command = [python, "-m", "venv", "--clear", str(ROOT / ".venv")]
    try:
        subprocess.check_output(command, stderr=subprocess.STDOUT)
    except subprocess.CalledProcessError as error:
        output = error.output.decode(errors="replace").strip()
        raise SetupError(f"Could not make .venv:\n{output}") from error


def follow(process: "subprocess.Popen", log: Path) -> None:
    """Show that an installation is alive until it ends.

    Args:
        process: The running installation.
        log: The file that its output goes to.
    """
    start = time.time()
    spoken = 0
    terminal = sys.stdout.isatty()
    while process.poll() is None:
        time.sleep(0.5)
        seconds = int(time.time() - start)
        if terminal:
            text = log.read_text(errors="replace").strip()
            line = f"  {seconds:3d} s  {text[text.rfind(chr(10)) + 1 :]}"
            width = shutil.get_terminal_size().columns - 1
            print("\r" + line[:width].ljust(width), end="", flush=True)
        elif seconds >= spoken + 30:
            spoken = seconds
            print(f"  still installing, {seconds} s", flush=True)
    if terminal:
        print()


def diagnose(output: str) -> str:
    """Say why pip failed and what to do.

    Args:
        output: What pip printed.

    Returns:
        The last lines of the output, and the cause where it is known.

    Example:

    >>> print(diagnose("OSError: [Errno 28] No space left on device"))
    """
    tail = "\n".join("    " + line for line in output.strip().split("\n")[-8:])
    for pattern, advice in DIAGNOSES:
        if re.search(pattern, output):
            return f"{tail}\n\n{advice}"
    return tail + "\n\nThe whole output of pip is in .venv/setup.log."


def install(files: "tuple[str, ...]" = BASE) -> None:
    """Install the requirements into .venv.

    Args:
        files: The requirement files.

    Raises:
        SetupError: If pip fails, with pip's last lines and a diagnosis.
    """
    command = [venv_python(), "-m", "pip", "install", "--no-input"]
    command += ["--progress-bar", "off", "--disable-pip-version-check"]
    command += ["--timeout", "15", "--retries", "2"]
    for name in files:
        command += ["-r", name]
    command += ["-c", "constraints.txt"]
    log = ROOT / ".venv" / "setup.log"
    with open(str(log), "w") as output:
        process = subprocess.Popen(
            command, cwd=str(ROOT), stdout=output, stderr=subprocess.STDOUT
        )
        try:
            follow(process, log)
        finally:
            if process.poll() is None:
                process.terminate()
    if process.returncode:
        reason = diagnose(log.read_text(errors="replace"))
        raise SetupError(f"The installation failed. The end of its output:\n{reason}")


def set_up(files: "tuple[str, ...]" = BASE) -> None:
    """Bring .venv up to date; do nothing if it is.

    Args:
        files: The requirement files to install.

    Raises:
        SetupError: If that is not possible.
    """
    python, version = choose_python()
    if is_complete(version, files):
        return
    if python != sys.executable:
        print(f"Python {running_version()} is not supported; using {python}.")
    if probe(venv_python(), "import pip") != version:
        print(f"Making .venv with Python {version}.", flush=True)
        make_venv(python, version)
    print("Installing the requirements: about 1-3 minutes, once.", flush=True)
    stamp = stamp_path(files)
    if stamp.exists():
        stamp.unlink()  # unfinished until pip has succeeded
    install(files)
    stamp.write_text(stamp_text(version, files))
    print("Set-up complete.", flush=True)


def main() -> int:
    """Run the set-up and return the exit status."""
    web = "--web" in sys.argv[1:]
    try:
        set_up(WEB if web else BASE)
    except SetupError as error:
        print(f"\nSet-up stopped. {error}", file=sys.stderr)
        if web:
            print(f"\n{WITHOUT_WEB}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nSet-up stopped. The same command continues it.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
