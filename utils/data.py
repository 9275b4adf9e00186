"""Find, download, verify and load the course's data.

A file is looked for in this order, and its content is verified before use:

1. the folder that the environment variable `COURSE_DATA` names,
2. the user's cache (`COURSE_CACHE` names another folder),
3. its public address (`COURSE_OFFLINE=1` forbids this step),
4. a stand-in of the same form that is bundled in `data/` (`COURSE_STANDIN=0` forbids
   it: a measurement must not run on stand-ins by mistake).

One printed line says which one served. What is accepted, and from where, is
listed in `data/registry.json`. Bytes are read once and hashed, and those same
bytes are used: nothing is parsed or unpickled before it is verified.

Command line: `python -m utils.data list | fetch | check | cards`.
"""

from __future__ import annotations

import argparse
import csv
import difflib
import hashlib
import io
import json
import os
import re
import secrets
import sys
import threading
import time
import unicodedata
import warnings
import zipfile
import zlib
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

# pooch asks tqdm for a notebook widget, which warns where ipywidgets is missing.
warnings.filterwarnings("ignore", message="IProgress not found")

ROOT = Path(__file__).resolve().parents[1]
DATA_DIR = ROOT / "data"
POSTS = ("Constraint_Train.csv", "Constraint_Val.csv", "english_test_with_labels.csv")
FILMS = ("imdb.npz", "imdb_word_index.json")

CONNECT_S = 6.0  # seconds until the first answer; later counts as "no network"
READ_S = 15.0  # seconds of silence inside a download
BASE_S = 20.0  # a whole download may take BASE_S + bytes / BYTES_PER_S
BYTES_PER_S = 50_000
PROGRESS_AFTER_S = 2.0  # a shorter download shows no progress bar
STALE_S = 24 * 3600  # unfinished files of a killed process are removed after


class DataError(RuntimeError):
    """No source could serve a file, or its content is not as expected."""


class _Refused(Exception):
    """One source does not serve a file; the text says why."""


class _Absent(_Refused):
    """The source simply does not have the file."""


@dataclass(frozen=True)
class Entry:
    """One file of the registry; data/README.md explains the fields."""

    name: str
    about: str
    licence: str
    url: str | None = None
    home: str | None = None
    bytes: int = 0
    sha256: tuple[str, ...] = ()
    member: str | None = None
    member_sha256: str = ""
    member_bytes: int = 0
    encoding: str | None = None
    standin: str | None = None
    bundled: bool = False

    @property
    def host(self) -> str:
        return urlsplit(self.url or "").hostname or ""


def _read_registry() -> dict[str, Entry]:
    text = (DATA_DIR / "registry.json").read_text(encoding="utf-8")
    return {name: Entry(name, **fields) for name, fields in json.loads(text).items()}


REGISTRY: dict[str, Entry] = _read_registry()

_no_network = False  # set when a connection fails, so that it is tried only once
_said: set[str] = set()  # names whose source was already printed


# --- Load ------------------------------------------------------------------


def load_bytes(name: str | os.PathLike[str]) -> bytes:
    """Returns the verified content of a file of the registry.

    Args:
        name: A name of the registry, such as `"names.txt"`, or the path of a
            file of your own. A `pathlib.Path` is always a file of your own.
            Your own file is not verified, and a `.zip` must hold one text.

    Returns:
        The file's bytes. For a zip file: the bytes of the text inside.

    Raises:
        DataError: If no source has the file. The message lists each source.

    Example:
        >>> load_bytes("names.txt")[:4]
        names.txt: from the cache
        b'emma'
    """
    entry = REGISTRY.get(name)
    if entry is None:
        return _read_own_file(name)
    if entry.bundled:
        content = _read_bundled(entry.name)
        _say_once(name, "bundled with the course")
        return content
    tried: list[tuple[str, _Refused]] = []
    found = _find(entry, tried)
    if found is None:
        return _read_standin(entry, tried)
    source, raw, content = found
    if source == "download":
        try:
            _write_whole(_cache_folder() / name, raw)
        except OSError as error:
            tried.append(("cache", _Refused(_cannot_write(error))))
    _say_once(name, _served(entry, source) + _reasons(tried))
    return content


def load_text(name: str | os.PathLike[str], encoding: str | None = None) -> str:
    """Returns a file as text; line ends stay as they are.

    Args:
        name: A name of the registry or the path of your own file.
        encoding: The text's encoding. Default: the registry's, else UTF-8.

    Returns:
        The text, without a byte order mark.

    Raises:
        DataError: If no source has the file, or if it cannot be decoded.

    Example:
        >>> load_text("names.txt").split()[:2]
        names.txt: from the cache
        ['emma', 'olivia']
    """
    entry = REGISTRY.get(name)
    encoding = encoding or (entry and entry.encoding) or "utf-8"
    content = load_bytes(name)
    try:
        return content.decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise DataError(
            f"{Path(name).name}: expected {encoding} text, but line {line} holds "
            f"the byte 0x{content[error.start]:02x} (byte {error.start:,} of the "
            f"file). To fix it: save the file as UTF-8, or name its encoding, "
            f"for example load_text(name, encoding='cp1252')."
        ) from None


def load_corpus(
    name: str | os.PathLike[str] = "tinyshakespeare.txt",
) -> tuple[str, str]:
    """Returns a text, split into training and validation parts.

    Args:
        name: A name of the registry or the path of your own text.

    Returns:
        Two strings: the first 90 % of the characters, and the rest. For tiny
        Shakespeare these are 1,003,854 and 111,540 characters.

    Raises:
        DataError: If no source has the file, or if it is empty.

    Example:
        >>> train, validation = load_corpus()
        tinyshakespeare.txt: from the cache
        >>> len(train), len(validation)
        (1003854, 111540)
    """
    text = load_text(name)
    if not text.strip():
        raise DataError(f"{Path(name).name}: expected a text, but it is empty.")
    cut = int(0.9 * len(text))
    return text[:cut], text[cut:]


