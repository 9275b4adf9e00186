"""Sequences in which something early decides something late."""

import doctest
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chisquare
from sklearn.naive_bayes import MultinomialNB

from utils import gaps
from utils.gaps import KINDS, answers, sentences, symbols

SMALLEST = {"sky": 3, "France": 3, "loan": 10, "cuisine": 13, "Sindh": 8}
CLASSES = {"sky": 8, "France": 10, "loan": 2, "cuisine": 8, "Sindh": 10}
# The last word of each clue → the answer.
ANSWER = {
    kind: {clue.split()[-1]: a for a, clues in table.items() for clue in clues}
    for kind, table in gaps.CLUES.items()
}
FILLER = {word for phrase in gaps.PHRASES for word in phrase}
SEEDS = st.integers(0, 2**31 - 1)
few_examples = settings(max_examples=60, deadline=None, derandomize=True)
every_kind = pytest.mark.parametrize("kind", KINDS)


def rng(seed=7):
    return np.random.default_rng(seed)


def clues_in(kind, sentence):
    """The words of a sentence that decide something, in order."""
    return [word for word in sentence if word in ANSWER[kind]]


@few_examples
@given(st.integers(1, 30), st.integers(0, 60), SEEDS)
def test_symbols(count, gap, seed):
    x, y = symbols(count, gap, rng(seed))
    assert x.shape == (count, gap + 1) and y.shape == (count,)
    assert x.dtype == y.dtype == "int32"
    assert np.array_equal(x[:, 0], y)
    assert ((y >= 0) & (y < 8)).all()
    assert ((x[:, 1:] >= 8) & (x[:, 1:] < 18)).all()


def test_symbols_are_uniform_and_independent():
    x, y = symbols(8000, 3, rng())
    assert chisquare(np.bincount(y, minlength=8)).pvalue > 1e-3
    for column in x[:, 1:].T:
        pairs = np.bincount(y * 10 + column - 8, minlength=80)
        assert len(pairs) == 80 and chisquare(pairs).pvalue > 1e-3


def test_the_answer_of_symbols_is_a_copy():
    x, y = symbols(5, 2, rng())
    before = y.copy()
    x[:] = 99
    assert np.array_equal(y, before)


@few_examples
@given(st.sampled_from(KINDS), st.integers(0, 60), st.integers(1, 8), SEEDS)
def test_the_clue_stands_exactly_gap_words_before_the_end(kind, extra, count, seed):
    gap = SMALLEST[kind] + extra
    x, y = sentences(kind, gap, count, rng(seed))
    assert len(x) == len(y) == count
    for sentence, answer in zip(x, y, strict=True):
        assert ANSWER[kind][sentence[-gap - 1]] == answer
        for word in [*sentence, answer]:
            assert type(word) is str and word and word == "".join(word.split()).lower()


@pytest.mark.parametrize(
    ("kind", "gap", "sentence", "answer"),
    [
        ("sky", 3, "the clouds are in the", "sky"),
        ("sky", 3, "the fish are in the", "water"),
        ("France", 3, "i grew up in france i speak fluent", "french"),
        (
            "loan",
            10,
            "so today due to my current job situation and family conditions i",
            "need",
        ),
        (
            "loan",
            10,
            "last year due to my current job situation and family conditions i",
            "had",
        ),
        ("Sindh", 8, "i live in sindh my friend lives in wales i can speak", "sindhi"),
    ],
)
def test_at_the_smallest_gap_there_is_no_filler(kind, gap, sentence, answer):
    x, y = sentences(kind, gap, 2000, rng())
    assert (sentence, answer) in {(" ".join(s), a) for s, a in zip(x, y, strict=True)}


@every_kind
def test_answers_are_fixed_distinct_and_all_used(kind):
    assert len(answers(kind)) == len(set(answers(kind))) == CLASSES[kind]
    assert answers(kind) == answers(kind) is not answers(kind)
    _, y = sentences(kind, 20, 500, rng())
    assert set(y) == set(answers(kind))


