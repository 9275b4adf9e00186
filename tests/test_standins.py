"""The bundled stand-ins: what the maker script makes, and what they must teach."""

import csv
import importlib.util
import io
import json
import random
import re
import subprocess
import sys
import unicodedata
from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from itertools import combinations, pairwise
from pathlib import Path

import numpy as np
import pytest
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from utils.ngram import KneserNey

DATA = Path(__file__).resolve().parents[1] / "data"
SPEC = importlib.util.spec_from_file_location(
    "make_standins", DATA / "make_standins.py"
)
maker = importlib.util.module_from_spec(SPEC)
sys.path.insert(0, str(DATA))  # the maker imports a module beside it
SPEC.loader.exec_module(maker)
films = sys.modules["make_standin_films"]
news = sys.modules["make_standin_tags"]
spanish = sys.modules["make_standin_pairs"]
weather = sys.modules["make_standin_series"]

CORPUS = (DATA / "standin_corpus.txt").read_text(encoding="ascii")
REVIEWS = list(csv.DictReader(io.StringIO((DATA / "reviews.csv").read_text("utf-8"))))
POST_FILES = [DATA / f"standin_posts_{part}.csv" for part in maker.POSTS]
NAMES = (DATA / "standin_names.txt").read_text(encoding="ascii").splitlines()


