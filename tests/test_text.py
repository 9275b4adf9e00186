"""Tokens, vocabularies, windows, padding."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from utils.text import Vocabulary, pad, windows, words

TOKENS = st.lists(st.one_of(st.text(max_size=3), st.integers(), st.booleans()))
few_examples = settings(max_examples=60, deadline=None, derandomize=True)


@few_examples
@given(TOKENS)
def test_encode_and_decode_are_inverse(tokens):
    vocabulary = Vocabulary(tokens)
    ids = vocabulary.encode(tokens)
    assert ids.dtype == "int32" and ids.shape == (len(tokens),)
    assert vocabulary.decode(ids) == tokens
    assert len(vocabulary) == len(set(tokens))
    assert sorted(set(ids.tolist())) == list(range(len(vocabulary)))


def test_tokens_are_sorted():
    assert Vocabulary("banana").tokens == ["a", "b", "n"]


def test_mixed_tokens_keep_their_order_of_appearance():
    assert Vocabulary(["b", 2, "a", 2]).tokens == ["b", 2, "a"]


def test_specials_come_first_and_once():
    vocabulary = Vocabulary(["b", "<pad>", "a"], specials=["<pad>", "<unk>"])
    assert vocabulary.tokens == ["<pad>", "<unk>", "a", "b"]


def test_max_size_keeps_the_most_frequent():
    vocabulary = Vocabulary("aabbbcccc", max_size=3, specials=["<unk>"])
    assert vocabulary.tokens == ["<unk>", "c", "b"]
    assert vocabulary.encode("abc").tolist() == [0, 2, 1]
    assert "c" in vocabulary and "a" not in vocabulary


def test_unknown_token_without_unk_is_an_error():
    with pytest.raises(
        ValueError, match=r'Token number 2 .*2 entries.*specials=\["<unk'
    ):
        Vocabulary("ab").encode("abz")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I didn't go, yet.", ["i", "didn't", "go", ",", "yet", "."]),
        ("It’s «good»!?", ["it’s", "«", "good", "»", "!", "?"]),
        ("¿Cómo estás?", ["¿", "cómo", "estás", "?"]),
        (" \n\t", []),
    ],
)
def test_words(text, expected):
    assert words(text) == expected


@few_examples
@given(st.integers(1, 6), st.integers(1, 40), st.one_of(st.none(), st.integers(1, 9)))
def test_windows_are_inputs_and_the_next_tokens(length, extra, stride):
    ids = np.arange(length + extra)
    x, y = windows(ids, length, stride)
    assert x.shape == y.shape and x.shape[1] == length
    assert np.array_equal(y, x + 1)
    step = stride or length
    assert x[:, 0].tolist() == list(range(0, extra, step))


def test_windows_are_copies():
    ids = np.arange(9)
    x, y = windows(ids, 3)
    x[:], y[:] = -1, -1
    assert ids.tolist() == list(range(9))


@pytest.mark.parametrize("size", [0, 2, 3])
def test_too_short_for_one_window(size):
    with pytest.raises(ValueError, match=f"more than 3 tokens .* got {size}"):
        windows(np.arange(size), 3)


def test_pad_keeps_the_first_ids_and_fills_the_end():
    padded = pad([[1, 2, 3], [4], []], length=2, value=9)
    assert padded.tolist() == [[1, 2], [4, 9], [9, 9]]
    assert padded.dtype == "int32"


def test_pad_to_the_longest():
    assert pad([[1], [2, 3]]).tolist() == [[1, 0], [2, 3]]
    assert pad([]).shape == (0, 0)
    assert pad([[5]], length=3).tolist() == [[5, 0, 0]]
    assert pad([np.array([1, 2])], length=1).tolist() == [[1]]