def test_the_order_of_answers():
    assert answers("loan") == ["need", "had"]
    assert [answers(kind)[0] for kind in KINDS] == [
        *("sky", "french", "need", "indian", "sindhi")
    ]


@every_kind
def test_answers_are_balanced(kind):
    _, y = sentences(kind, 20, 4000, rng())
    assert chisquare([y.count(answer) for answer in answers(kind)]).pvalue > 1e-3


@every_kind
def test_each_clue_has_one_answer(kind):
    """And each answer of a kind has equally many clues."""
    table = gaps.CLUES[kind]
    clues = [clue for clues in table.values() for clue in clues]
    assert len(ANSWER[kind]) == len(clues) == len(set(clues))
    assert len({len(clues) for clues in table.values()}) == 1
    assert len({len(clue.split()) for clue in clues}) == 1


@pytest.mark.parametrize("kind", ["cuisine", "Sindh"])
def test_one_of_two_facts_is_not_enough(kind):
    gap, n = 20, 4000
    x, y = sentences(kind, gap, n, rng())
    facts = [clues_in(kind, sentence) for sentence in x]
    assert {len(f) for f in facts} == {2}
    both = [[ANSWER[kind][clue] for clue in f] for f in facts]
    assert all(first != second for first, second in both)
    first_is_asked = np.array(
        [a == first for a, (first, _) in zip(y, both, strict=True)]
    )
    assert abs(first_is_asked.mean() - 1 / 2) < 4 * 0.5 / n**0.5
    for is_first, sentence in zip(first_is_asked, x, strict=True):
        if kind == "cuisine":
            asked, first_person = sentence[-5], sentence[0]
            assert sentence[-4] == "'s" and asked in gaps.NAMES
            other = sentence[sentence.index("brother") + 1]
            assert first_person != other and asked in (first_person, other)
            assert (asked == first_person) == is_first
        else:
            assert sentence[-3] == ("i" if is_first else "he")
    assert len({len(sentence) for sentence in x}) == 2


@pytest.mark.parametrize("kind", ["sky", "France", "loan"])
def test_one_fact_makes_one_length(kind):
    x, _ = sentences(kind, 20, 300, rng())
    assert len({len(sentence) for sentence in x}) == 1
    assert {len(clues_in(kind, sentence)) for sentence in x} == {1}


@every_kind
def test_the_filler_does_not_tell_the_answer(kind):
    """Naive Bayes on the filler is at chance; with the clues it is not."""
    half = 2000
    x, y = sentences(kind, 30, 2 * half, rng())

    def accuracy(words):
        ids = {word: i for i, word in enumerate(sorted(words))}
        counts = np.zeros((len(x), len(ids)))
        for row, sentence in zip(counts, x, strict=True):
            for word in sentence[-31:]:  # from the clue on
                if word in ids:
                    row[ids[word]] += 1
        probe = MultinomialNB().fit(counts[:half], y[:half])
        return probe.score(counts[half:], y[half:])

    chance = 1 / len(answers(kind))
    noise = (chance * (1 - chance) / half) ** 0.5
    assert abs(accuracy(FILLER) - chance) < 4 * noise
    assert accuracy(FILLER | set(ANSWER[kind])) > chance + 0.4


def test_no_filler_word_is_a_clue_an_answer_or_a_person():
    tables = gaps.CLUES.values()
    clues = {
        w for t in tables for cs in t.values() for clue in cs for w in clue.split()
    }
    words = {answer for table in tables for answer in table}
    assert {"year", "samosa", "wales"} <= clues and {"need", "welsh"} <= words
    assert not FILLER & (clues | words | set(gaps.NAMES) | {"i", "he", "my", "his"})


def test_phrases():
    phrases = [" ".join(phrase) for phrase in gaps.PHRASES]
    assert len(phrases) == len(set(phrases)) and 40 <= len(phrases) <= 60
    assert all(phrase == " ".join(phrase.lower().split()) for phrase in phrases)