def load_imdb() -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """Returns the IMDB reviews as lists of word ids.

    The file holds all positive reviews before all negative ones, so both parts
    are shuffled here, always into the same order. The ids are frequency ranks
    (1 = most frequent), with no id added for padding, start or unknown words;
    load_imdb_words gives their words. The reviews and the words are never
    mixed: when one real file is missing, both are stand-ins.

    Returns:
        `(x_train, y_train), (x_test, y_test)`: `x` is an object array of
        25,000 lists, `y` an integer array of shape `(25000,)`, 1 = positive.

    Raises:
        DataError: If no source has one of the two files.

    Example:
        >>> (x_train, y_train), (x_test, y_test) = load_imdb()
        imdb.npz: from the cache
        imdb_word_index.json: from the cache
        >>> len(x_train), y_train.mean()
        (25000, 0.5)
    """
    import numpy as np

    reviews, _ = _load_together("films", FILMS)
    # A pickle may run code. These bytes are safe: load_bytes verified them.
    with np.load(io.BytesIO(reviews), allow_pickle=True) as file:
        arrays = {key: file[key] for key in file.files}
    rng = np.random.default_rng(113)
    parts = []
    for part in ("train", "test"):
        order = rng.permutation(len(arrays[f"y_{part}"]))
        parts.append((arrays[f"x_{part}"][order], arrays[f"y_{part}"][order]))
    return parts[0], parts[1]


def load_imdb_words() -> list[str]:
    """Returns the words that the ids of load_imdb stand for.

    Returns:
        A list that holds the word of id i in place i. Place 0 holds an empty
        string, because ids begin at 1. The real list has 88,585 places.

    Raises:
        DataError: If no source has one of the two files.

    Example:
        >>> words = load_imdb_words()
        imdb.npz: from the cache
        imdb_word_index.json: from the cache
        >>> words[:4], len(words)
        (['', 'the', 'and', 'a'], 88585)
    """
    _, index = _load_together("films", FILMS)
    ranks = json.loads(index)
    return ["", *sorted(ranks, key=ranks.get)]


def _load_together(what: str, names: tuple[str, ...]) -> list[bytes]:
    """Returns the content of files of which all are real or all are stand-ins."""
    contents = [load_bytes(name) for name in names]
    files = [REGISTRY[name].standin for name in names]
    standins = [_read_bundled(file) for file in files if file]
    if contents != standins and set(contents) & set(standins):
        _say_once(what, f"all {len(names)} files are stand-ins, because one is missing")
        return standins
    return contents


def load_reviews(name: str | os.PathLike[str] = "reviews.csv") -> pd.DataFrame:
    """Returns labelled reviews as a table.

    Args:
        name: A name of the registry or the path of your own CSV file. It needs
            the columns `text` and `label` (0 negative, 1 positive).

    Returns:
        A `pandas.DataFrame` with `text` (str), `label` (int), and the file's
        other columns as text. In reviews.csv, rows with the same `pair` use
        the same words in another order; keep them on one side of a split.

    Raises:
        DataError: If a column is missing, or a row has an empty text or a
            label other than 0 and 1. The message names the line.

    Example:
        >>> reviews = load_reviews()
        reviews.csv: bundled with the course
        >>> sorted(reviews["label"].unique())
        [0, 1]
    """
    return _read_labelled(Path(name).name, load_text(name), "text", ("0", "1"))


