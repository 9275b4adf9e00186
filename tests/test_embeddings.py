"""Notebook 08: its lookup, pairs, losses and scores equal plain references."""

from collections import Counter
from types import ModuleType

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from notebook_cells import load
from recurrent_cases import SEEDS, SIZES, few_examples, functions, with_bug

from utils import runtime
from utils.numeric import numerical_gradient, relative_error

with runtime.quiet():
    import keras
    import tensorflow as tf

NOTEBOOK = load("08")
NAMES = (
    "lookup lookup_backward cosine mood_scores mean_cosine skipgram_pairs "
    "negative_sampling batch_of_pairs loss_by_hand nearest table_of analogy ask "
    "totals neighbours_kept"
).split()


@pytest.fixture(scope="module")
def notebook():
    module = ModuleType("notebook_08")
    vars(module).update(functions(NOTEBOOK, *NAMES))
    return module


# --- The lookup -------------------------------------------------------------


def lookup_case(rows, width, batch, steps, seed):
    rng = np.random.default_rng(seed)
    ids = rng.integers(0, rows, (batch, steps))
    return ids, rng.normal(size=(rows, width)), rng.normal(size=(batch, steps, width))


@few_examples
@given(SIZES, SIZES, SIZES, SIZES, SEEDS)
def test_lookup_equals_keras_forwards_and_backwards(
    notebook, rows, width, batch, steps, seed
):
    ids, E, G = lookup_case(rows, width, batch, steps, seed)
    layer = keras.layers.Embedding(rows, width, dtype="float64")
    layer.build()
    layer.set_weights([E])
    with tf.GradientTape() as tape:
        vectors = layer(ids)
        loss = tf.reduce_sum(vectors * G)
    theirs = tape.gradient(loss, layer.trainable_weights[0].value)
    assert np.array_equal(notebook.lookup(ids, E), vectors.numpy())
    ours = notebook.lookup_backward(ids, G, rows)
    assert relative_error(ours, tf.convert_to_tensor(theirs).numpy()) <= 1e-12
    numerical = numerical_gradient(
        lambda: float((notebook.lookup(ids, E) * G).sum()), E
    )
    assert relative_error(ours, numerical) <= 1e-7


def test_gradient_of_the_table_adds_up_and_is_zero_elsewhere(notebook):
    ids, G = np.array([4, 1, 4]), np.array([[1.0, 2.0], [10, 20], [100, 200]])
    wanted = np.zeros((6, 2))
    wanted[1], wanted[4] = [10, 20], [101, 202]
    assert np.array_equal(notebook.lookup_backward(ids, G, 6), wanted)


def test_lookup_refuses_bad_shapes(notebook):
    with pytest.raises(ValueError, match=r"E: expected shape \(any, any\), got \(3,\)"):
        notebook.lookup(np.array([1]), np.zeros(3))
    with pytest.raises(ValueError, match=r"G: expected shape \(2, any\), got \(3, 4\)"):
        notebook.lookup_backward(np.array([1, 0]), np.zeros((3, 4)), 5)


# --- Mood scores ------------------------------------------------------------


def mood_by_hand(reviews, labels, size):
    counts = {0: Counter(range(size)), 1: Counter(range(size))}  # one of each
    for review, label in zip(reviews, labels, strict=True):
        counts[label].update(review)
    return [
        np.log(counts[1][w] / counts[1].total())
        - np.log(counts[0][w] / counts[0].total())
        for w in range(size)
    ]


MOOD_CASE = ([[1, 2, 2], [3, 1], [0, 2, 4, 4], [2]], np.array([1, 0, 0, 1]), 6)


def test_mood_scores(notebook):
    ours = notebook.mood_scores(*MOOD_CASE)
    np.testing.assert_allclose(ours, mood_by_hand(*MOOD_CASE), atol=1e-12)


# --- Skip-gram --------------------------------------------------------------


def pairs_by_hand(tokens, review, reach):
    """The definition: each word is a centre; its contexts are at most reach away."""
    pairs = Counter()
    for i, centre in enumerate(tokens):
        for j, context in enumerate(tokens):
            if i != j and abs(i - j) <= reach[i] and review[i] == review[j]:
                pairs[int(centre), int(context)] += 1
    return pairs


def pair_case(seed, words=14):
    rng = np.random.default_rng(seed)
    review = np.sort(rng.integers(0, 3, words))
    return rng.integers(0, 6, words), review, rng.integers(1, 5, words)