def read_posts(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


POSTS = [read_posts(path) for path in POST_FILES]  # train, validation, test


def word_counts(text: str) -> Counter:
    """Counts the words of a text, without capitals and punctuation."""
    return Counter(re.findall(r"[a-z'-]+", text.lower()))


# --- The maker ----------------------------------------------------------------


def read_arrays(file: Path) -> dict[str, np.ndarray]:
    with np.load(file, allow_pickle=True) as arrays:
        return {key: arrays[key] for key in arrays.files}


def read_vectors(file: Path) -> tuple[list[str], np.ndarray]:
    rows = [line.split(" ") for line in file.read_text("ascii").splitlines()]
    return [row[0] for row in rows], np.array([row[1:] for row in rows], dtype=float)


def same_content(made: Path, committed: Path) -> bool:
    """Returns whether two files hold the same, most often the same bytes."""
    if made.suffix == ".npz":  # its bytes depend on the version of zlib
        arrays = [read_arrays(file) for file in (made, committed)]
        lists = [{key: x.tolist() for key, x in part.items()} for part in arrays]
        return lists[0] == lists[1]
    if made.name == "standin_vectors.txt":  # a computer may round in another way
        (words, vectors), (other_words, others) = map(read_vectors, (made, committed))
        return words == other_words and np.allclose(vectors, others, rtol=0, atol=0.002)
    return made.read_bytes() == committed.read_bytes()


def test_maker_writes_the_committed_files(tmp_path):
    script = DATA / "make_standins.py"
    subprocess.run([sys.executable, script, "--to", tmp_path / "new"], check=True)
    made = {path.name: path for path in (tmp_path / "new").iterdir()}
    assert set(made) == set(maker.STANDINS)
    for name, path in made.items():
        assert same_content(path, DATA / name), f"{name} is out of date"


@pytest.mark.parametrize(
    ("verb", "forms"),
    [
        ("carry", "carry carries carried carried carrying"),
        ("drop", "drop drops dropped dropped dropping"),
        ("hide/hid/hidden", "hide hides hid hidden hiding"),
        ("look_for", "look for|looks for|looked for|looked for|looking for"),
        ("go/went/gone", "go goes went gone going"),
        ("tie/tied/tied/tying", "tie ties tied tied tying"),
        ("agree/agreed/agreed", "agree agrees agreed agreed agreeing"),
    ],
)
def test_verb_forms(verb, forms):
    made = maker.verb_forms(verb)
    expected = forms.split("|") if "|" in forms else forms.split()
    assert [made[name] for name in ("base", "s", "past", "part", "ing")] == expected


def test_articles_and_capitals():
    assert (
        maker.articles("A owl, a useful egg, a hour") == "An owl, a useful egg, an hour"
    )
    text = 'he said, "^no." she left. "why?" asked he'
    assert maker.capitals(text) == 'He said, "No." She left. "Why?" asked he'


def test_every_symbol_of_the_grammar_is_known_and_used():
    grammar = maker.read_grammar(maker.GRAMMAR_TEXT)
    templates = [template for rules in grammar.values() for _, template in rules]
    named = {slot[2] for text in templates for slot in maker.SLOT.finditer(text)}
    symbols = {symbol.split()[0] for symbol in grammar}
    labels = {slot[4] for text in templates for slot in maker.SLOT.finditer(text)}
    assert named <= symbols | set(maker.make_lexicon()) | labels
    assert symbols - {"exchange"} <= named


# --- The corpus ---------------------------------------------------------------


def test_corpus_size_and_characters():
    assert 350_000 <= len(CORPUS) <= 450_000
    characters = Counter(CORPUS)
    assert len(characters) >= 55
    assert min(characters.values()) >= 5, characters.most_common()[-5:]
    assert set(CORPUS) <= set(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ\n ',.:;!?-&\""
    )


def test_corpus_last_tenth_is_of_the_same_kind():
    cut = int(0.9 * len(CORPUS))
    train, validation = CORPUS[:cut], CORPUS[cut:]
    assert set(validation) <= set(train)
    known = word_counts(train)
    words = word_counts(validation)
    new = sum(count for word, count in words.items() if word not in known)
    assert 0 < new / words.total() < 0.02
    for mark in '?":,':
        rates = [part.count(mark) / len(part) for part in (train, validation)]
        assert 0.75 < rates[1] / rates[0] < 1.33, mark


def test_corpus_words_have_a_long_tail():
    counts = sorted(word_counts(CORPUS).values(), reverse=True)
    assert len(counts) >= 3_000
    assert 0.5 < sum(counts[:200]) / sum(counts) < 0.8
    assert sum(count <= 5 for count in counts) > len(counts) / 2


@pytest.mark.parametrize("name", ["person", "animal", "thing", "place"])
def test_corpus_words_early_in_their_list_are_more_frequent(name):
    counts = word_counts(CORPUS)
    words = [word["s"] for word in maker.make_lexicon()[name]]
    quarter = len(words) // 4
    first, last = words[:quarter], words[-quarter:]
    assert sum(counts[w] for w in first) > 3 * sum(counts[w] for w in last)


def test_corpus_is_broken_into_speeches():
    for turn in CORPUS.rstrip("\n").split("\n\n"):
        speaker, *verses = turn.split("\n")
        assert re.fullmatch(r"[A-Z][a-z]+( [A-Z][a-z]+)?:", speaker), speaker
        assert verses and max(map(len, verses)) <= 65, turn
        assert re.match(r'"?[A-Z]', verses[0]), turn
        assert re.search(r'[.!?]"?$', verses[-1]), turn
        assert turn.count('"') % 2 == 0, turn
    full_lines = [
        len(line)
        for turn in CORPUS.split("\n\n")
        for line in turn.rstrip().split("\n")[1:-1]
    ]
    assert sum(length >= 45 for length in full_lines) > 0.98 * len(full_lines)


def sentences() -> str:
    """Returns the corpus with each speech on one line, without the speakers."""
    turns = (turn.partition("\n")[2] for turn in CORPUS.rstrip("\n").split("\n\n"))
    return "\n".join(turn.replace("\n", " ") for turn in turns)


def test_corpus_has_no_slot_or_capital_left():
    text = sentences()
    assert not re.findall(r"[][{}$=^/_]|  | [.,;:?!]", CORPUS)
    assert not re.findall(r"[.!?] [a-z]", text)
    assert not re.findall(r"\b[Aa] (?!ewe|one)[aeio]|\b[Aa]n [b-df-gj-np-tv-z]", text)


def nouns() -> dict[str, str]:
    """Returns the number, s or p, of each noun that has two forms."""
    numbers = {}
    lexicon = maker.make_lexicon()
    for name in maker.NOUNS:
        for word in lexicon[name]:
            if word["s"] != word["p"]:
                numbers |= {word["s"]: "s", word["p"]: "p"}
    return numbers


@pytest.mark.parametrize(
    "pattern",
    [
        r"(?:^|[.!?] )The (?:[\w-]+ )?([\w-]+) (is|was|are|were)\b",
        r"\b[Tt]hat the ([\w-]+) (is|was|are|were|has|have)\b",
        # the verb agrees with the first noun, not with the one before it
        r"(?:^|[.!?] )The ([\w-]+) that the [\w-]+ [\w-]+ (is|was|are|were)\b",
        r"(?:^|[.!?] )The ([\w-]+) of the [\w-]+ (is|was|are|were)\b",
    ],
)
def test_corpus_verbs_agree_with_their_subjects(pattern):
    numbers = nouns()
    number_of_verb = dict.fromkeys(("are", "were", "have"), "p")
    found = [
        (match[0], numbers[match[1]], number_of_verb.get(match[2], "s"))
        for match in re.finditer(pattern, sentences(), re.MULTILINE)
        if match[1] in numbers
    ]
    assert len(found) >= 10
    assert {verb for _, _, verb in found} == {"s", "p"}
    assert [text for text, noun, verb in found if noun != verb] == []


def test_corpus_country_decides_the_language_later():
    tongues = {name: tongue for name, tongue, *_ in maker.LANDS}
    pattern = r"grew up in (\w+)[^\n]*?speaks fluent (\w+)"
    found = re.findall(pattern, sentences())
    assert len(found) >= 10
    assert all(tongues[land] == tongue for land, tongue in found)


# --- The reviews --------------------------------------------------------------


def test_reviews_columns_size_and_balance():
    assert list(REVIEWS[0]) == ["text", "label", "pair"]
    assert (DATA / "reviews.csv").stat().st_size <= 300_000
    assert 2_800 <= len(REVIEWS) <= 3_200
    assert Counter(row["label"] for row in REVIEWS) == {
        label: len(REVIEWS) // 2 for label in "01"
    }


def test_reviews_differ_and_have_4_to_25_words():
    texts = [row["text"] for row in REVIEWS]
    assert len(set(texts)) == len(texts)
    lengths = [len(text.split()) for text in texts]
    assert min(lengths) >= 4 and max(lengths) <= 25
    assert all(re.fullmatch(r"[A-Z][A-Za-z',. ]+\.", text) for text in texts)


def test_paired_reviews_have_the_same_words_and_opposite_labels():
    pairs: dict[str, list[dict]] = {}
    for row in REVIEWS:
        if row["pair"]:
            pairs.setdefault(row["pair"], []).append(row)
    assert 2 * len(pairs) >= 0.4 * len(REVIEWS)
    for rows in pairs.values():
        assert sorted(row["label"] for row in rows) == ["0", "1"]
        assert word_counts(rows[0]["text"]) == word_counts(rows[1]["text"])


def test_reviews_are_shuffled():
    together = sum(
        first["pair"] == second["pair"] != "" for first, second in pairwise(REVIEWS)
    )
    assert together < 5
    positive = [row["label"] == "1" for row in REVIEWS]
    for start in range(0, len(positive) - 500, 500):
        assert 200 < sum(positive[start : start + 500]) < 300


def test_the_main_statement_decides():
    good, bad = set(maker.GOOD), set(maker.BAD)
    rules = [
        r"\bbut the .* (\w+)\.$",  # after "but": the last clause
        r"[Hh]owever, .* (\w+)\.$",  # after "however": the last clause
        r"(?:Although|Even though) .*, .* (\w+)\.$",  # the clause without it
        r" (\w+), (?:although|even though) ",
    ]
    for rule in rules:
        found = [(m[1], row) for row in REVIEWS if (m := re.search(rule, row["text"]))]
        found = [(word, row) for word, row in found if word in good | bad]
        assert len(found) >= 50
        for word, row in found:
            assert row["label"] == str(int(word in good)), row


@pytest.mark.parametrize(
    "sentence",
    [
        "I really like the color of my new phone",
        "I didn't really enjoy the camera of my phone",
        "My first purchase from the shop was an amazing TV. However, over time, "
        "I realised that it was poor quality",
        "I definitely do not recommend this phone. But it might be suitable for "
        "children.",
    ],
)
def test_sentences_of_the_notebook_use_known_words_but_are_not_in_the_file(sentence):
    counts = word_counts(" ".join(row["text"] for row in REVIEWS))
    rare = {word: counts[word] for word in word_counts(sentence) if counts[word] < 20}
    assert rare == {}
    assert not any(sentence.rstrip(".") in row["text"] for row in REVIEWS)


# --- The posts ----------------------------------------------------------------


def words_of(text: str) -> list[str]:
    return re.findall(r"[a-z]+", text.lower())


def words_and_ordered_pairs(text: str) -> list[str]:
    words = words_of(text)
    return words + [f"{a} before {b}" for a, b in combinations(words, 2)]


def score(analyzer) -> float:
    """Returns the test accuracy of TF-IDF + logistic regression."""
    texts = [[post["tweet"] for post in part] for part in POSTS]
    labels = [[post["label"] for post in part] for part in POSTS]
    model = make_pipeline(
        TfidfVectorizer(analyzer=analyzer), LogisticRegression(C=10, max_iter=1000)
    )
    return model.fit(texts[0], labels[0]).score(texts[2], labels[2])


def test_posts_columns_size_and_balance():
    assert sum(path.stat().st_size for path in POST_FILES) <= 400_000
    for part, count in zip(POSTS, maker.POSTS.values(), strict=True):
        assert list(part[0]) == ["id", "tweet", "label"]
        assert [post["id"] for post in part] == [str(n + 1) for n in range(count)]
        labels = Counter(post["label"] for post in part)
        assert set(labels) == {"real", "fake"}
        assert 0.5 < labels["real"] / count < 0.54


def test_posts_differ_even_without_what_is_around_the_sentence():
    around = "|".join(map(re.escape, maker.CALM + maker.LOUD))
    around += r"|#\w+|news\.example/\d+|[!.\s]+$"
    texts = [post["tweet"] for part in POSTS for post in part]
    bare = [re.sub(r"\W+", " ", re.sub(around, "", text)).lower() for text in texts]
    assert len({text.strip() for text in bare}) == len(texts)


def test_posts_have_no_slot_or_capital_left():
    texts = [post["tweet"] for part in POSTS for post in part]
    assert sum("\n" in text for text in texts) > 100, "as in the real data"
    for text in texts:
        assert re.fullmatch(r"[A-Z0-9][\w' ,.:?!#/-]+(\n#\w+.*)?", text), text
        assert 4 <= len(text.split()) <= 32, text
        assert not re.search(r"\b[Aa] [aeiou]|\b[Aa]n [^aeiou]", text), text
        assert not re.search(r"[.?!] (?!news\.example)[a-z]", text), text


def test_no_single_word_decides_whether_a_post_is_fake():
    fake = np.array([post["label"] == "fake" for post in POSTS[0]])
    bags = [set(words_of(post["tweet"])) for post in POSTS[0]]
    for word in set().union(*bags):
        agree = np.mean([word in bag for bag in bags] == fake)
        assert max(agree, 1 - agree) < 0.65, word


def test_posts_need_more_than_their_words():
    majority = np.mean([post["label"] == "real" for post in POSTS[2]])
    words, ordered = score(words_of), score(words_and_ordered_pairs)
    assert majority + 0.3 < words < 0.9
    assert words + 0.02 < ordered < 1 - maker.NOISE / 2


def test_the_last_voice_decides():
    trusted = r"(health office|school doctor|nurses of|town hall)\b"
    doubtful = r"(moon institute|cloud club|fortune-teller|parrot)\b"
    disputed = "denied it|called it wrong|disagreed"
    right = Counter()
    for post in (post for part in POSTS for post in part):
        if re.search(disputed, post["tweet"]):
            real = re.search(f".*{trusted}", post["tweet"], re.DOTALL)
            fake = re.search(f".*{doubtful}", post["tweet"], re.DOTALL)
            last = "real" if real.end() > fake.end() else "fake"
            right[last == post["label"]] += 1
    assert right.total() > 300
    assert 0 < right[False] / right.total() < 2.5 * maker.NOISE


# --- The names ----------------------------------------------------------------


def test_names_size_letters_and_lengths():
    assert (DATA / "standin_names.txt").stat().st_size <= 80_000
    assert len(set(NAMES)) == len(NAMES) == maker.NAMES
    letters = Counter("".join(NAMES))
    assert set(letters) == set("abcdefghijklmnopqrstuvwxyz")
    assert min(letters.values()) >= 50, letters.most_common()[-3:]
    lengths = [len(name) for name in NAMES]
    assert 2 <= min(lengths) and max(lengths) <= 12
    assert 5.5 < np.mean(lengths) < 7.5, "as in the real data"
    assert not [name for name in NAMES if re.search(r"(.)\1\1|[^aeiouy]{5}", name)]


def test_names_are_shuffled():
    for start in range(0, len(NAMES), 1_000):
        part = NAMES[start : start + 1_000]
        for end in "aenr":
            shares = [np.mean([n.endswith(end) for n in ns]) for ns in (part, NAMES)]
            assert abs(shares[0] - shares[1]) < 0.06, (start, end)


def names_of(style: str) -> list[str]:
    rng = random.Random(0)
    return [maker.write_name(rng, maker.STYLES[style]) for _ in range(500)]


def test_each_style_keeps_its_sound_rule():
    for name in names_of("river"):
        assert not (set(name) & set("aou") and set(name) & set("eiy")), name
    for name in names_of("isles"):
        assert name[0] == re.findall("[^aeiou]", name)[-1], name
    for name in names_of("coast"):
        assert not re.search("[aeiou]{2}.", name), "two vowels only at the end"


def test_names_depend_on_more_than_the_letter_before():
    cut = len(NAMES) * 9 // 10
    train, held_out = ("\n".join(part) for part in (NAMES[:cut], NAMES[cut:]))
    nats = {
        order: -KneserNey(order).fit(train).log_prob(held_out, "\n").mean()
        for order in (1, 2, 4)
    }
    assert nats[2] + 0.4 < nats[1]
    assert nats[4] + 0.25 < nats[2]
    assert nats[4] > 1.8, "as hard to guess as real names, nearly"


def test_the_first_vowel_of_a_name_tells_of_its_last():
    ends = {True: [], False: []}  # is the first vowel bright: is the last one?
    for name in NAMES:
        vowels = re.findall("[aeiouy]", name)
        if len(vowels) >= 3:
            ends[vowels[0] in "eiy"].append(vowels[-1] in "eiy")
    assert np.mean(ends[True]) - np.mean(ends[False]) > 0.1


# --- The films ------------------------------------------------------------------

INDEX = json.loads((DATA / "standin_imdb_word_index.json").read_text(encoding="ascii"))
WORDS = ["", *INDEX]
FILMS = read_arrays(DATA / "standin_imdb.npz")
FILM_TEXTS = {
    part: [" ".join(WORDS[i] for i in review) for review in FILMS[f"x_{part}"]]
    for part in films.SIZES
}
VECTOR_WORDS, VECTORS = read_vectors(DATA / "standin_vectors.txt")
PLACES = {word: place for place, word in enumerate(VECTOR_WORDS)}
VECTORS /= np.linalg.norm(VECTORS, axis=1, keepdims=True)
QUESTIONS = (DATA / "standin_questions.txt").read_text("ascii").splitlines()


def test_films_have_the_form_of_the_real_file():
    names = ["standin_imdb.npz", "standin_imdb_word_index.json"]
    assert sum((DATA / name).stat().st_size for name in names) <= 450_000
    assert set(FILMS) == {"x_train", "y_train", "x_test", "y_test"}
    for part, size in films.SIZES.items():
        x, y = FILMS[f"x_{part}"], FILMS[f"y_{part}"]
        assert x.dtype == object and type(x[0]) is list and type(x[0][0]) is int
        assert y.dtype == np.int64
        assert y.tolist() == [1] * (size // 2) + [0] * (size // 2)
        lengths = [len(review) for review in x]
        assert min(lengths) >= 25 and max(lengths) <= 120


def test_film_words_are_ranked_by_how_often_they_occur():
    assert list(INDEX.values()) == list(range(1, len(INDEX) + 1))
    assert 700 <= len(INDEX) <= 1_000
    assert all(re.fullmatch("[a-z]+", word) for word in INDEX)
    counts = Counter(i for part in films.SIZES for x in FILMS[f"x_{part}"] for i in x)
    assert set(counts) == set(INDEX.values())
    by_rank = [counts[rank] for rank in range(1, len(WORDS))]
    assert by_rank == sorted(by_rank, reverse=True)
    needed = """good great excellent terrible awful bad boring king queen man woman boy
        girl actor actress father mother is was better worse"""
    assert set(needed.split()) <= set(INDEX)


def test_film_reviews_differ_and_have_no_slot_left():
    texts = [text for part in FILM_TEXTS.values() for text in part]
    assert len(set(texts)) == len(texts)
    assert not [t for t in texts if re.search(r"\ba [aeiou]|\ban [^aeiou]", t)]


def film_accuracy(
    features: Sequence[np.ndarray], count: int, draws: int = 1, penalty: float = 3.0
) -> float:
    """Returns the test accuracy after `count` training reviews, mean of some draws.

    Args:
        features: Of the training and of the test part.
        count: How many training reviews a draw has.
        draws: How many draws.
        penalty: Of large weights, in the logistic regression.
    """
    rng = np.random.default_rng(0)
    scores = []
    for _ in range(draws):
        order = rng.permutation(len(FILMS["y_train"]))[:count]
        model = LogisticRegression(C=1 / penalty, max_iter=3_000)
        model.fit(features[0][order], FILMS["y_train"][order])
        scores.append(model.score(features[1], FILMS["y_test"]))
    return np.mean(scores)


def film_counts() -> tuple[np.ndarray, np.ndarray]:
    counter = CountVectorizer(vocabulary=INDEX.keys(), token_pattern=r"\S+")
    return tuple(counter.transform(texts).toarray() for texts in FILM_TEXTS.values())


def test_a_bag_of_words_is_often_right_about_films():
    assert 0.85 <= film_accuracy(film_counts(), count=3_000) <= 0.93


def test_the_last_sentence_of_a_film_review_decides():
    good, bad = (set(films.LISTS[side].split()) for side in ("good", "bad"))
    right = Counter()
    for part, texts in FILM_TEXTS.items():
        for text, label in zip(texts, FILMS[f"y_{part}"], strict=True):
            verdict = re.search(r"but (?:overall|in the end|all in all) (.*)", text)
            words = set(verdict[1].split()) if verdict else set()
            if words & (good | bad) and not words & good & bad:
                right[bool(words & good) == label] += 1
    assert right.total() > 300
    assert 0 < right[False] / right.total() < 2.5 * films.NOISE


# --- The vectors and the questions ------------------------------------------------


def nearest(vector: np.ndarray, without: Sequence[str] = ()) -> list[str]:
    """Returns the words with a vector, the most similar first."""
    words = [VECTOR_WORDS[i] for i in np.argsort(-VECTORS @ vector)]
    return [word for word in words if word not in without]


def answers(a: str, b: str, c: str) -> list[str]:
    """Returns the words that may be to c as b is to a, the best first."""
    x, y, z = (VECTORS[PLACES[word]] for word in (a, b, c))
    return nearest(y - x + z, without=(a, b, c))


def test_vectors_have_the_form_of_glove():
    assert (DATA / "standin_vectors.txt").stat().st_size <= 350_000
    assert VECTORS.shape == (len(VECTOR_WORDS), films.WIDTH)
    assert VECTOR_WORDS == list(INDEX)[: len(PLACES)], "the frequent words first"
    assert 0.95 < len(PLACES) / len(INDEX) < 1


def test_vectors_know_king_and_queen():
    assert "queen" in answers("man", "king", "woman")[:3]


def test_vectors_carry_the_opinion():
    sides = [
        [w for w in films.LISTS[s].split() if w in PLACES] for s in ("good", "bad")
    ]
    assert min(map(len, sides)) > 35
    same = [
        nearest(VECTORS[PLACES[word]], without=[word])[0] in side
        for side in sides
        for word in side
    ]
    assert np.mean(same) > 0.9


def test_vectors_help_when_labels_are_few():
    counts = film_counts()
    rows = np.zeros((len(INDEX), films.WIDTH))
    rows[: len(VECTORS)] = VECTORS
    means = [5 * x @ rows / x.sum(1, keepdims=True) for x in counts]
    few = film_accuracy(counts, 100, draws=10)
    assert film_accuracy(means, 100, draws=10, penalty=0.3) > few + 0.02
    many = film_accuracy(counts, 3_000)
    assert film_accuracy(means, 3_000, penalty=0.3) < many


def test_questions_are_answered_neither_always_nor_never():
    sections = [line for line in QUESTIONS if line.startswith(": ")]
    questions = [line.split() for line in QUESTIONS if not line.startswith(": ")]
    assert 4 <= len(sections) <= 6 and len(questions) <= 300
    known = [question for question in questions if set(question) <= set(PLACES)]
    assert 0.8 < len(known) / len(questions) < 0.95
    right = [answers(a, b, c)[0] == d for a, b, c, d in known]
    assert 0.3 < np.mean(right) < 0.8


# --- The tagged sentences -------------------------------------------------------


def read_tagged(path: Path) -> list[list[dict[str, str]]]:
    """Returns the lines of each sentence."""
    found = []
    with path.open(encoding="ascii", newline="") as file:
        for row in csv.DictReader(file, strict=True):
            if row["Sentence #"]:
                assert row["Sentence #"] == f"Sentence: {len(found) + 1}"
                found.append([])
            found[-1].append(row)
    return found


TAGGED = read_tagged(DATA / "standin_ner.csv")
TAGS = [[row["Tag"] for row in sentence] for sentence in TAGGED]
TYPES = {"per", "geo", "org", "gpe", "tim"}


def entities(tags: list[str]) -> set[tuple[int, int, str]]:
    """Returns the start, the end and the type of each entity."""
    found = re.finditer(r"B-(\w+)( I-\1)*", text := " ".join(tags))
    return {
        (text.count(" ", 0, match.start()), text.count(" ", 0, match.end()), match[1])
        for match in found
    }


def test_entities_of_a_sentence():
    tags = "O B-per I-per I-geo B-geo B-geo O I-org".split()
    assert entities(tags) == {(1, 2, "per"), (4, 4, "geo"), (5, 5, "geo")}


def test_tagged_columns_and_size():
    assert (DATA / "standin_ner.csv").stat().st_size <= 250_000
    assert list(TAGGED[0][0]) == ["Sentence #", "Word", "POS", "Tag"]
    assert 1_400 <= len(TAGGED) == news.SENTENCES <= 1_800
    lengths = [len(sentence) for sentence in TAGGED]
    assert 10 < np.mean(lengths) < 14 and 4 <= min(lengths) and max(lengths) <= 36


def test_tags_are_valid():
    seen = Counter()
    for tags in TAGS:
        for before, tag in pairwise(["O", *tags]):
            if tag.startswith("I-"):
                assert before in (tag, f"B-{tag[2:]}"), tags
        seen.update(tags)
    assert set(seen) == {"O"} | {f"{b}-{t}" for b in "BI" for t in TYPES - {"gpe"}} | {
        "B-gpe"
    }
    assert all(seen[f"B-{type_}"] >= 200 for type_ in TYPES)
    assert all(seen[f"I-{type_}"] >= 50 for type_ in TYPES - {"gpe"})


def test_tagged_sentences_differ_and_have_no_slot_left():
    texts = [" ".join(row["Word"] for row in sentence) for sentence in TAGGED]
    assert len(set(texts)) == len(texts)
    for text in texts:
        assert re.fullmatch(r"[A-Z0-9][\w',. ]+ \.", text), text
        assert not re.search(r"\b[Aa] [aeiou]|\b[Aa]n |  |_", text), text


def test_each_word_in_lower_case_has_one_part_of_speech():
    listed = [word for words in news.POS.values() for word in set(words.split())]
    assert [word for word, count in Counter(listed).items() if count > 1] == []
    for sentence in TAGGED:
        for row in sentence:
            if row["POS"] in ("NNP", "NNPS"):
                assert row["Word"][0].isupper(), row
            assert (row["POS"] == "JJ") or row["Tag"] != "B-gpe", row
            assert (row["POS"] == "CD") == row["Word"].isdigit(), row


@pytest.mark.parametrize(
    "templates, pattern",
    [
        (news.LEFT, r"[\w{].* <[^<>]*\{name\}>( \{when\})?"),
        (news.RIGHT, r"<\{name\}.*\w.*"),
    ],
)
def test_the_words_on_one_side_of_a_name_decide_its_type(templates, pattern):
    assert set(templates) == {"per", "geo", "org"}
    untyped = []
    for type_, text in templates.items():
        for template in news.lines(text):
            assert set(re.findall(r"<(\w+)", template)) == {type_}
            untyped.append(template.replace(f"<{type_} ", "<"))
            assert re.fullmatch(pattern, untyped[-1]), template
    assert len(set(untyped)) == len(untyped), "one context, two types"


def test_kinds_of_entities_are_a_third_each():
    reporter = news.Reporter(seed=0)
    count = sum(reporter.sentence().count("<") for _ in range(3_000))
    for kind in ("left", "right"):
        assert 0.3 < reporter.kinds[kind] / count < 0.37, kind


CUT = len(TAGGED) * 4 // 5


def most_frequent_tags() -> dict[str, str]:
    """Returns the most frequent tag of each word of the training part."""
    counts: dict[str, Counter] = {}
    for sentence in TAGGED[:CUT]:
        for row in sentence:
            counts.setdefault(row["Word"], Counter())[row["Tag"]] += 1
    return {word: tags.most_common(1)[0][0] for word, tags in counts.items()}


def test_a_baseline_finds_many_entities_but_not_most():
    best = most_frequent_tags()
    right = found = wanted = 0
    for sentence, tags in zip(TAGGED[CUT:], TAGS[CUT:], strict=True):
        guesses = entities([best.get(row["Word"], "O") for row in sentence])
        right += len(guesses & entities(tags))
        found += len(guesses)
        wanted += len(entities(tags))
    assert 0.55 < 2 * right / (found + wanted) < 0.75


def test_one_entity_in_five_is_new_in_the_held_out_sentences():
    known = {row["Word"] for sentence in TAGGED[:CUT] for row in sentence}
    new = [
        any(row["Word"] not in known for row in sentence[start : end + 1])
        for sentence, tags in zip(TAGGED[CUT:], TAGS[CUT:], strict=True)
        for start, end, _ in entities(tags)
    ]
    assert 0.15 < np.mean(new) < 0.25


def test_the_same_name_has_several_types():
    types: dict[str, Counter] = {name: Counter() for name in news.NAMES}
    for sentence in TAGGED:
        for row in sentence:
            if row["Word"] in types:
                types[row["Word"]][row["Tag"][2:]] += 1
    for name, counts in types.items():
        assert set(counts) == {"per", "geo", "org"}, (name, counts)
    wrong = 1 - sum(max(c.values()) for c in types.values()) / sum(
        c.total() for c in types.values()
    )
    assert 0.15 < wrong < 0.4
    assert types["Marlow"].total() > 2 * types[news.NAMES[-1]].total()


# --- The sentence pairs ---------------------------------------------------------

PAIR_LINES = (DATA / "standin_pairs.txt").read_text(encoding="utf-8").splitlines()
PAIRS = [tuple(line.split("\t")) for line in PAIR_LINES]
TENSES = ("present", "past", "imperfect", "future", "subjunctive")


@pytest.mark.parametrize(
    ("verb", "tense", "forms"),
    [
        ("comprar", "past", "compré compraste compró compramos compraron"),
        ("beber", "imperfect", "bebía bebías bebía bebíamos bebían"),
        ("vivir", "present", "vivo vives vive vivimos viven"),
        ("buscar", "past", "busqué buscaste buscó buscamos buscaron"),
        ("buscar", "subjunctive", "busque busques busque busquemos busquen"),
        ("jugar", "present", "juego juegas juega jugamos juegan"),
        ("jugar", "subjunctive", "juegue juegues juegue juguemos jueguen"),
        ("dormir", "past", "dormí dormiste durmió dormimos durmieron"),
        ("dormir", "subjunctive", "duerma duermas duerma durmamos duerman"),
        ("vestir", "past", "vestí vestiste vistió vestimos vistieron"),
        ("vestir", "subjunctive", "vista vistas vista vistamos vistan"),
        ("cerrar", "present", "cierro cierras cierra cerramos cierran"),
        ("acostar", "subjunctive", "acueste acuestes acueste acostemos acuesten"),
        ("conocer", "present", "conozco conoces conoce conocemos conocen"),
        ("conocer", "subjunctive", "conozca conozcas conozca conozcamos conozcan"),
        ("traer", "past", "traje trajiste trajo trajimos trajeron"),
        ("tener", "future", "tendré tendrás tendrá tendremos tendrán"),
        ("tener", "subjunctive", "tenga tengas tenga tengamos tengan"),
        ("venir", "present", "vengo vienes viene venimos vienen"),
        ("salir", "future", "saldré saldrás saldrá saldremos saldrán"),
        ("ver", "present", "veo ves ve vemos ven"),
        ("ver", "subjunctive", "vea veas vea veamos vean"),
        ("leer", "past", "leí leíste leyó leímos leyeron"),
        ("enviar", "present", "envío envías envía enviamos envían"),
        ("enviar", "subjunctive", "envíe envíes envíe enviemos envíen"),
        ("querer", "future", "querré querrás querrá querremos querrán"),
        ("ir", "imperfect", "iba ibas iba íbamos iban"),
        ("dar", "subjunctive", "dé des dé demos den"),
        ("estar", "present", "estoy estás está estamos están"),
        ("decir", "present", "digo dices dice decimos dicen"),
        ("volver", "present", "vuelvo vuelves vuelve volvemos vuelven"),
    ],
)  # fmt: skip
def test_spanish_verbs(verb, tense, forms):
    assert list(spanish.conjugate(verb, tense).values()) == forms.split()


def test_spanish_participles_gerunds_and_imperatives():
    made = [
        " ".join([make(verb) for verb in verbs.split()])
        for make, verbs in (
            (spanish.participle, "comprar beber abrir escribir romper ver volver leer"),
            (spanish.gerund, "comprar beber abrir dormir vestir leer traer venir ir"),
            (spanish.imperative, "comprar beber abrir cerrar dormir venir ir traer"),
        )
    ]
    assert made == [
        "comprado bebido abierto escrito roto visto vuelto leído",
        "comprando bebiendo abriendo durmiendo vistiendo leyendo trayendo viniendo "
        "yendo",
        "compra bebe abre cierra duerme ven ve trae",
    ]


def test_spanish_plurals():
    words = "casa azul joven lápiz calcetín canción reloj pared café árbol".split()
    assert [spanish.plural(word) for word in words] == (
        "casas azules jóvenes lápices calcetines canciones relojes paredes cafés "
        "árboles"
    ).split()


def test_pairs_have_the_form_of_the_real_file():
    assert (DATA / "standin_pairs.txt").stat().st_size <= 1_500_000
    assert {len(pair) for pair in PAIRS} == {2}
    assert 20_000 <= len(PAIRS) == len(set(PAIRS)) <= 30_000
    lengths = [len(source) for source, _ in PAIRS]
    assert lengths == sorted(lengths), "the short ones come first"
    text = "\n".join(PAIR_LINES)
    assert unicodedata.is_normalized("NFC", text)
    assert not re.findall(r"[{}|_]|  | [.,?!]|\bNone\b", text)
    assert set("".join(source for source, _ in PAIRS)) <= set(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZáéíóú '.,?!"
    )
    english = "\n".join(source for source, _ in PAIRS)
    assert not re.findall(r"\b[Aa] [aeiou]|\b[Aa]n [^aeiou]|\bthat that\b", english)


def test_pairs_have_enough_short_and_long_sentences():
    words = Counter(len(source.split()) for source, _ in PAIRS)
    assert set(words) == set(range(3, 13))
    assert sum(count for length, count in words.items() if length <= 6) >= 8_000
    assert sum(count for length, count in words.items() if length >= 7) >= 5_000
    assert min(words.values()) >= 300


def test_some_sources_have_two_right_translations():
    counts = Counter(source for source, _ in PAIRS)
    assert set(counts.values()) == {1, 2}
    assert 0.05 < np.mean([count == 2 for count in counts.values()]) < 0.12
    together = {target for source, target in PAIRS if source == "I am tired."}
    assert together <= {"Estoy cansado.", "Estoy cansada."}


def test_held_out_pairs_have_few_unknown_words():
    sources = sorted({source for source, _ in PAIRS})
    held_out = set(random.Random(0).sample(sources, 1_000))
    for side in (0, 1):
        words = [[], []]
        for pair in PAIRS:
            found = re.findall(r"[\w']+", pair[side].lower())
            words[pair[0] in held_out].extend(found)
        known = set(words[0])
        assert len(known) > (600, 1_500)[side]
        assert np.mean([word not in known for word in words[1]]) < 0.005


def test_spanish_marks_stand_at_both_ends():
    kinds = Counter()
    for source, target in PAIRS:
        assert re.fullmatch(r"[A-Z][^.?!]*[.?!]", source), source
        opening = {"?": "¿", "!": "¡"}.get(source[-1], "")
        assert target[-1] == source[-1] and target.startswith(opening), target
        middle = target[len(opening) : -1]
        assert middle[0].isupper() and not set(middle) & set("¿?¡!."), target
        kinds[source[-1]] += 1
    assert min(kinds.values()) > 500


def test_spanish_words_that_must_be_joined_are_joined():
    for _, target in PAIRS:
        assert not re.search(r"\b[Aa] el\b|\b[Dd]e el\b|\b[Yy] [IÍií]", target), target
    text = "\n".join(PAIR_LINES)
    assert min(len(re.findall(rf"\b{word}\b", text)) for word in ("al", "del")) > 100
    assert " e Inés" in text


# Written by hand, apart from the maker: gender of nouns, some of them surprising.
MASCULINE = """mapa coche lápiz reloj jardín pastel hotel sombrero libro barco abrigo
    gato perro caballo hermano niño hombre tío pan arroz café hospital pueblo plato
    paraguas guante calcetín limón tomate vestido teléfono billete parque""".split()
FEMININE = """foto flor llave leche carne calle ciudad pared casa carta mesa camisa
    falda vaca gallina hermana niña mujer tía sopa iglesia escuela taza bicicleta
    manzana patata canción puerta ventana silla lámpara botella caja chaqueta""".split()
ENDINGS = {"o": "ms", "a": "fs", "os": "mp", "as": "fp"}
SINGULAR_WORDS = {"el": "ms", "la": "fs", "un": "ms", "una": "fs", "este": "ms"}
SINGULAR_WORDS |= {"ese": "ms", "esta": "fs", "esa": "fs", "otro": "ms", "otra": "fs"}
PLURAL_WORDS = {"los": "mp", "las": "fp", "unos": "mp", "unas": "fp", "estos": "mp"}
PLURAL_WORDS |= {"esos": "mp", "estas": "fp", "esas": "fp"}
DETERMINERS = SINGULAR_WORDS | PLURAL_WORDS
DETERMINERS |= {"muchos": "mp", "muchas": "fp", "nuestro": "ms", "nuestra": "fs"}
DETERMINERS |= {"nuestros": "mp", "nuestras": "fp"}
STEMS = """roj blanc negr amarill pequeñ nuev viej car barat bonit pesad modern alt
    rápid simpátic tímid famos seri frí cansad enferm content enfadad ocupad nervios sol
    list abiert cerrad rot limpi suci vací llen mojad""".split()


def forms_of_nouns() -> dict[str, str]:
    """Returns gender and number of each form of the nouns above."""
    forms = {}
    for gender, words in (("m", MASCULINE), ("f", FEMININE)):
        for word in words:
            forms[spanish.plural(word)] = gender + "p"
            forms[word] = gender + "s"
    del forms["paraguas"], forms["paraguases"]  # the plural is the same
    return forms


FORMS = forms_of_nouns()
AGREEING = {stem + end: kind for stem in STEMS for end, kind in ENDINGS.items()}


def test_spanish_articles_and_adjectives_agree_with_the_noun():
    seen = Counter()
    for _, target in PAIRS:
        words = re.findall(r"\w+", target.lower())
        for before, noun, after in zip(
            ["", *words], words, [*words[1:], ""], strict=False
        ):
            if noun not in FORMS or noun == "cerca":
                continue
            if before in DETERMINERS:
                assert DETERMINERS[before] == FORMS[noun], target
                seen[f"article {FORMS[noun]}"] += 1
            if after in AGREEING:
                assert AGREEING[after] == FORMS[noun], target
                seen[f"adjective {FORMS[noun]}"] += 1
    assert len(seen) == 8 and min(seen.values()) > 100, seen


def test_spanish_adjectives_agree_over_a_distance():
    seen = Counter()
    determiner = "|".join(DETERMINERS)
    simple = rf"(?:{determiner}) (\w+)(?: \w+)? (?:no )?(?:es|son|era|eran|está|están) "
    pattern = re.compile(simple + r"(?:muy |demasiado )?(\w+)\.", re.IGNORECASE)
    relative = re.compile(
        rf"(?:{determiner}) (\w+) que .* (?:es|son|está|están) (\w+)\."
    )
    for _, target in PAIRS:
        for kind, rule in (("near", pattern), ("far", relative)):
            match = (rule.fullmatch if kind == "near" else rule.match)(target.lower())
            if match and match[1] in FORMS and match[2] in AGREEING:
                assert AGREEING[match[2]] == FORMS[match[1]], target
                seen[kind] += 1
    assert min(seen["near"], seen["far"]) > 60, seen


def test_spanish_adjectives_know_who_she_is():
    seen = Counter()
    for source, target in PAIRS:
        match = re.fullmatch(r"(\w+) .* because (he|she) (is|was) [a-z ]+\.", source)
        last = re.findall(r"\w+", target)[-1]
        if match and match[1] in spanish.WOMEN + spanish.MEN and last in AGREEING:
            woman = match[1] in spanish.WOMEN
            assert AGREEING[last] == ("fs" if woman else "ms"), target
            assert match[2] == ("she" if woman else "he"), source
            seen[woman] += 1
    assert min(seen[True], seen[False]) >= 15, seen


def test_spanish_pronouns_have_the_gender_of_what_they_stand_for():
    seen = Counter()
    for source, target in PAIRS:
        if not re.search(r"(, but|and) \w+ .*\b(it|them)\.", source):
            continue
        clauses = re.split(", pero | y ", target)
        words = re.findall(r"\w+", clauses[0])[-2:]
        noun = next((word for word in reversed(words) if word in FORMS), "")
        pronoun = re.search(r"(?:\b|r)(los?|las?)\b", clauses[-1])
        if len(clauses) != 2 or not pronoun or not noun:
            continue
        expected = {"ms": "lo", "fs": "la", "mp": "los", "fp": "las"}[FORMS[noun]]
        assert pronoun[1] == expected, target
        seen[expected] += 1
    assert len(seen) == 4 and min(seen.values()) >= 20, seen


SKIPPED = """no nunca siempre ya me te se lo la le nos los las les ayer anoche pronto
    mañana""".split()
VERBS = {
    form: person
    for verb in "comprar vender ver buscar lavar abrir leer comer tener querer ir "
    "venir volver dormir trabajar ser estar haber poder necesitar dar enviar".split()
    for tense in TENSES[:4]
    for person, form in spanish.conjugate(verb, tense).items()
}


TIME_FIRST = "Ayer|Anoche|Mañana|Pronto|Hace|Esta|La semana|El año|El martes|El viernes"


def test_spanish_verbs_agree_with_their_subject():
    """Of each person the ending is known: -s or -ste, -mos, -n, and none of these."""
    endings = {
        "you": r".*(s|ste)",
        "we": r".*mos",
        "they": r".*n",
        "Ana": r"es|.*[^sn]",
    }
    name = "(?:Ana|Clara|Elena|Diego|Marcos|Pablo|Hugo)"
    subjects = {  # English and Spanish
        "you": ("You", "(?!Te gusta)"),
        "we": ("We", "(?!Nos gusta)"),
        "they": (f"(?:They|{name} and {name})", f"(?:Ell[oa]s|{name} y {name}) "),
        "Ana": (name, f"{name} "),
    }
    seen = Counter()
    for source, target in PAIRS:
        for person, (english, rule) in subjects.items():
            start = re.match(rf"(?!(?:{TIME_FIRST})\b){rule}", target)
            if not start or not re.match(rf"{english} (?!and\b)", source):
                continue
            words = re.findall(r"\w+", target[start.end() :].lower())
            verb = next(word for word in words if word not in SKIPPED)
            if verb in VERBS:
                assert re.fullmatch(endings[person], verb), (source, target)
                seen[person] += 1
    assert len(seen) == 4 and min(seen.values()) > 400, seen


def test_spanish_has_the_word_order_of_spanish():
    rules = {  # English, Spanish
        r"(I|You) like (my|your|her) \w+[^s]s\.": r"(Me|Te) gustan \w+s \w+s\.",
        r"(I|We) (don't )?\w+ (her|him)\.": r"(No )?(la|lo) \w+\.",
        r"\w+ is (hungry|thirsty|cold)\.": r"\w+ tiene (hambre|sed|frío)\.",
        r"What an? \w+ \w+!": r"¡Qué \w+ tan \w+!",
        r"Whose \w+ is this\?": r"¿De quién es est[ea] \w+\?",
        r"\w+'s \w+ (is|was) \w+\.": r"(El|La) \w+ de [A-Z]\w+ \w+ \w+\.",
        r"(He|She|I) (is|am) an? \w+\.": r"(Él es|Ella es|Soy) (?!una?\b)\w+\.",
        r"There is no \w+ .*\.": r"No hay \w+ .*\.",
        r"I know that .*\.": r"Sé que .*\.",
        r"\w+ wants you to \w+ .*\.": r".* quiere que (te )?\w+s\b.*\.",
        r"(Visit|Help|Call|Wait for) .*\.": r"\w+ (al?) .*\.",
    }
    for english, rule in rules.items():
        found = [target for source, target in PAIRS if re.fullmatch(english, source)]
        assert len(found) >= 4, english
        for target in found:
            assert re.fullmatch(rule, target, re.IGNORECASE), (english, target)


# --- The temperatures -----------------------------------------------------------

WEATHER = (DATA / "standin_temperatures.csv").read_text(encoding="ascii").splitlines()


def temperatures() -> np.ndarray:
    """Returns the values of all days; the two missing ones are filled."""
    days = {line[1:11]: float(line.split(",")[1]) for line in WEATHER[1:]}
    span = (weather.LAST - weather.FIRST).days + 1
    dates = [str(weather.FIRST + timedelta(days=n)) for n in range(span)]
    known = [n for n, day in enumerate(dates) if day in days]
    return np.interp(range(span), known, [days[dates[n]] for n in known])


def test_temperatures_have_the_form_of_the_real_file():
    assert WEATHER[0] == '"Date","Temp"'
    row = r'"19\d\d-\d\d-\d\d",\d{1,2}\.\d'
    assert all(re.fullmatch(row, line) for line in WEATHER[1:])
    days = [date.fromisoformat(line[1:11]) for line in WEATHER[1:]]
    assert len(days) == 3_650 and days == sorted(set(days))
    assert (days[0], days[-1]) == (date(1981, 1, 1), date(1990, 12, 31))
    missing = set(map(str, [date(1984, 12, 31), date(1988, 12, 31)]))
    assert not missing & set(map(str, days))
    assert len(days) + len(missing) == (days[-1] - days[0]).days + 1


def without_season(values: np.ndarray) -> np.ndarray:
    angle = 2 * np.pi * np.arange(len(values)) / 365.25
    waves = [f(k * angle) for k in (1, 2) for f in (np.sin, np.cos)]
    design = np.stack([np.ones(len(values)), np.arange(len(values)), *waves], 1)
    return values - design @ np.linalg.lstsq(design, values, rcond=None)[0]


def test_temperatures_are_those_of_a_temperate_town():
    values = temperatures()
    assert values.min() >= 0 and values.max() < 30
    assert 10 < values.mean() < 12.5 and 3.5 < values.std() < 4.5
    rest = without_season(values)
    assert 2.3 < rest.std() < 3.2
    memory = [np.corrcoef(rest[:-k], rest[k:])[0, 1] for k in (1, 2, 7)]
    assert 0.45 < memory[0] < 0.65 and 0.15 < memory[1] < 0.4 and memory[2] < 0.15


@pytest.mark.parametrize(("ahead", "gain"), [(1, 0.05), (7, 0.15)])
def test_a_linear_forecast_beats_the_simple_ones(ahead, gain):
    values, width = temperatures(), 28
    windows = np.lib.stride_tricks.sliding_window_view(values, width)[:-ahead]
    targets = values[width + ahead - 1 :]
    cut = int(0.8 * len(targets))
    design = np.column_stack([windows, np.ones(len(windows))])
    weights = np.linalg.lstsq(design[:cut], targets[:cut], rcond=None)[0]
    test = np.arange(cut, len(targets))
    errors = {
        "linear": targets[test] - design[test] @ weights,
        "persistence": targets[test] - windows[test, -1],
        "last year": targets[test] - targets[test - 365],
    }
    mae = {name: np.abs(error).mean() for name, error in errors.items()}
    assert mae["linear"] < (1 - gain) * mae["persistence"]
    assert mae["persistence"] < mae["last year"]
    assert mae["linear"] > 0.8 * weather.SURPRISE * 0.95, "below the noise"
