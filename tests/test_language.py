"""n-gram ids see no future, windows stay aligned, every target is scored once."""

from collections import Counter
from itertools import islice

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import log_softmax

from utils.language import NGramIds, network_log_prob, random_windows

IDS = st.lists(st.integers(0, 3), min_size=8, max_size=60).map(np.array)
SEEDS = st.integers(0, 2**31 - 1)
few_examples = settings(max_examples=40, deadline=None, derandomize=True)


def ngram_at(ids, place, n):
    """The n characters that end at a place, or None if there are fewer."""
    return tuple(ids[place - n + 1 : place + 1].tolist()) if place >= n - 1 else None


def counted(ids, n):
    """How often each n-gram occurs."""
    return Counter(ngram_at(ids, place, n) for place in range(n - 1, len(ids)))


@few_examples
@given(IDS, IDS, st.integers(1, 4), st.integers(1, 2))
def test_ids_stand_for_the_same_ngrams_in_every_text(train, text, order, at_least):
    """One id per frequent n-gram, none shared; all others are 0."""
    ngrams = NGramIds(train, order, at_least)
    counts = [counted(train, n) for n in range(1, order + 1)]
    meaning = {}
    for some in (train, text):
        encoded = ngrams.encode(some)
        assert encoded.shape == (len(some), order) and encoded.dtype == "int32"
        for place, row in enumerate(encoded.tolist()):
            for n, found in enumerate(row, start=1):
                ngram = ngram_at(some, place, n)
                if ngram is None or counts[n - 1][ngram] < at_least:
                    assert found == 0
                else:
                    assert meaning.setdefault(found, ngram) == ngram
    frequent = [g for count in counts for g in count if count[g] >= at_least]
    assert sorted(meaning) == list(range(1, len(ngrams)))
    assert sorted(meaning.values()) == sorted(frequent)


@few_examples
@given(IDS, st.data())
def test_a_later_character_never_changes_an_earlier_row(train, data):
    ngrams = NGramIds(train, order=3, at_least=1)
    place = data.draw(st.integers(0, len(train) - 1))
    changed = train.copy()
    changed[place] = (changed[place] + 1) % 4
    before, after = ngrams.encode(train), ngrams.encode(changed)
    assert np.array_equal(before[:place], after[:place])
    assert np.array_equal(before[place + 3 :], after[place + 3 :])
    assert before[place, 0] != after[place, 0]


def test_the_last_characters_stand_in_this_order():
    ngrams = NGramIds(np.array([0, 1, 0, 1, 0, 1]), order=3, at_least=2)
    # Ids: 1 "0", 2 "1", 3 "01", 4 "10", 5 "010", 6 "101".
    assert len(ngrams) == 7
    assert ngrams.encode(np.array([1, 0, 1, 1])).tolist() == [
        [2, 0, 0],
        [1, 4, 0],
        [2, 3, 6],
        [2, 0, 0],
    ]


def test_rare_ngrams_are_0():
    ngrams = NGramIds(np.array([0, 0, 0, 0, 1]), order=2, at_least=3)
    assert ngrams.encode(np.array([0, 0, 1, 0])).tolist() == [
        [1, 0],
        [1, 2],
        [0, 0],
        [1, 0],
    ]


@few_examples
@given(IDS, st.data())
def test_an_ngram_with_an_unseen_character_is_0(train, data):
    """A number that training did not have must not look like other n-grams."""
    text, places = train.copy(), np.arange(len(train))
    place = data.draw(st.sampled_from(places.tolist()))
    text[place] = data.draw(st.integers(train.max() + 1, 20))
    ngrams = NGramIds(train, order=3, at_least=1)
    distance = (places - place)[:, None]
    contains_it = (distance >= 0) & (distance <= np.arange(3))
    expected = np.where(contains_it, 0, ngrams.encode(train))
    assert np.array_equal(ngrams.encode(text), expected)


def test_no_ngram_is_frequent_enough():
    ngrams = NGramIds(np.array([0, 1, 2, 3]), order=2, at_least=2)
    assert len(ngrams) == 1
    assert ngrams.encode(np.array([0, 1, 2])).tolist() == [[0, 0]] * 3


@pytest.mark.parametrize("size", [0, 1, 2])
def test_a_text_shorter_than_the_order(size):
    ngrams = NGramIds(np.zeros(9, int), order=3, at_least=1)
    expected = [[1, 0, 0], [1, 2, 0]][:size]
    assert ngrams.encode(np.zeros(size, int)).tolist() == expected