@few_examples
@given(SEEDS)
def test_pairs_equal_the_definition(notebook, seed):
    case = pair_case(seed)
    found = notebook.skipgram_pairs(*case)
    assert found.shape[1:] == (2,)
    assert Counter(map(tuple, found.tolist())) == pairs_by_hand(*case)


@few_examples
@given(st.integers(1, 6), SIZES, SIZES, SEEDS)
def test_loss_equals_the_equation(notebook, batch, noise, width, seed):
    rng = np.random.default_rng(seed)
    v, u = rng.normal(size=(2, 7, width))
    centres = rng.integers(0, 7, batch)
    others = rng.integers(0, 7, (batch, 1 + noise))
    scores = np.einsum("bd,bkd->bk", v[centres], u[others])
    p = 1 / (1 + np.exp(-scores))
    wanted = -np.log(p[:, 0]).mean() - np.log(1 - p[:, 1:]).sum(axis=1).mean()
    signs = np.array([[1.0] + [-1.0] * noise] * batch)
    by_keras = float(notebook.negative_sampling(signs, scores))
    assert np.isclose(by_keras, wanted, rtol=1e-5)
    assert np.isclose(notebook.loss_by_hand(v, u, centres, others), wanted, rtol=1e-9)


def test_batch_holds_true_pairs_and_noise_of_its_distribution():
    noise = np.array([0.0, 0.5, 0.3, 0.2])
    made = functions(
        NOTEBOOK,
        "batch_of_pairs",
        pairs=np.array([[1, 2], [3, 1]]),
        noise_sums=np.cumsum(noise),
        V=4,
        NOISE=5,
    )["batch_of_pairs"]
    centres, others = made(4000, np.random.default_rng(1))
    assert others.shape == (4000, 6)
    assert set(zip(centres.tolist(), others[:, 0].tolist(), strict=True)) == {
        (1, 2),
        (3, 1),
    }
    share = np.bincount(others[:, 1:].ravel(), minlength=4) / others[:, 1:].size
    np.testing.assert_allclose(share, noise, atol=0.02)


# --- Neighbours, analogies, pictures -----------------------------------------


def cosines(E, i):
    return [e @ E[i] / np.linalg.norm(e) / np.linalg.norm(E[i]) for e in E]


@few_examples
@given(SEEDS)
def test_nearest(notebook, seed):
    rng = np.random.default_rng(seed)
    E = rng.normal(size=(12, 3)) * rng.uniform(0.1, 9, (12, 1))
    candidates = rng.permutation(12)[:9]
    word = int(candidates[0])
    order = sorted(set(candidates) - {word}, key=lambda i: -cosines(E, word)[i])
    assert notebook.nearest(E, word, candidates, k=4).tolist() == order[:4]


@pytest.mark.parametrize("exclude", [True, False])
@few_examples
@given(SEEDS)
def test_analogy(notebook, exclude, seed):
    rng = np.random.default_rng(seed)
    E = rng.normal(size=(9, 4)) * rng.uniform(0.1, 9, (9, 1))
    questions = np.array([rng.permutation(9)[:4] for _ in range(5)])
    scores = notebook.analogy(E, questions, exclude)
    for row, (a, b, c, _) in zip(scores, questions, strict=True):
        # 3CosAdd is a sum of three cosines
        wanted = np.array(cosines(E, b)) - cosines(E, a) + cosines(E, c)
        if exclude:
            wanted[[a, b, c]] = -np.inf
        np.testing.assert_allclose(row, wanted, atol=1e-12)


def test_ask_counts_only_questions_that_can_be_asked():
    angles = np.radians([0, 40, 90, 130, 200])
    E = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    place = {word: i for i, word in enumerate("abcde")}
    sections = {
        "family": [("a", "b", "c", "d"), ("a", "b", "c", "x"), ("a", "b", "c", "e")],
        "gram": [("x", "y", "z", "a")],
    }
    made = functions(NOTEBOOK, "ask", "totals", SEMANTIC=("family",))
    made["SCORES"] = ["3CosAdd", "without the rule", "c alone", "says a, b or c"]
    table = made["ask"](E, place, sections)
    assert table["questions"].tolist() == [3, 1]
    assert table["asked"].tolist() == [2, 0]
    assert table["3CosAdd"].tolist() == [1, 0]  # b − a + c is nearest to d
    assert table["without the rule"].tolist() == [0, 0]
    assert table["says a, b or c"].tolist() == [2, 0]  # c is nearer
    assert table["c alone"].tolist() == [1, 0]  # the neighbour of c is d
    summed = made["totals"](table)
    assert summed.loc["all", "asked"] == 2
    assert summed.loc["all", "coverage"] == 0.5
    assert summed.loc["semantic", "3CosAdd"] == 0.5


