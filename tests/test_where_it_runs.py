"""Files for other places: GitHub's workflows, Binder, the dev container, a hub.

None of those services runs here. What can be checked without them is checked: the
files parse, name what exists, and agree with README.md and the requirement files.
"""

import ast
import json
import re
import subprocess
from pathlib import Path

import pytest
import yaml
from notebook_cells import ROOT
from packaging.requirements import Requirement

from tools import setup_env
from utils import data

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
ACTION = re.compile(r"actions/[\w-]+@v\d+")
CLASSROOM = (ROOT / "docs" / "classroom.md").read_text("utf-8")


def workflow(name: str) -> dict:
    """Return a workflow; YAML reads its key `on` as True."""
    path = ROOT / ".github" / "workflows" / f"{name}.yml"
    return yaml.safe_load(path.read_text("utf-8"))


def steps(job: dict) -> list[dict]:
    """Return the steps of a job."""
    return job["steps"]


def commands(job: dict) -> str:
    """Return all commands of a job."""
    return "\n".join(step.get("run", "") for step in steps(job))


def requirement(name: str) -> Requirement:
    """Return one line of requirements.txt."""
    lines = (ROOT / "requirements.txt").read_text("utf-8").splitlines()
    found = [line.partition("#")[0] for line in lines if re.match(rf"{name}\b", line)]
    return Requirement(found[0].strip())


def make_targets() -> set[str]:
    """Return the targets of the Makefile."""
    text = (ROOT / "Makefile").read_text("utf-8")
    return set(re.findall(r"^([a-z-]+):", text, re.MULTILINE))


# --- GitHub's workflows ------------------------------------------------------------


@pytest.mark.parametrize("path", WORKFLOWS, ids=[path.stem for path in WORKFLOWS])
def test_a_workflow_is_complete(path):
    parsed = yaml.safe_load(path.read_text("utf-8"))
    assert parsed["permissions"] == {"contents": "read"}
    for name, job in parsed["jobs"].items():
        assert job["runs-on"] and job["timeout-minutes"] <= 120, name
        assert set(job.get("needs", [])) <= set(parsed["jobs"])
        for step in steps(job):
            assert ("run" in step) != ("uses" in step), step
            if "uses" in step:
                assert ACTION.fullmatch(step["uses"]), step["uses"]


@pytest.mark.parametrize("path", WORKFLOWS, ids=[path.stem for path in WORKFLOWS])
def test_a_workflow_calls_what_exists(path):
    parsed = yaml.safe_load(path.read_text("utf-8"))
    called = "\n".join(commands(job) for job in parsed["jobs"].values())
    wanted = set(re.findall(r"\bmake ([a-z-]+)", called))
    assert wanted <= make_targets(), wanted - make_targets()
    for name in re.findall(r"(?<![\w./-])(?:tests|tools)/\w+\.py|\S+\.txt", called):
        assert name == "newest.txt" or (ROOT / name).exists(), name
    used = re.findall(r"matrix\.(\w+)", str(parsed))
    keys = [
        job["strategy"]["matrix"]
        for job in parsed["jobs"].values()
        if "strategy" in job
    ]
    known = {k for matrix in keys for k in [*matrix, *matrix.get("include", [{}])[0]]}
    assert set(used) <= known


def test_pushes_and_pull_requests_are_tested_and_mondays():
    assert {"push", "pull_request"} <= set(workflow("tests")[True])
    assert workflow("weekly")[True]["schedule"][0]["cron"].split()[-1] == "1"
    assert len(workflow("weekly")[True]["schedule"][0]["cron"].split()) == 5


def test_the_matrix_covers_every_supported_python_and_tensorflow():
    matrix = workflow("tests")["jobs"]["fast"]["strategy"]["matrix"]
    assert sorted(matrix["python"]) == sorted(setup_env.SUPPORTED)
    readme = (ROOT / "README.md").read_text("utf-8")
    assert f"({matrix['python'][0]} to {matrix['python'][-1]}" in readme
    legs = [
        (python, version)
        for python in matrix["python"]
        for version in matrix["tensorflow"]
    ]
    legs += [(leg["python"], leg["tensorflow"]) for leg in matrix["include"]]
    versions = {version for _, version in legs}
    supported = requirement("tensorflow").specifier
    assert supported.contains(f"{max(versions)}.0")
    assert supported.contains(f"{min(versions)}.0")
    for minor in (int(min(versions)[2:]) - 1, int(max(versions)[2:]) + 1):
        assert not supported.contains(f"2.{minor}.0"), f"2.{minor} has no leg"
    for leg in matrix["include"]:
        assert requirement("keras").specifier.contains(f"{leg['keras']}.0")
    locked = re.search(
        r"^tensorflow==(\d+\.\d+)",
        (ROOT / "constraints.txt").read_text("utf-8"),
        re.MULTILINE,
    )
    assert matrix["tensorflow"] == [locked.group(1)]