def load_posts() -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Returns posts about COVID-19, labelled real or fake, in three parts.

    The parts are never mixed: when one real part is missing, all three are
    stand-ins.

    Returns:
        `train, validation, test`: each a `pandas.DataFrame` with `text` (str,
        each line break is one space) and `label` (int, 1 = fake, 0 = real).
        The real parts have 6,420, 2,140 and 2,140 rows, 47.7 % of them fake.

    Raises:
        DataError: If a file is not a table of labelled posts.

    Example:
        >>> train, validation, test = load_posts()
        Constraint_Train.csv: from the cache
        Constraint_Val.csv: from the cache
        english_test_with_labels.csv: from the cache
        >>> len(train), len(validation), len(test)
        (6420, 2140, 2140)
    """
    texts = [content.decode() for content in _load_together("posts", POSTS)]
    train, validation, test = map(_read_posts, POSTS, texts)
    return train, validation, test


def _read_posts(name: str, text: str) -> pd.DataFrame:
    table = _read_labelled(name, text, "tweet", ("real", "fake"))
    table["text"] = [re.sub(r"\s*\n\s*", " ", post.strip()) for post in table["tweet"]]
    return table[["text", "label"]]


def _read_labelled(
    name: str, text: str, column: str, labels: tuple[str, ...]
) -> pd.DataFrame:
    """Returns a CSV file as a table in which each label is its place in `labels`.

    Args:
        name: What an error calls the file.
        text: The file's content.
        column: The column that must not be empty.
        labels: The values that the column `label` may have.
    """
    import pandas as pd

    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    rows, line = [], 1
    try:
        columns = list(reader.fieldnames or [])
        if not {column, "label"} <= set(columns):
            raise DataError(
                f"{name}: expected the columns {column} and label, found "
                f"{', '.join(columns) or 'nothing'}. To fix it: correct line 1."
            )
        line = reader.line_num + 1
        for row in reader:
            _check_row(row, column, labels, f"{name}, line {line}")
            rows.append(row | {"label": labels.index(row["label"])})
            line = reader.line_num + 1
    except csv.Error as error:
        raise DataError(f"{name}, line {line}: not valid CSV ({error}).") from None
    return pd.DataFrame(rows, columns=columns)


def _check_row(row: dict, column: str, labels: tuple[str, ...], where: str) -> None:
    if None in row:
        raise DataError(
            f"{where}: more fields than columns. "
            f"To fix it: put a text that holds a comma between double quotes."
        )
    if not (row[column] or "").strip():
        raise DataError(f"{where}: the {column} is empty. To fix it: remove the row.")
    if row["label"] not in labels:
        raise DataError(
            f"{where}: expected the label {' or '.join(labels)}, "
            f"found {row['label'] or 'nothing'}. "
            f"To fix it: correct the label, or remove the row."
        )


def load_names(name: str | os.PathLike[str] = "names.txt") -> list[str]:
    """Returns first names in lower case, in the order of the file.

    names.txt begins with the most frequent names: shuffle before you split.

    Args:
        name: A name of the registry or the path of your own text file with
            one name per line: letters of any script, hyphens, apostrophes.

    Returns:
        The names, one string for each line. Spaces around a name and blank
        lines at the end do not count.

    Raises:
        DataError: If the file is empty, or a line is not one name. The message
            names the line.

    Example:
        >>> names = load_names()
        names.txt: from the cache
        >>> len(names), names[:2]
        (32033, ['emma', 'olivia'])
    """
    lines = load_text(name).rstrip().splitlines()
    if not lines:
        raise DataError(
            f"{Path(name).name}: expected names, but it is empty. "
            f"To fix it: write one name on each line."
        )
    names = [line.strip().lower() for line in lines]
    for number, word in enumerate(names, start=1):
        _check_name(word, f"{Path(name).name}, line {number}")
    return names


def _check_name(word: str, where: str) -> None:
    # Many scripts write a part of a letter, such as a vowel sign, as a mark.
    good = (c in "-'" or unicodedata.category(c)[0] in "LM" for c in word)
    if not word or not all(good):
        raise DataError(
            f"{where}: expected one name of letters, hyphens and apostrophes, "
            f"found {repr(word[:40]) if word else 'a blank line'}. "
            f"To fix it: put one name and nothing else on each line."
        )


_TAG = re.compile(r"O|[BI]-\S+")
_QUOTES = (
    "To fix it: write a word that is a quotation mark as four of them, and put a "
    "word that holds a comma between double quotes."
)


def load_tagged(
    name: str | os.PathLike[str] = "ner_dataset.zip", encoding: str | None = None
) -> tuple[list[list[str]], list[list[str]]]:
    """Returns sentences with a tag for each word, as for named entities.

    Args:
        name: A name of the registry or the path of your own CSV file, one word
            on each line. It needs the columns `Sentence #`, `Word` and `Tag`.
            A sentence begins where a new name stands in `Sentence #`; on its
            other lines the column is empty or repeats the name. A tag is O,
            or B- or I- and the type of the entity. Spaces around a field do not
            count.
        encoding: The text's encoding. Default: the registry's, else UTF-8.

    Returns:
        `words, tags`: for each sentence a list of its words and a list, as
        long, of their tags. ner_dataset.zip has 47,959 sentences with
        1,048,575 words; an entity begins with B- and goes on with I-.

    Raises:
        DataError: If a column is missing, or a line has too few or too many
            fields, no word, another tag, or no sentence. The message names
            the line.

    Example:
        >>> words, tags = load_tagged()
        ner_dataset.zip: from the cache
        >>> list(zip(words[0], tags[0]))[5:8]
        [('through', 'O'), ('London', 'B-geo'), ('to', 'O')]
    """
    label = Path(name).name
    text = load_text(name, encoding).rstrip("\r\n")
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    words, tags, sentence, line = [], [], "", 0
    try:
        columns, line = next(reader, []), 1
        if not {"Sentence #", "Word", "Tag"} <= set(columns):
            raise DataError(
                f"{label}: expected the columns Sentence #, Word and Tag, found "
                f"{', '.join(columns) or 'nothing'}. To fix it: correct line 1."
            )
        places = [columns.index(column) for column in ("Sentence #", "Word", "Tag")]
        for line, row in enumerate(reader, start=2):
            if len(row) != len(columns) or reader.line_num != line:
                raise DataError(_explain_fields(f"{label}, line {line}", row, columns))
            start, word, tag = (row[place].strip() for place in places)
            if start and start != sentence:
                sentence = start
                words.append([])
                tags.append([])
            if not (sentence and word and _TAG.fullmatch(tag)):
                raise DataError(
                    _explain_tagged(f"{label}, line {line}", sentence, word, tag)
                )
            words[-1].append(sys.intern(word))  # a repeated word is stored once
            tags[-1].append(sys.intern(tag))
    except csv.Error as error:
        where = f"{label}, line {line + 1}"
        raise DataError(f"{where}: not valid CSV ({error}). {_QUOTES}") from None
    if not words:
        raise DataError(f"{label}: expected tagged words, found only the columns.")
    return words, tags


def _explain_fields(where: str, row: list[str], columns: list[str]) -> str:
    if not row:
        return f"{where}: the line is blank. To fix it: remove it."
    if len(row) == len(columns):
        return f"{where}: the quoted text goes on after the end of the line. {_QUOTES}"
    return f"{where}: expected {len(columns)} fields, found {len(row)}. {_QUOTES}"


def _explain_tagged(where: str, sentence: str, word: str, tag: str) -> str:
    if not sentence:
        return (
            f"{where}: expected the name of the first sentence, found nothing. "
            f"To fix it: write a name, such as Sentence: 1, in the column Sentence #."
        )
    if not word:
        return f"{where}: the word is empty. To fix it: remove the line."
    return (
        f"{where}: expected the tag O, or B- or I- and a type, such as B-geo, "
        f"found {tag or 'nothing'}. To fix it: correct the column Tag."
    )


def load_vectors(
    name: str | os.PathLike[str] = "glove.6B.50d.first9163.txt",
) -> tuple[list[str], np.ndarray]:
    """Returns words and their vectors.

    Args:
        name: A name of the registry or the path of your own text file: on each
            line a word and its numbers, separated by one space, as GloVe has
            it. A first line of two whole numbers, as word2vec has it, is
            passed over.

    Returns:
        `words, vectors`: the words, and a float32 array of shape
        `(len(words), width)` whose row i is the vector of `words[i]`.

    Raises:
        DataError: If the file is empty, or a line has a vector of the wrong
            width, a field that is not a finite number, or a repeated word.
            The message names the line.

    Example:
        >>> words, vectors = load_vectors()
        glove.6B.50d.first9163.txt: from the cache
        >>> words[0], vectors.shape
        ('the', (9163, 50))
    """
    import numpy as np

    label = Path(name).name
    # Not splitlines(): a word may hold a letter that Python takes for a line end.
    lines = load_text(name).rstrip().split("\n")
    first = 2 if re.fullmatch(r"\d+ \d+ *\r?", lines[0]) else 1
    if not "".join(lines[first - 1 :]):
        raise DataError(
            f"{label}: expected words and their vectors, but it is empty. "
            f"To fix it: write a word and its numbers on each line."
        )
    width = len(lines[first - 1].split()) - 1
    places: dict[str, int] = {}
    rows = []
    for number, line in enumerate(lines[first - 1 :], start=first):
        word, row = _read_vector(line, width, f"{label}, line {number}")
        if word in places:
            raise DataError(
                f"{label}, line {number}: the word {word!r} stands in line "
                f"{places[word]} already. To fix it: remove one of the two lines."
            )
        places[word] = number
        rows.append(row)
    return list(places), np.stack(rows)


def _read_vector(line: str, width: int, where: str) -> tuple[str, np.ndarray]:
    import numpy as np

    word, *fields = line.rstrip(" \r").split(" ")
    if not word or not fields or len(fields) != width:
        raise DataError(
            f"{where}: a vector of the wrong width: expected a word and "
            f"{width or 'its'} numbers, found {word[:40] or 'no word'} and "
            f"{len(fields)}. To fix it: separate the fields by one space, and give "
            f"each word as many numbers as the first."
        )
    row = [_to_number(field) for field in fields]
    if None in row:
        raise DataError(
            f"{where}: expected finite numbers after the word {word!r}, found "
            f"{fields[row.index(None)][:40]!r}. To fix it: correct or remove the line."
        )
    return word, np.array(row, dtype=np.float32)


def _to_number(field: str) -> float | None:
    """Returns a number that float32 can hold, else None."""
    try:
        number = float(field)
    except ValueError:
        return None
    return number if abs(number) < 3e38 else None


def load_analogies(
    name: str | os.PathLike[str] = "questions-words.txt",
) -> dict[str, list[tuple[str, str, str, str]]]:
    """Returns analogy questions: a is to b as c is to d.

    Args:
        name: A name of the registry or the path of your own text file. A line
            such as `: family` begins a section; each other line is a question
            of four words.

    Returns:
        From the name of each section to its questions `(a, b, c, d)`, in lower
        case. The default file has 14 sections with 19,544 questions.

    Raises:
        DataError: If the file is empty, a line has not four words, or a
            question or a section has no place. The message names the line.

    Example:
        >>> questions = load_analogies()
        questions-words.txt: from the cache
        >>> questions["family"][0]
        ('boy', 'girl', 'brother', 'sister')
    """
    label = Path(name).name
    sections: dict[str, list[tuple[str, str, str, str]]] = {}
    section = ""
    for number, line in enumerate(load_text(name).rstrip().splitlines(), start=1):
        if line.startswith(":"):
            section = line[1:].strip()
            continue
        words = line.lower().split()
        if len(words) != 4:
            raise DataError(
                f"{label}, line {number}: expected a question of four words, found "
                f"{len(words)}. To fix it: write one question on each line."
            )
        if not section:
            raise DataError(
                f"{label}, line {number}: a question before the first section. "
                f"To fix it: name the section in a line above, such as : family"
            )
        sections.setdefault(section, []).append(tuple(words))
    if not sections:
        raise DataError(
            f"{label}: expected analogy questions, but it is empty. To fix it: "
            f"write the name of a section, such as : family, and questions below."
        )
    return sections


def load_pairs(name: str | os.PathLike[str] = "spa-eng.zip") -> list[tuple[str, str]]:
    """Returns pairs of a sentence and its translation, in the order of the file.

    Args:
        name: A name of the registry or the path of your own file, as Anki and
            Tatoeba have it: on each line a sentence, a tab and its translation.
            A third column, which names the authors, does not count.

    Returns:
        `(source, target)` for each line. Spaces around a sentence do not count;
        those inside stay as they are, such as the narrow ones before a French
        question mark. A letter and its accent are one character (Unicode NFC).
        The default file has 118,964 pairs, the short ones first.

    Raises:
        DataError: If the file is empty, or a line has too few or too many
            columns, or no source or target. The message names the line.

    Example:
        >>> pairs = load_pairs()
        spa-eng.zip: from the cache
        >>> len(pairs), pairs[0]
        (118964, ('Go.', 'Ve.'))
    """
    label = Path(name).name
    text = unicodedata.normalize("NFC", load_text(name))
    # Not splitlines(): a sentence may hold a letter that Python takes for a line end.
    lines = text.rstrip("\r\n ").split("\n")
    if lines == [""]:
        raise DataError(
            f"{label}: expected pairs of sentences, but it is empty. To fix it: "
            f"write a sentence, a tab and its translation on each line."
        )
    pairs = []
    for number, line in enumerate(lines, start=1):
        columns = [column.strip() for column in line.split("\t")]
        if len(columns) not in (2, 3) or not all(columns[:2]):
            raise DataError(_explain_pair(f"{label}, line {number}", line, columns))
        pairs.append((columns[0], columns[1]))
    return pairs


def _explain_pair(where: str, line: str, columns: list[str]) -> str:
    if not line.strip():
        return f"{where}: the line is blank. To fix it: remove it."
    if len(columns) not in (2, 3):
        count = "1 column" if len(columns) == 1 else f"{len(columns)} columns"
        return (
            f"{where}: expected a sentence, a tab and its translation (a third column "
            f"does not count), found {count} in {line.strip()[:40]!r}. To fix it: "
            f"put one tab, not spaces, between the two sentences."
        )
    empty = "translation" if columns[0] else "sentence"
    return (
        f"{where}: the {empty} is empty, found {line[:40]!r}. "
        f"To fix it: write it, or remove the line."
    )


_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)


def load_series(
    name: str | os.PathLike[str] = "daily-min-temperatures.csv", fill_gaps: int = 0
) -> pd.Series:
    """Returns a series with one value a day.

    Missing days are an error unless you allow them to be filled: a model would
    take the value of two days before for the value of yesterday. The default file
    lacks two single days, 1984-12-31 and 1988-12-31, so it needs `fill_gaps=1`.

    Args:
        name: A name of the registry or the path of your own CSV file with two
            columns: a date, such as 1981-01-31, and a number. Line 1 names them.
        fill_gaps: How many days in a row may be missing. Their values are put on
            a straight line between their neighbours, so a filled value knows the
            next day: notebook 11 catches this leak. A printed line says which
            days these are. Default: none.

    Returns:
        A float64 `pandas.Series` with a `DatetimeIndex` of all days. The default
        file, filled, has 3,652 of them, in °C.

    Raises:
        DataError: If the file is empty, a field is not a date or not a finite
            number, or the days do not follow each other. The message names the
            line.

    Example:
        >>> series = load_series(fill_gaps=1)
        daily-min-temperatures.csv: from the cache
        daily-min-temperatures.csv: 2 missing days filled: 1984-12-31, 1988-12-31
        >>> len(series), float(series["1984-12-31"])
        (3652, 14.85)
    """
    import pandas as pd

    label = Path(name).name
    names, *rows = _read_days(label, load_text(name))
    values: dict[date, float] = {}
    for line, fields in rows:
        day, value = _read_day(f"{label}, line {line}", *fields)
        if values:
            _check_gap(f"{label}, line {line}", next(reversed(values)), day, fill_gaps)
        values[day] = value
    index = pd.DatetimeIndex(list(values), name=names[1][0])
    series = pd.Series(list(values.values()), index, "float64", names[1][1]).asfreq("D")
    filled = series.index[series.isna()].strftime("%Y-%m-%d")
    if len(filled):
        more = f" and {len(filled) - 5} more" if len(filled) > 5 else ""
        days = "day" if len(filled) == 1 else "days"
        listed = ", ".join(filled[:5])
        print(f"{label}: {len(filled)} missing {days} filled: {listed}{more}")
    return series.interpolate()


def _read_days(label: str, text: str) -> list[tuple[int, list[str]]]:
    """Returns (line, its two fields) of a CSV file, that of the names first."""
    reader = csv.reader(io.StringIO(text.rstrip(), newline=""), strict=True)
    rows, line = [], 0
    try:
        for line, row in enumerate(reader, start=1):
            if len(row) != 2 or reader.line_num != line:
                found = f"found {len(row)}" if row else "the line is blank"
                raise DataError(
                    f"{label}, line {line}: expected two fields, a date and a number, "
                    f"{found}. To fix it: separate the two by one comma, write 20.7 "
                    f"and not 20,7, and remove other columns and blank lines."
                )
            rows.append((line, [field.strip() for field in row]))
    except csv.Error as error:
        where = f"{label}, line {line + 1}"
        raise DataError(
            f"{where}: not valid CSV ({error}). To fix it: correct the quotation marks."
        ) from None
    if rows and _NUMBER.fullmatch(rows[0][1][1]):
        raise DataError(
            f"{label}, line 1: expected the names of the columns, found a number. "
            f"To fix it: write a line such as Date,Temp above it."
        )
    if len(rows) < 2:
        found = "found only the names of the columns" if rows else "but it is empty"
        raise DataError(
            f"{label}: expected dates and numbers, {found}. To fix it: write the "
            f"names of two columns in line 1, and a date and a number in each line "
            f"below."
        )
    return rows


def _read_day(where: str, day: str, value: str) -> tuple[date, float]:
    try:
        read = date.fromisoformat(day if _DATE.fullmatch(day) else "")
    except ValueError:
        raise DataError(
            f"{where}: expected a date such as 1981-01-31, found "
            f"{repr(day[:40]) if day else 'nothing'}. To fix it: write year-month-day."
        ) from None
    number = float(value) if _NUMBER.fullmatch(value) else float("nan")
    if not abs(number) < float("inf"):
        raise DataError(
            f"{where}: expected a finite number, found "
            f"{repr(value[:40]) if value else 'nothing'}. To fix it: correct the "
            f"value, or remove the line and fill the gap: load_series(name, "
            f"fill_gaps=1)."
        )
    return read, number


def _check_gap(where: str, before: date, day: date, allowed: int) -> None:
    missing = (day - before).days - 1
    if missing < 0:
        found = "the same day again" if day == before else day
        raise DataError(
            f"{where}: expected a day after {before}, found {found}. "
            f"To fix it: sort the lines by date, one line for each day."
        )
    if missing > allowed:
        days = f"{missing} days are" if missing > 1 else "1 day is"
        raise DataError(
            f"{where}: {days} missing between {before} and {day}. To fix it: add "
            f"the days, or put their values on a straight line between their "
            f"neighbours: load_series(name, fill_gaps={missing})."
        )


# --- Find ------------------------------------------------------------------


def _find(
    entry: Entry, tried: list[tuple[str, _Refused]]
) -> tuple[str, bytes, bytes] | None:
    """Returns (source, the file's bytes, verified content) of the real file.

    Each source that does not serve is added to `tried` with its reason.
    """
    sources = {
        "COURSE_DATA": lambda: _read_from(_course_folder(), entry.name),
        "cache": lambda: _read_from(_cache_folder(), entry.name),
        "download": lambda: _download(entry),
    }
    for source, read in sources.items():
        try:
            raw = read()
            return source, raw, _verified(entry, raw)
        except _Refused as refusal:
            tried.append((source, refusal))
    return None


def _course_folder() -> Path:
    """A relative path counts from the course's folder, wherever Python runs."""
    value = os.environ.get("COURSE_DATA")
    if not value:
        raise _Absent("not set")
    folder = ROOT / Path(value).expanduser()
    if not folder.is_dir():
        raise _Refused("there is no such folder")
    return folder


def _cache_folder() -> Path:
    value = os.environ.get("COURSE_CACHE")
    if value:
        return ROOT / Path(value).expanduser()
    import pooch

    return Path(pooch.os_cache("recurrent-networks-measured"))


def _read_from(folder: Path, name: str) -> bytes:
    try:
        return (folder / name).read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        raise _Absent("not there") from None
    except OSError as error:
        raise _Refused(f"cannot be read ({error.strerror})") from None


def _read_standin(entry: Entry, tried: list[tuple[str, _Refused]]) -> bytes:
    forbidden = os.environ.get("COURSE_STANDIN") == "0"
    if entry.standin and not forbidden:
        content = _read_bundled(entry.standin)
        _say_once(entry.name, "bundled stand-in, not the real data" + _reasons(tried))
        return content
    lines = [f"  {source}: {reason}" for source, reason in tried]
    raise DataError(
        "\n".join([f"{entry.name}: no source could serve it.", *lines])
        + f"\n  stand-in: {'COURSE_STANDIN=0 forbids it' if forbidden else 'none'}"
        + f"\nTo fix it: {_how_to_get(entry)}"
    )


def _read_bundled(name: str) -> bytes:
    try:
        return (DATA_DIR / name).read_bytes()
    except OSError as error:
        raise DataError(
            f"data/{name} belongs to the course but cannot be read "
            f"({error.strerror}). To fix it: git checkout data/{name}"
        ) from None


def _how_to_get(entry: Entry) -> str:
    if entry.url is None:
        return (
            f"download it by hand from {entry.home} and put it in the folder "
            f"that COURSE_DATA names. Another edition has other content: load "
            f"it by its path, load_text('./{entry.name}')."
        )
    return (
        f"connect to a network and try again, or set COURSE_DATA to a folder "
        f"that holds the file (someone with a network makes one: "
        f"python -m utils.data fetch {entry.name} --to FOLDER)."
    )


def _read_own_file(name: str | os.PathLike[str]) -> bytes:
    path = Path(name)
    if path.is_dir():
        raise DataError(f"{path.name}: expected a file, this is a folder.")
    if not path.is_file():
        close = difflib.get_close_matches(str(name), REGISTRY, cutoff=0.5)
        hint = f"Did you mean {' or '.join(close)}? " if close else ""
        raise DataError(
            f"'{name}' is neither a name of the registry nor an existing file. "
            f"{hint}To fix it: see the names with python -m utils.data list."
        )
    try:
        content = path.read_bytes()
        if path.suffix.lower() == ".zip":
            content = _read_only_text(content)
    except (_Refused, OSError) as error:
        raise DataError(f"{path.name}: cannot be read: {error}.") from None
    _say_once(str(path), "your own file, not verified")
    return content


def _say_once(name: str, text: str) -> None:
    if name not in _said:
        _said.add(name)
        print(f"{Path(name).name}: {text}")


def _served(entry: Entry, source: str) -> str:
    return {
        "COURSE_DATA": "from COURSE_DATA",
        "cache": "from the cache",
        "download": f"downloaded from {entry.host}",
    }[source]


def _reasons(tried: list[tuple[str, _Refused]]) -> str:
    """Returns what a reader should know of the sources that did not serve."""
    told = [f"{source}: {why}" for source, why in tried if type(why) is not _Absent]
    return f" ({'; '.join(told)})" if told else ""


# --- Verify ----------------------------------------------------------------


def _verified(entry: Entry, raw: bytes) -> bytes:
    """Returns the content of a file if it is what the registry expects."""
    if raw[:512].lstrip().lower().startswith((b"<!doctype html", b"<html")):
        raise _Refused(
            "a web page instead of the file (does the network ask for a login?)"
        )
    if entry.member is None:
        return _with_hash(raw, entry.sha256, entry.bytes)
    archive = _open_zip(raw)
    try:
        info = archive.getinfo(entry.member)
    except KeyError:
        raise _Refused(f"the archive has no {entry.member}") from None
    if info.file_size != entry.member_bytes:
        raise _Refused(
            f"{entry.member} has {info.file_size:,} bytes, "
            f"expected {entry.member_bytes:,}"
        )
    content = _read_member(archive, info)
    return _with_hash(content, (entry.member_sha256,), entry.member_bytes)


def _with_hash(content: bytes, accepted: tuple[str, ...], size: int) -> bytes:
    digest = hashlib.sha256(content).hexdigest()
    if digest not in accepted:
        raise _Refused(
            f"wrong content: {len(content):,} bytes with sha256 {digest[:12]}, "
            f"expected {size:,} with {' or '.join(h[:12] for h in accepted)}"
        )
    return content


def _open_zip(raw: bytes) -> zipfile.ZipFile:
    """Opens an archive in memory; nothing is ever extracted to disk."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(raw))
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        raise _Refused("not a complete zip file") from None
    for info in archive.infolist():
        name = info.orig_filename
        if re.match(r"/|[A-Za-z]:", name) or ".." in name.split("/") or "\\" in name:
            raise _Refused(f"the archive has a path that climbs out: {name!r}")
    return archive


def _read_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    try:
        with archive.open(info) as file:
            return file.read(info.file_size)  # bounded: a header may lie
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError) as error:
        raise _Refused(f"the archive is damaged ({error})") from None


def _read_only_text(raw: bytes) -> bytes:
    """Returns the one text of a zip file of the user's own."""
    archive = _open_zip(raw)
    texts = [
        info
        for info in archive.infolist()
        if info.filename.lower().endswith((".txt", ".csv", ".tsv"))
        and not info.filename.startswith("__MACOSX/")
        and Path(info.filename).name != "_about.txt"
    ]
    if len(texts) != 1:
        names = ", ".join(info.filename for info in texts) or "none"
        raise _Refused(
            f"expected one .txt, .csv or .tsv file in the archive, found {names}; "
            f"take the one you want out of the archive and load that"
        )
    return _read_member(archive, texts[0])


# --- Download and keep -----------------------------------------------------


class _Transfer:
    """One download into memory, in a thread that may be abandoned.

    It is the "output file" that pooch writes to. A thread that hangs cannot be
    stopped in Python, but it dies at its next write or with the process, and
    it has no file to spoil.
    """

    def __init__(self, entry: Entry):
        self.entry = entry
        self.content = io.BytesIO()
        self.answered = False
        self.abandoned = False
        self.error: Exception | None = None
        self.news = threading.Event()  # the first answer, or the end
        self.thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        import pooch

        get = pooch.HTTPDownloader(
            chunk_size=1 << 14,
            timeout=(CONNECT_S, READ_S),
            hooks={"response": self._on_answer},
        )
        try:
            get(self.entry.url, self, None)
        except Exception as error:
            self.error = error
        self.news.set()

    def _on_answer(self, response, **kwargs) -> None:
        self.answered = True
        self.news.set()

    def write(self, chunk: bytes) -> None:
        if self.abandoned:
            raise _Refused("abandoned")
        if self.size > 2 * self.entry.bytes + 100_000:
            raise _Refused("the answer is much larger than the file")
        self.content.write(chunk)

    def flush(self) -> None:
        """pooch calls it after each chunk."""

    @property
    def size(self) -> int:
        return self.content.tell()


def _download(entry: Entry) -> bytes:
    """Returns a file's bytes from its address, not verified yet."""
    global _no_network
    if entry.url is None:
        raise _Refused(f"only by hand from {entry.home}")
    if os.environ.get("COURSE_OFFLINE", "0") not in ("", "0"):
        raise _Refused("COURSE_OFFLINE is set")
    if _no_network:
        raise _Refused("no network")
    import pooch  # noqa: F401  imported before the clock starts
    import requests

    transfer = _Transfer(entry)
    transfer.thread.start()
    try:
        transfer.news.wait(CONNECT_S)
        if transfer.answered:
            _wait(transfer)
    finally:
        transfer.abandoned = True
    unreachable = (requests.ConnectionError, requests.Timeout, type(None))
    if not transfer.answered and isinstance(transfer.error, unreachable):
        _no_network = True
        raise _Refused("no network")
    if transfer.error is not None:
        raise _Refused(_explain(transfer)) from transfer.error
    return transfer.content.getvalue()


def _wait(transfer: _Transfer) -> None:
    """Waits for the end of a download; a long one shows a progress bar."""
    from tqdm import tqdm

    limit = BASE_S + transfer.entry.bytes / BYTES_PER_S
    end = time.monotonic() + limit
    with tqdm(
        desc=transfer.entry.name,
        total=transfer.entry.bytes,
        unit="B",
        unit_scale=True,
        delay=PROGRESS_AFTER_S,
        leave=False,
        file=sys.stdout,
    ) as bar:
        while transfer.thread.is_alive():
            if time.monotonic() > end:
                raise _Refused(f"too slow: not complete after {limit:.0f} s")
            transfer.thread.join(0.2)
            bar.update(transfer.size - bar.n)


def _explain(transfer: _Transfer) -> str:
    import requests

    error = transfer.error
    if isinstance(error, requests.HTTPError):
        status = error.response.status_code
        return f"{transfer.entry.host} answered with HTTP status {status}"
    if isinstance(error, requests.TooManyRedirects):
        return f"{transfer.entry.host} redirects in a circle"
    if isinstance(error, _Refused):
        return str(error)
    if isinstance(error, requests.RequestException):
        return "the connection broke off before the end"
    return f"{type(error).__name__}: {error}"


def _write_whole(target: Path, raw: bytes) -> None:
    """Writes a verified file, so that others see all of it or nothing."""
    target.parent.mkdir(parents=True, exist_ok=True)
    _remove_stale(target.parent)
    part = target.with_name(f".part-{os.getpid()}-{secrets.token_hex(4)}")
    try:
        part.write_bytes(raw)
        os.replace(part, target)
    finally:
        part.unlink(missing_ok=True)


def _remove_stale(folder: Path) -> None:
    """Removes what killed processes left behind, when it is a day old."""
    for part in folder.glob(".part-*"):
        try:
            if time.time() - part.stat().st_mtime > STALE_S:
                part.unlink()
        except OSError:
            pass  # another process was quicker


def _cannot_write(error: OSError) -> str:
    return (
        f"cannot be written ({error.strerror}); set COURSE_CACHE to a folder that can"
    )


# --- Command line ----------------------------------------------------------


def data_cards() -> str:
    """Returns the data cards, one row per file, as a Markdown table."""
    lines = [
        "| File | What | MB | Licence | Home | Download | Stand-in |",
        "|---|---|---:|---|---|---|---|",
    ]
    for entry in REGISTRY.values():
        home = f"[{urlsplit(entry.home).hostname}]({entry.home})" if entry.home else "-"
        get = f"[{entry.host}]({entry.url})" if entry.url else "by hand"
        cells = (
            f"`{entry.name}`",
            entry.about,
            f"{entry.bytes / 1e6:.2f}",
            entry.licence,
            home,
            "bundled" if entry.bundled else get,
            f"`{entry.standin}`" if entry.standin else "-",
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _folders() -> dict[str, Path]:
    """Returns the folders that may hold real files, by the name of the source."""
    folders = {"cache": _cache_folder()}
    if os.environ.get("COURSE_DATA"):
        folders = {"COURSE_DATA": _course_folder(), **folders}
    return folders


def _list() -> int:
    folders = _folders()
    print(f"{'file':<30}{'MB':>6}  {'is in':<13}licence")
    for entry in REGISTRY.values():
        places = [s for s, folder in folders.items() if (folder / entry.name).is_file()]
        place = "bundled" if entry.bundled else (*places, "-")[0]
        print(f"{entry.name:<30}{entry.bytes / 1e6:>6.2f}  {place:<13}{entry.licence}")
    for source, folder in folders.items():
        print(f"{source} = {folder}")
    return 0


def _check() -> int:
    counts = {"good": 0, "BAD": 0}
    for source, folder in _folders().items():
        for entry in REGISTRY.values():
            if entry.bundled:
                continue
            try:
                _verified(entry, _read_from(folder, entry.name))
                verdict, reason = "good", ""
            except _Absent:
                continue
            except _Refused as refusal:
                verdict, reason = "BAD", f": {refusal}"
            counts[verdict] += 1
            print(f"{verdict:<5}{entry.name} in {source}{reason}")
    print(f"{counts['good']} good, {counts['BAD']} bad")
    return 1 if counts["BAD"] else 0


def _fetch(names: list[str], everything: bool, to: Path | None) -> int:
    folder = to or _cache_folder()
    failures = 0
    for name in list(REGISTRY) if everything else names:
        try:
            print(f"{name}: {_fetch_one(name, folder)}", flush=True)
        except DataError as error:
            by_hand = everything and REGISTRY[name].url is None
            failures += not by_hand
            print(f"{name}: {'SKIPPED' if by_hand else 'FAILED'}: {error}", flush=True)
        except OSError as error:
            failures += 1
            fix = (
                f"cannot be written ({error.strerror})" if to else _cannot_write(error)
            )
            print(f"{name}: FAILED: {fix}", flush=True)
    if to and not failures:
        print(f"To use the folder: set COURSE_DATA to {to.resolve()}")
    return 1 if failures else 0


def _fetch_one(name: str, folder: Path) -> str:
    """Puts one verified file into a folder and returns what was done."""
    if name not in REGISTRY:
        close = difflib.get_close_matches(name, REGISTRY, n=1, cutoff=0.5)
        hint = f"; did you mean {close[0]}?" if close else ""
        raise DataError(f"not in the registry{hint}")
    entry = REGISTRY[name]
    if entry.bundled:
        return "bundled with the course, nothing to fetch"
    try:
        _verified(entry, _read_from(folder, name))
        return "already there"
    except _Refused:
        pass
    tried: list[tuple[str, _Refused]] = []
    found = _find(entry, tried)
    if found is None:
        why = _reasons(tried).strip(" ()")
        raise DataError(f"{why}. To fix it: {_how_to_get(entry)}")
    source, raw, _ = found
    _write_whole(folder / name, raw)
    return _served(entry, source)


def main(arguments: list[str] | None = None) -> int:
    """Runs the command line and returns its exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m utils.data", description="The course's data files."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("list", help="show the files and where they are now")
    commands.add_parser("check", help="verify the files in COURSE_DATA and the cache")
    commands.add_parser("cards", help="print the data cards of data/README.md")
    fetch = commands.add_parser("fetch", help="get real files, verified")
    fetch.add_argument("names", nargs="*", metavar="NAME")
    fetch.add_argument("--all", action="store_true", help="every file")
    fetch.add_argument("--to", type=Path, metavar="DIR", help="default: the cache")
    options = parser.parse_args(arguments)
    try:
        if options.command == "fetch":
            if bool(options.names) == options.all:
                fetch.error(
                    "say which files: either names (fetch names.txt imdb.npz) or "
                    "--all. The names: python -m utils.data list"
                )
            return _fetch(options.names, options.all, options.to)
        if options.command == "cards":
            print(data_cards())
            return 0
        return _list() if options.command == "list" else _check()
    except _Refused as refusal:
        print(f"COURSE_DATA: {refusal}: {os.environ['COURSE_DATA']}")
        return 1


if __name__ == "__main__":
    raise SystemExit(main())