def test_every_phrase_is_used_and_none_twice_in_a_row():
    x, _ = sentences("France", 40, 400, rng())
    seen = Counter()
    for sentence in x:
        text = f" {' '.join(sentence)} "
        for phrase in map(" ".join, gaps.PHRASES):
            seen[phrase] += f" {phrase} " in text
            assert f" {phrase} {phrase} " not in text
    assert min(seen.values()) > 0 and len(seen) == len(gaps.PHRASES)


@every_kind
def test_the_same_seed_gives_the_same_data(kind):
    assert sentences(kind, 25, 20, rng(3)) == sentences(kind, 25, 20, rng(3))
    assert sentences(kind, 25, 20, rng(3)) != sentences(kind, 25, 20, rng(4))
    assert np.array_equal(symbols(9, 5, rng(3))[0], symbols(9, 5, rng(3))[0])
    assert not np.array_equal(symbols(9, 5, rng(3))[0], symbols(9, 5, rng(4))[0])


def test_changing_a_sentence_does_not_change_the_next():
    x, y = sentences("sky", 20, 5, rng())
    expected = [list(sentence) for sentence in x]
    for sentence in x:
        sentence.clear()
    answers("sky").clear()
    assert sentences("sky", 20, 5, rng()) == (expected, y)


@every_kind
def test_too_small_a_gap(kind):
    least = SMALLEST[kind]
    sentences(kind, least, 1, rng())
    message = f"Expected gap of at least {least}, got {least - 1}. Pass gap={least} or"
    with pytest.raises(ValueError, match=message):
        sentences(kind, least - 1, 1, rng())


@pytest.mark.parametrize("kind", ["Sky", "", None])
def test_unknown_kind(kind):
    message = rf"Expected a kind among \('sky', .*\), got {kind!r}. Use one"
    with pytest.raises(ValueError, match=message):
        sentences(kind, 20, 1, rng())
    with pytest.raises(ValueError, match=message):
        answers(kind)


@pytest.mark.parametrize(
    "make",
    [symbols, lambda count, gap, rng: sentences("sky", gap, count, rng)],
    ids=["symbols", "sentences"],
)
@pytest.mark.parametrize(
    ("count", "gap", "generator", "error", "message"),
    [
        (0, 9, rng(), ValueError, "count of at least 1, got 0. Pass count=1"),
        (-2, 9, rng(), ValueError, "count of at least 1, got -2"),
        (5, -1, rng(), ValueError, "gap of at least [03], got -1. Pass gap="),
        (2.0, 9, rng(), TypeError, "count to be an integer, got 2.0. Pass a whole"),
        (True, 9, rng(), TypeError, "count to be an integer, got True"),
        (5, "9", rng(), TypeError, "gap to be an integer, got '9'"),
        (5, 9.5, rng(), TypeError, "gap to be an integer, got 9.5"),
        (5, 9, 7, TypeError, "NumPy generator, got int. Pass np.random.default_rng"),
        (5, 9, np.random, TypeError, "NumPy generator, got module"),
    ],
)
def test_bad_arguments(make, count, gap, generator, error, message):
    with pytest.raises(error, match=message):
        make(count, gap, generator)


def test_numpy_integers_are_integers():
    assert symbols(np.int64(3), np.int32(4), rng())[0].shape == (3, 5)
    assert len(sentences("sky", np.int32(9), np.int64(3), rng())[0]) == 3


def test_the_names_in_the_interface():
    assert KINDS == ("sky", "France", "loan", "cuisine", "Sindh")
    assert tuple(gaps.FORMS) == tuple(gaps.CLUES) == KINDS
    assert (gaps.SYMBOLS, gaps.DISTRACTORS) == (8, 10)


def test_the_examples_in_the_docstrings():
    failed, tried = doctest.testmod(gaps)
    assert failed == 0 and tried >= 5
