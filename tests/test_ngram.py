"""Kneser–Ney: sums to 1, equals the notebook's dictionaries, and is fast."""

import math
import os
import time
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from notebook_cells import definitions, load

from utils import data
from utils.ngram import KneserNey

# Values of mixed kinds; "?" and 99 are never in a training sequence.
KNOWN = ["a", "b", "the", 0, 1, (1, 2), ("a",)]
UNKNOWN = ["?", 99]
ORDERS = st.integers(1, 5)
TEXTS = st.lists(st.sampled_from(KNOWN), min_size=5, max_size=60)
CONTEXTS = st.lists(st.sampled_from(KNOWN + UNKNOWN), max_size=7)

few_examples = settings(max_examples=60, deadline=None, derandomize=True)


@pytest.fixture(scope="module")
def by_hand():
    return definitions(load("01"), "count_ngrams", "discounts", "Interpolated")


def scores(model, text, order):
    """log P of each token from the notebook's model, one token at a time."""
    history = [tuple(text[max(0, i - order + 1) : i]) for i in range(len(text))]
    return [math.log(model.prob(w, h)) for w, h in zip(text, history, strict=True)]


@few_examples
@given(TEXTS, CONTEXTS, ORDERS, st.booleans())
def test_probabilities_sum_to_one(text, context, order, modified):
    p = KneserNey(order, modified).fit(text, vocabulary=KNOWN).distribution(context)
    assert p.shape == (len(KNOWN),)
    assert abs(p.sum() - 1) < 1e-9
    assert (p > 0).all()


@few_examples
@given(TEXTS, CONTEXTS, ORDERS, st.booleans())
def test_log_prob_is_the_logarithm_of_the_distribution(text, context, order, modified):
    model = KneserNey(order, modified).fit(text, vocabulary=KNOWN)
    p = model.distribution(context)
    one_by_one = [model.log_prob([w], context)[0] for w in model.vocabulary.tokens]
    np.testing.assert_allclose(np.exp(one_by_one), p, rtol=0, atol=1e-12)


@few_examples
@given(TEXTS, TEXTS, CONTEXTS, ORDERS)
def test_a_sequence_is_scored_token_by_token(text, other, context, order):
    model = KneserNey(order).fit(text, vocabulary=KNOWN)
    whole = model.log_prob(other, context)
    history = [*context, *other]
    for i, token in enumerate(other):
        alone = model.log_prob([token], history[: len(context) + i])[0]
        assert math.isclose(whole[i], alone, abs_tol=1e-12)


@few_examples
@given(TEXTS, TEXTS, ORDERS, st.booleans())
def test_equals_the_dictionaries_of_the_notebook(by_hand, text, other, order, modified):
    other = [token for token in other if token in text] or text
    arrays = KneserNey(order, modified).fit(text).log_prob(other)
    dictionaries = by_hand["Interpolated"](text, order, modified=modified)
    expected = scores(dictionaries, other, order)
    np.testing.assert_allclose(arrays, expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("modified", [False, True])
def test_equals_the_dictionaries_on_a_longer_text(by_hand, modified):
    """Long enough that the discounts come from the counts, not from the fallback."""
    rng = np.random.default_rng(3)
    text = [int(token) for token in rng.zipf(1.7, 4000) % 20]
    assert by_hand["discounts"](
        by_hand["count_ngrams"](text, 4).values(), modified
    ) != [0, 0.5, 1, 1.5]
    arrays = KneserNey(4, modified).fit(text).log_prob(text[::-1])
    dictionaries = by_hand["Interpolated"](text, 4, modified=modified)
    expected = scores(dictionaries, text[::-1], 4)
    np.testing.assert_allclose(arrays, expected, rtol=0, atol=1e-12)


def test_a_bigram_by_hand():
    """Bigrams of abab, one discount.

    Bigrams ab 2, ba 1, so n1 = n2 = 1 and D = 1/3. Continuations: a after b, b
    after a, so one each. n2 = 0 there, so the fallback 0.5 is subtracted:
    p(a) = 0.5/2 + (1/2)(1/2) = 1/2. Then p(b | a) = (2 − 1/3)/2 + (1/6)(1/2).
    """
    p = KneserNey(2, modified=False).fit("abab")
    assert math.isclose(np.exp(p.log_prob("b", "a")[0]), 11 / 12, abs_tol=1e-12)
    assert math.isclose(np.exp(p.log_prob("a", "b")[0]), 5 / 6, abs_tol=1e-12)


def test_seen_words_gain_from_new_contexts_not_from_repetition():
    text = "san francisco san francisco san francisco a fog b fog the fog".split()
    p = KneserNey(2, modified=False).fit(text).distribution(["never seen"])
    tokens = KneserNey(2, modified=False).fit(text).vocabulary
    assert p[tokens.ids["fog"]] > p[tokens.ids["francisco"]]


def test_unknown_token_is_named():
    model = KneserNey(2).fit("abracadabra")
    with pytest.raises(ValueError, match=r"Token number 2 .*vocabulary of 5"):
        model.log_prob("abz")


def test_unknown_token_is_allowed_in_the_context():
    model = KneserNey(3).fit("abracadabra")
    unseen = model.log_prob("a", context="zz")
    assert unseen == model.log_prob("a", context="")


def test_too_short_text():
    with pytest.raises(ValueError, match="at least 4 tokens .* got 3"):
        KneserNey(4).fit("abc")


@pytest.mark.parametrize("order", [0, -1])
def test_bad_order(order):
    with pytest.raises(ValueError, match=f"order ≥ 1, got {order}"):
        KneserNey(order)


def test_words_at_scale():
    rng = np.random.default_rng(0)
    ranks = np.minimum(rng.zipf(1.3, 200_000), 10_000)
    text = [f"w{rank}" for rank in ranks]
    start = time.perf_counter()
    model = KneserNey(5).fit(text, vocabulary=[f"w{i}" for i in range(1, 10_001)])
    log_p = model.log_prob(text[:20_000])
    seconds = time.perf_counter() - start
    assert np.isfinite(log_p).all()
    assert abs(model.distribution(text[:4]).sum() - 1) < 1e-9
    assert seconds < 10, f"{seconds:.1f} s"


@pytest.mark.skipif(
    not os.environ.get("COURSE_DATA"), reason="COURSE_DATA is not set: no real text"
)
def test_tiny_shakespeare(capsys):
    train, valid = data.load_corpus()
    assert "from COURSE_DATA" in capsys.readouterr().out
    assert (len(train), len(valid)) == (1_003_854, 111_540)
    tracemalloc.start()  # NumPy's arrays are counted too
    start = time.perf_counter()
    log_p = KneserNey(6, modified=False).fit(train).log_prob(valid)
    seconds = time.perf_counter() - start
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert abs(-log_p.mean() - 1.558) < 0.001
    assert seconds <= 8, f"{seconds:.1f} s"
    assert peak < 0.3e9, f"{peak / 1e9:.2f} GB"
