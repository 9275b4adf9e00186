"""The data layer, tried with every fault that a network or a disk can have."""

from __future__ import annotations

import errno
import hashlib
import io
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import tracemalloc
import unicodedata
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from faulty_server import GOOD, FaultyServer

from utils import data

COURSE_DATA = os.environ.get("COURSE_DATA", "")
needs_real_data = pytest.mark.skipif(
    not COURSE_DATA, reason="COURSE_DATA is not set: no real files to test with"
)
STANDIN = b"a stand-in\n"
NAME = "tiny.txt"


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@pytest.fixture(autouse=True)
def fresh(monkeypatch, tmp_path):
    """Gives each test a process that has seen nothing, and its own folders."""
    for name in ("COURSE_DATA", "COURSE_OFFLINE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setattr(data, "_no_network", False)
    monkeypatch.setattr(data, "_said", set())
    for name, value in {"CONNECT_S": 0.5, "READ_S": 0.5, "BASE_S": 0.8}.items():
        monkeypatch.setattr(data, name, value)
    monkeypatch.setattr(data, "BYTES_PER_S", 1e9)


@pytest.fixture
def cache(tmp_path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def course_data(tmp_path, monkeypatch) -> Path:
    folder = tmp_path / "course_data"
    folder.mkdir()
    monkeypatch.setenv("COURSE_DATA", str(folder))
    return folder


@pytest.fixture
def server():
    with FaultyServer() as running:
        yield running


@pytest.fixture
def register(monkeypatch, tmp_path):
    """Returns a function that puts one tiny entry into the registry."""
    bundled = tmp_path / "bundled"
    bundled.mkdir()
    (bundled / "standin.txt").write_bytes(STANDIN)
    monkeypatch.setattr(data, "DATA_DIR", bundled)
    monkeypatch.setattr(data, "REGISTRY", {})

    def add(url: str | None, name: str = NAME, **fields) -> None:
        fields = {"sha256": (sha256(GOOD),), "bytes": len(GOOD)} | fields
        data.REGISTRY[name] = data.Entry(
            name, "tiny", "none", url=url, home="http://home.invalid", **fields
        )

    return add


@pytest.fixture
def refused_url() -> str:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}/good"


def bad_files(cache: Path) -> list[str]:
    """Returns what must not be in a cache: anything but the good file."""
    files = [path for path in cache.rglob("*") if path.is_file()]
    return [p.name for p in files if p.name != NAME or p.read_bytes() != GOOD]


# --- Download ---------------------------------------------------------------


def test_a_good_file_is_downloaded_once_and_kept(server, register, cache, capsys):
    register(f"{server.url}/good")
    assert data.load_bytes(NAME) == GOOD
    assert capsys.readouterr().out == "tiny.txt: downloaded from 127.0.0.1\n"
    assert (cache / NAME).read_bytes() == GOOD
    assert data.load_bytes(NAME) == GOOD
    assert server.hits == ["/good"]
    assert capsys.readouterr().out == "", "the source is said once"
    assert not bad_files(cache)


FAULTS = {
    "truncated": "the connection broke off before the end",
    "short": "wrong content: 500 bytes",
    "corrupt": "wrong content: 23,",
    "html": "a web page instead of the file",
    "missing": "127.0.0.1 answered with HTTP status 404",
    "error": "127.0.0.1 answered with HTTP status 500",
    "loop": "127.0.0.1 redirects in a circle",
    "hang": "no network",
    "stall": "the connection broke off before the end",
    "slow": "too slow: not complete after 1 s",
    "endless": "the answer is much larger than the file",
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_faulty_download(fault, server, register, cache, capsys):
    register(f"{server.url}/{fault}")
    start = time.monotonic()
    with pytest.raises(data.DataError) as caught:
        data.load_bytes(NAME)
    assert f"download: {FAULTS[fault]}" in str(caught.value)
    assert "To fix it: connect" in str(caught.value)
    assert time.monotonic() - start < 3
    assert data._no_network == (fault == "hang"), "only silence counts as offline"

    register(f"{server.url}/{fault}", standin="standin.txt")
    assert data.load_bytes(NAME) == STANDIN
    said = capsys.readouterr().out
    assert said.startswith("tiny.txt: bundled stand-in, not the real data (download: ")
    assert FAULTS[fault] in said and said.count("\n") == 1
    assert not list(cache.rglob("*")), "nothing was kept"

    data._no_network = False
    register(f"{server.url}/good")
    assert data.load_bytes(NAME) == GOOD, "the next call is not spoilt"


def test_a_refused_connection_is_noticed_once(refused_url, register, capsys):
    register(refused_url, standin="standin.txt")
    start = time.monotonic()
    assert data.load_bytes(NAME) == STANDIN
    assert time.monotonic() - start < 2
    expected = "tiny.txt: bundled stand-in, not the real data (download: no network)\n"
    assert capsys.readouterr().out == expected
    assert data._no_network


def test_without_an_answer_only_the_first_file_waits(server, register):
    for name in ("one.txt", "two.txt"):
        register(f"{server.url}/hang", name, standin="standin.txt")
    start = time.monotonic()
    assert data.load_bytes("one.txt") == STANDIN
    middle = time.monotonic()
    assert data.load_bytes("two.txt") == STANDIN
    assert 0.4 < middle - start < 2
    assert time.monotonic() - middle < 0.2
    assert server.hits == ["/hang"]


def test_a_name_look_up_that_hangs_is_not_waited_for(register, monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_: time.sleep(3))
    register("http://hangs.invalid/good", standin="standin.txt")
    start = time.monotonic()
    assert data.load_bytes(NAME) == STANDIN
    assert time.monotonic() - start < 2
    assert data._no_network


def test_course_offline_asks_nobody(server, register, monkeypatch, capsys):
    register(f"{server.url}/good", standin="standin.txt")
    monkeypatch.setenv("COURSE_OFFLINE", "1")
    assert data.load_bytes(NAME) == STANDIN
    assert "COURSE_OFFLINE is set" in capsys.readouterr().out
    assert server.hits == []


def test_a_long_download_shows_progress_on_stdout(
    server, register, monkeypatch, capsys
):
    register(f"{server.url}/stall")
    monkeypatch.setattr(data, "PROGRESS_AFTER_S", 0.1)
    with pytest.raises(data.DataError):
        data.load_bytes(NAME)
    shown = capsys.readouterr()
    assert "tiny.txt:" in shown.out and shown.err == ""


# --- Cache ------------------------------------------------------------------


def test_a_cache_that_cannot_be_written(server, register, cache, capsys):
    cache.write_text("a file where the folder should be")
    register(f"{server.url}/good")
    assert data.load_bytes(NAME) == GOOD
    said = capsys.readouterr().out
    assert "cache: cannot be written" in said and "set COURSE_CACHE" in said


def test_a_full_disk(server, register, cache, monkeypatch, capsys):
    whole_write = Path.write_bytes

    def write_half(path, content):
        whole_write(path, content[: len(content) // 2])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", write_half)
    register(f"{server.url}/good")
    assert data.load_bytes(NAME) == GOOD
    said = capsys.readouterr().out
    assert "No space left on device" in said and "set COURSE_CACHE" in said
    assert not list(cache.rglob("*"))


@pytest.mark.parametrize("content", [b"", GOOD[:-1], GOOD[1:] + b"x"])
def test_a_bad_file_in_the_cache_is_replaced(content, server, register, cache, capsys):
    cache.mkdir()
    (cache / NAME).write_bytes(content)
    register(f"{server.url}/good")
    assert data.load_bytes(NAME) == GOOD
    assert "(cache: wrong content" in capsys.readouterr().out
    assert not bad_files(cache)


def run_in_a_process(server, path: str, before: str = "") -> subprocess.Popen:
    """Starts a process that loads the tiny file and prints its hash."""
    program = f"""
import hashlib, os, sys, time
from pathlib import Path
from utils import data
{before}
data.REGISTRY = {{{NAME!r}: data.Entry({NAME!r}, "tiny", "none",
    url="{server.url}/{path}", sha256=({sha256(GOOD)!r},), bytes={len(GOOD)})}}
print(hashlib.sha256(data.load_bytes({NAME!r})).hexdigest())
"""
    return subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=data.ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def wait_for(condition, seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.02)


def test_killed_half_way_through_the_download(server, register, cache):
    process = run_in_a_process(server, "slow")
    wait_for(lambda: server.hits)
    time.sleep(0.3)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert not list(cache.rglob("*"))
    register(f"{server.url}/good")
    assert data.load_bytes(NAME) == GOOD


def test_killed_half_way_through_the_write(server, register, cache):
    process = run_in_a_process(
        server,
        "good",
        before="def half(path, content):\n"
        "    with open(path, 'wb') as file:\n"
        "        file.write(content[:100])\n"
        "    time.sleep(30)\n"
        "Path.write_bytes = half",
    )
    wait_for(lambda: list(cache.glob(".part-*")))
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert not (cache / NAME).exists()
    register(f"{server.url}/good")
    assert data.load_bytes(NAME) == GOOD

    (part,) = cache.glob(".part-*")  # young: its process might still be alive
    two_days_ago = time.time() - 2 * 24 * 3600
    os.utime(part, (two_days_ago, two_days_ago))
    (cache / NAME).unlink()
    assert data.load_bytes(NAME) == GOOD
    assert not bad_files(cache)


def test_two_processes_at_once(server, cache):
    processes = [run_in_a_process(server, "good") for _ in range(2)]
    for process in processes:
        output, _ = process.communicate(timeout=20)
        assert process.returncode == 0 and sha256(GOOD) in output, output
    assert (cache / NAME).read_bytes() == GOOD
    assert not bad_files(cache)


# --- COURSE_DATA ------------------------------------------------------------


def test_course_data_comes_first(server, register, course_data, cache, capsys):
    register(f"{server.url}/good")
    (course_data / NAME).write_bytes(GOOD)
    assert data.load_bytes(NAME) == GOOD
    assert capsys.readouterr().out == "tiny.txt: from COURSE_DATA\n"
    assert server.hits == [] and not cache.exists()


def test_a_wrong_file_in_course_data(server, register, course_data, capsys):
    register(f"{server.url}/good")
    (course_data / NAME).write_bytes(b"something else")
    assert data.load_bytes(NAME) == GOOD
    said = capsys.readouterr().out
    assert "downloaded" in said and "COURSE_DATA: wrong content: 14 bytes" in said
    assert (course_data / NAME).read_bytes() == b"something else", "not ours to change"


def test_course_data_that_does_not_exist(register, monkeypatch, tmp_path):
    register(None)
    monkeypatch.setenv("COURSE_DATA", str(tmp_path / "nowhere"))
    with pytest.raises(data.DataError, match="COURSE_DATA: there is no such folder"):
        data.load_bytes(NAME)


def test_a_relative_course_data_counts_from_the_course(
    register, course_data, monkeypatch, tmp_path
):
    register(None)
    (course_data / NAME).write_bytes(GOOD)
    (tmp_path / "course" / "notebooks").mkdir(parents=True)
    monkeypatch.setattr(data, "ROOT", tmp_path / "course")
    monkeypatch.setenv("COURSE_DATA", "../course_data")
    monkeypatch.chdir(tmp_path / "course" / "notebooks")
    assert data.load_bytes(NAME) == GOOD


def test_a_file_by_hand_says_what_to_do(register):
    register(None)
    with pytest.raises(data.DataError) as caught:
        data.load_bytes(NAME)
    assert str(caught.value).splitlines()[1:-1] == [
        "  COURSE_DATA: not set",
        "  cache: not there",
        "  download: only by hand from http://home.invalid",
        "  stand-in: none",
    ]
    assert "download it by hand from http://home.invalid" in str(caught.value)


def test_nothing_is_unpickled_before_it_is_verified(course_data, monkeypatch, tmp_path):
    canary = tmp_path / "canary"

    class Payload:
        def __reduce__(self):
            return Path.touch, (canary,)

    content = np.array([Payload()], dtype=object)
    np.savez(course_data / "imdb.npz", x_train=content)
    monkeypatch.setenv("COURSE_OFFLINE", "1")
    monkeypatch.setenv("COURSE_STANDIN", "0")
    with pytest.raises(data.DataError, match="COURSE_DATA: wrong content"):
        data.load_imdb()
    assert not canary.exists()

    with np.load(course_data / "imdb.npz", allow_pickle=True) as file:
        file["x_train"]
    assert canary.exists(), "the payload of this test does nothing"


# --- Archives ---------------------------------------------------------------


def make_zip(*members: tuple[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return buffer.getvalue()


def lying_zip() -> bytes:
    """A large member whose directory states the size that we expect."""
    large = bytes(5_000_000)
    return make_zip(("text.txt", large)).replace(
        len(large).to_bytes(4, "little"), len(GOOD).to_bytes(4, "little")
    )


def damaged_zip() -> bytes:
    archive = make_zip(("text.txt", GOOD))
    return archive[:200] + bytes(200) + archive[400:]


ARCHIVES = {
    "climbs up": (
        make_zip(("text.txt", GOOD), ("../evil.txt", b"")),
        "climbs out: '../evil",
    ),
    "climbs up inside": (
        make_zip(("text.txt", GOOD), ("a/../../evil.txt", b"")),
        "climbs out: 'a/..",
    ),
    "absolute": (
        make_zip(("text.txt", GOOD), ("/evil.txt", b"")),
        "climbs out: '/evil",
    ),
    "drive": (make_zip(("text.txt", GOOD), ("C:evil.txt", b"")), "climbs out: 'C:evil"),
    "backslash": (make_zip(("text.txt", GOOD), ("a\\evil", b"")), "climbs out: 'a"),
    "member missing": (make_zip(("other.txt", GOOD)), "the archive has no text.txt"),
    "wrong content": (make_zip(("text.txt", GOOD[::-1])), "wrong content: 2"),
    "wrong size": (make_zip(("text.txt", bytes(5_000_000))), "has 5,000,000 bytes"),
    "a header that lies": (lying_zip(), "the archive is damaged"),
    "no archive": (GOOD, "not a complete zip file"),
    "truncated": (make_zip(("text.txt", GOOD))[:-30], "not a complete zip file"),
    "damaged inside": (
        damaged_zip(),
        "the archive is damaged",
    ),
}


@pytest.fixture
def register_zip(register):
    register(
        None,
        "pairs.zip",
        sha256=(),
        member="text.txt",
        member_sha256=sha256(GOOD),
        member_bytes=len(GOOD),
        encoding="utf-8",
    )


def test_the_member_of_a_zip_decides(register_zip, course_data):
    archive = make_zip(("__MACOSX/._text.txt", b"junk"), ("text.txt", GOOD))
    (course_data / "pairs.zip").write_bytes(archive)
    assert data.load_bytes("pairs.zip") == GOOD
    assert data.load_text("pairs.zip") == GOOD.decode()


@pytest.mark.parametrize("case", ARCHIVES)
def test_a_bad_archive(case, register_zip, course_data):
    archive, reason = ARCHIVES[case]
    (course_data / "pairs.zip").write_bytes(archive)
    with pytest.raises(data.DataError) as caught:
        data.load_bytes("pairs.zip")
    assert reason in str(caught.value)
    assert [path.name for path in course_data.iterdir()] == ["pairs.zip"]


def test_a_zip_bomb_is_not_inflated(register_zip, course_data, monkeypatch):
    monkeypatch.setattr(zipfile.ZipFile, "open", lambda *_: pytest.fail("inflated"))
    (course_data / "pairs.zip").write_bytes(ARCHIVES["wrong size"][0])
    with pytest.raises(data.DataError, match="expected 23,"):
        data.load_bytes("pairs.zip")


def test_a_header_that_lies_does_not_fill_the_memory(register_zip, course_data):
    (course_data / "pairs.zip").write_bytes(lying_zip())
    tracemalloc.start()
    try:
        with pytest.raises(data.DataError, match="the archive is damaged"):
            data.load_bytes("pairs.zip")
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


# --- Your own files ---------------------------------------------------------


def test_your_own_text(tmp_path, capsys):
    path = tmp_path / "mine.txt"
    path.write_bytes(b"\xef\xbb\xbfone\r\ntwo\n")
    assert data.load_text(path) == "one\r\ntwo\n", "only the mark is removed"
    assert data.load_bytes(str(path)) == path.read_bytes()
    said = "mine.txt: your own file, not verified\n"
    assert capsys.readouterr().out == said, "once, and without the folder"


def test_your_own_zip(tmp_path):
    path = tmp_path / "deu-eng.zip"
    text, about = ("deu.txt", b"Go.\tGeh.\n"), ("_about.txt", b"about")
    path.write_bytes(make_zip(text, about, ("__MACOSX/._deu.txt", b"junk")))
    assert data.load_text(path) == "Go.\tGeh.\n"
    path.write_bytes(make_zip(text, ("two.csv", b"")))
    with pytest.raises(data.DataError, match="found deu.txt, two.csv; take the one"):
        data.load_bytes(path)
    path.write_bytes(make_zip(text, ("../evil.txt", b"")))
    with pytest.raises(data.DataError, match="climbs out"):
        data.load_bytes(path)


@pytest.mark.parametrize("name", ["imdb.npy", "name.txt", "no/such/file"])
def test_an_unknown_name(name):
    with pytest.raises(data.DataError, match="neither a name .* nor an existing file"):
        data.load_bytes(name)


def test_an_unknown_name_gets_a_proposal():
    with pytest.raises(data.DataError, match="Did you mean tinyshakespeare.txt?"):
        data.load_bytes("tiny_shakespeare.txt")


def test_a_folder_is_not_a_file(tmp_path):
    with pytest.raises(data.DataError, match="this is a folder"):
        data.load_bytes(tmp_path)


def test_wrong_encoding_names_the_line(tmp_path):
    path = tmp_path / "latin.txt"
    path.write_bytes("one\ntwo\ncafé\n".encode("cp1252"))
    with pytest.raises(data.DataError, match=r"line 3 holds the byte 0xe9 \(byte 11 "):
        data.load_text(path)
    assert data.load_text(path, encoding="cp1252") == "one\ntwo\ncafé\n"


def test_a_corpus_is_split_at_nine_tenths(tmp_path):
    path = tmp_path / "digits.txt"
    path.write_text("0123456789" * 3)
    train, validation = data.load_corpus(path)
    assert (len(train), validation) == (27, "789")
    path.write_text("\n")
    with pytest.raises(data.DataError, match="it is empty"):
        data.load_corpus(path)


def test_reviews_from_your_own_file(tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text('label,text,pair\n1,"good,\nreally",\n0,bad,7\n')
    table = data.load_reviews(path)
    assert list(table.columns) == ["label", "text", "pair"]
    assert table["label"].tolist() == [1, 0] and table["label"].dtype.kind == "i"
    assert table["text"].tolist() == ["good,\nreally", "bad"]
    assert table["pair"].tolist() == ["", "7"]


BAD_REVIEWS = {
    "": "expected the columns text and label, found nothing",
    "review,stars\na,1\n": "found review, stars. To fix it: correct line 1",
    "text,label\ngood,1\nbad,\n": "line 3: expected the label 0 or 1, found nothing",
    "text,label\ngood\n": "line 2: expected the label 0 or 1, found nothing",
    "text,label\ngood,5\n": "line 2: expected the label 0 or 1, found 5. To fix it: "
    "correct the label, or remove the row.",
    "text,label\ngood,1\n,0\n": "line 3: the text is empty. To fix it: remove the row.",
    'text,label\n"a\nb",1\n ,0\n': "line 4: the text is empty",
    "text,label\ngood, very,1\n": "line 2: more fields than columns",
    'text,label\na,1\n"b,0\n': "line 3: not valid CSV",
}


@pytest.mark.parametrize("content", BAD_REVIEWS)
def test_bad_reviews_name_the_line(content, tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text(content)
    with pytest.raises(data.DataError) as caught:
        data.load_reviews(path)
    assert BAD_REVIEWS[content] in str(caught.value)
    assert str(caught.value).startswith("mine.csv")


def test_names_from_your_own_file(tmp_path):
    path = tmp_path / "mine.txt"
    text = "\ufeffZoë\r\n Anne-Marie\r\nO'Neil\nसीता\nANNA \nzoë\n\n \n"
    path.write_bytes(text.encode())
    names = ["zoë", "anne-marie", "o'neil", "सीता", "anna", "zoë"]
    assert data.load_names(path) == names


BAD_NAMES = {
    "": "mine.txt: expected names, but it is empty. To fix it: write one name",
    " \n\n": "mine.txt: expected names, but it is empty",
    "anna\n\nbert\n": "line 2: expected one name of letters, hyphens and apostrophes, "
    "found a blank line. To fix it: put one name and nothing else on each line.",
    "anna\nBert,1880\n": "line 2: expected one name of letters, hyphens and "
    "apostrophes, found 'bert,1880'. To fix it",
    "anna\nbert\nann lee\n": "line 3: expected one name of letters, hyphens and "
    "apostrophes, found 'ann lee'",
    "anna2\n": "line 1: expected one name of letters, hyphens and apostrophes, "
    "found 'anna2'",
    "an_na\n": "found 'an_na'",
    "x" * 50 + "!": f"found '{'x' * 40}'.",
}


@pytest.mark.parametrize("content", BAD_NAMES)
def test_bad_names_name_the_line(content, tmp_path):
    path = tmp_path / "mine.txt"
    path.write_text(content)
    with pytest.raises(data.DataError) as caught:
        data.load_names(path)
    assert BAD_NAMES[content] in str(caught.value)
    assert str(caught.value).startswith("mine.txt")


TAGGED = '''\
Tag,Sentence #,Word,Lemma
B-per,first,Ana,
O,, said ,
O,first,"""",
 I-geo ,second,Köln,
O,third,"1,000",
'''
WORDS = [["Ana", "said", '"'], ["Köln"], ["1,000"]]
TAGS = [["B-per", "O", "O"], ["I-geo"], ["O"]]


@pytest.mark.parametrize("encoding", [None, "cp1252"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_tagged_sentences_from_your_own_file(encoding, end, tmp_path):
    path = tmp_path / "mine.csv"
    text = (TAGGED + "\n").replace("\n", end)  # a blank line at the end does not count
    path.write_bytes(text.encode(encoding or "utf-8-sig"))
    assert data.load_tagged(path, encoding) == (WORDS, TAGS)
    packed = tmp_path / "mine.zip"
    junk = "__MACOSX/._mine.csv", b"junk"
    packed.write_bytes(make_zip(("mine.csv", path.read_bytes()), junk))
    assert data.load_tagged(str(packed), encoding) == (WORDS, TAGS)


def test_the_registry_names_the_encoding_of_tagged_sentences(register, course_data):
    content = TAGGED.encode("cp1252")
    register(None, "mine.csv", sha256=(sha256(content),), encoding="cp1252")
    (course_data / "mine.csv").write_bytes(content)
    assert data.load_tagged("mine.csv") == (WORDS, TAGS)
    with pytest.raises(data.DataError, match="expected utf-8 .* line 5 holds"):
        data.load_tagged("mine.csv", encoding="utf-8")


HEAD = "Sentence #,Word,POS,Tag\n1,Ana,NNP,B-per\n"
OPEN = ',",NN,O\n'  # a quotation mark that should be four of them
SAID = ",said,VBD,O\n"
BAD_TAGGED = {
    "": "mine.csv: expected the columns Sentence #, Word and Tag, found nothing. "
    "To fix it: correct line 1.",
    "1,Ana,NNP,B-per\n": "found 1, Ana, NNP, B-per. To fix it: correct line 1.",
    "Sentence #,Word,POS\n1,Ana,NNP\n": "found Sentence #, Word, POS. To fix it",
    "Sentence #;Word;Tag\n1;Ana;O\n": "found Sentence #;Word;Tag. To fix it",
    "Sentence #,Word,Tag\n": "mine.csv: expected tagged words, found only the columns",
    HEAD + ",said,O\n": "line 3: expected 4 fields, found 3. To fix it: write",
    HEAD + ",1,000,CD,O\n": "line 3: expected 4 fields, found 5. To fix it: write a "
    "word that is a quotation mark as four of them, and put a word that holds a comma "
    "between double quotes.",
    HEAD + "\n" + SAID: "line 3: the line is blank. To fix it: remove it.",
    HEAD + ",,VBD,O\n": "line 3: the word is empty. To fix it: remove the line.",
    HEAD + ", ,VBD,O\n": "line 3: the word is empty",
    HEAD + SAID + ",the,DT,\n": "line 4: expected the tag O, or B- or I- and a type, "
    "such as B-geo, found nothing. To fix it: correct the column Tag.",
    HEAD + ",said,VBD,per\n": "line 3: expected the tag O, or B- or I- and a type, "
    "such as B-geo, found per.",
    HEAD + ",said,VBD,B-\n": "line 3: expected the tag O, or B- or I- and a type, such "
    "as B-geo, found B-.",
    HEAD + ",said,VBD,b-geo\n": "found b-geo.",
    HEAD + ",said,VBD,OO\n": "found OO.",
    HEAD + ",said,VBD,B-new york\n": "found B-new york.",
    "Sentence #,Word,Tag\n,Ana,B-per\n1,said,O\n": "line 2: expected the name of the "
    "first sentence, found nothing. To fix it: write a name, such as Sentence: 1, in",
    "Sentence #,Word,Tag\n ,Ana,B-per\n": "line 2: expected the name of the first",
    HEAD + OPEN + SAID: "line 3: not valid CSV (unexpected end of data). To fix it: "
    "write a word that is a quotation mark as four of them",
    HEAD + OPEN + SAID + OPEN: "line 3: the quoted text goes on after the end of the "
    "line. To fix it: write a word that is a quotation mark as four of them",
    HEAD + OPEN + 12_000 * SAID: "line 3: not valid CSV (field larger than",
    HEAD + ',"a"b,NN,O\n': "line 3: not valid CSV",
    '"Sentence #,Word,Tag\n1,Ana,B-per\n': "line 1: not valid CSV (unexpected end",
}


@pytest.mark.parametrize("content", BAD_TAGGED, ids=range(len(BAD_TAGGED)))
def test_bad_tagged_sentences_name_the_line(content, tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text(content)
    with pytest.raises(data.DataError) as caught:
        data.load_tagged(path)
    assert BAD_TAGGED[content] in str(caught.value)
    assert str(caught.value).startswith("mine.csv")


def test_vectors_from_your_own_file(tmp_path):
    path = tmp_path / "mine.txt"
    # U+0085 is a line end for str.splitlines, but a word in some files.
    path.write_bytes("the 0.5 -1e-3\r\n\u0085 2 3 \n1 4 5\n\n".encode())
    words, vectors = data.load_vectors(path)
    assert words == ["the", "\u0085", "1"]
    assert vectors.dtype == np.float32 and vectors.shape == (3, 2)
    assert vectors.tolist() == np.float32([[0.5, -1e-3], [2, 3], [4, 5]]).tolist()


@pytest.mark.parametrize("header", ["2 3\n", "2 3 \r\n"])
def test_vectors_may_begin_with_their_number_and_width(header, tmp_path):
    path = tmp_path / "mine.txt"
    path.write_bytes(f"{header}a 1 2 3\nb 4 5 6\n".encode())
    words, vectors = data.load_vectors(path)
    assert words == ["a", "b"] and vectors.tolist() == [[1, 2, 3], [4, 5, 6]]


BAD_VECTORS = {
    "": "mine.txt: expected words and their vectors, but it is empty. To fix it",
    " \n": "mine.txt: expected words and their vectors, but it is empty",
    "400000 50\n": "mine.txt: expected words and their vectors, but it is empty",
    "a\nb 1\n": "line 1: a vector of the wrong width: expected a word and its numbers, "
    "found a and 0. To fix it: separate the fields by one space",
    "a 1 2\nb 1 2 3\n": "line 2: a vector of the wrong width: expected a word and 2 "
    "numbers, found b and 3.",
    "9 2\na 1 2\nb 1 2\nc 1\n": "line 4: a vector of the wrong width: expected a word "
    "and 2 numbers, found c and 1.",
    "a 1 2\n\nb 1 2\n": "line 2: a vector of the wrong width: expected a word and 2 "
    "numbers, found no word and 0.",
    "a 1 2\n 1 2\n": "line 2: a vector of the wrong width: expected a word and 2 "
    "numbers, found no word and 2.",
    "a\t1\t2\n": "line 1: a vector of the wrong width: expected a word and 2 numbers",
    "a 1 2\nb 1 o\n": "line 2: expected finite numbers after the word 'b', found 'o'. ",
    "a 1 2\nb 1  2\n": "line 2: a vector of the wrong width",
    "a 1 2\nb nan 2\n": "line 2: expected finite numbers after the word 'b', "
    "found 'nan'",
    "a 1 -inf\n": "line 1: expected finite numbers after the word 'a', found '-inf'",
    "a 1 1e39\n": "line 1: expected finite numbers after the word 'a', found '1e39'",
    "a 1\nb 2\nc 3\nb 4\n": "line 4: the word 'b' stands in line 2 already. To fix it",
    "3 1\nb 2\nb 4\n": "line 3: the word 'b' stands in line 2 already",
}


@pytest.mark.parametrize("content", BAD_VECTORS)
def test_bad_vectors_name_the_line(content, tmp_path):
    path = tmp_path / "mine.txt"
    path.write_text(content)
    with pytest.raises(data.DataError) as caught:
        data.load_vectors(path)
    assert BAD_VECTORS[content] in str(caught.value)
    assert str(caught.value).startswith("mine.txt")


def test_analogies_from_your_own_file(tmp_path):
    path = tmp_path / "mine.txt"
    path.write_bytes(b": Capitals\r\nRome Italy Oslo Norway\r\n:family\nA  b c D\n\n")
    assert data.load_analogies(path) == {
        "Capitals": [("rome", "italy", "oslo", "norway")],
        "family": [("a", "b", "c", "d")],
    }


def test_a_section_of_analogies_may_go_on_later(tmp_path):
    path = tmp_path / "mine.txt"
    path.write_text(": x\na b c d\n: y\ne f g h\n: x\ni j k l\n")
    sections = data.load_analogies(path)
    assert {name: len(found) for name, found in sections.items()} == {"x": 2, "y": 1}


BAD_ANALOGIES = {
    "": "mine.txt: expected analogy questions, but it is empty. To fix it: write",
    "\n: family\n": "line 1: expected a question of four words, found 0.",
    ": family\n": "mine.txt: expected analogy questions, but it is empty",
    ": family\na b c d\na b c\n": "line 3: expected a question of four words, found 3. "
    "To fix it: write one question on each line.",
    ": family\na b c d e\n": "line 2: expected a question of four words, found 5",
    ": family\na b c d\n\na b c d\n": "line 3: expected a question of four words, "
    "found 0",
    "a b c d\n: family\n": "line 1: a question before the first section. To fix it: "
    "name the section in a line above, such as : family",
    ":\na b c d\n": "line 2: a question before the first section",
}


@pytest.mark.parametrize("content", BAD_ANALOGIES)
def test_bad_analogies_name_the_line(content, tmp_path):
    path = tmp_path / "mine.txt"
    path.write_text(content)
    with pytest.raises(data.DataError) as caught:
        data.load_analogies(path)
    assert BAD_ANALOGIES[content] in str(caught.value)
    assert str(caught.value).startswith("mine.txt")


# --- Pairs of sentences and series ------------------------------------------

PAIRS = [
    ("Go.", "Va\u202f!"),
    ("Is it  you?", "C'est\u00a0toi\u202f?"),
    ("I left.", "Je suis né\u0085ici."),
    ("I left.", "Partie."),
]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("third", ["", "\t", "\tCC-BY 2.0 (France): no tab in here"])
def test_pairs_from_your_own_file(third, end, tmp_path):
    lines = [f"{source}\t {target}{third}" for source, target in PAIRS]
    lines[1] = "\t".join(PAIRS[1])  # lines may differ in the third column
    text = unicodedata.normalize("NFD", end.join([*lines, "", " ", ""]))
    path = tmp_path / "mine.txt"
    path.write_bytes(text.encode("utf-8-sig"))
    assert data.load_pairs(path) == PAIRS
    packed = tmp_path / "mine.zip"
    packed.write_bytes(make_zip(("mine.tsv", path.read_bytes()), ("_about.txt", b"x")))
    assert data.load_pairs(str(packed)) == PAIRS


BAD_PAIRS = {
    "": "mine.txt: expected pairs of sentences, but it is empty. To fix it: write a "
    "sentence, a tab and its translation on each line.",
    " \n\r\n": "mine.txt: expected pairs of sentences, but it is empty",
    "Go.\tVe.\nHi.  Hola.\n": "line 2: expected a sentence, a tab and its translation "
    "(a third column does not count), found 1 column in 'Hi.  Hola.'. To fix it: put "
    "one tab, not spaces, between the two sentences.",
    "Go.\tVe.\nHi.\tHola.\tby A\t7\n": "line 2: expected a sentence, a tab and its "
    "translation (a third column does not count), found 4 columns in 'Hi.\\tHola.",
    "Go.\tVe.\n\nHi.\tHola.\n": "line 2: the line is blank. To fix it: remove it.",
    "Go.\tVe.\n\tHola.\n": "line 2: the sentence is empty, found '\\tHola.'. To fix "
    "it: write it, or remove the line.",
    "Go.\tVe.\nHi.\t\n": "line 2: the translation is empty, found 'Hi.\\t'. To fix it",
    "Go.\tVe.\nHi.\t\tby A\n": "line 2: the translation is empty, found 'Hi.\\t\\tby",
    "Go.\t\u00a0\u202f\nHi.\tHola.\n": "line 1: the translation is empty",
    " \tVe.\n": "line 1: the sentence is empty",
    "Go.\tVe.\n\t\n": "line 2: the line is blank",
    "Go. Ve." + 50 * "x": f"line 1: expected a sentence, a tab and its translation (a "
    f"third column does not count), found 1 column in 'Go. Ve.{33 * 'x'}'.",
}


@pytest.mark.parametrize("content", BAD_PAIRS)
def test_bad_pairs_name_the_line(content, tmp_path):
    path = tmp_path / "mine.txt"
    path.write_bytes(content.encode())
    with pytest.raises(data.DataError) as caught:
        data.load_pairs(path)
    assert BAD_PAIRS[content] in str(caught.value)
    assert str(caught.value).startswith("mine.txt")


DAYS = '"Day","Rain in mm"\n"2024-02-27",20.7\n2024-02-28, -1e1 \n2024-02-29,0\n'


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_series_from_your_own_file(end, tmp_path, capsys):
    path = tmp_path / "mine.csv"
    path.write_bytes((DAYS + "\n \n").replace("\n", end).encode("utf-8-sig"))
    series = data.load_series(path)
    assert series.dtype == np.float64 and series.name == "Rain in mm"
    assert series.to_dict() == {
        pd.Timestamp("2024-02-27"): 20.7,
        pd.Timestamp("2024-02-28"): -10,
        pd.Timestamp("2024-02-29"): 0,
    }
    assert isinstance(series.index, pd.DatetimeIndex)
    assert series.index.name == "Day" and series.index.freqstr == "D"
    assert "filled" not in capsys.readouterr().out


def test_gaps_are_filled_only_when_you_ask_for_it(tmp_path, capsys):
    path = tmp_path / "mine.csv"
    path.write_text(DAYS + "2024-03-03,6\n2024-03-05,7\n")
    with pytest.raises(data.DataError) as caught:
        data.load_series(path, fill_gaps=1)
    assert str(caught.value) == (
        "mine.csv, line 5: 2 days are missing between 2024-02-29 and 2024-03-03. To "
        "fix it: add the days, or put their values on a straight line between their "
        "neighbours: load_series(name, fill_gaps=2)."
    )
    assert "filled" not in capsys.readouterr().out
    series = data.load_series(path, fill_gaps=2)
    assert series.tolist() == pytest.approx([20.7, -10, 0, 2, 4, 6, 6.5, 7])
    assert series.index.equals(pd.date_range("2024-02-27", "2024-03-05"))
    assert capsys.readouterr().out == (
        "mine.csv: 3 missing days filled: 2024-03-01, 2024-03-02, 2024-03-04\n"
    )


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (2, "1 missing day filled: 1999-01-02"),
        (
            7,
            "6 missing days filled: 1999-01-02, 1999-01-03, 1999-01-04, 1999-01-05, "
            "1999-01-06 and 1 more",
        ),
    ],
)
def test_the_line_about_filled_days_is_short(day, said, tmp_path, capsys):
    path = tmp_path / "mine.csv"
    path.write_text(f"d,v\n1999-01-01,1\n1999-01-{day + 1:02},2\n")
    data.load_series(path, fill_gaps=6)
    assert capsys.readouterr().out.splitlines()[-1] == f"mine.csv: {said}"


BAD_SERIES = {
    "": "mine.csv: expected dates and numbers, but it is empty. To fix it: write the "
    "names of two columns in line 1, and a date and a number in each line below.",
    "\n \n": "mine.csv: expected dates and numbers, but it is empty",
    "Day,Rain\n": "mine.csv: expected dates and numbers, found only the names of the",
    "2024-02-27,20.7\n2024-02-28,1\n": "line 1: expected the names of the columns, "
    "found a number. To fix it: write a line such as Date,Temp above it.",
    DAYS + "2024-03-01,?0.2\n": "line 5: expected a finite number, found '?0.2'. To "
    "fix it: correct the value, or remove the line and fill the gap: load_series(name, "
    "fill_gaps=1).",
    DAYS + "2024-03-01,\n2024-03-02,1\n": "line 5: expected a finite number, found "
    "nothing.",
    DAYS + '2024-03-01,"20,7"\n': "line 5: expected a finite number, found '20,7'.",
    DAYS + "2024-03-01,nan\n": "line 5: expected a finite number, found 'nan'.",
    DAYS + "2024-03-01,-inf\n": "line 5: expected a finite number, found '-inf'.",
    DAYS + "2024-03-01,1e999\n": "line 5: expected a finite number, found '1e999'.",
    DAYS + "2024-03-01,1_0\n": "line 5: expected a finite number, found '1_0'.",
    DAYS + "01/03/2024,1\n": "line 5: expected a date such as 1981-01-31, found "
    "'01/03/2024'. To fix it: write year-month-day.",
    DAYS + "20240301,1\n": "line 5: expected a date such as 1981-01-31, found '20240",
    DAYS + "2024-03-01 12:00,1\n": "line 5: expected a date such as 1981-01-31",
    DAYS + "2024-02-30,1\n": "line 5: expected a date such as 1981-01-31, found '2024",
    DAYS + ",1\n": "line 5: expected a date such as 1981-01-31, found nothing.",
    DAYS + "2024-02-29,1\n": "line 5: expected a day after 2024-02-29, found the same "
    "day again. To fix it: sort the lines by date, one line for each day.",
    DAYS + "2024-02-27,1\n": "line 5: expected a day after 2024-02-29, found "
    "2024-02-27. To fix it: sort the lines by date",
    DAYS + "2024-03-02,1\n": "line 5: 1 day is missing between 2024-02-29 and "
    "2024-03-02. To fix it: add the days, or put",
    DAYS + "2024-03-01,1,2\n": "line 5: expected two fields, a date and a number, "
    "found 3. To fix it: separate the two by one comma, write 20.7 and not 20,7, and "
    "remove other columns and blank lines.",
    DAYS + "2024-03-01;1\n": "line 5: expected two fields, a date and a number, found",
    "Day;Rain\n2024-03-01;1\n": "line 1: expected two fields, a date and a number",
    DAYS + "\n2024-03-01,1\n": "line 5: expected two fields, a date and a number, the "
    "line is blank.",
    DAYS + '2024-03-01,"1\n2"\n': "line 5: expected two fields, a date and a number",
    DAYS + '2024-03-01,"1\n': "line 5: not valid CSV (unexpected end of data). To fix",
}


@pytest.mark.parametrize("content", BAD_SERIES)
def test_bad_series_name_the_line(content, tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text(content)
    with pytest.raises(data.DataError) as caught:
        data.load_series(path)
    assert BAD_SERIES[content] in str(caught.value)
    assert str(caught.value).startswith("mine.csv")


# --- The films --------------------------------------------------------------


def films(word: str, first_id: int) -> dict[str, bytes]:
    """Returns two reviews for each part, and the words of their ids."""
    file = io.BytesIO()
    x = np.array([[first_id, 2], [first_id]], dtype=object)
    np.savez(file, x_train=x, y_train=[1, 0], x_test=x, y_test=[1, 0])
    index = json.dumps({"film": 3, "the": 1, word: 2})
    return dict(zip(data.FILMS, (file.getvalue(), index.encode()), strict=True))


@pytest.mark.parametrize("found", [(), data.FILMS[:1], data.FILMS[1:], data.FILMS])
def test_real_reviews_and_invented_words_are_not_mixed(
    found, register, course_data, monkeypatch, capsys
):
    monkeypatch.setenv("COURSE_OFFLINE", "1")
    real = films("real", first_id=1)
    for name, content in films("invented", first_id=3).items():
        standin = f"standin_{name}"
        (data.DATA_DIR / standin).write_bytes(content)
        register(None, name, sha256=(sha256(real[name]),), standin=standin)
    for name in found:
        (course_data / name).write_bytes(real[name])
    word, first_id = ("real", 1) if found == data.FILMS else ("invented", 3)
    assert data.load_imdb_words() == ["", "the", word, "film"]
    for x, y in data.load_imdb():
        assert {review[0] for review in x} == {first_id}
        assert sorted(map(len, x)) == [1, 2] and sorted(y) == [0, 1]
        assert [len(review) for review in x] == [label + 1 for label in y]
    warning = "films: all 2 files are stand-ins, because one is missing\n"
    assert capsys.readouterr().out.count(warning) == (len(found) == 1)


# --- The posts --------------------------------------------------------------


@pytest.fixture
def register_posts(register, monkeypatch):
    """Returns a function that gives the three parts of the posts a stand-in."""
    monkeypatch.setenv("COURSE_OFFLINE", "1")

    def add(*standins: str) -> None:
        for number, (name, content) in enumerate(
            zip(data.POSTS, standins, strict=True)
        ):
            (data.DATA_DIR / f"{number}.csv").write_bytes(content.encode())
            real = f"id,tweet,label\n1,a real {name},fake\n".encode()
            register(None, name, sha256=(sha256(real),), standin=f"{number}.csv")

    return add


def standin_posts(text: str, label: str = "real") -> str:
    return f"id,label,tweet\r\n1,{label},{text}\r\n"


def test_posts_have_a_text_on_one_line_and_a_label(register_posts):
    posts = '"\nUpdate:  \r\n \n5 cases, 2  tests\n"', "a", "b"
    register_posts(*(standin_posts(post, "fake") for post in posts))
    train, validation, test = data.load_posts()
    assert list(train.columns) == ["text", "label"]
    assert train["text"].tolist() == ["Update: 5 cases, 2  tests"]
    assert train["label"].tolist() == [1] and train["label"].dtype.kind == "i"
    assert validation["text"].tolist() == ["a"] and test["text"].tolist() == ["b"]


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_real_posts_and_standins_are_not_mixed(
    count, register_posts, course_data, capsys
):
    register_posts(*map(standin_posts, "abc"))
    for name in data.POSTS[:count]:
        content = f"id,tweet,label\n1,a real {name},fake\n"
        (course_data / name).write_bytes(content.encode())
    texts = [part["text"].item() for part in data.load_posts()]
    said = capsys.readouterr().out
    assert said.count("from COURSE_DATA") == count
    real = [f"a real {name}" for name in data.POSTS]
    assert texts == (real if count == 3 else ["a", "b", "c"])
    warning = "posts: all 3 files are stand-ins, because one is missing\n"
    assert said.count(warning) == (0 < count < 3)


BAD_POSTS = {
    "": "Val.csv: expected the columns tweet and label, found nothing",
    "id,text,label\n1,a,real\n": "found id, text, label. To fix it: correct line 1",
    "tweet,label\na,real\nb,0\n": "line 3: expected the label real or fake, found 0",
    'tweet,label\n"a\nb",fake\n ,real\n': "Val.csv, line 4: the tweet is empty",
    "tweet,label\na,real\n,fake\n": "line 3: the tweet is empty. To fix it: remove",
    "tweet,label\na,real\nb,\n": "line 3: expected the label real or fake, found "
    "nothing. To fix it: correct the label, or remove the row.",
    "label,tweet\nreal,a\nfake\n": "line 3: the tweet is empty",
    "tweet,label\na, b,real\n": "line 2: more fields than columns",
}


@pytest.mark.parametrize("content", BAD_POSTS)
def test_bad_posts_name_the_line(content, register_posts):
    register_posts(standin_posts("a"), content, standin_posts("c"))
    with pytest.raises(data.DataError, match=re.escape(BAD_POSTS[content])):
        data.load_posts()


# --- The registry and the bundled files -------------------------------------


def test_the_registry_is_complete():
    for entry in data.REGISTRY.values():
        bundled = entry.name if entry.bundled else entry.standin
        if bundled:
            assert (data.DATA_DIR / bundled).is_file(), bundled
        if entry.bundled:
            assert entry.bytes == (data.DATA_DIR / entry.name).stat().st_size
            continue
        assert entry.home and entry.licence and entry.bytes > 0
        assert entry.url is None or entry.url.startswith("https://")
        hashes = [entry.member_sha256] if entry.member else entry.sha256
        assert hashes and all(re.fullmatch("[0-9a-f]{64}", h) for h in hashes)
        assert bool(entry.member) == bool(entry.member_bytes)


def test_the_data_cards_are_those_of_the_registry():
    readme = (data.DATA_DIR / "README.md").read_text(encoding="utf-8")
    between = re.search(r"<!-- cards -->\n(.*)\n<!-- /cards -->", readme, re.DOTALL)
    assert between, "data/README.md has lost the comments around the data cards"
    assert between[1].strip() == data.data_cards(), (
        "put the output of python -m utils.data cards into data/README.md"
    )


def test_the_bundled_corpus_and_reviews(monkeypatch, capsys):
    monkeypatch.setenv("COURSE_OFFLINE", "1")
    train, validation = data.load_corpus()
    assert len(train) > 300_000 and set(validation) <= set(train)
    reviews = data.load_reviews()
    assert set(reviews["label"]) == {0, 1} and len(reviews) > 1_000
    assert capsys.readouterr().out.splitlines() == [
        "tinyshakespeare.txt: bundled stand-in, not the real data "
        "(download: COURSE_OFFLINE is set)",
        "reviews.csv: bundled with the course",
    ]


def test_the_bundled_posts(monkeypatch):
    monkeypatch.setenv("COURSE_OFFLINE", "1")
    parts = data.load_posts()
    assert [len(part) for part in parts] == [2_700, 900, 900]
    for part in parts:
        assert set(part["label"]) == {0, 1}
        assert not part["text"].str.contains("\n").any()


def test_the_bundled_names(monkeypatch, capsys):
    monkeypatch.setenv("COURSE_OFFLINE", "1")
    names = data.load_names()
    assert len(names) == 8_000
    assert "names.txt: bundled stand-in" in capsys.readouterr().out
    assert "\n".join(names) + "\n" == data.load_text("names.txt")


def test_the_bundled_films(monkeypatch, capsys):
    monkeypatch.setenv("COURSE_OFFLINE", "1")
    words = data.load_imdb_words()
    parts = data.load_imdb()
    said = capsys.readouterr().out
    assert said.count("bundled stand-in") == 2 and "films:" not in said
    assert words[0] == "" and words[1] == "the" and len(set(words)) == len(words)
    for (x, y), size in zip(parts, (3_000, 1_500), strict=True):
        assert len(x) == len(y) == size
        assert y[:500].mean() == pytest.approx(0.5, abs=0.1), "shuffled"
        assert {words[i] for review in x for i in review} <= set(words[1:])


def test_the_bundled_vectors_and_questions(monkeypatch):
    monkeypatch.setenv("COURSE_OFFLINE", "1")
    words, vectors = data.load_vectors()
    assert vectors.shape == (len(words), 50) and set(words) < set(
        data.load_imdb_words()
    )
    sections = data.load_analogies()
    assert "family" in sections and {len(found) for found in sections.values()} == {50}


def test_the_bundled_tagged_sentences(monkeypatch, capsys):
    monkeypatch.setenv("COURSE_OFFLINE", "1")
    words, tags = data.load_tagged()
    assert "ner_dataset.zip: bundled stand-in" in capsys.readouterr().out
    assert 1_400 <= len(words) <= 1_800
    assert [len(sentence) for sentence in words] == [len(row) for row in tags]
    types = {tag[2:] for row in tags for tag in row if tag != "O"}
    assert types == {"per", "geo", "org", "gpe", "tim"}


def test_the_bundled_pairs(monkeypatch, capsys):
    monkeypatch.setenv("COURSE_OFFLINE", "1")
    pairs = data.load_pairs()
    assert "spa-eng.zip: bundled stand-in" in capsys.readouterr().out
    assert 20_000 <= len(pairs) <= 30_000 and len(set(pairs)) == len(pairs)
    text = "".join(f"{source}\t{target}\n" for source, target in pairs)
    assert text == data.load_text("spa-eng.zip")


def test_the_bundled_temperatures(monkeypatch, capsys):
    monkeypatch.setenv("COURSE_OFFLINE", "1")
    with pytest.raises(data.DataError, match="line 1462: 1 day is missing"):
        data.load_series()
    capsys.readouterr()
    series = data.load_series(fill_gaps=1)
    assert series.index.equals(pd.date_range("1981-01-01", "1990-12-31"))
    assert capsys.readouterr().out == (  # as for the real file
        "daily-min-temperatures.csv: 2 missing days filled: 1984-12-31, 1988-12-31\n"
    )


def test_a_missing_bundled_file(register):
    register(None, "gone.csv", bundled=True)
    with pytest.raises(data.DataError, match="git checkout data/gone.csv"):
        data.load_bytes("gone.csv")


def test_the_import_is_light():
    program = (
        "import sys, utils.data; print([m for m in "
        "('numpy', 'pandas', 'pooch', 'requests', 'tqdm') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=data.ROOT, capture_output=True, text=True
    )
    assert done.stdout == "[]\n", done.stderr


@needs_real_data
def test_the_real_files_are_accepted(monkeypatch, capsys):
    monkeypatch.setenv("COURSE_DATA", COURSE_DATA)
    monkeypatch.setenv("COURSE_OFFLINE", "1")
    present = [
        entry.name
        for entry in data.REGISTRY.values()
        if (data.ROOT / COURSE_DATA / entry.name).is_file()
    ]
    assert present, "COURSE_DATA holds no file of the registry"
    for name in present:
        assert len(data.load_bytes(name)) > 10_000
        assert capsys.readouterr().out == f"{name}: from COURSE_DATA\n"
    if "tinyshakespeare.txt" in present:
        train, validation = data.load_corpus()
        assert (len(train), len(validation)) == (1_003_854, 111_540)
    if set(data.FILMS) <= set(present):
        (x_train, y_train), (x_test, y_test) = data.load_imdb()
        assert len(x_train) == len(x_test) == 25_000
        assert y_train[:1000].mean() == pytest.approx(0.5, abs=0.1), "shuffled"
        assert y_train.sum() == y_test.sum() == 12_500
        words = data.load_imdb_words()
        assert len(words) == 88_585 and words[:3] == ["", "the", "and"]
        assert words[max(map(max, x_train))] != ""
    if "glove.6B.50d.first9163.txt" in present:
        words, vectors = data.load_vectors()
        assert vectors.shape == (9_163, 50) and vectors.dtype == np.float32
        assert words[0] == "the" and vectors[0, :2].tolist() == pytest.approx(
            [0.418, 0.24968]
        )
    if "questions-words.txt" in present:
        sections = data.load_analogies()
        assert len(sections) == 14 and sum(map(len, sections.values())) == 19_544
        assert sections["family"][0] == ("boy", "girl", "brother", "sister")
    if "names.txt" in present:
        names = data.load_names()
        assert len(names) == 32_033 and names[:2] == ["emma", "olivia"]
        assert set("".join(names)) == set("abcdefghijklmnopqrstuvwxyz")
    if "ner_dataset.zip" in present:
        words, tags = data.load_tagged()
        assert len(words) == len(tags) == 47_959
        assert sum(map(len, words)) == sum(map(len, tags)) == 1_048_575
        assert words[0][6] == "London" and tags[0][6] == "B-geo"
        assert "Citro\u00ebn" in {word for sentence in words for word in sentence}
        for row in tags:
            for before, tag in zip(["O", *row], row, strict=False):
                assert tag[0] != "I" or before[2:] == tag[2:], row
    if "spa-eng.zip" in present:
        pairs = data.load_pairs()
        assert len(pairs) == 118_964 and pairs[0] == ("Go.", "Ve.")
        assert pairs[-1][0].startswith("If you want to sound like a native speaker,")
    if "fra-eng.zip" in present:
        pairs = data.load_pairs("fra-eng.zip")
        assert len(pairs) == 142_787 and pairs[0] == ("Go.", "Va !")
        assert any("\u202f!" in target for _, target in pairs)
    if "daily-min-temperatures.csv" in present:
        with pytest.raises(data.DataError, match="line 1462: 1 day is missing"):
            data.load_series()
        capsys.readouterr()
        series = data.load_series(fill_gaps=1)
        assert len(series) == 3_652 and series.notna().all()
        assert series["1984-12-31"] == (series["1984-12-30"] + series["1985-01-01"]) / 2
        assert capsys.readouterr().out == (
            "daily-min-temperatures.csv: 2 missing days filled: "
            "1984-12-31, 1988-12-31\n"
        )
    if set(data.POSTS) <= set(present):
        parts = data.load_posts()
        assert [len(part) for part in parts] == [6_420, 2_140, 2_140]
        for part in parts:
            assert part["label"].mean() == pytest.approx(0.4766, abs=1e-4)
            assert not part["text"].str.contains("\n").any()


# --- Command line -----------------------------------------------------------


def test_fetch_goes_on_after_a_failure(server, register, tmp_path, capsys):
    register(f"{server.url}/missing", "one.txt", standin="standin.txt")
    register(f"{server.url}/good")
    register(None, "by_hand.zip")
    register(None, "ours.csv", bundled=True)
    folder = tmp_path / "for_class"
    assert data.main(["fetch", "--all", "--to", str(folder)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("one.txt: FAILED: download: 127.0.0.1 answered with")
    assert lines[1] == "tiny.txt: downloaded from 127.0.0.1"
    assert lines[2].startswith("by_hand.zip: SKIPPED: download: only by hand from")
    assert lines[3] == "ours.csv: bundled with the course, nothing to fetch"
    assert [path.name for path in folder.iterdir()] == [NAME], "no stand-in, no rest"

    assert data.main(["fetch", NAME, "--to", str(folder)]) == 0
    assert "tiny.txt: already there" in capsys.readouterr().out
    assert data.main(["fetch", "by_hand.zip"]) == 1
    assert "download it by hand from http://home.invalid" in capsys.readouterr().out


def test_fetch_copies_what_is_here(register, course_data, cache, tmp_path, capsys):
    register(None)
    (course_data / NAME).write_bytes(GOOD)
    assert data.main(["fetch", NAME]) == 0
    assert capsys.readouterr().out == "tiny.txt: from COURSE_DATA\n"
    (course_data / NAME).write_bytes(b"bad")
    folder = tmp_path / "for_class"
    assert data.main(["fetch", NAME, "--to", str(folder)]) == 0
    assert (folder / NAME).read_bytes() == GOOD
    said = capsys.readouterr().out
    assert said.startswith("tiny.txt: from the cache\nTo use the folder: set")


def test_fetch_says_what_to_type(register, capsys):
    register(None)
    with pytest.raises(SystemExit) as caught:
        data.main(["fetch"])
    assert caught.value.code == 2
    assert "either names (fetch names.txt imdb.npz) or --all" in capsys.readouterr().err
    assert data.main(["fetch", "tinny.txt"]) == 1
    assert "not in the registry; did you mean tiny.txt?" in capsys.readouterr().out


def test_fetch_into_a_folder_that_cannot_be_written(
    server, register, cache, tmp_path, capsys
):
    register(f"{server.url}/good")
    (tmp_path / "file").touch()
    assert data.main(["fetch", NAME, "--to", str(tmp_path / "file")]) == 1
    assert "tiny.txt: FAILED: cannot be written" in capsys.readouterr().out
    cache.touch()
    assert data.main(["fetch", NAME]) == 1
    assert "set COURSE_CACHE to a folder" in capsys.readouterr().out


def test_check_and_list(register, course_data, cache, monkeypatch, capsys):
    register(None)
    assert data.main(["check"]) == 0
    assert capsys.readouterr().out == "0 good, 0 bad\n"
    assert data.main(["list"]) == 0
    assert re.search(r"^tiny.txt +0.02  - +none$", capsys.readouterr().out, re.M)

    cache.mkdir()
    (cache / NAME).write_bytes(GOOD)
    assert data.main(["check"]) == 0
    assert "good tiny.txt in cache\n1 good, 0 bad" in capsys.readouterr().out
    assert data.main(["list"]) == 0
    assert re.search(r"^tiny.txt +0.02  cache +none$", capsys.readouterr().out, re.M)

    (course_data / NAME).write_bytes(b"bad")
    assert data.main(["check"]) == 1
    assert "BAD  tiny.txt in COURSE_DATA: wrong" in capsys.readouterr().out
    monkeypatch.setenv("COURSE_DATA", str(course_data / "nowhere"))
    assert data.main(["check"]) == 1
    assert "COURSE_DATA: there is no such folder" in capsys.readouterr().out


def test_the_command_line_as_a_user_types_it():
    def run(*arguments: str) -> subprocess.CompletedProcess:
        command = [sys.executable, "-m", "utils.data", *arguments]
        return subprocess.run(command, cwd=data.ROOT, capture_output=True, text=True)

    listed = run("list")
    assert listed.returncode == 0 and listed.stderr == ""
    assert all(name in listed.stdout for name in data.REGISTRY)
    assert run("fetch").returncode == 2


def test_a_measurement_can_forbid_the_standin(monkeypatch):
    monkeypatch.setenv("COURSE_OFFLINE", "1")
    monkeypatch.setenv("COURSE_STANDIN", "0")
    with pytest.raises(data.DataError, match="COURSE_STANDIN=0 forbids it"):
        data.load_corpus()
    monkeypatch.setenv("COURSE_STANDIN", "1")
    assert data.load_corpus()[0]