def test_the_jobs_do_what_they_say():
    jobs = workflow("tests")["jobs"]
    assert "make lint" in commands(jobs["lint"])
    assert "pytest tests" in commands(jobs["fast"])
    assert "make test" in commands(jobs["notebooks"])
    assert "make site" in commands(jobs["site"])
    assert jobs["site"]["env"]["COURSE_BROWSER"] == "1"
    assert {"site", "lint", "fast"} <= set(jobs["publish"]["needs"])
    assert "refs/heads/main" in jobs["publish"]["if"]
    uploads = [s for s in steps(jobs["site"]) if "pages" in s.get("uses", "")]
    assert [step["with"]["path"] for step in uploads] == ["build/site"]


def test_the_weekly_run_takes_the_upper_limits_away(tmp_path):
    """Run its own sed command and look at what it makes."""
    run = commands(workflow("weekly")["jobs"]["newest"])
    (line,) = [line for line in run.splitlines() if line.startswith("sed ")]
    (tmp_path / "requirements.txt").write_bytes(
        (ROOT / "requirements.txt").read_bytes()
    )
    subprocess.run(line, shell=True, cwd=tmp_path, check=True)
    kept = (tmp_path / "newest.txt").read_text("utf-8")
    lines = [line.partition("#")[0].strip() for line in kept.splitlines()]
    names = [Requirement(line) for line in lines if line]
    assert len(names) > 20
    assert not any("<" in str(one.specifier) for one in names)
    assert all(">=" in str(one.specifier) for one in names)


# --- Binder and the dev container --------------------------------------------------


def test_binder_installs_the_locked_requirements():
    folder = ROOT / ".binder"
    lines = (folder / "requirements.txt").read_text("utf-8").splitlines()
    files = [line.split() for line in lines if line and not line.startswith("#")]
    assert [option for option, _ in files] == ["-r", "-c"]
    found = [(folder / name).resolve().relative_to(ROOT) for _, name in files]
    assert found == [Path("requirements.txt"), Path("constraints.txt")]
    version = (folder / "runtime.txt").read_text().strip().removeprefix("python-")
    assert version in setup_env.SUPPORTED


def test_binder_starts_what_it_is_given(tmp_path):
    script = ROOT / ".binder" / "start"
    shown = subprocess.check_output(
        [str(script), "sh", "-c", "echo $TF_NUM_INTRAOP_THREADS"], text=True
    )
    assert shown == "2\n"


def test_the_dev_container_sets_the_course_up():
    text = (ROOT / ".devcontainer" / "devcontainer.json").read_text("utf-8")
    container = json.loads(text)
    version = container["image"].rpartition(":")[2]
    assert version in setup_env.SUPPORTED
    command, target = container["postCreateCommand"].split()
    assert command == "make" and target in make_targets()
    settings = container["customizations"]["vscode"]["settings"]
    assert settings["python.defaultInterpreterPath"].endswith("/.venv/bin/python")
    storage = int(container["hostRequirements"]["storage"].removesuffix("gb"))
    assert storage > setup_env.DISK_GB
    assert int(container["hostRequirements"]["memory"].removesuffix("gb")) >= 4


# --- a server for a class ----------------------------------------------------------


def block(language: str) -> list[str]:
    """Return the code blocks of the page in one language."""
    return re.findall(
        rf"^```{language}\n(.*?)^```", CLASSROOM, re.MULTILINE | re.DOTALL
    )


def test_the_image_copies_what_exists_and_what_a_notebook_needs():
    recipe = block("dockerfile")[0]
    copied = [
        name
        for line in re.findall(r"^COPY (.*)$", recipe, re.MULTILINE)
        for name in line.split()[:-1]
    ]
    for name in copied:
        assert (ROOT / name).exists(), name
    needed = {"notebooks", "utils", "experiments", "data", "constraints.txt"}
    assert needed <= set(copied)
    assert (
        re.search(r"^FROM python:(\S+)-slim$", recipe, re.M)[1] in setup_env.SUPPORTED
    )
    assert "USER student" in recipe and "-c constraints.txt" in recipe