def test_table_of_puts_rows_in_our_order():
    made = functions(NOTEBOOK, "table_of", word_list=["", "b", "x", "a", "rare"], V=4)
    vectors = np.arange(6, dtype="float32").reshape(3, 2)
    table, known = made["table_of"](["a", "b", "rare"], vectors)
    assert table.tolist() == [[0, 0], [2, 3], [0, 0], [0, 1]]
    assert known.tolist() == [False, True, False, True]


@few_examples
@given(SEEDS)
def test_neighbours_kept(notebook, seed):
    rng = np.random.default_rng(seed)
    full = rng.normal(size=(15, 6))
    flat = full[:, :2]
    kept = 0
    for i in range(15):
        near = [
            sorted(set(range(15)) - {i}, key=lambda j: np.sum((p[i] - p[j]) ** 2))[:5]
            for p in (full, flat)
        ]
        kept += len(set(near[0]) & set(near[1]))
    assert np.isclose(notebook.neighbours_kept(full, flat), kept / 75)
    assert notebook.neighbours_kept(full, 3 * full + 1) == 1


# --- Can these comparisons fail? ----------------------------------------------

# Name: (function, old text, new text)
BUGS = {
    "no transposed product": ("lookup_backward", "H.T @ G", "np.sign(H.T) @ abs(G)"),
    "log of shares the wrong way round": ("mood_scores", "(1, 0)", "(0, 1)"),
    "counts, not shares": ("mood_scores", "counts / counts.sum()", "counts"),
    "nothing added": ("mood_scores", "minlength=size) + 1", "minlength=size)"),
    "pairs across reviews": ("skipgram_pairs", "same & (far >= step)", "far >= step"),
    "one step too short": ("skipgram_pairs", "far >= step", "far > step"),
    "the reach of the context": ("skipgram_pairs", "reach[:-step]", "reach[step:]"),
    "only to the right": (
        "skipgram_pairs",
        "(right, left, reach[step:])",
        "(left, right, reach[:-step])",
    ),
    "the longest reach is left out": (
        "skipgram_pairs",
        "reach.max() + 1",
        "reach.max()",
    ),
    "a for b": ("analogy", "unit[b] - unit[a]", "unit[a] - unit[b]"),
    "not of length 1": ("analogy", "E / np.maximum", "E + 0 * np.maximum"),
    "only c excluded": ("analogy", "np.stack([a, b, c]", "np.stack([c, c, c]"),
    "dot product, not cosine": ("nearest", "E / np.linalg", "E + 0 * np.linalg"),
    "the word itself": ("nearest", "candidates == word", "candidates == -1"),
    "worst first": ("nearest", "argsort(-scores)", "argsort(scores)"),
}
KNOWN = {name: function for name, (function, *_) in BUGS.items()}


def bug_shows(name, function):
    """True if a comparison with the reference differs."""
    if name == "lookup_backward":
        ids, E, G = lookup_case(5, 3, 2, 4, 1)
        wanted = numerical_gradient(lambda: float((np.eye(5)[ids] @ E * G).sum()), E)
        return relative_error(function(ids, G, 5), wanted) > 1e-3
    if name == "mood_scores":
        with np.errstate(divide="ignore", invalid="ignore"):
            ours = function(*MOOD_CASE)
        return not np.allclose(ours, mood_by_hand(*MOOD_CASE))
    if name == "skipgram_pairs":
        case = pair_case(1)
        found = Counter(map(tuple, function(*case).tolist()))
        return found != pairs_by_hand(*case)
    rng = np.random.default_rng(1)
    E = rng.normal(size=(9, 4)) * rng.uniform(0.1, 9, (9, 1))
    if name == "analogy":
        a, b, c = 2, 5, 7
        wanted = np.array(cosines(E, b)) - cosines(E, a) + cosines(E, c)
        wanted[[a, b, c]] = -np.inf
        return not np.allclose(function(E, [[a, b, c, 0]])[0], wanted)
    order = sorted(set(range(9)) - {0}, key=lambda i: -cosines(E, 0)[i])
    return function(E, 0, np.arange(9), k=5).tolist() != order[:5]


@pytest.mark.parametrize("name", sorted(set(KNOWN.values())))
def test_case_of_the_bugs_passes_without_a_bug(notebook, name):
    assert not bug_shows(name, getattr(notebook, name))


@pytest.mark.parametrize("bug", BUGS)
def test_comparison_exposes(bug):
    name, old, new = BUGS[bug]
    assert bug_shows(name, with_bug(NOTEBOOK, name, old, new))