def test_ngram_ids_refuse_bad_input():
    with pytest.raises(ValueError, match=r"ids: expected shape \(any,\), got \(2, 3\)"):
        NGramIds(np.zeros((2, 3), int))
    with pytest.raises(ValueError, match="order of at least 1, got 0"):
        NGramIds(np.arange(9), order=0)
    with pytest.raises(ValueError, match=r"ids: expected shape \(any,\), got \(1, 9\)"):
        NGramIds(np.arange(9)).encode(np.arange(9)[None])


@few_examples
@given(st.integers(1, 8), st.integers(0, 20), st.integers(1, 5), SEEDS)
def test_windows_keep_inputs_and_targets_together(length, extra, batch, seed):
    targets = np.arange(length + extra)
    inputs = np.stack([2 * targets, 2 * targets + 1], axis=1)
    for x, y in islice(random_windows(inputs, targets, batch, length, seed), 3):
        assert x.shape == (batch, length, 2) and y.shape == (batch, length)
        assert np.array_equal(y, y[:, :1] + np.arange(length))
        assert np.array_equal(x, np.stack([2 * y, 2 * y + 1], axis=2))


def test_windows_begin_at_every_place():
    ids = np.arange(7)
    windows = random_windows(ids, ids, 4, 3, seed=0)
    starts = {start for _, y in islice(windows, 50) for start in y[:, 0].tolist()}
    assert starts == {0, 1, 2, 3, 4}


def test_the_seed_decides_the_windows():
    def places(seed):
        ids = np.arange(1000)
        batches = islice(random_windows(ids, ids, 8, 5, seed), 3)
        return [y[:, 0].tolist() for _, y in batches]

    assert places(1) == places(1)
    assert places(1) != places(2)
    first, second, _ = places(1)
    assert first != second


def test_windows_refuse_bad_input():
    ids = np.arange(5)
    with pytest.raises(ValueError, match="at least 6 characters, got 5.*shorter win"):
        next(random_windows(ids, ids, 2, 6, seed=0))
    with pytest.raises(ValueError, match=r"targets: expected shape \(5,\), got \(4,\)"):
        next(random_windows(ids, ids[1:], 2, 3, seed=0))


class PastSum:
    """A "model" whose logits depend on the last `memory` inputs, and on no others.

    The input at each place is unlike all others, so each place has its own logits.
    """

    def __init__(self, memory, size=5):
        self.memory, self.size = memory, size

    def predict(self, inputs, batch_size=None, verbose="auto"):
        past = np.zeros(inputs.shape)
        for back in range(self.memory):
            past[:, back:] += inputs[:, : inputs.shape[1] - back] / (back + 1)
        return np.sin(past[..., None] * np.arange(1, self.size + 1))


@few_examples
@given(st.integers(0, 6), st.integers(1, 9), st.integers(0, 40), SEEDS)
def test_every_target_is_scored_once_and_in_order(warm, length, extra, seed):
    """A model that sees the whole text at once gives the same numbers."""
    rng = np.random.default_rng(seed)
    count = length + extra
    inputs = rng.normal(size=warm + count)
    targets = rng.integers(0, 5, warm + count)
    model = PastSum(memory=warm + 1)
    whole = log_softmax(model.predict(inputs[None])[0], axis=-1)
    expected = whole[np.arange(warm + count), targets][warm:]
    log_p = network_log_prob(model, inputs, targets, warm, length)
    assert log_p.shape == (count,)
    np.testing.assert_allclose(log_p, expected, rtol=0, atol=1e-12)


def test_rows_of_ngram_ids_are_accepted():
    class Uniform:
        def predict(self, inputs, batch_size=None, verbose="auto"):
            assert inputs.shape == (3, 6, 2)
            return np.zeros((*inputs.shape[:2], 7))

    targets = np.arange(14) % 7
    log_p = network_log_prob(Uniform(), np.zeros((14, 2)), targets, warm=2, length=4)
    np.testing.assert_allclose(log_p, np.full(12, -np.log(7)))


def test_scores_refuse_bad_input():
    ids = np.zeros(9, int)
    with pytest.raises(ValueError, match=r"at least 10 characters .*got 9\. Use a"):
        network_log_prob(PastSum(1), ids, ids, warm=4, length=6)
    with pytest.raises(ValueError, match=r"targets: expected shape \(9,\), got \(8,\)"):
        network_log_prob(PastSum(1), ids, ids[1:], warm=2, length=3)