def test_the_hub_is_valid_python_with_read_only_data():
    (config,) = block("python")
    values: dict[str, object] = {}
    for node in ast.parse(config).body:
        values[ast.unparse(node.targets[0])] = ast.literal_eval(node.value)
    shared = values["c.DockerSpawner.read_only_volumes"]
    folder = values["c.DockerSpawner.environment"]["COURSE_DATA"]
    assert folder in shared.values()
    assert folder not in values["c.DockerSpawner.volumes"].values()
    limit = float(values["c.DockerSpawner.mem_limit"].removesuffix("G")) * 1000
    peaks = re.findall(r"^\| \[\d\d\]\(.*\) \| ([\d,]+) \|$", CLASSROOM, re.MULTILINE)
    assert len(peaks) >= 11
    assert max(int(peak.replace(",", "")) for peak in peaks) + 500 < limit


def test_a_shared_data_folder_is_read_and_never_written(tmp_path, monkeypatch):
    folder = tmp_path / "course-data"
    folder.mkdir()
    (folder / "reviews.csv").write_bytes((ROOT / "data" / "reviews.csv").read_bytes())
    (folder / "names.txt").write_text("not the real names\n")
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    stamps = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    monkeypatch.setenv("COURSE_DATA", str(folder))
    monkeypatch.setenv("COURSE_OFFLINE", "1")
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path / "cache"))
    assert len(data.load_names()) > 1000  # the stand-in: the file is not the real one
    data.main(["check"])
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert {p.name: p.stat().st_mtime_ns for p in folder.iterdir()} == stamps


# --- setting up for the site -------------------------------------------------------


@pytest.fixture
def course(tmp_path, monkeypatch) -> Path:
    """Let setup_env work in a folder whose .venv notes what pip is asked for."""
    monkeypatch.setattr(setup_env, "ROOT", tmp_path)
    for name in ("requirements.txt", "requirements-web.txt", "constraints.txt"):
        (tmp_path / name).write_text("numpy\n")
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    answer(tmp_path, 'echo "$@" >> .venv/asked')
    return tmp_path


def answer(course: Path, install: str) -> None:
    """Let the Python of .venv install as told."""
    python = course / ".venv" / "bin" / "python"
    version = setup_env.running_version()
    script = f'case "$2" in pip) {install};; *) echo {version};; esac'
    python.write_text(f"#!/bin/sh\n{script}\n")
    python.chmod(0o755)


def test_the_packages_of_the_site_are_installed_on_demand(course, monkeypatch):
    asked = course / ".venv" / "asked"
    monkeypatch.setattr("sys.argv", ["setup_env.py"])
    assert setup_env.main() == 0
    assert "requirements-web.txt" not in asked.read_text()
    monkeypatch.setattr("sys.argv", ["setup_env.py", "--web"])
    for _ in range(2):
        assert setup_env.main() == 0
    first, second = asked.read_text().splitlines()
    wanted = "-r requirements.txt -r requirements-web.txt -c constraints.txt"
    assert second.endswith(wanted)
    (course / "requirements-web.txt").write_text("numpy\nscipy\n")
    monkeypatch.setattr("sys.argv", ["setup_env.py"])
    assert setup_env.main() == 0
    assert len(asked.read_text().splitlines()) == 2, "the course itself is complete"
    monkeypatch.setattr("sys.argv", ["setup_env.py", "--web"])
    assert setup_env.main() == 0
    assert len(asked.read_text().splitlines()) == 3


def test_without_a_network_the_course_itself_still_works(course, monkeypatch, capsys):
    assert setup_env.main() == 0
    answer(course, "echo Connection refused; exit 1")
    monkeypatch.setattr("sys.argv", ["setup_env.py", "--web"])
    assert setup_env.main() == 1
    said = capsys.readouterr().err
    assert "no connection to the package index" in said
    assert "make lab and make test still work" in said
    assert not (course / ".venv" / "setup-web-complete").exists()
    monkeypatch.setattr("sys.argv", ["setup_env.py"])
    assert setup_env.main() == 0


def test_every_requirement_is_locked():
    locked = (ROOT / "constraints.txt").read_text("utf-8").lower()
    for name in ("requirements.txt", "requirements-web.txt"):
        for line in (ROOT / name).read_text("utf-8").splitlines():
            line = line.partition("#")[0].strip()
            if line:
                one = Requirement(line)
                pins = re.findall(rf"^{one.name}==([^\s;]+)", locked, re.MULTILINE)
                assert pins, f"{one.name} is not in constraints.txt: make lock"
                assert all(one.specifier.contains(pin) for pin in pins), one
